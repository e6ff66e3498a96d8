"""BalanceDAO: writes whose answer never came. What a later attempt meets tells whether this call wrote it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from common.data import (
    BalanceAlreadyExistsError,
    BalanceNotFoundError,
    DatabaseUnavailableError,
    DuplicateTransactionError,
    InsufficientBalanceError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .balance_rows import (
    balance,
    balance_key,
    balance_row,
    cash,
    fields,
    ledger,
    posting_row,
    read_balance,
    row_of,
    stored_as,
    transaction,
)
from .user_rows import Connect, Requests, naive_text

APPLIED = ["lost-answer", "lost-answer-timeout", "lost-answer-500"]
NOT_APPLIED = ["timeout", "connection-broken", "server-error"]
either_way = pytest.mark.parametrize("kind", APPLIED + NOT_APPLIED)
briefly = pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
REFUSALS = ("throttle", "access-denied", "conflict")


def unknown_outcome(call: Callable[[], object]) -> None:
    """Assert that the call says that nobody knows whether it took effect."""
    with pytest.raises(DatabaseUnavailableError, match="whether it took effect is unknown"):
        call()


@either_way
def test_a_write_with_an_unanswered_attempt_succeeds_once(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    created = balance_dao.create_balance(balance(name, "100.50"))
    assert fields(created) == read_balance(row_of(tables, balance_key(name)) or {})
    faults.add(kind, "PutItem")
    entry = transaction(name, ids.uuid(), "1.50")
    assert balance_dao.create_transaction(entry) == entry
    assert ledger(tables, name) == [stored_as(entry)]
    faults.add(kind, "UpdateItem")
    assert balance_dao.update_balance(name, Decimal(7)).current_balance == cash(tables, name) == 7
    assert requests()[0].attempts == 2


@either_way
def test_a_posting_with_an_unanswered_attempt_moves_the_money_once(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    for times, amount, left in ((1, "10", 110), (3, "-70", 40)):
        faults.add(kind, "TransactWriteItems", times=times)
        entry = transaction(name, ids.uuid(), amount)
        result = balance_dao.post_transaction(entry)
        assert result.current_balance == cash(tables, name) == left
        assert requests()[0].attempts == times + 1
        assert {request.operation for request in requests()[1:]} == {"GetItem"}
        assert len(requests()) <= 4
        assert stored_as(entry) in ledger(tables, name)
        assert len(ledger(tables, name)) == 2 * [10, -70].index(int(amount)) + 2


def test_a_posting_that_was_never_answered_is_told_by_its_posting_row(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    entry = transaction(name, ids.uuid(), "-60")
    faults.add("lost-answer", "TransactWriteItems", times=4)
    unknown_outcome(lambda: balance_dao.post_transaction(entry))
    assert cash(tables, name) == 40
    assert balance_dao.post_transaction(entry).current_balance == 40
    faults.add("timeout", "TransactWriteItems", times=4)
    other = transaction(name, ids.uuid(), "-40")
    unknown_outcome(lambda: balance_dao.post_transaction(other))
    assert cash(tables, name) == 40
    assert balance_dao.post_transaction(other).current_balance == 0


def test_a_posting_that_another_made_after_no_answer_is_done(
    balance_dao: BalanceDAOProtocol, tables: Tables, connect: Connect, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    entry = transaction(name, ids.uuid(), "-60")
    tables.put("users", balance_row(name))
    posting = posting_row(name, entry.transaction_id, naive_text(entry.created_at))
    rows = [balance_row(name, "40"), stored_as(entry), posting]
    faults.add("timeout", "TransactWriteItems")
    faults.before("TransactWriteItems", lambda: tables.put_all("users", rows))
    assert balance_dao.post_transaction(entry).current_balance == 40
    second: BalanceDAOProtocol = connect()["balance"]
    assert second.post_transaction(entry).current_balance == 40
    assert ledger(tables, name) == [posting, stored_as(entry)]


@briefly
def test_a_posting_that_is_refused_after_no_answer_cannot_tell(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    for last in REFUSALS:
        name = ids.name()
        tables.put("users", balance_row(name))
        faults.add(kind, "TransactWriteItems")
        faults.add(last, "TransactWriteItems", times=3 if last == "throttle" else 1)
        unknown_outcome(lambda name=name: balance_dao.post_transaction(transaction(name, ids.uuid())))  # type: ignore[misc]
        assert cash(tables, name) == (110 if kind in APPLIED else 100)


def test_a_posting_that_meets_a_strangers_rows_after_no_answer_cannot_tell(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    for trouble in ("missing", "short", "posted as another", "ledger key taken"):
        name = ids.name()
        entry = transaction(name, ids.uuid(), "-60")
        tables.put("users", balance_row(name))
        other = stored_as(entry) | {"transaction_id": {"S": str(ids.uuid())}}
        when = naive_text(entry.created_at)

        def change(
            trouble: str = trouble, name: str = name, rows: tuple[object, ...] = (entry.transaction_id, other, when)
        ) -> None:
            identity, row, created_at = rows
            if trouble == "missing":
                tables.delete("users", balance_key(name))
            elif trouble == "short":
                tables.put("users", balance_row(name, "1"))
            elif trouble == "posted as another":
                tables.put("users", posting_row(name, identity, created_at))  # type: ignore[arg-type]
            else:
                tables.put("users", row)  # type: ignore[arg-type]

        faults.add("timeout", "TransactWriteItems")
        faults.before("TransactWriteItems", change)
        with pytest.raises(DatabaseUnavailableError) as caught:
            balance_dao.post_transaction(entry)
        assert caught.value.code == "TransactionCanceledException"


def test_after_a_throttle_every_refusal_is_plain(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    faults.add("throttle", "TransactWriteItems", times=2)
    with pytest.raises(BalanceNotFoundError):
        balance_dao.post_transaction(transaction(name, ids.uuid()))
    tables.put("users", balance_row(name))
    faults.add("throttle", "TransactWriteItems", times=2)
    with pytest.raises(InsufficientBalanceError):
        balance_dao.post_transaction(transaction(name, ids.uuid(), "-101"))
    faults.add("throttle", "PutItem")
    with pytest.raises(BalanceAlreadyExistsError):
        balance_dao.create_balance(balance(name))
    faults.add("throttle", "UpdateItem")
    with pytest.raises(BalanceNotFoundError):
        balance_dao.update_balance(ids.name(), Decimal(1))


@briefly
def test_a_single_write_that_meets_another_row_after_no_answer_cannot_tell(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    entry = transaction(name, ids.uuid())
    other = stored_as(entry) | {"amount": {"N": "11"}}
    faults.add(kind, "PutItem")
    faults.before("PutItem", lambda: tables.put("users", other))
    unknown_outcome(lambda: balance_dao.create_transaction(entry))
    assert ledger(tables, name) == [other]
    faults.add(kind, "PutItem")
    faults.before("PutItem", lambda: tables.put("users", balance_row(name, "3")))
    unknown_outcome(lambda: balance_dao.create_balance(balance(name)))
    assert row_of(tables, balance_key(name)) == balance_row(name, "3")
    faults.add(kind, "UpdateItem")
    faults.before("UpdateItem", lambda: tables.delete("users", balance_key(name)))
    unknown_outcome(lambda: balance_dao.update_balance(name, Decimal(1)))


def test_an_identical_row_is_a_plain_duplicate_without_an_unanswered_attempt(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    entry = balance_dao.create_transaction(transaction(name, ids.uuid()))
    with pytest.raises(DuplicateTransactionError):
        balance_dao.create_transaction(entry)
    assert ledger(tables, name) == [stored_as(entry)]


def test_an_unanswered_read_is_no_unanswered_write(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name, identity = ids.name(), ids.uuid()
    tables.put("users", balance_row(name))
    faults.add("timeout", "GetItem", times=2)
    assert balance_dao.post_transaction(transaction(name, identity)).current_balance == 110
    faults.add("timeout", "GetItem")
    with pytest.raises(DuplicateTransactionError):
        balance_dao.post_transaction(transaction(name, identity, "11"))
