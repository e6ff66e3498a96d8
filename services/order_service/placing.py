"""How an order is placed: at once for the price of the moment, or queued for a price of its own."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Final
from uuid import UUID

from common.data import (
    AssetTransaction,
    AssetTransactionStatus,
    AssetTransactionType,
    BalanceNotFoundError,
    BalanceTransaction,
    DataError,
    DuplicateTransactionError,
    InvalidArgumentError,
    Order,
    OrderAlreadyExistsError,
    OrderClosedError,
    OrderNotFoundError,
    OrderStatus,
    OrderType,
    TransactionStatus,
    TransactionType,
)
from services.order_service.requests import OrderRequest
from services.shared.answers import Answer
from services.shared.cash import open_missing_balance
from services.shared.context import Daos
from services.shared.idempotency import id_for, key_reused
from services.shared.problems import ServiceError

__all__ = ["place"]

_TRIES: Final = 3
_DIGITS: Final = 38
_NOT_TRADED: Final = Answer(409, "asset-not-traded", "The asset is not traded now.")


def place(daos: Daos, username: str, request: OrderRequest, key: str | None) -> Order:
    """Place an order, once only for a key: asked for again it is the stored one, whatever the price is now.

    Raises:
        ServiceError: the key was used for another order, or the asset is not traded.
        DataError: as from the DAOs.
    """
    order_id = id_for(username, key)
    if key is not None:
        try:
            return _same(daos.orders.get_order(str(order_id)), request)
        except OrderNotFoundError:
            pass
    asset = daos.assets.get_asset_by_id(request.asset_id)
    if not asset.is_active:
        raise ServiceError(_NOT_TRADED)
    try:
        if request.price is None:
            return _settle(daos, username, request, order_id, asset.price_usd)
        return daos.orders.create_order(_order(username, request, order_id, request.price, OrderStatus.QUEUED))
    except (OrderAlreadyExistsError, OrderClosedError) as error:
        # The same request came twice at the same time, or the read above was too early to see the first.
        return _placed_meanwhile(daos, request, order_id, error)
    except DuplicateTransactionError:
        if key is None:
            raise
        raise key_reused() from None


def _placed_meanwhile(daos: Daos, request: OrderRequest, order_id: UUID, error: DataError) -> Order:
    for _ in range(_TRIES):
        try:
            return _same(daos.orders.get_order(str(order_id)), request)
        except OrderNotFoundError:
            continue  # the read may lag the write that the error tells of
    raise error


def _same(stored: Order, request: OrderRequest) -> Order:
    asked = (request.order_type, request.asset_id, request.quantity)
    price = stored.price if request.price is None else request.price
    if asked != (stored.order_type, stored.asset_id, stored.quantity) or price != stored.price:
        raise key_reused()
    return stored


def _order(username: str, request: OrderRequest, order_id: UUID, price: Decimal, status: OrderStatus) -> Order:
    return Order(
        order_id=str(order_id),
        username=username,
        order_type=request.order_type,
        status=status,
        asset_id=request.asset_id,
        quantity=request.quantity,
        price=price,
        total_amount=_total(request.quantity, price),
    )


def _total(quantity: Decimal, price: Decimal) -> Decimal:
    """Exact: no part of a cent is made or lost."""
    context = Context(prec=_DIGITS, traps=[Inexact, Overflow, InvalidOperation])
    try:
        return context.multiply(quantity, price)
    except (Inexact, Overflow, InvalidOperation):
        raise InvalidArgumentError("quantity times price has more than 38 digits") from None


def _settle(daos: Daos, username: str, request: OrderRequest, order_id: UUID, price: Decimal) -> Order:
    """Settle at once, at another instant if a ledger's row of this one is taken."""
    last: DataError = BalanceNotFoundError()
    for _ in range(_TRIES):
        order = _order(username, request, order_id, price, OrderStatus.COMPLETED)
        try:
            return daos.orders.settle_order(order, _payment(order), _fill(order)).order
        except BalanceNotFoundError as error:
            last = error
            open_missing_balance(daos, username)
        except DuplicateTransactionError as error:
            last = error
    raise last


def _payment(order: Order) -> BalanceTransaction:
    buys = order.order_type.is_buy
    return BalanceTransaction(
        username=order.username,
        transaction_id=UUID(order.order_id),
        transaction_type=TransactionType.ORDER_PAYMENT if buys else TransactionType.ORDER_SALE,
        amount=-order.total_amount if buys else order.total_amount,
        description="Payment of an order" if buys else "Proceeds of an order",
        status=TransactionStatus.COMPLETED,
        reference_id=order.order_id,
    )


def _fill(order: Order) -> AssetTransaction:
    buys = order.order_type is OrderType.MARKET_BUY
    return AssetTransaction(
        username=order.username,
        asset_id=order.asset_id,
        transaction_type=AssetTransactionType.BUY if buys else AssetTransactionType.SELL,
        quantity=order.quantity,
        price=order.price,
        total_amount=order.total_amount,
        order_id=order.order_id,
        status=AssetTransactionStatus.COMPLETED,
    )
