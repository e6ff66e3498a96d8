"""OrderDAO: arguments that no row can have are refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from common.data import InvalidArgumentError, OrderType, TransactionStatus, TransactionType
from common.data.dao.protocols import OrderDAOProtocol
from common.data.entities import AssetTransactionStatus, AssetTransactionType
from parity.clock import Ids

from .order_rows import Requests, entity, trade

SURROGATE = "half a pair \ud83d"


def refused(call: Callable[[], object], method: str, requests: Requests) -> None:
    """Assert that a call is refused as a bad argument before any request."""
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    error = caught.value
    assert isinstance(error, ValueError)
    assert requests() == []
    assert (error.table, error.key, error.code, error.request_id) == (None, None, None, None)
    assert error.operation == f"OrderDAO.{method}"


BAD_KEYS: list[Any] = [None, "", 5, b"order", True, ["order"], SURROGATE, "x" * 2049, "é" * 1025]
BY_ORDER_ID: dict[str, Callable[[OrderDAOProtocol, Any], object]] = {
    "get_order": lambda dao, order_id: dao.get_order(order_id),
    "order_exists": lambda dao, order_id: dao.order_exists(order_id),
    "update_order_status": lambda dao, order_id: dao.update_order_status(order_id, "queued"),
    "create_order": lambda dao, order_id: dao.create_order(
        entity("o", "alice").model_copy(update={"order_id": order_id})
    ),
}


def test_a_bad_order_id_is_refused(order_dao: OrderDAOProtocol, requests: Requests) -> None:
    for method, call in BY_ORDER_ID.items():
        for order_id in BAD_KEYS:
            refused(partial(call, order_dao, order_id), method, requests)


def test_a_bad_list_is_refused(order_dao: OrderDAOProtocol, requests: Requests) -> None:
    lists: list[tuple[Any, Any, Any]] = [(key, 50, 0) for key in [*BAD_KEYS, "alice#1"]]
    lists += [("alice", limit, 0) for limit in (0, -1, 1001, None, "5", 5.0, True)]
    lists += [("alice", 50, offset) for offset in (-1, None, "5", 0.0, False)]
    for arguments in lists:
        refused(partial(order_dao.get_orders_by_user, *arguments), "get_orders_by_user", requests)


def test_a_bad_status_or_reason_is_refused(order_dao: OrderDAOProtocol, requests: Requests) -> None:
    changes: list[tuple[Any, Any]] = [
        (status, None) for status in (None, "", "done", "Pending", 1, b"queued", SURROGATE)
    ]
    changes += [("queued", reason) for reason in (5, b"why", ["why"], SURROGATE)]
    for change in changes:
        refused(partial(order_dao.update_order_status, "order", *change), "update_order_status", requests)


PAST_VALIDATION: dict[str, list[Any]] = {
    "username": [*BAD_KEYS, "alice#1"],
    "asset_id": [*BAD_KEYS, "BTC#1", "x" * 1019],
    "order_type": [None, "limit_buy", "swap", 5],
    "status": [None, "pending", "done"],
    "quantity": [None, "1.5", 1.5, True, Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN")],
    "price": [None, "2", 2.0, Decimal("-0.01"), Decimal("-Infinity"), Decimal("1E+126"), Decimal("1E-131")],
    "total_amount": [None, 3.0, False, Decimal("0." + "1" * 39), Decimal("1" * 39), Decimal("NaN")],
    "status_reason": [5, b"why", SURROGATE],
    "created_at": [None, "2023-02-03T04:05:06", 0],
}


def test_an_order_built_past_its_validation_is_refused(
    order_dao: OrderDAOProtocol, ids: Ids, requests: Requests
) -> None:
    one = trade(ids)
    for field, values in PAST_VALIDATION.items():
        for value in values:
            order = entity("order", "alice").model_copy(update={field: value})
            refused(partial(order_dao.create_order, order), "create_order", requests)
            refused(partial(one.ordered(**{field: value}).settle, order_dao), "settle_order", requests)


def test_what_is_no_order_and_an_over_long_id_are_refused(
    order_dao: OrderDAOProtocol, ids: Ids, requests: Requests
) -> None:
    one = trade(ids)
    things: list[Any] = [None, "order", {"order_id": "order"}, 5, type(one.order), type(one.order).model_construct()]
    for thing in [*things, one.order.model_copy(update={"order_id": "x" * 51})]:
        refused(partial(order_dao.create_order, thing), "create_order", requests)
    for thing in things:
        for given in ((thing, one.payment, one.fill), (one.order, thing, one.fill), (one.order, one.payment, thing)):
            refused(partial(order_dao.settle_order, *given), "settle_order", requests)


OF_THE_PAYMENT: dict[str, list[Any]] = {
    "username": ["somebody-else", "USER", None],
    "reference_id": ["another order", None, ""],
    "transaction_type": [kind for kind in TransactionType if kind is not TransactionType.ORDER_PAYMENT],
    "amount": [Decimal(3), Decimal("-3.01"), Decimal(0), Decimal("NaN"), -3.0, "-3", None],
    "status": [status for status in TransactionStatus if status is not TransactionStatus.COMPLETED],
    "transaction_id": [None, "no uuid", 5, str(UUID(int=1))],
    "description": [None, SURROGATE],
    "created_at": [None, "2023-02-03T04:05:06"],
}
OF_THE_FILL: dict[str, list[Any]] = {
    "username": ["somebody-else", None],
    "asset_id": ["ETH", "btc", None, "BTC#1"],
    "order_id": ["another order", None],
    "transaction_type": [AssetTransactionType.SELL, "BUY", None],
    "quantity": [Decimal("1.51"), Decimal("-1.5"), Decimal("NaN"), 1.5, None],
    "price": [Decimal("2.00000000000000000000000000000001"), None],
    "total_amount": [Decimal(-3), Decimal("3.01"), None],
    "status": [AssetTransactionStatus.PENDING, AssetTransactionStatus.FAILED, "COMPLETED", None],
    "created_at": [None, 0],
}


def test_a_payment_or_fill_that_does_not_settle_the_order_is_refused(
    order_dao: OrderDAOProtocol, ids: Ids, requests: Requests
) -> None:
    one = trade(ids)
    wrong = [one.paid(**{field: value}) for field, values in OF_THE_PAYMENT.items() for value in values]
    wrong += [one.filled(**{field: value}) for field, values in OF_THE_FILL.items() for value in values]
    for each in wrong:
        refused(partial(each.settle, order_dao), "settle_order", requests)


def test_a_sale_is_settled_by_a_sale_and_cash_that_comes_in(
    order_dao: OrderDAOProtocol, ids: Ids, requests: Requests
) -> None:
    sold = trade(ids, "market_sell")
    wrong = [
        sold.paid(amount=Decimal(-3)),
        sold.paid(transaction_type=TransactionType.ORDER_PAYMENT),
        sold.filled(transaction_type=AssetTransactionType.BUY),
        sold.ordered(order_type=OrderType.LIMIT_BUY),
        sold.ordered(total_amount=Decimal(0)).paid(amount=Decimal(0)).filled(total_amount=Decimal(0)),
    ]
    for one in wrong:
        refused(partial(one.settle, order_dao), "settle_order", requests)


def test_an_int_and_a_naive_time_are_fine_and_equal_numbers_agree(order_dao: OrderDAOProtocol, ids: Ids) -> None:
    naive = datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001 - what is tested
    order = entity(ids.name("order"), ids.name(), quantity=2, price=5, total_amount=10, created_at=naive)
    assert order_dao.create_order(order).created_at == naive.replace(tzinfo=UTC)
    built = order.model_copy(update={"order_id": ids.name("order"), "price": 7})
    assert order_dao.create_order(built).price == Decimal(7)
