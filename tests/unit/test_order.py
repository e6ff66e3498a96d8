"""The Order entity: what it refuses, and what its enumerations know."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from common.data import Order, OrderStatus, OrderType
from common.data.entities.base import LENIENT

GIVEN: dict[str, object] = {
    "order_id": "order-1",
    "username": "alice",
    "order_type": "limit_buy",
    "asset_id": "BTC",
    "quantity": Decimal("1.50"),
    "price": 2,
    "total_amount": Decimal("3.00"),
}


def test_an_order_is_pending_by_default_and_keeps_its_digits() -> None:
    order = Order.model_validate(GIVEN)
    assert (order.status, order.order_type, order.status_reason) == (OrderStatus.PENDING, OrderType.LIMIT_BUY, None)
    assert [str(number) for number in (order.quantity, order.price, order.total_amount)] == ["1.50", "2", "3.00"]
    assert order.created_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_id", "x" * 51),
        ("order_id", "half a pair \ud83d"),
        ("order_type", "swap"),
        ("status", "done"),
        ("quantity", 1.5),
        ("quantity", True),
        ("quantity", 0),
        ("quantity", Decimal("NaN")),
        ("price", Decimal("-0.01")),
        ("total_amount", Decimal("Infinity")),
        ("created_at", 0),
        ("colour", "red"),
    ],
)
def test_what_no_order_can_have_is_refused_and_not_printed(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(GIVEN | {field: value})
    assert "input_value" not in str(caught.value)


def test_an_old_order_may_have_a_longer_id_but_no_other_quantity() -> None:
    assert Order.model_validate(GIVEN | {"order_id": "x" * 72}, context=LENIENT).order_id == "x" * 72
    with pytest.raises(ValidationError):
        Order.model_validate(GIVEN | {"quantity": 0}, context=LENIENT)


def test_a_naive_time_is_utc() -> None:
    order = Order.model_validate(GIVEN | {"created_at": datetime(2024, 1, 2)})  # noqa: DTZ001 - what is tested
    assert order.created_at == datetime(2024, 1, 2, tzinfo=UTC)


def test_types_know_their_side_and_statuses_whether_they_are_final() -> None:
    assert {kind for kind in OrderType if kind.is_buy} == {OrderType.MARKET_BUY, OrderType.LIMIT_BUY}
    assert [status for status in OrderStatus if status.is_final] == ["completed", "cancelled", "failed", "expired"]
