"""BalanceDAO: rows as years of the old code left them, rows that nobody can read, and the tables full of them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.data import (
    BalanceAlreadyExistsError,
    BalanceNotFoundError,
    BalanceTransaction,
    CorruptItemError,
    DuplicateTransactionError,
    TransactionNotFoundError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import (
    balance,
    balance_key,
    balance_row,
    fields,
    ledger_key,
    ledger_row,
    read_balance,
    read_transaction,
    row_of,
    transaction,
)
from .user_rows import UNKNOWN, Item, naive_text, same

SPELLINGS = ["2023-02-03T04:05:06", "2023-02-03T04:05:06.123", "2023-02-03T04:05:06Z", "9999-12-31T23:59:59.999999Z"]
NO_TIMES: list[dict[str, Any] | None] = [
    {"S": "yesterday"},
    {"S": "2023-02-30T00:00:00"},
    {"N": "5"},
    {"NULL": True},
    None,
]
BROKEN_BALANCE: dict[str, list[dict[str, Any] | None]] = {
    "username": [{"N": "1"}, {"NULL": True}, None],
    "current_balance": [{"S": "1"}, {"NULL": True}, None],
    "created_at": NO_TIMES,
    "updated_at": NO_TIMES,
}
BROKEN_ENTRY: dict[str, list[dict[str, Any] | None]] = {
    "username": [{"NULL": True}, None],
    "transaction_type": [{"S": "gift"}, {"N": "1"}, None],
    "amount": [{"S": "10"}, {"NULL": True}, None],
    "description": [{"BOOL": True}, {"NULL": True}, None],
    "status": [{"S": "done"}, None],
    "reference_id": [{"N": "5"}],
    "created_at": NO_TIMES,
}


def broken(row: Item, attribute: str, value: dict[str, Any] | None) -> Item:
    changed = {name: each for name, each in row.items() if name != attribute}
    return changed if value is None else changed | {attribute: value}


def is_balance(row: Item) -> bool:
    return row["Sk"] == {"S": "BALANCE"} and row.get("entity_type") == {"S": "balance"}


def is_entry(row: Item) -> bool:
    return row["Pk"]["S"].startswith("TRANS#") and row.get("entity_type") == {"S": "balance_transaction"}


def everything(tables: Tables) -> dict[tuple[str, str], Item]:
    return {(row["Pk"]["S"], row["Sk"]["S"]): same(row) for row in tables.items("users")}


def all_pages(dao: BalanceDAOProtocol, name: str, limit: int) -> list[BalanceTransaction]:
    found: list[BalanceTransaction] = []
    cursor = None
    while True:
        page, cursor = dao.get_user_transactions(name, limit, cursor)
        found += page
        if cursor is None:
            return found


def test_every_old_spelling_of_an_instant_reads_as_that_instant(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    entries = [ledger_row(name, ids.uuid(), text) for text in SPELLINGS]
    tables.put_all("users", entries)
    for text in SPELLINGS:
        row = balance_row(ids.name(), created_at={"S": text}, updated_at={"S": text})
        tables.put("users", row)
        assert fields(balance_dao.get_balance(row["Pk"]["S"])) == read_balance(row)
        assert row_of(tables, row) == row
    newest_first = sorted(entries, key=lambda row: row["Sk"]["S"], reverse=True)
    assert [fields(entry) for entry in all_pages(balance_dao, name, 2)] == list(map(read_transaction, newest_first))
    for row in entries:
        assert fields(balance_dao.get_transaction(name, row["transaction_id"]["S"])) == read_transaction(row)


def test_unknown_attributes_stay_and_optional_ones_may_be_missing(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name, identity = ids.name(), ids.uuid()
    unknown = {f"old_{kind}": value for kind, value in UNKNOWN.items()}
    entry = ledger_row(name, identity, without=["reference_id", "entity_type"], **unknown)
    row = balance_row(name, **unknown)
    tables.put_all("users", [entry, row])
    assert fields(balance_dao.get_transaction(name, identity)) == read_transaction(entry)
    assert fields(balance_dao.get_balance(name)) == read_balance(row)
    posted = balance_dao.post_transaction(transaction(name, ids.uuid(), "1"))
    expected = row | {"current_balance": {"N": "101"}, "updated_at": {"S": naive_text(posted.updated_at)}}
    assert same(row_of(tables, row) or {}) == same(expected)
    assert same(row_of(tables, entry) or {}) == same(entry)


@pytest.mark.parametrize("half", [0, 1])
def test_a_balance_that_nobody_can_read_is_told(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, half: int
) -> None:
    for attribute, values in list(BROKEN_BALANCE.items())[half::2]:
        for value in values:
            name = ids.name()
            row = broken(balance_row(name), attribute, value)
            tables.put("users", row)
            with pytest.raises(CorruptItemError) as caught:
                balance_dao.get_balance(name)
            assert caught.value.attribute == attribute
            assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": name, "Sk": "BALANCE"})
            if attribute in {"username", "created_at"}:
                with pytest.raises(CorruptItemError):
                    balance_dao.update_balance(name, Decimal(1))
                with pytest.raises(CorruptItemError):
                    balance_dao.post_transaction(transaction(name, ids.uuid()))


def test_a_balance_that_cannot_be_read_can_be_corrected(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name, current_balance={"S": "?"}, updated_at={"S": "?"}))
    assert balance_dao.update_balance(name, Decimal(7)).current_balance == 7
    tables.put("users", balance_row(name, created_at={"S": "?"}))
    with pytest.raises(CorruptItemError):
        balance_dao.update_balance(name, Decimal(8))
    assert (tables.get("users", balance_key(name)) or {})["current_balance"] == {"N": "8"}


@pytest.mark.parametrize("half", [0, 1])
def test_a_ledger_row_that_nobody_can_read_is_told_by_every_method_that_meets_it(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, half: int
) -> None:
    for attribute, values in list(BROKEN_ENTRY.items())[half::2]:
        for value in values:
            name, identity = ids.name(), ids.uuid()
            row = broken(ledger_row(name, identity, status={"S": "failed"}), attribute, value)
            newer = ledger_row(name, ids.uuid(), "2024-01-01T00:00:00")
            tables.put_all("users", [row, newer])
            for call in (balance_dao.get_transaction, balance_dao.cleanup_failed_transaction):
                with pytest.raises(CorruptItemError) as caught:
                    call(name, identity)
                assert caught.value.attribute == attribute
                assert caught.value.key == {part: row[part]["S"] for part in ("Pk", "Sk")}
            with pytest.raises(CorruptItemError):
                balance_dao.get_user_transactions(name)
            page, cursor = balance_dao.get_user_transactions(name, 1)
            assert [fields(entry) for entry in page] == [read_transaction(newer)]
            with pytest.raises(CorruptItemError):
                balance_dao.get_user_transactions(name, 1, cursor)
            assert row_of(tables, row) == row


def test_a_row_whose_id_cannot_be_read_hides_no_other(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for value in ({"S": "no uuid"}, {"N": "1"}, {"NULL": True}, None):
        name, identity = ids.name(), ids.uuid()
        row = broken(ledger_row(name, ids.uuid(), "2024-01-01T00:00:00"), "transaction_id", value)
        other = ledger_row(name, identity)
        tables.put_all("users", [row, other])
        assert fields(balance_dao.get_transaction(name, identity)) == read_transaction(other)
        with pytest.raises(CorruptItemError) as caught:
            balance_dao.get_user_transactions(name)
        assert caught.value.attribute == "transaction_id"


@pytest.mark.seeded
def test_every_old_balance_and_ledger_is_read_and_nothing_moves(
    balance_dao: BalanceDAOProtocol, tables: Tables
) -> None:
    before = everything(tables)
    balances = [row for row in before.values() if is_balance(row)]
    ledgers: dict[str, list[Item]] = defaultdict(list)
    for row in before.values():
        if is_entry(row):
            ledgers[row["username"]["S"]].append(row)
    assert len(balances) > 50
    assert sum(map(len, ledgers.values())) > 350
    for row in balances:
        assert fields(balance_dao.get_balance(row["Pk"]["S"])) == read_balance(row)
    for name, rows in ledgers.items():
        rows.sort(key=lambda row: row["Sk"]["S"].encode(), reverse=True)
        limit = 3 if name.startswith("rule") else 50
        assert [fields(entry) for entry in all_pages(balance_dao, name, limit)] == list(map(read_transaction, rows))
        for row in rows if name.startswith("rule") else rows[-1:]:
            same_id = [each for each in rows if each["transaction_id"] == row["transaction_id"]]
            found = balance_dao.get_transaction(name, UUID(row["transaction_id"]["S"]))
            assert fields(found) == read_transaction(same_id[0])
    assert everything(tables) == before


@pytest.mark.seeded
def test_correcting_every_old_balance_moves_nothing_but_what_was_set(
    balance_dao: BalanceDAOProtocol, tables: Tables
) -> None:
    expected = everything(tables)
    for key, row in [(key, row) for key, row in expected.items() if is_balance(row)]:
        amount = Decimal(row["current_balance"]["N"]).copy_abs()
        updated = balance_dao.update_balance(key[0], amount)
        now = {"S": naive_text(updated.updated_at)}
        expected[key] = same(row | {"current_balance": {"N": format(amount, "f")}, "updated_at": now})
    assert everything(tables) == expected


@pytest.mark.seeded
def test_posting_to_old_balances_moves_no_other_row(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    before = everything(tables)
    names = ["farid_1000", "rule-balance-negative", "rule-balance-zulu", "rule-balance-unknown"]
    for name in names:
        amount = Decimal(before[name, "BALANCE"]["current_balance"]["N"])
        entry = transaction(name, ids.uuid(), "0.25")
        assert balance_dao.post_transaction(entry).current_balance == amount + Decimal("0.25")
        assert balance_dao.get_transaction(name, entry.transaction_id) == entry
    after = everything(tables)
    changed = {key for key in before if before[key] != after.get(key)}
    assert changed == {(name, "BALANCE") for name in names}
    assert len(after) == len(before) + 2 * len(names)
    for key in changed:
        kept = {name for name in before[key] if name not in {"current_balance", "updated_at"}}
        assert {name: after[key][name] for name in kept} == {name: before[key][name] for name in kept}


@pytest.mark.seeded
def test_what_an_old_posting_row_says_decides(balance_dao: BalanceDAOProtocol, tables: Tables) -> None:
    before = everything(tables)

    def again(number: int, amount: str = "10.5") -> BalanceTransaction:
        identity = UUID(f"00000000-0000-4000-8000-{number:012}")
        return transaction("rule-ledger", identity, amount)

    assert balance_dao.post_transaction(again(12)).current_balance == 500
    for duplicate in (again(12, "10"), again(13)):
        with pytest.raises(DuplicateTransactionError):
            balance_dao.post_transaction(duplicate)
    assert everything(tables) == before
    assert balance_dao.post_transaction(again(2)).current_balance == Decimal("510.5")


@pytest.mark.seeded
def test_rows_of_other_kinds_are_never_returned_and_never_touched(
    balance_dao: BalanceDAOProtocol, tables: Tables
) -> None:
    before = everything(tables)
    name = "rule-balance-foreign"
    with pytest.raises(BalanceNotFoundError):
        balance_dao.get_balance(name)
    with pytest.raises(BalanceNotFoundError):
        balance_dao.update_balance(name, Decimal(1))
    with pytest.raises(BalanceAlreadyExistsError):
        balance_dao.create_balance(balance(name))
    foreign = UUID("00000000-0000-4000-8000-000000000014")
    with pytest.raises(TransactionNotFoundError):
        balance_dao.get_transaction("rule-ledger", foreign)
    assert balance_dao.cleanup_failed_transaction("rule-ledger", foreign) is False
    assert balance_dao.get_user_transactions("rule-ledger-foreign-only") == ([], None)
    assert everything(tables) == before


@pytest.mark.seeded
def test_cleaning_up_an_old_ledger_removes_one_row(balance_dao: BalanceDAOProtocol, tables: Tables) -> None:
    expected = everything(tables)
    outcomes = {}
    for at in range(1, 16):
        outcomes[at] = balance_dao.cleanup_failed_transaction("rule-ledger", f"00000000-0000-4000-8000-{at:012}")
    assert [at for at, removed in outcomes.items() if removed] == [6, 7]
    for second in ("10", "11"):
        key = ledger_key("rule-ledger", f"2023-02-03T04:05:{second}.000001")
        del expected[key["Pk"]["S"], key["Sk"]["S"]]
    assert everything(tables) == expected
