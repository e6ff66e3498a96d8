"""AssetTransactionDAO on the tables that years of use left: every ledger row is read, and nothing moves."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from common.data import DuplicateTransactionError, TransactionNotFoundError
from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.tables import Tables

from .asset_balance_rows import fields, instant
from .asset_transaction_rows import entity, is_ledger_row, read_as
from .user_rows import Item, same

pytestmark = pytest.mark.seeded

ONE = "2023-02-03T04:05:0"


def everything(tables: Tables) -> dict[tuple[str, str], Item]:
    return {(row["Pk"]["S"], row["Sk"]["S"]): same(row) for row in tables.items("users")}


def by_ledger(tables: Tables) -> dict[tuple[str, str], list[Item]]:
    ledgers: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for row in sorted(tables.items("users"), key=lambda row: row["Sk"]["S"], reverse=True):
        if is_ledger_row(row):
            _, username, asset_id = row["Pk"]["S"].split("#")
            ledgers[username, asset_id].append(row)
    return ledgers


def test_every_old_ledger_is_read(asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables) -> None:
    before = everything(tables)
    ledgers = by_ledger(tables)
    assert sum(map(len, ledgers.values())) > 280
    for (username, asset_id), rows in ledgers.items():
        found = asset_transaction_dao.get_user_asset_transactions(username, asset_id)
        assert [fields(one) for one in found] == [read_as(row) for row in rows]
    assert everything(tables) == before


def test_old_rows_are_found_by_text_and_by_instant(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables
) -> None:
    for (username, asset_id), rows in by_ledger(tables).items():
        for row in rows if username == "rule-fills" else rows[:1]:
            text = row["Sk"]["S"]
            when = instant(text)
            expected = fields(asset_transaction_dao.get_asset_transaction(username, asset_id, text))
            assert expected == read_as(row)
            found = asset_transaction_dao.get_asset_transaction(username, asset_id, when)
            assert found.created_at == when
    assert fields(asset_transaction_dao.get_asset_transaction("rule-fills", "ONE", instant(f"{ONE}6Z"))) == read_as(
        tables.get("users", {"Pk": {"S": "TRANS#rule-fills#ONE"}, "Sk": {"S": f"{ONE}6"}}) or {}
    )


def test_the_ledger_of_all_old_holdings_is_right(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables
) -> None:
    ledgers = by_ledger(tables)
    users = sorted({username for username, _ in ledgers})
    for username in [*users[:3], "rule-fills"]:
        rows = [row for (owner, _), owned in ledgers.items() if owner == username for row in owned]
        rows.sort(key=lambda row: (instant(row["Sk"]["S"]), row["Pk"]["S"], row["Sk"]["S"]), reverse=True)
        found = asset_transaction_dao.get_user_transactions(username)
        assert [fields(one) for one in found] == [read_as(row) for row in rows]
    assert len(asset_transaction_dao.get_user_transactions("rule-fills", 3)) == 3


def test_an_old_row_of_another_kind_is_none_of_the_ledger(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables
) -> None:
    before = everything(tables)
    draft = "2023-02-03T04:05:12.000001"
    for when in (draft, instant(draft)):
        with pytest.raises(TransactionNotFoundError):
            asset_transaction_dao.get_asset_transaction("rule-fills", "ONE", when)
        assert asset_transaction_dao.delete_asset_transaction("rule-fills", "ONE", when) is False
    with pytest.raises(DuplicateTransactionError):
        asset_transaction_dao.create_asset_transaction(entity("rule-fills", asset_id="ONE", created_at=instant(draft)))
    assert everything(tables) == before


def test_removing_and_adding_old_rows_moves_nothing_else(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables
) -> None:
    expected = everything(tables)
    for text in (f"{ONE}6", f"{ONE}6.000Z", f"{ONE}6Z"):
        assert asset_transaction_dao.delete_asset_transaction("rule-fills", "ONE", instant(f"{ONE}6")) is True
        del expected["TRANS#rule-fills#ONE", text]
        assert everything(tables).keys() == expected.keys()
    assert asset_transaction_dao.delete_asset_transaction("rule-fills", "ONE", f"{ONE}7.125") is True
    del expected["TRANS#rule-fills#ONE", f"{ONE}7.125"]
    created = asset_transaction_dao.create_asset_transaction(
        entity("rule-fills", asset_id="ONE", created_at=instant(f"{ONE}6"), quantity=Decimal("1.50"))
    )
    assert created.created_at == instant(f"{ONE}6")
    now = everything(tables)
    assert now.keys() - expected.keys() == {("TRANS#rule-fills#ONE", f"{ONE}6")}
    assert {key: now[key] for key in expected} == expected
