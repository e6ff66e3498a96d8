"""Placing, listing and cancelling orders."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from common.data import Order, OrderNotFoundError, OrderStatus, OrderType
from services.order_service.placing import place
from services.order_service.requests import OrderRequest
from services.shared.context import Daos, Here
from services.shared.idempotency import IdempotencyKey
from services.shared.problems import responses
from services.shared.tokens import Caller
from services.shared.values import Limit, Number, View

__all__ = ["router"]

router = APIRouter(tags=["orders"])

_OrderId = Annotated[str, Path(min_length=1, max_length=64, examples=["1c5b6e0e-6a0e-5d43-a8a5-3a3ac6f0d5b1"])]


class OrderView(View):
    """An order."""

    order_id: str
    order_type: OrderType
    status: OrderStatus
    status_reason: str | None
    asset_id: str
    quantity: Number
    price: Number
    total_amount: Number
    created_at: datetime
    updated_at: datetime


class OrderList(View):
    """Some of the user's orders, newest first."""

    items: list[OrderView]


@router.post("/orders", status_code=201, responses=responses(400, 401, 404, 409, 413, 422, 429, 503))
def place_order(
    here: Here, username: Caller, request: OrderRequest, response: Response, key: IdempotencyKey = None
) -> OrderView:
    """Buy or sell at once for the present price, or queue an order with a price of its own."""
    order = place(here.daos, username, request, key)
    response.headers["Location"] = f"/orders/{order.order_id}"
    return OrderView.model_validate(order)


@router.get("/orders", responses=responses(401, 422, 429, 503))
def orders(
    here: Here, username: Caller, limit: Limit = 50, offset: Annotated[int, Query(ge=0, le=10_000)] = 0
) -> OrderList:
    """The user's orders; a new one may take a moment to show."""
    found = here.daos.orders.get_orders_by_user(username, limit, offset)
    return OrderList(items=[OrderView.model_validate(order) for order in found])


@router.get("/orders/{order_id}", responses=responses(401, 404, 422, 429, 503))
def order(here: Here, username: Caller, order_id: _OrderId) -> OrderView:
    """One order."""
    return OrderView.model_validate(_own(here.daos, username, order_id))


@router.post("/orders/{order_id}/cancel", responses=responses(401, 404, 409, 422, 429, 503))
def cancel(here: Here, username: Caller, order_id: _OrderId) -> OrderView:
    """Cancel an order that is not final; one that is cancelled stays so."""
    _own(here.daos, username, order_id)
    cancelled = here.daos.orders.update_order_status(order_id, OrderStatus.CANCELLED, "cancelled by the user")
    return OrderView.model_validate(cancelled)


def _own(daos: Daos, username: str, order_id: str) -> Order:
    """The user's order; that of another user is not found, so that nobody learns of it."""
    found = daos.orders.get_order(order_id)
    if found.username != username:
        raise OrderNotFoundError
    return found
