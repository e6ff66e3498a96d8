"""AssetTransactionDAO: the ledger of one holding, and of all holdings of a user, newest first."""

from __future__ import annotations

import itertools

import pytest

from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_balance_rows import fields
from .asset_transaction_rows import ledger_row, read_as
from .user_rows import Item, Requests

TEXTS = [f"2023-02-03T04:05:0{second}{end}" for second in range(3) for end in ("", "Z", ".000001", ".5", ".500Z")]


def others(name: str) -> list[Item]:
    """Rows beside a ledger that are not of it."""
    return [
        ledger_row(name, "2023-02-03T04:05:01.25", entity_type={"S": "fill_draft"}),
        ledger_row(name, "SUMMARY#2023-02"),
        ledger_row(name, "LOCK"),
        ledger_row(name, "2023-02-03"),
        ledger_row(name, "2023-02-03T04:05:01", "BTC#LOT"),
        ledger_row(name + "x", "2023-02-03T04:05:01"),
        {"Pk": {"S": f"TRANS#{name}"}, "Sk": {"S": "2023-02-03T04:05:01"}, "amount": {"N": "1"}},
        {"Pk": {"S": f"TRANS#{name}#"}, "Sk": {"S": "2023-02-03T04:05:01"}, "amount": {"N": "1"}},
    ]


def pages_of_users(tables: Tables) -> int:
    """How many pages the users table has, whatever is filtered out of them."""
    scan: Item = {"TableName": tables.name("users")}
    for pages in itertools.count(1):
        last = tables.owner.wire.call("Scan", scan).get("LastEvaluatedKey")
        if not last:
            return pages
        scan["ExclusiveStartKey"] = last
    raise AssertionError("a table has an end")


def test_the_ledger_of_one_holding_comes_in_descending_order_of_its_keys(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    rows = [ledger_row(name, text) for text in TEXTS]
    tables.put_all("users", rows + others(name) + [ledger_row(name, "2030-01-01T00:00:00", "ETH")])
    expected = [read_as(row) for row in sorted(rows, key=lambda row: row["Sk"]["S"], reverse=True)]
    found = asset_transaction_dao.get_user_asset_transactions(name, "BTC")
    assert [fields(one) for one in found] == expected
    (request,) = requests()
    assert (request.operation, request.table, request.body["ScanIndexForward"]) == ("Query", "users", False)
    assert "Limit" not in request.body
    assert not request.body.get("ConsistentRead")
    for limit in (1, 2, 7, len(rows), len(rows) + 1, 1000):
        found = asset_transaction_dao.get_user_asset_transactions(name, "BTC", limit)
        assert [fields(one) for one in found] == expected[:limit]
    assert asset_transaction_dao.get_user_asset_transactions(name, "BTC", limit=None) == (
        asset_transaction_dao.get_user_asset_transactions(name, "BTC", limit=1000)
    )
    assert asset_transaction_dao.get_user_asset_transactions(name, "DOGE") == []


def test_a_limit_is_not_read_past(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put_all("users", [ledger_row(name, text) for text in TEXTS])
    asset_transaction_dao.get_user_asset_transactions(name, "BTC", 3)
    (request,) = requests()
    assert request.body["Limit"] == 3


def test_rows_of_another_kind_do_not_count_towards_a_limit(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    drafts = {"entity_type": {"S": "fill_draft"}}
    rows = [ledger_row(name, text, **(drafts if number % 3 else {})) for number, text in enumerate(sorted(TEXTS))]
    tables.put_all("users", rows)
    expected = [read_as(row) for row in reversed(rows) if "entity_type" not in row]
    found = asset_transaction_dao.get_user_asset_transactions(name, "BTC", 2)
    assert [fields(one) for one in found] == expected[:2]
    assert [request.operation for request in requests()] == ["Query"] * 3


def test_a_row_that_is_past_the_limit_is_not_decoded(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", ledger_row(name, "2023-01-01T00:00:00", quantity={"S": "rubbish"}))
    tables.put("users", ledger_row(name, "2024-01-01T00:00:00"))
    assert len(asset_transaction_dao.get_user_asset_transactions(name, "BTC", 1)) == 1


def test_a_ledger_of_several_pages_is_read_to_its_end(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    texts = [f"2023-02-0{day}T00:00:00" for day in range(1, 5)]
    for text in texts:
        tables.put("users", ledger_row(name, text, note={"S": "x" * 380_000}))
    newest_first = [f"{text}+00:00" for text in reversed(texts)]
    found = asset_transaction_dao.get_user_asset_transactions(name, "BTC")
    assert [one.created_at.isoformat() for one in found] == newest_first
    pages = [request.operation for request in requests()]
    assert pages == ["Query"] * 2
    found = asset_transaction_dao.get_user_transactions(name, 2)
    assert [one.created_at.isoformat() for one in found] == newest_first[:2]
    assert [request.operation for request in requests()] == ["Scan"] * pages_of_users(tables)


def test_a_short_page_is_not_the_end(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put_all("users", [ledger_row(name, text) for text in TEXTS])
    faults.add("short-page", "Query", times=3)
    assert len(asset_transaction_dao.get_user_asset_transactions(name, "BTC")) == len(TEXTS)
    faults.add("short-page", "Scan", times=3)
    assert len(asset_transaction_dao.get_user_transactions(name)) == len(TEXTS)


def test_the_ledger_of_all_holdings_comes_by_instant_then_by_key_descending(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    rows = [ledger_row(name, text, asset_id) for text in TEXTS for asset_id in ("ETH", "BTC", "🪙", "Ä")]
    tables.put_all("users", rows + others(name))
    rows.sort(key=lambda row: (read_as(row)["created_at"], row["Pk"]["S"], row["Sk"]["S"]), reverse=True)
    expected = [read_as(row) for row in rows]
    found = asset_transaction_dao.get_user_transactions(name)
    assert [fields(one) for one in found] == expected
    assert all(
        (request.operation, request.table, "Limit" in request.body) == ("Scan", "users", False)
        and request.body["FilterExpression"]
        for request in requests()
    )
    for limit in (1, 5, 1000):
        assert [fields(one) for one in asset_transaction_dao.get_user_transactions(name, limit)] == expected[:limit]
    assert asset_transaction_dao.get_user_transactions(name[:-1]) == []


@pytest.mark.parametrize("limit", [1, 1000, None])
def test_a_user_without_a_ledger_has_an_empty_one(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, limit: int | None
) -> None:
    name = ids.name()
    tables.put_all("users", others(name)[:5])
    assert asset_transaction_dao.get_user_transactions(name, limit) == []
    assert asset_transaction_dao.get_user_asset_transactions(name, "BTC", limit) == []
