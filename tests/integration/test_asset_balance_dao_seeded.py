"""AssetBalanceDAO on the tables that years of use left: every holding is read and added to, and nothing else moves."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from common.data import AssetBalanceNotFoundError, ConflictError
from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.tables import Tables

from .asset_balance_rows import fields, is_holding, read_as
from .totals import totals
from .user_rows import Item, naive_text, same

pytestmark = pytest.mark.seeded


def everything(tables: Tables) -> dict[tuple[str, str], Item]:
    return {(row["Pk"]["S"], row["Sk"]["S"]): same(row) for row in tables.items("users")}


def holdings(tables: Tables) -> list[Item]:
    return [row for row in tables.items("users") if is_holding(row)]


def test_every_old_holding_is_read_by_itself_and_in_its_list(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables
) -> None:
    before = everything(tables)
    by_user: dict[str, list[Item]] = defaultdict(list)
    for row in sorted(holdings(tables), key=lambda row: row["Sk"]["S"].encode()):
        by_user[row["Pk"]["S"]].append(row)
    assert sum(map(len, by_user.values())) > 100
    assert sum("created_at" not in row for rows in by_user.values() for row in rows) > 5
    assert sum("username" not in row for rows in by_user.values() for row in rows) > 3
    for username, rows in by_user.items():
        expected = [read_as(row) for row in rows]
        assert [fields(holding) for holding in asset_balance_dao.get_all_asset_balances(username)] == expected
    for row in [row for rows in by_user.values() for row in rows[:2]] + by_user["rule-holdings"]:
        found = asset_balance_dao.get_asset_balance(row["Pk"]["S"], row["asset_id"]["S"])
        assert fields(found) == read_as(row)
    assert everything(tables) == before


def test_adding_to_an_old_holding_sets_what_it_must_and_nothing_else(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables
) -> None:
    expected = everything(tables)
    rows = sorted(holdings(tables), key=lambda row: (row["Pk"]["S"], row["Sk"]["S"]))
    chosen = [row for row in rows if row["Pk"]["S"] == "rule-holdings"] + rows[::5]
    added = Decimal("0.0")
    for row in [row for row in chosen if row["asset_id"]["S"] != "SMALLEST"]:
        username, asset_id = row["Pk"]["S"], row["asset_id"]["S"]
        key = (username, f"ASSET#{asset_id}")
        was = expected[key]
        after = asset_balance_dao.upsert_asset_balance(username, asset_id, added)
        created = {} if "created_at" in was else {"created_at": {"S": naive_text(after.created_at)}}
        total = format(Decimal(was["quantity"]["S"]) + added if len(was["quantity"]["S"]) < 25 else after.quantity, "f")
        assert after.quantity == Decimal(was["quantity"]["S"])
        assert after.created_at == read_as(was)["created_at"]
        expected[key] = was | created | {"quantity": {"S": total}, "updated_at": {"S": naive_text(after.updated_at)}}
    assert everything(tables) == expected


def test_a_holding_without_created_at_is_given_its_last_update_in_naive_form(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables
) -> None:
    after = asset_balance_dao.upsert_asset_balance("rule-holdings", "BARE", Decimal("-0.5"))
    row = tables.get("users", {"Pk": {"S": "rule-holdings"}, "Sk": {"S": "ASSET#BARE"}})
    assert row == {
        "Pk": {"S": "rule-holdings"},
        "Sk": {"S": "ASSET#BARE"},
        "asset_id": {"S": "BARE"},
        "quantity": {"S": "2.00"},
        "created_at": {"S": "2023-02-03T04:05:06"},
        "updated_at": {"S": naive_text(after.updated_at)},
    }
    assert fields(after) == read_as(row)


def test_an_old_row_of_another_kind_is_no_holding(asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables) -> None:
    before = everything(tables)
    with pytest.raises(AssetBalanceNotFoundError):
        asset_balance_dao.get_asset_balance("rule-holdings", "FOREIGN")
    with pytest.raises(ConflictError):
        asset_balance_dao.upsert_asset_balance("rule-holdings", "FOREIGN", Decimal(1))
    assert asset_balance_dao.delete_asset_balance("rule-holdings", "FOREIGN") is False
    assert everything(tables) == before


def test_removing_an_old_holding_removes_nothing_else(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables
) -> None:
    before = everything(tables)
    for asset_id in ("BARE", "UNKNOWN", "ZULU"):
        assert asset_balance_dao.delete_asset_balance("rule-holdings", asset_id) is True
        del before["rule-holdings", f"ASSET#{asset_id}"]
    assert everything(tables) == before


def test_holdings_sum_up_to_what_they_did(asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables) -> None:
    before = totals(tables)
    for row in sorted(holdings(tables), key=lambda row: (row["Pk"]["S"], row["Sk"]["S"]))[::8]:
        username, asset_id = row["Pk"]["S"], row["asset_id"]["S"]
        if len(row["quantity"]["S"]) < 25 and not row["quantity"]["S"].startswith("-"):
            for change in ("0.5", "-0.5"):
                asset_balance_dao.upsert_asset_balance(username, asset_id, Decimal(change))
            asset_balance_dao.get_all_asset_balances(username)
    assert totals(tables) == before
