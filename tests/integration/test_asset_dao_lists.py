"""AssetDAO: all assets, and many by their ids."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data import CorruptItemError, ThrottledError
from common.data.dao.protocols import AssetDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_rows import asset_row, exact, read_as
from .user_rows import Item, Requests


def others(name: str) -> list[Item]:
    """Rows of the inventory table that are no assets."""
    return [
        {"product_id": {"S": f"PRICE#{name}"}, "price_usd": {"N": "1"}},
        asset_row(f"{name}#2023"),
        asset_row(f"{name}-draft", entity_type={"S": "draft"}),
    ]


def test_all_assets_are_those_of_the_table_and_nothing_else(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    rows = [asset_row(f"{name}-{at}", **({"is_active": {"BOOL": False}} if at % 2 else {})) for at in range(6)]
    rows.append(asset_row(f"{name}-old", without=["is_active"]))
    tables.put_all("inventory", rows + others(name))
    found = [asset for asset in asset_dao.get_all_assets() if asset.asset_id.startswith(name)]
    (request,) = requests()
    assert (request.operation, request.table, "Limit" in request.body) == ("Scan", "inventory", False)
    assert "FilterExpression" not in request.body
    by_id = {asset.asset_id: exact(asset) for asset in found}
    assert by_id == {row["product_id"]["S"]: read_as(row) for row in rows}
    assert len(found) == len(rows)
    active = [asset for asset in asset_dao.get_all_assets(active_only=True) if asset.asset_id.startswith(name)]
    assert active == [asset for asset in found if asset.is_active]
    assert len(active) == 4


def test_all_assets_of_several_pages_are_read(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    note = {"S": "x" * 380_000}
    for at in range(4):
        tables.put("inventory", asset_row(f"{name}-{at}", note=note, is_active={"BOOL": at != 1}))
    found = sorted(asset.asset_id for asset in asset_dao.get_all_assets() if asset.asset_id.startswith(name))
    assert found == [f"{name}-{at}" for at in range(4)]
    pages = len(requests())
    assert [request.operation for request in requests()] == ["Scan"] * pages
    assert 2 <= pages <= 3
    active = [asset for asset in asset_dao.get_all_assets(active_only=True) if asset.asset_id.startswith(name)]
    assert len(active) == 3
    assert len(requests()) == pages


def test_short_and_empty_pages_are_not_the_end(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put_all("inventory", [asset_row(f"{name}-{at}") for at in range(4)] + others(name))
    faults.add("short-page", "Scan", times=4)
    found = [asset.asset_id for asset in asset_dao.get_all_assets() if asset.asset_id.startswith(name)]
    assert sorted(found) == [f"{name}-{at}" for at in range(4)]


def test_an_inactive_asset_that_cannot_be_decoded_is_not_left_out(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("inventory", asset_row(name, is_active={"BOOL": False}, price_usd={"S": "1"}))
    for active_only in (True, False):
        with pytest.raises(CorruptItemError) as caught:
            asset_dao.get_all_assets(active_only)
        assert (caught.value.attribute, caught.value.key) == ("price_usd", {"product_id": name})


def test_assets_by_ids_come_in_the_order_of_the_ids(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    rows = {f"{name}-{at}": asset_row(f"{name}-{at}", amount={"N": str(at)}) for at in range(5)}
    tables.put_all("inventory", [*rows.values(), *others(name)])
    wanted = [f"{name}-{at}" for at in (3, 0, 9, 3, 4, 0)] + [f"{name}-draft"]
    found = asset_dao.get_assets_by_ids(wanted)
    (request,) = requests()
    assert request.operation == "BatchGetItem"
    assert list(found) == [f"{name}-{at}" for at in (3, 0, 4)]
    assert {asset_id: exact(asset) for asset_id, asset in found.items()} == {key: read_as(rows[key]) for key in found}
    assert found[f"{name}-3"].amount == Decimal(3)
    assert asset_dao.get_assets_by_ids(tuple(wanted)) == found
    assert asset_dao.get_assets_by_ids(set(wanted)) == found
    assert asset_dao.get_assets_by_ids(dict.fromkeys(wanted)) == found


def test_no_ids_are_no_request(asset_dao: AssetDAOProtocol, requests: Requests) -> None:
    assert asset_dao.get_assets_by_ids([]) == {}
    assert requests() == []


@pytest.mark.parametrize(("count", "batches"), [(100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_many_ids_are_asked_for_by_the_hundred(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests, count: int, batches: list[int]
) -> None:
    name = ids.name()
    wanted = [f"{name}-{at}" for at in range(count)]
    tables.put_all("inventory", [asset_row(asset_id) for asset_id in wanted[::25]])
    found = asset_dao.get_assets_by_ids(wanted + wanted[:50])
    assert list(found) == wanted[::25]
    sizes = [len(keys["Keys"]) for request in requests() for keys in request.body["RequestItems"].values()]
    assert sizes == batches


@pytest.mark.parametrize("times", [1, 3])
def test_unprocessed_keys_are_asked_for_again(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, times: int
) -> None:
    name = ids.name()
    wanted = [f"{name}-{at}" for at in range(101)]
    tables.put_all("inventory", [asset_row(asset_id) for asset_id in wanted[::50]])
    faults.add("unprocessed", "BatchGetItem", times=times)
    assert list(asset_dao.get_assets_by_ids(wanted)) == wanted[::50]
    sizes = [len(keys["Keys"]) for request in requests() for keys in request.body["RequestItems"].values()]
    assert sizes == [*[100] * (times + 1), 1]
    assert len(faults.waits) == times
    assert all(0 <= wait <= 1 for wait in faults.waits)


@pytest.mark.parametrize("count", [3, 101])
def test_keys_that_stay_unprocessed_are_a_throttle(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, count: int
) -> None:
    name = ids.name()
    tables.put("inventory", asset_row(f"{name}-0"))
    faults.add("unprocessed", "BatchGetItem", times=None)
    with pytest.raises(ThrottledError) as caught:
        asset_dao.get_assets_by_ids([f"{name}-{at}" for at in range(count)])
    assert caught.value.operation == "AssetDAO.get_assets_by_ids"
    assert (caught.value.table, caught.value.key) == (tables.name("inventory"), None)
    assert [request.operation for request in requests()] == ["BatchGetItem"] * 4
    assert len(faults.waits) == 3
    assert len(set(faults.waits)) == 3
