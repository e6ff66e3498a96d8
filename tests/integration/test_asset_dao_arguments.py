"""AssetDAO: arguments that no row can have are refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from common.data import Asset, InvalidArgumentError
from common.data.dao.protocols import AssetDAOProtocol
from parity.clock import Ids

from .asset_rows import FIGURES, TEXTS, entity
from .user_rows import Requests

SURROGATE = "half a pair \ud83d"
BAD_IDS: list[Any] = [None, "", 5, b"BTC", True, "PRICE#BTC", SURROGATE, "é" * 1025]
WRITES: dict[str, Callable[[AssetDAOProtocol, Any], object]] = {
    "create_asset": lambda dao, asset: dao.create_asset(asset),
    "update_asset": lambda dao, asset: dao.update_asset(asset),
}
each_write = pytest.mark.parametrize("method", WRITES)


def changed(**values: object) -> Asset:
    """An asset with fields replaced past all validation."""
    return entity("BTC").model_copy(update=values)


def refused(call: Callable[[], object], method: str, requests: Requests) -> None:
    """Assert that a call is refused as a bad argument before any request."""
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    error = caught.value
    assert requests() == []
    assert (error.table, error.key, error.code, error.request_id) == (None, None, None, None)
    assert error.operation == f"AssetDAO.{method}"


def test_a_bad_id_is_refused_before_any_request(asset_dao: AssetDAOProtocol, requests: Requests) -> None:
    for asset_id in BAD_IDS:
        refused(partial(asset_dao.get_asset_by_id, asset_id), "get_asset_by_id", requests)
        refused(partial(asset_dao.get_assets_by_ids, ["BTC", asset_id]), "get_assets_by_ids", requests)
        for method, write in WRITES.items():
            refused(partial(write, asset_dao, changed(asset_id=asset_id)), method, requests)


def test_a_refused_read_leaves_the_dao_usable(asset_dao: AssetDAOProtocol, ids: Ids, requests: Requests) -> None:
    asset_id = ids.name()[:20]
    refused(partial(asset_dao.get_asset_by_id, f"{asset_id}#"), "get_asset_by_id", requests)
    refused(partial(asset_dao.get_assets_by_ids, [f"{asset_id}#"]), "get_assets_by_ids", requests)
    created = asset_dao.create_asset(entity(asset_id))
    assert asset_dao.get_assets_by_ids([asset_id]) == {asset_id: created}


def test_what_is_no_ids_is_refused_before_any_request(asset_dao: AssetDAOProtocol, requests: Requests) -> None:
    bad: list[Any] = [None, "BTC", b"BTC", 5, object()]
    for asset_ids in bad:
        refused(partial(asset_dao.get_assets_by_ids, asset_ids), "get_assets_by_ids", requests)


@pytest.mark.parametrize("bad", [[None, "x", "", b"x", []], [5, 0, 1, 1.0]], ids=["no number", "a number"])
def test_what_only_counts_as_true_or_false_is_refused_before_any_request(
    asset_dao: AssetDAOProtocol, requests: Requests, bad: list[Any]
) -> None:
    for active_only in bad:
        refused(partial(asset_dao.get_all_assets, active_only), "get_all_assets", requests)


@each_write
def test_what_is_no_asset_is_refused_before_any_request(
    asset_dao: AssetDAOProtocol, requests: Requests, method: str
) -> None:
    for given in (None, "BTC", {"asset_id": "BTC"}, 5, Asset, Asset.model_construct(asset_id="BTC")):
        refused(partial(WRITES[method], asset_dao, given), method, requests)


NUMBERS: list[Any] = [1.5, True, "1.5", *map(Decimal, ["NaN", "sNaN", "Infinity", "1" * 39, "1E+126", "1E-131"])]


@each_write
def test_a_bad_number_is_refused_before_any_request(
    asset_dao: AssetDAOProtocol, requests: Requests, method: str
) -> None:
    for name in ("amount", "price_usd", *FIGURES):
        for number in NUMBERS:
            refused(partial(WRITES[method], asset_dao, changed(**{name: number})), method, requests)
    for name in ("amount", "price_usd"):
        for number in (None, Decimal(-1), Decimal("-1E-130")):
            refused(partial(WRITES[method], asset_dao, changed(**{name: number})), method, requests)
    for rank in (1.5, True, "1", Decimal(1), 10**126, int("1" * 39)):
        refused(partial(WRITES[method], asset_dao, changed(market_cap_rank=rank)), method, requests)


@each_write
def test_a_bad_document_is_refused_before_any_request(
    asset_dao: AssetDAOProtocol, requests: Requests, method: str
) -> None:
    deep: Any = {}
    for _ in range(31):
        deep = {"a": deep}
    parts = [1.5, {1: "a"}, b"x", {"x"}, object(), Decimal("NaN"), Decimal("1" * 39), SURROGATE, {SURROGATE: 1}]
    documents = [{"p": part} for part in parts] + [{"p": [[part]]} for part in parts] + ["{}", [], 5, deep]
    for document in documents:
        refused(partial(WRITES[method], asset_dao, changed(sparkline_7d=document)), method, requests)


@each_write
def test_an_asset_built_past_its_validation_is_refused_before_any_request(
    asset_dao: AssetDAOProtocol, requests: Requests, method: str
) -> None:
    bad: list[tuple[str, object]] = [
        ("name", None),
        ("name", 5),
        ("category", None),
        ("is_active", None),
        ("is_active", 1),
        ("created_at", "2023-02-03T04:05:06"),
        *((name, value) for name in ("name", "category", *TEXTS) for value in (5, SURROGATE)),
    ]
    for name, value in bad:
        refused(partial(WRITES[method], asset_dao, changed(**{name: value})), method, requests)


def test_creating_is_strict_about_lengths(asset_dao: AssetDAOProtocol, requests: Requests) -> None:
    for name, length in (("asset_id", 21), ("name", 101), ("category", 51), ("description", 501)):
        given = changed(**{name: "x" * length})
        refused(partial(asset_dao.create_asset, given), "create_asset", requests)


def test_the_longest_texts_can_be_created(asset_dao: AssetDAOProtocol, ids: Ids) -> None:
    asset_id = f"{ids.name()[-12:]}{'é' * 8}"
    given = entity(asset_id, name="𠮷" * 100, category="c" * 50, description="d" * 500, symbol="", image="x" * 5000)
    created = asset_dao.create_asset(given)
    assert (created.name, created.description, created.symbol) == (given.name, given.description, "")
    assert asset_dao.get_asset_by_id(asset_id) == created


def test_the_deepest_document_can_be_created(asset_dao: AssetDAOProtocol, ids: Ids) -> None:
    document: Any = Decimal(1)
    for _ in range(31):
        document = {"a": document}
    created = asset_dao.create_asset(entity(ids.name()[:20], sparkline_7d=document))
    assert asset_dao.get_asset_by_id(created.asset_id).sparkline_7d == document
