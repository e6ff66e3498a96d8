"""AssetTransactionDAO: arguments that no row can have are refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from common.data import AssetTransaction, InvalidArgumentError
from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.clock import Ids

from .asset_transaction_rows import AT, entity
from .user_rows import Requests

Call = Callable[[AssetTransactionDAOProtocol, Any], object]

BAD_NAMES: list[Any] = [None, "", 5, b"alice", True, "a#b", "half a pair \ud83d", "é" * 1025]
BY_NAME: dict[str, Call] = {
    "create_asset_transaction": lambda dao, name: dao.create_asset_transaction(changed(username=name)),
    "get_asset_transaction": lambda dao, name: dao.get_asset_transaction(name, "BTC", AT),
    "get_user_asset_transactions": lambda dao, name: dao.get_user_asset_transactions(name, "BTC"),
    "get_user_transactions": lambda dao, name: dao.get_user_transactions(name),
    "delete_asset_transaction": lambda dao, name: dao.delete_asset_transaction(name, "BTC", AT),
}
BY_ASSET: dict[str, Call] = {
    "create_asset_transaction": lambda dao, asset: dao.create_asset_transaction(changed(asset_id=asset)),
    "get_asset_transaction": lambda dao, asset: dao.get_asset_transaction("alice", asset, datetime.now(UTC)),
    "get_user_asset_transactions": lambda dao, asset: dao.get_user_asset_transactions("alice", asset),
    "delete_asset_transaction": lambda dao, asset: dao.delete_asset_transaction("alice", asset, datetime.now(UTC)),
}
BY_TIMESTAMP: dict[str, Call] = {
    "get_asset_transaction": lambda dao, when: dao.get_asset_transaction("alice", "BTC", when),
    "delete_asset_transaction": lambda dao, when: dao.delete_asset_transaction("alice", "BTC", when),
}
BY_LIMIT: dict[str, Call] = {
    "get_user_asset_transactions": lambda dao, limit: dao.get_user_asset_transactions("alice", "BTC", limit),
    "get_user_transactions": lambda dao, limit: dao.get_user_transactions("alice", limit),
}


def changed(**values: object) -> AssetTransaction:
    """A transaction with fields replaced past all validation."""
    return entity("alice").model_copy(update=values)


def refused(call: Callable[[], object], method: str, requests: Requests) -> None:
    """Assert that a call is refused as a bad argument before any request."""
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    error = caught.value
    assert requests() == []
    assert (error.table, error.key, error.code, error.request_id) == (None, None, None, None)
    assert error.operation == f"AssetTransactionDAO.{method}"


@pytest.mark.parametrize("method", BY_NAME)
def test_a_bad_username_is_refused_before_any_request(
    asset_transaction_dao: AssetTransactionDAOProtocol, requests: Requests, method: str
) -> None:
    for name in BAD_NAMES:
        refused(partial(BY_NAME[method], asset_transaction_dao, name), method, requests)


@pytest.mark.parametrize("method", BY_ASSET)
def test_a_bad_asset_id_is_refused_before_any_request(
    asset_transaction_dao: AssetTransactionDAOProtocol, requests: Requests, method: str
) -> None:
    for asset_id in [*BAD_NAMES, "x" * (2048 - len("TRANS##alice") + 1)]:
        refused(partial(BY_ASSET[method], asset_transaction_dao, asset_id), method, requests)


@pytest.mark.parametrize("method", BY_TIMESTAMP)
def test_a_bad_timestamp_is_refused_before_any_request(
    asset_transaction_dao: AssetTransactionDAOProtocol, requests: Requests, method: str
) -> None:
    beyond = [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ]
    bad = [None, "", 5, 1.5, b"2023", True, date(2023, 2, 3), "x" * 1025, "half a pair \ud83d", *beyond]
    for when in bad:
        refused(partial(BY_TIMESTAMP[method], asset_transaction_dao, when), method, requests)


@pytest.mark.parametrize("method", BY_LIMIT)
def test_a_bad_limit_is_refused_before_any_request(
    asset_transaction_dao: AssetTransactionDAOProtocol, requests: Requests, method: str
) -> None:
    for limit in (0, -1, 1001, True, 1.0, "1", Decimal(1)):
        refused(partial(BY_LIMIT[method], asset_transaction_dao, limit), method, requests)


NUMBERS: list[Any] = [
    None,
    1.5,
    True,
    "1.5",
    *map(Decimal, ["NaN", "sNaN", "-Infinity", "1" * 39, "1E+126", "1E-131"]),
]


@pytest.mark.parametrize("field", ["quantity", "price", "total_amount"])
def test_a_bad_number_is_refused_before_any_request(
    asset_transaction_dao: AssetTransactionDAOProtocol, requests: Requests, field: str
) -> None:
    for number in NUMBERS:
        bad = changed(**{field: number})
        refused(partial(asset_transaction_dao.create_asset_transaction, bad), "create_asset_transaction", requests)


def test_a_transaction_built_past_its_validation_is_refused_before_any_request(
    asset_transaction_dao: AssetTransactionDAOProtocol, requests: Requests
) -> None:
    bad: list[Any] = [
        changed(transaction_type="BUY"),
        changed(status=None),
        changed(order_id=5),
        changed(order_id="half a pair \ud83d"),
        changed(created_at=AT),
        changed(created_at=None),
        AssetTransaction.model_construct(username="alice"),
        None,
        "alice",
        {"username": "alice"},
    ]
    for given in bad:
        refused(partial(asset_transaction_dao.create_asset_transaction, given), "create_asset_transaction", requests)


def test_an_int_past_validation_is_as_good_as_a_decimal(
    asset_transaction_dao: AssetTransactionDAOProtocol, ids: Ids
) -> None:
    given = entity(ids.name()).model_copy(update={"quantity": 7})
    assert asset_transaction_dao.create_asset_transaction(given).quantity == Decimal(7)


def test_the_longest_key_is_fine(asset_transaction_dao: AssetTransactionDAOProtocol, ids: Ids) -> None:
    name = ids.name()
    asset_id = "x" * (2048 - len(f"TRANS##{name}"))
    created = asset_transaction_dao.create_asset_transaction(entity(name, asset_id=asset_id))
    assert asset_transaction_dao.get_asset_transaction(name, asset_id, created.created_at) == created
    assert asset_transaction_dao.get_user_transactions(name) == [created]
    assert asset_transaction_dao.delete_asset_transaction(name, asset_id, AT) is True
