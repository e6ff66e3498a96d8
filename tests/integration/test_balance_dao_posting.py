"""BalanceDAO: posting transactions, which moves money once and never below zero."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from common.data import (
    BalanceNotFoundError,
    BalanceTransaction,
    CorruptItemError,
    DatabaseUnavailableError,
    DuplicateTransactionError,
    InsufficientBalanceError,
    InvalidArgumentError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .balance_rows import (
    balance_key,
    balance_row,
    cash,
    fields,
    ledger,
    ledger_key,
    ledger_row,
    number,
    posting_key,
    posting_row,
    read_balance,
    row_of,
    stored_as,
    transaction,
)
from .user_rows import UNKNOWN, Item, Requests, naive_text, same

AMOUNTS = {
    "deposit": "12.50",
    "order_refund": "0.00000001",
    "order_sale": "1E+3",
    "withdraw": "-100",
    "order_payment": "-99.99999999",
    "system_adjustment": "-1",
}
AT = datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)
WRITE, READ = ("TransactWriteItems", 1), ("GetItem", 1)


def made(requests: Requests) -> list[tuple[str, int]]:
    return [(request.operation, request.attempts) for request in requests()]


def posted(entry: BalanceTransaction) -> list[Item]:
    """The rows that a posted transaction leaves beside the balance."""
    when = naive_text(entry.created_at)
    return [posting_row(entry.username, entry.transaction_id, when), stored_as(entry)]


def key_names(row: Item) -> dict[str, str]:
    return {"Pk": row["Pk"]["S"], "Sk": row["Sk"]["S"]}


@pytest.mark.parametrize("kind", AMOUNTS)
def test_posting_moves_the_money_and_leaves_both_rows(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests, clock: Clock, kind: str
) -> None:
    name = ids.name()
    row = balance_row(name, **{f"old_{each}": value for each, value in UNKNOWN.items()})
    tables.put("users", row)
    amount = AMOUNTS[kind]
    entry = transaction(name, ids.uuid(), amount, transaction_type=kind, reference_id="order-7", description="")
    before = clock.now()
    result = balance_dao.post_transaction(entry)
    assert made(requests) == [WRITE, READ]
    assert requests()[1].body["ConsistentRead"] is True
    assert before < result.updated_at < clock.now()
    expected = row | {
        "current_balance": {"N": number(Decimal(100) + Decimal(amount))},
        "updated_at": {"S": naive_text(result.updated_at)},
    }
    assert same(row_of(tables, row) or {}) == same(expected)
    assert fields(result) == read_balance(expected)
    assert ledger(tables, name) == posted(entry)


def test_one_transaction_holds_the_three_writes_and_asks_for_the_rows_in_their_way(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    balance_dao.post_transaction(transaction(name, ids.uuid(), "-1.10"))
    actions = [next(iter(action.items())) for action in requests()[0].body["TransactItems"]]
    assert [kind for kind, _ in actions] == ["Put", "Update", "Put"]
    assert {body["ReturnValuesOnConditionCheckFailure"] for _, body in actions} == {"ALL_OLD"}
    assert all(body["ConditionExpression"] for _, body in actions)
    numbers = {value["N"] for value in actions[1][1]["ExpressionAttributeValues"].values() if "N" in value}
    assert numbers == {"-1.1", "1.1"}
    assert actions[2][1]["Item"]["amount"] == {"N": "-1.1"}
    assert "ClientRequestToken" in requests()[0].body


def test_money_that_is_not_there_is_not_taken(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for stored, wanted in (("100", "-100.00000001"), ("0", "-1"), ("-12.5", "-1"), ("5", "-9E+37")):
        name = ids.name()
        row = balance_row(name, stored)
        tables.put("users", row)
        with pytest.raises(InsufficientBalanceError) as caught:
            balance_dao.post_transaction(transaction(name, ids.uuid(), wanted))
        assert made(requests) == [WRITE]
        assert caught.value.available == Decimal(stored)
        assert caught.value.required == -Decimal(wanted)
        assert (caught.value.table, caught.value.key) == (tables.name("users"), key_names(row))
        assert caught.value.code == "TransactionCanceledException"
        assert caught.value.request_id
        assert row_of(tables, row) == row
        assert ledger(tables, name) == []


def test_a_balance_can_be_emptied_and_a_negative_one_filled(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name, owing = ids.name(), ids.name()
    tables.put_all("users", [balance_row(name, "7.50"), balance_row(owing, "-12.5")])
    assert balance_dao.post_transaction(transaction(name, ids.uuid(), "-7.5")).current_balance == 0
    assert balance_dao.post_transaction(transaction(owing, ids.uuid(), "2.5")).current_balance == -10
    assert [cash(tables, name), cash(tables, owing)] == [0, -10]


def test_without_a_balance_nothing_is_posted(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for amount, entity_type in (("1", None), ("-1", None), ("1", "balance_snapshot"), ("-1", "balance_snapshot")):
        name = ids.name()
        row = None if entity_type is None else balance_row(name, entity_type={"S": entity_type})
        if row is not None:
            tables.put("users", row)
        with pytest.raises(BalanceNotFoundError) as caught:
            balance_dao.post_transaction(transaction(name, ids.uuid(), amount))
        assert caught.value.key == {"Pk": name, "Sk": "BALANCE"}
        assert caught.value.code == "TransactionCanceledException"
        assert row_of(tables, balance_key(name)) == row
        assert ledger(tables, name) == []


@pytest.mark.parametrize("amount", ["10", "-60"])
def test_posting_again_changes_nothing_whatever_the_time(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests, clock: Clock, amount: str
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    entry = transaction(name, ids.uuid(), amount, reference_id="r")
    first = balance_dao.post_transaction(entry)
    rows = ledger(tables, name)
    for seconds, values in ((0, {}), (601, {"created_at": clock.now(), "description": "again"}), (86_400, {})):
        clock.shift(seconds)
        again = entry.model_copy(update=values)
        assert balance_dao.post_transaction(again) == first
        assert requests()[0].operation == "TransactWriteItems"
        assert [request.operation for request in requests()[1:]] == ["GetItem", "GetItem"]
        assert all(request.body["ConsistentRead"] for request in requests()[1:])
    other = transaction(name, ids.uuid(), "5")
    result = balance_dao.post_transaction(other)
    assert balance_dao.post_transaction(entry) == result
    assert ledger(tables, name) == sorted([*rows, *posted(other)], key=lambda row: (row["Pk"]["S"], row["Sk"]["S"]))


VARIANTS: list[dict[str, Any]] = [
    {"amount": "10.01"},
    {"transaction_type": "order_sale"},
    {"reference_id": "other"},
    {"reference_id": None},
]


def test_an_id_that_was_posted_as_another_transaction_is_a_duplicate(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for values in VARIANTS:
        name, identity = ids.name(), ids.uuid()
        tables.put("users", balance_row(name))
        balance_dao.post_transaction(transaction(name, identity, reference_id="r"))
        rows = ledger(tables, name)
        with pytest.raises(DuplicateTransactionError) as caught:
            balance_dao.post_transaction(transaction(name, identity, **({"reference_id": "r"} | values)))
        assert caught.value.key == key_names(posting_key(name, identity))
        assert len(requests()) <= 4
        assert ledger(tables, name) == rows
        assert cash(tables, name) == 110


def test_a_ledger_key_that_is_taken_is_a_duplicate(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for taken_by in ("another id", "the same id", "another kind"):
        name, identity = ids.name(), ids.uuid()
        holder = identity if taken_by == "the same id" else ids.uuid()
        kind = "ledger_note" if taken_by == "another kind" else "balance_transaction"
        row = ledger_row(name, holder, entity_type={"S": kind})
        tables.put_all("users", [balance_row(name), row])
        with pytest.raises(DuplicateTransactionError) as caught:
            balance_dao.post_transaction(transaction(name, identity, created_at=AT))
        assert caught.value.key == key_names(row)
        assert made(requests) == [WRITE]
        assert ledger(tables, name) == [row]
        assert row_of(tables, balance_row(name)) == balance_row(name)


def test_which_error_wins(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name, identity = ids.name(), ids.uuid()

    def outcome(*rows: Item, amount: str = "-60") -> type[BaseException]:
        for key in (balance_key(name), ledger_key(name), posting_key(name, identity)):
            tables.delete("users", key)
        tables.put_all("users", rows)
        with pytest.raises(Exception, match=r"post_transaction") as caught:
            balance_dao.post_transaction(transaction(name, identity, amount, created_at=AT))
        return type(caught.value)

    def was_posted(amount: str, kind: str = "withdraw") -> list[Item]:
        entry = ledger_row(name, identity, amount={"N": amount}, transaction_type={"S": kind})
        return [entry, posting_row(name, identity)]

    taken = ledger_row(name, ids.uuid())
    assert outcome(taken) is BalanceNotFoundError
    assert outcome(taken, balance_row(name, "1")) is InsufficientBalanceError
    assert outcome(taken, balance_row(name)) is DuplicateTransactionError
    assert outcome(*was_posted("-61")) is DuplicateTransactionError
    assert outcome(*was_posted("-61"), balance_row(name, "1")) is DuplicateTransactionError
    assert outcome(*was_posted("-60")) is BalanceNotFoundError
    assert outcome(*was_posted("-60"), balance_row(name, entity_type={"S": "other"})) is BalanceNotFoundError
    tables.put_all("users", [*was_posted("-60"), balance_row(name, "1")])
    result = balance_dao.post_transaction(transaction(name, identity, "-60", created_at=AT))
    assert result.current_balance == 1


def test_a_posting_whose_ledger_row_is_gone_or_anothers_is_a_duplicate(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name, identity = ids.name(), ids.uuid()
    lone = [balance_row(name), posting_row(name, identity)]
    foreign = [balance_row(name), posting_row(name, identity, entity_type={"S": "posting_draft"})]
    own = ledger_row(name, identity)
    for rows in (
        lone,
        [*lone, ledger_row(name, ids.uuid())],
        [*lone, own | {"entity_type": {"S": "ledger_note"}}],
        [*foreign, own],
    ):
        tables.put_all("users", rows)
        with pytest.raises(DuplicateTransactionError) as caught:
            balance_dao.post_transaction(transaction(name, identity))
        assert caught.value.key == key_names(lone[1])
        assert cash(tables, name) == 100


def test_what_was_posted_is_found_by_the_spelling_it_was_stored_in(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    for spelling in ("2023-02-03T04:05:06Z", "2023-02-03T04:05:06.250", "2023-02-03T04:05:07"):
        identity = ids.uuid()
        row = ledger_row(name, identity, spelling, without=["reference_id", "entity_type"], amount={"N": "10.50"})
        tables.put_all("users", [row, posting_row(name, identity, spelling)])
        assert balance_dao.post_transaction(transaction(name, identity, "10.5")).current_balance == 100
        with pytest.raises(DuplicateTransactionError):
            balance_dao.post_transaction(transaction(name, identity, "10.5", reference_id=""))


BROKEN: dict[str, dict[str, Any]] = {
    "transaction_id": {"S": "x"},
    "transaction_type": {"S": "gift"},
    "amount": {"S": "10"},
    "reference_id": {"N": "1"},
}


def test_a_corrupt_row_of_what_was_posted_is_told(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for attribute, value in BROKEN.items():
        name, identity = ids.name(), ids.uuid()
        row = ledger_row(name, identity, **{attribute: value})
        tables.put_all("users", [balance_row(name), row, posting_row(name, identity)])
        with pytest.raises(CorruptItemError) as caught:
            balance_dao.post_transaction(transaction(name, identity))
        assert (caught.value.attribute, caught.value.key) == (attribute, key_names(row))
        tables.put("users", posting_row(name, identity, created_at={"S": "yesterday"}))
        with pytest.raises(CorruptItemError) as caught:
            balance_dao.post_transaction(transaction(name, identity))
        assert (caught.value.attribute, caught.value.key) == ("created_at", key_names(posting_key(name, identity)))
        assert cash(tables, name) == 100


def test_a_balance_that_is_no_number_is_corrupt_and_stays(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for amount in ("1", "-1"):
        for broken in ({"S": "100"}, {"NULL": True}, {"NS": ["100"]}, None):
            name = ids.name()
            row = balance_row(name, without=["current_balance"])
            row |= {} if broken is None else {"current_balance": broken}
            tables.put("users", row)
            with pytest.raises(CorruptItemError) as caught:
                balance_dao.post_transaction(transaction(name, ids.uuid(), amount))
            assert (caught.value.attribute, caught.value.key) == ("current_balance", key_names(row))
            assert tables.get("users", balance_key(name)) == row
            assert ledger(tables, name) == []


def test_another_broken_attribute_of_the_balance_is_told_after_the_money_moved(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name, created_at={"S": "long ago"}))
    entry = transaction(name, ids.uuid())
    for _ in range(2):
        with pytest.raises(CorruptItemError) as caught:
            balance_dao.post_transaction(entry)
        assert caught.value.attribute == "created_at"
    assert cash(tables, name) == 110
    assert ledger(tables, name) == posted(entry)


def test_only_what_is_completed_is_posted(balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests) -> None:
    for status in ("pending", "failed", "cancelled"):
        with pytest.raises(InvalidArgumentError):
            balance_dao.post_transaction(transaction(ids.name(), ids.uuid(), status=status))
        assert list(requests()) == []


def test_the_sign_must_be_that_of_the_type(balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests) -> None:
    wrong = {"deposit": "-1", "order_refund": "-1", "order_sale": "-1", "withdraw": "1", "order_payment": "1"}
    for kind in AMOUNTS:
        for amount in {"0", "-0.00", wrong.get(kind, "0")}:
            with pytest.raises(InvalidArgumentError) as caught:
                balance_dao.post_transaction(transaction(ids.name(), ids.uuid(), amount, transaction_type=kind))
            assert (caught.value.table, caught.value.key) == (None, None)
            assert list(requests()) == []


def test_a_row_that_is_too_large_is_refused(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    entry = transaction(name, ids.uuid(), description="x" * 410_000)
    for write in (balance_dao.post_transaction, balance_dao.create_transaction):
        with pytest.raises(InvalidArgumentError) as caught:
            write(entry)
        assert caught.value.code == "ValidationException"
        assert len(requests()) == 1
    assert ledger(tables, name) == []
    assert row_of(tables, balance_row(name)) == balance_row(name)


def test_money_that_another_took_just_before_is_not_taken_again(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    faults.before("TransactWriteItems", lambda: tables.put("users", balance_row(name, "9")))
    with pytest.raises(InsufficientBalanceError) as caught:
        balance_dao.post_transaction(transaction(name, ids.uuid(), "-10"))
    assert [caught.value.available, caught.value.required] == [9, 10]
    assert cash(tables, name) == 9


def test_a_balance_read_in_vain_after_the_money_moved_is_no_sign_that_nothing_changed(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    entry = transaction(name, ids.uuid())
    for kind, times in (("throttle", 4), ("access-denied", 1), ("server-error", 4)):
        faults.add(kind, "GetItem", times=times)
        entry = transaction(name, ids.uuid())
        with pytest.raises(DatabaseUnavailableError) as caught:
            balance_dao.post_transaction(entry)
        assert caught.value.key == {"Pk": name, "Sk": "BALANCE"}
    assert balance_dao.post_transaction(entry).current_balance == 130
    faults.before("GetItem", lambda: tables.delete("users", balance_key(name)))
    last = transaction(name, ids.uuid())
    with pytest.raises(DatabaseUnavailableError, match="took effect") as caught:
        balance_dao.post_transaction(last)
    assert caught.value.key == {"Pk": name, "Sk": "BALANCE"}
    with pytest.raises(BalanceNotFoundError):
        balance_dao.post_transaction(last)
    tables.put("users", balance_row(name))
    faults.add("lost-answer", "TransactWriteItems")
    faults.before("GetItem", lambda: tables.delete("users", balance_key(name)))
    with pytest.raises(DatabaseUnavailableError, match="took effect"):
        balance_dao.post_transaction(transaction(name, ids.uuid()))
