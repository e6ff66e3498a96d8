"""BalanceDAO: the ledger, read by id and by page, imported into and cleaned up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from common.data import (
    BalanceTransaction,
    DuplicateTransactionError,
    InvalidCursorError,
    TransactionNotFoundError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .balance_rows import (
    balance_row,
    fields,
    ledger,
    ledger_key,
    ledger_row,
    posting_row,
    read_transaction,
    row_of,
    stored_as,
    transaction,
)
from .user_rows import UNKNOWN, Item, Requests, naive_text

EXACT = ["0", "-0.00000001", "12345678901234567890123456789012345678", "-1.50", "9.99E+125", "1E-130"]


def fill(
    tables: Tables, ids: Ids, name: str, count: int, *, foreign: tuple[int, ...] = (), size: int = 0
) -> list[Item]:
    """A ledger of `count` rows, the newest first; those at the positions `foreign`, counted so, are of another kind."""
    rows = []
    for position in range(count):
        when = (datetime(2024, 5, 1, tzinfo=UTC) - timedelta(hours=position)).replace(tzinfo=None).isoformat()
        rows.append(ledger_row(name, ids.uuid(), when, description={"S": "x" * size}))
        if position in foreign:
            rows[-1]["entity_type"] = {"S": "ledger_note"}
    tables.put_all("users", rows)
    return rows


def pages(dao: BalanceDAOProtocol, name: str, limit: int) -> list[list[BalanceTransaction]]:
    """All pages, each asked for with the cursor of the one before."""
    found, cursor = [], None
    while True:
        page, cursor = dao.get_user_transactions(name, limit, json.loads(json.dumps(cursor)))
        found.append(page)
        if cursor is None:
            return found


def test_create_transaction_stores_the_row_and_moves_no_money(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    values = {"status": "pending", "reference_id": "order-1", "description": "für 🧾", "transaction_type": "withdraw"}
    entries = [transaction(name, ids.uuid(), amount, **values) for amount in EXACT]
    for entry in [*entries, transaction(name, ids.uuid(), description="")]:
        created = balance_dao.create_transaction(entry)
        assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 1)]
        assert tables.get("users", ledger_key(name, naive_text(entry.created_at))) == stored_as(entry)
        assert fields(created) == read_transaction(stored_as(entry)) == fields(entry)
        assert balance_dao.get_transaction(name, entry.transaction_id) == created
    found, _ = balance_dao.get_user_transactions(name)
    assert [entry.amount for entry in reversed(found[1:])] == [Decimal(text) for text in EXACT]
    assert row_of(tables, balance_row(name)) == balance_row(name)


def test_create_transaction_keeps_the_instant_as_naive_utc(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    instants = {
        "2020-01-01T00:00:00": datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
        "2020-01-01T00:00:00.500000": datetime(2020, 1, 1, microsecond=500_000),  # noqa: DTZ001 - naive is UTC
        "0999-12-31T00:00:00": datetime(999, 12, 31, tzinfo=UTC),
    }
    for instant in instants.values():
        created = balance_dao.create_transaction(transaction(name, ids.uuid(), created_at=instant))
        assert created.created_at.utcoffset() == timedelta(0)
    assert sorted(instants) == [row["Sk"]["S"] for row in ledger(tables, name)]


@pytest.mark.parametrize("entity_type", ["balance_transaction", "ledger_note"])
def test_create_transaction_takes_no_place_that_is_taken(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, entity_type: str
) -> None:
    name = ids.name()
    entry = transaction(name, ids.uuid())
    row = stored_as(entry) | {"entity_type": {"S": entity_type}}
    tables.put("users", row)
    with pytest.raises(DuplicateTransactionError) as caught:
        balance_dao.create_transaction(entry)
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": row["Pk"]["S"], "Sk": row["Sk"]["S"]}
    assert ledger(tables, name) == [row]


@pytest.mark.parametrize("as_text", [False, True], ids=["uuid", "text"])
def test_get_transaction_finds_the_newest_row_of_an_id(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests, *, as_text: bool
) -> None:
    name, wanted = ids.name(), ids.uuid()
    rows = fill(tables, ids, name, 5)
    for position in (1, 3):
        rows[position]["transaction_id"] = {"S": str(wanted)}
    foreign = ledger_row(name, wanted, "2024-06-01T00:00:00", entity_type={"S": "ledger_note"})
    tables.put_all("users", [*rows, foreign])
    found = balance_dao.get_transaction(name, str(wanted).upper() if as_text else wanted)
    assert fields(found) == read_transaction(rows[1])
    (request,) = requests()
    assert request.operation == "Query"
    assert not request.body.get("ConsistentRead", False)


@pytest.mark.parametrize("others", [0, 3])
def test_a_transaction_that_is_not_there_is_not_found(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, others: int
) -> None:
    name, wanted = ids.name(), ids.uuid()
    fill(tables, ids, name, others)
    tables.put("users", posting_row(name, wanted))
    with pytest.raises(TransactionNotFoundError) as caught:
        balance_dao.get_transaction(name, wanted)
    assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": f"TRANS#{name}"})
    assert balance_dao.cleanup_failed_transaction(name, wanted) is False
    assert len(ledger(tables, name)) == others + 1


def test_the_ledger_is_right_beyond_a_megabyte(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    rows = fill(tables, ids, name, 5, size=390_000)
    found = pages(balance_dao, name, 4)
    assert [fields(entry) for page in found for entry in page] == [read_transaction(row) for row in rows]
    assert all(len(page) < 4 for page in found)
    last = rows[-1]["transaction_id"]["S"]
    assert fields(balance_dao.get_transaction(name, last)) == read_transaction(rows[-1])
    assert {request.operation for request in requests()} == {"Query"}


@pytest.mark.parametrize("limit", [1, 4, 6, 1000])
def test_pages_hold_every_row_once_newest_first(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests, limit: int
) -> None:
    name = ids.name()
    rows = fill(tables, ids, name, 6)
    tables.put("users", ledger_row(name + "x", ids.uuid()))
    found = pages(balance_dao, name, limit)
    assert [fields(entry) for page in found for entry in page] == [read_transaction(row) for row in rows]
    assert [len(page) for page in found] == [limit] * (6 // limit) + ([6 % limit] if 6 % limit else [])
    (request,) = requests()
    assert (request.operation, request.attempts) == ("Query", 1)
    assert request.body["Limit"] == limit + 1
    assert not request.body.get("ConsistentRead", False)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_rows_of_other_kinds_in_a_ledger_are_passed_over(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, limit: int
) -> None:
    name = ids.name()
    rows = fill(tables, ids, name, 9, foreign=(0, 2, 3, 4, 8))
    summary = {**ledger_key(name, "SUMMARY#2024"), "entity_type": {"S": "ledger_summary"}, "total": {"N": "4"}}
    untyped = {name: value for name, value in summary.items() if name != "entity_type"} | ledger_key(name, "TOTAL")
    tables.put_all("users", [summary, untyped])
    found = pages(balance_dao, name, limit)
    assert [fields(entry) for page in found for entry in page] == [read_transaction(rows[at]) for at in (1, 5, 6, 7)]
    assert len(ledger(tables, name)) == 11


def test_a_cursor_is_the_last_row_returned(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    rows = fill(tables, ids, name, 3)
    page, cursor = balance_dao.get_user_transactions(name, limit=2)
    assert len(page) == 2
    assert cursor == {"Pk": f"TRANS#{name}", "Sk": rows[1]["Sk"]["S"]}
    tables.delete("users", ledger_key(name, rows[1]["Sk"]["S"]))
    page, cursor = balance_dao.get_user_transactions(name, limit=2, start_key=cursor)
    assert [fields(entry) for entry in page] == [read_transaction(rows[2])]
    assert cursor is None
    assert balance_dao.get_user_transactions(ids.name()) == ([], None)


def test_a_page_cut_short_goes_on_where_it_ended(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    name = ids.name()
    rows = fill(tables, ids, name, 4)
    faults.add("short-page", "Query", times=2)
    found = pages(balance_dao, name, 3)
    assert [len(page) for page in found] == [1, 1, 2]
    faults.add("short-page", "Query", times=3)
    last = rows[-1]["transaction_id"]["S"]
    assert fields(balance_dao.get_transaction(name, last)) == read_transaction(rows[-1])
    assert [request.operation for request in requests()] == ["Query"] * 4
    assert [fields(entry) for page in found for entry in page] == [read_transaction(row) for row in rows]


def test_a_malformed_cursor_is_refused_before_any_request(
    balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    name, when = ids.name(), "2024-01-01T00:00:00"
    own = f"TRANS#{name}"
    cursors: list[object] = [
        {},
        {"Pk": own},
        {"Sk": when},
        {"Pk": own, "Sk": ""},
        {"Pk": own, "Sk": 5},
        {"Pk": own, "Sk": None},
        {"Pk": own, "Sk": "\ud800"},
        {"Pk": own, "Sk": "x" * 1025},
        {"Pk": own, "Sk": when, "more": "x"},
        {"Pk": "TRANS#another", "Sk": when},
        {"Pk": name, "Sk": when},
        {"Pk": {"S": own}, "Sk": {"S": when}},
        own,
        [own, when],
        0,
    ]
    for cursor in cursors:
        with pytest.raises(InvalidCursorError) as caught:
            balance_dao.get_user_transactions(name, start_key=cursor)  # type: ignore[arg-type]
        assert (caught.value.operation, caught.value.table) == ("BalanceDAO.get_user_transactions", None)
        assert list(requests()) == []


def test_another_users_cursor_is_refused(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    fill(tables, ids, name, 2)
    _, cursor = balance_dao.get_user_transactions(name, 1)
    assert cursor is not None
    with pytest.raises(InvalidCursorError):
        balance_dao.get_user_transactions(ids.name(), 1, cursor)


@pytest.mark.parametrize("status", ["pending", "failed", "completed", "cancelled"])
def test_cleanup_removes_what_came_to_nothing_and_nothing_else(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests, status: str
) -> None:
    name, wanted = ids.name(), ids.uuid()
    tables.put("users", balance_row(name))
    rows = fill(tables, ids, name, 3)
    rows[1] |= {"transaction_id": {"S": str(wanted)}, "status": {"S": status}, **UNKNOWN}
    older = ledger_row(name, wanted, status={"S": "failed"})
    tables.put_all("users", [rows[1], older, posting_row(name, wanted)])
    before = ledger(tables, name)
    removes = status in {"pending", "failed"}
    assert balance_dao.cleanup_failed_transaction(name, str(wanted)) is removes
    assert [request.operation for request in requests()] == ["Query", "DeleteItem"][: 1 + removes]
    assert requests()[0].body["ConsistentRead"] is True
    assert ledger(tables, name) == [row for row in before if not (removes and row["Sk"] == rows[1]["Sk"])]
    assert row_of(tables, balance_row(name)) == balance_row(name)


def test_cleanup_removes_nothing_that_was_completed_meanwhile(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name, wanted = ids.name(), ids.uuid()
    done = ledger_row(name, wanted)
    tables.put("users", done | {"status": {"S": "pending"}})
    faults.before("DeleteItem", lambda: tables.put("users", done))
    assert balance_dao.cleanup_failed_transaction(name, wanted) is False
    assert ledger(tables, name) == [done]


def test_cleanup_whose_answer_was_lost_may_say_that_it_was_not_this_call(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    for kind in ("lost-answer", "lost-answer-500", "timeout"):
        name, wanted = ids.name(), ids.uuid()
        tables.put("users", ledger_row(name, wanted, status={"S": "failed"}))
        faults.add(kind, "DeleteItem")
        assert balance_dao.cleanup_failed_transaction(name, wanted) is (kind == "timeout")
        assert ledger(tables, name) == []
