from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from common.data import Asset, AssetBalance, AssetTransaction
from common.data.entities.base import LENIENT

ASSET: dict[str, Any] = {"asset_id": "BTC", "name": "Bitcoin", "category": "major", "amount": 1, "price_usd": 2}
TRANSACTION: dict[str, Any] = {
    "username": "alice",
    "asset_id": "BTC",
    "transaction_type": "BUY",
    "quantity": 1,
    "price": 2,
    "total_amount": 2,
    "status": "PENDING",
}


def test_an_int_is_a_decimal_and_a_document_has_none_but_decimals() -> None:
    asset = Asset.model_validate(ASSET | {"sparkline_7d": {"b": [1, True, {"c": (2,)}], "a": None}})
    assert repr(asset.amount) == "Decimal('1')"
    assert repr(asset.sparkline_7d) == "{'a': None, 'b': [Decimal('1'), True, {'c': [Decimal('2')]}]}"


def test_a_document_is_no_longer_the_callers() -> None:
    document: dict[str, Any] = {"price": [Decimal(1)]}
    asset = Asset.model_validate(ASSET | {"sparkline_7d": document})
    document["price"].append(Decimal(2))
    assert asset.sparkline_7d == {"price": [Decimal(1)]}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 1.5},
        {"amount": True},
        {"amount": -1},
        {"amount": Decimal("NaN")},
        {"price_usd": Decimal("-0.01")},
        {"asset_id": "x" * 21},
        {"name": "x" * 101},
        {"category": "x" * 51},
        {"description": "x" * 501},
        {"ath": 1.5},
        {"market_cap_rank": 1.5},
        {"market_cap_rank": True},
        {"is_active": 1},
        {"sparkline_7d": {"price": [1.5]}},
        {"sparkline_7d": {"price": {"x"}}},
        {"sparkline_7d": {1: 2}},
        {"sparkline_7d": []},
        {"symbol": "half a pair \ud83d"},
        {"unknown": 1},
    ],
    ids=lambda change: "-".join(f"{name}-{type(value).__name__}" for name, value in change.items()),
)
def test_what_no_asset_can_be_is_refused_and_not_quoted(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Asset.model_validate(ASSET | change)
    assert "input_value" not in str(caught.value)


def test_a_document_that_holds_itself_is_refused() -> None:
    document: dict[str, Any] = {}
    document["self"] = document
    with pytest.raises(ValidationError):
        Asset.model_validate(ASSET | {"sparkline_7d": document})


def test_an_old_row_may_break_lengths_and_bounds() -> None:
    old = {"name": "x" * 200, "asset_id": "x" * 30, "amount": Decimal(-1)}
    assert Asset.model_validate(ASSET | old, context=LENIENT).amount == -1


@pytest.mark.parametrize("field", ["quantity", "price", "total_amount"])
@pytest.mark.parametrize("value", [1.5, True, Decimal("Infinity"), None])
def test_a_transaction_has_exact_numbers(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        AssetTransaction.model_validate(TRANSACTION | {field: value})


def test_quantities_keep_their_digits() -> None:
    holding = AssetBalance(username="alice", asset_id="BTC", quantity=Decimal("1.50"))
    assert str(holding.quantity) == "1.50"
    assert str(AssetTransaction.model_validate(TRANSACTION | {"quantity": Decimal("2.00")}).quantity) == "2.00"
