"""AssetDAO on the tables that years of use left: every asset is read and updated, and nothing else moves."""

from __future__ import annotations

import pytest

from common.data import AssetAlreadyExistsError, AssetNotFoundError
from common.data.dao.protocols import AssetDAOProtocol
from parity.tables import Tables

from .asset_rows import FIGURES, TEXTS, entity, exact, is_asset, read_as
from .user_rows import Item, naive_text, same

pytestmark = pytest.mark.seeded


def everything(tables: Tables) -> dict[str, Item]:
    return {row["product_id"]["S"]: same(row) for row in tables.items("inventory")}


def assets(tables: Tables) -> dict[str, Item]:
    return {asset_id: row for asset_id, row in sorted(everything(tables).items()) if is_asset(row)}


def test_every_old_asset_is_read_by_every_method(asset_dao: AssetDAOProtocol, tables: Tables) -> None:
    before = everything(tables)
    rows = assets(tables)
    assert len(rows) > 28
    expected = {asset_id: read_as(row) for asset_id, row in rows.items()}
    assert {asset_id: exact(asset_dao.get_asset_by_id(asset_id)) for asset_id in rows} == expected
    listed = asset_dao.get_all_assets()
    assert {asset.asset_id: exact(asset) for asset in listed} == expected
    assert len(listed) == len(rows)
    active = asset_dao.get_all_assets(active_only=True)
    assert active == [asset for asset in listed if asset.is_active]
    assert 0 < len(active) < len(listed)
    found = asset_dao.get_assets_by_ids([*rows, "RULE-FOREIGN", "nobody"])
    assert {asset_id: exact(asset) for asset_id, asset in found.items()} == expected
    assert list(found) == list(rows)
    assert everything(tables) == before


def test_updating_every_old_asset_moves_nothing_but_what_was_set(asset_dao: AssetDAOProtocol, tables: Tables) -> None:
    expected = everything(tables)
    for asset_id, row in assets(tables).items():
        read = asset_dao.get_asset_by_id(asset_id)
        updated = asset_dao.update_asset(read)
        assert updated == read.model_copy(update={"updated_at": updated.updated_at})
        nulls = {name: {"NULL": True} for name in [*FIGURES, *TEXTS, "market_cap_rank", "sparkline_7d"]}
        texts = {"name": {"S": read.name}, "category": {"S": read.category}, "is_active": {"BOOL": read.is_active}}
        amount = {"N": format(read.amount, "f")}
        now = {"S": naive_text(updated.updated_at)}
        expected[asset_id] = same(nulls | row | texts | {"amount": amount, "updated_at": now})
    assert everything(tables) == expected


def test_an_old_row_of_another_kind_is_no_asset(asset_dao: AssetDAOProtocol, tables: Tables) -> None:
    before = everything(tables)
    with pytest.raises(AssetNotFoundError):
        asset_dao.get_asset_by_id("RULE-FOREIGN")
    with pytest.raises(AssetNotFoundError):
        asset_dao.update_asset(entity("RULE-FOREIGN"))
    with pytest.raises(AssetAlreadyExistsError):
        asset_dao.create_asset(entity("RULE-FOREIGN"))
    with pytest.raises(AssetAlreadyExistsError):
        asset_dao.create_asset(entity("BTC"))
    assert everything(tables) == before


def test_creating_an_asset_moves_no_old_row(asset_dao: AssetDAOProtocol, tables: Tables) -> None:
    before = everything(tables)
    asset_dao.create_asset(entity("NEW"))
    after = everything(tables)
    assert after.keys() - before.keys() == {"NEW"}
    assert {asset_id: after[asset_id] for asset_id in before} == before
