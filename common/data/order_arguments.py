"""Checks of the arguments of orders, made before any request; no message quotes a value."""

from common.data import arguments
from common.data.entities import (
    AssetTransaction,
    AssetTransactionStatus,
    AssetTransactionType,
    BalanceTransaction,
    Order,
    OrderStatus,
    TransactionStatus,
    TransactionType,
)
from common.data.errors import InvalidArgumentError

__all__ = ["check_order", "check_order_id", "check_order_status", "check_settlement"]


def check_order_id(value: object) -> str:
    """Text that can be the key of an order."""
    return arguments.check_key("order_id", value, hash_sign=True)


def check_order_status(value: object) -> OrderStatus:
    """A status of orders, or its text."""
    text = arguments.check_text("new_status", value)
    try:
        return OrderStatus(text)
    except ValueError:
        raise InvalidArgumentError("new_status must be a status of orders") from None


def check_order(value: object, *, lenient: bool = False) -> Order:
    """An order that can be stored.

    Args:
        value: the argument.
        lenient: waive lengths, which the order that is stored may break.
    """
    order = arguments.check_entity("order", value, Order, lenient=lenient)
    check_order_id(order.order_id)
    arguments.check_holding(order.username, order.asset_id)
    arguments.check_holding_ledger(order.username, order.asset_id)
    arguments.check_numbers(order)
    return order


def check_settlement(
    order: object, payment: object, fill: object
) -> tuple[Order, BalanceTransaction, AssetTransaction]:
    """An order with a payment and a fill that settle it: the three agree."""
    checked = check_order(order, lenient=True)
    cash = arguments.check_entity("payment", payment, BalanceTransaction)
    goods = arguments.check_entity("fill", fill, AssetTransaction)
    _agree("payment", vars(cash), _payment_of(checked))
    _agree("fill", vars(goods), _fill_of(checked))
    return checked, cash, goods


def _agree(name: str, given: dict[str, object], wanted: dict[str, object]) -> None:
    wrong = [field for field, value in wanted.items() if given[field] != value]
    if wrong:
        raise InvalidArgumentError(f"{name} does not settle the order: {', '.join(wrong)}")


def _payment_of(order: Order) -> dict[str, object]:
    if not order.total_amount:
        raise InvalidArgumentError("an order of no amount moves no cash: it cannot be settled")
    total = order.total_amount
    return {
        "username": order.username,
        "reference_id": order.order_id,
        "transaction_type": TransactionType.ORDER_PAYMENT if order.order_type.is_buy else TransactionType.ORDER_SALE,
        # Not -total: a context of 28 digits would round it.
        "amount": total.copy_negate() if order.order_type.is_buy else total,
        "status": TransactionStatus.COMPLETED,
    }


def _fill_of(order: Order) -> dict[str, object]:
    return {
        "username": order.username,
        "asset_id": order.asset_id,
        "order_id": order.order_id,
        "transaction_type": AssetTransactionType.BUY if order.order_type.is_buy else AssetTransactionType.SELL,
        "quantity": order.quantity,
        "price": order.price,
        "total_amount": order.total_amount,
        "status": AssetTransactionStatus.COMPLETED,
    }
