"""AssetBalanceDAO: arguments that no row can have are refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from common.data import InvalidArgumentError
from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.clock import Ids

from .user_rows import Requests

BAD_NAMES: dict[str, Any] = {
    "none": None,
    "empty": "",
    "number": 5,
    "bytes": b"alice",
    "hash-sign": "a#b",
    "no-utf-8": "half a pair \ud83d",
    "over-long": "é" * 1025,
}
BY_NAME: dict[str, Callable[[AssetBalanceDAOProtocol, Any], object]] = {
    "upsert_asset_balance": lambda dao, name: dao.upsert_asset_balance(name, "BTC", Decimal(1)),
    "get_asset_balance": lambda dao, name: dao.get_asset_balance(name, "BTC"),
    "get_all_asset_balances": lambda dao, name: dao.get_all_asset_balances(name),
    "delete_asset_balance": lambda dao, name: dao.delete_asset_balance(name, "BTC"),
}
BY_ASSET: dict[str, Callable[[AssetBalanceDAOProtocol, Any], object]] = {
    "upsert_asset_balance": lambda dao, asset: dao.upsert_asset_balance("alice", asset, Decimal(1)),
    "get_asset_balance": lambda dao, asset: dao.get_asset_balance("alice", asset),
    "delete_asset_balance": lambda dao, asset: dao.delete_asset_balance("alice", asset),
}


def refused(call: Callable[[], object], method: str, requests: Requests) -> None:
    """Assert that a call is refused as a bad argument before any request."""
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    error = caught.value
    assert isinstance(error, ValueError)
    assert requests() == []
    assert (error.table, error.key, error.code, error.request_id) == (None, None, None, None)
    assert error.operation == f"AssetBalanceDAO.{method}"


@pytest.mark.parametrize("method", BY_NAME)
def test_a_bad_username_is_refused_before_any_request(
    asset_balance_dao: AssetBalanceDAOProtocol, requests: Requests, method: str
) -> None:
    for name in BAD_NAMES.values():
        refused(partial(BY_NAME[method], asset_balance_dao, name), method, requests)


@pytest.mark.parametrize("method", BY_ASSET)
def test_a_bad_asset_id_is_refused_before_any_request(
    asset_balance_dao: AssetBalanceDAOProtocol, requests: Requests, method: str
) -> None:
    for asset_id in [*BAD_NAMES.values(), "x" * 1019]:
        refused(partial(BY_ASSET[method], asset_balance_dao, asset_id), method, requests)


BAD_QUANTITIES: list[Any] = [
    None,
    1.5,
    True,
    "1.5",
    *map(Decimal, ["NaN", "sNaN", "Infinity", "-Infinity", "1" * 39, "1E+126", "1E-131", "1." + "0" * 37 + "1"]),
    *map(Decimal, ["0E-131", "-0E-400", "0E-999999", "1." + "0" * 168]),
    10**38 + 1,
]


def test_a_bad_quantity_is_refused_before_any_request(
    asset_balance_dao: AssetBalanceDAOProtocol, requests: Requests
) -> None:
    method = "upsert_asset_balance"
    for quantity in BAD_QUANTITIES:
        refused(partial(asset_balance_dao.upsert_asset_balance, "alice", "BTC", quantity), method, requests)


def test_the_longest_keys_are_fine(asset_balance_dao: AssetBalanceDAOProtocol, ids: Ids) -> None:
    name = (ids.name() + "x" * 2048)[:2048]
    made = asset_balance_dao.upsert_asset_balance(name, "é" * 509, Decimal("9.99E+125"))
    assert asset_balance_dao.get_asset_balance(name, "é" * 509) == made
    assert asset_balance_dao.get_all_asset_balances(name) == [made]
    assert asset_balance_dao.delete_asset_balance(name, "é" * 509) is True


def test_a_refused_call_leaves_the_dao_usable(
    asset_balance_dao: AssetBalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    for method, call in BY_NAME.items():
        refused(partial(call, asset_balance_dao, f"{name}#1"), method, requests)
    assert asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1)).quantity == 1
