"""The items of orders, as boto3's Table has them."""

from decimal import Decimal

from common.data.dao._archived_boto3._rows import Item, Row, as_stored, offset_timestamp
from common.data.entities import Order, OrderStatus, OrderType
from common.data.entities.base import LENIENT

__all__ = ["is_order", "order_item", "order_key", "to_order"]


def order_key(order_id: str) -> dict[str, str]:
    """The key of an order."""
    return {"Pk": order_id, "Sk": "ORDER"}


def order_item(order: Order, status: str, now: str) -> Item:
    """The item of a new order."""
    created_at = offset_timestamp(order.created_at)
    item: Item = {
        **order_key(order.order_id),
        "order_id": order.order_id,
        "username": order.username,
        "order_type": order.order_type.value,
        "status": status,
        "asset_id": order.asset_id,
        "quantity": as_stored(order.quantity),
        "price": as_stored(order.price),
        "total_amount": as_stored(order.total_amount),
        "created_at": created_at,
        "updated_at": now,
        "GSI-PK": order.username,
        "GSI-SK": created_at,
    }
    if order.status_reason is not None:
        item["status_reason"] = order.status_reason
    return item


def is_order(item: Item) -> bool:
    """Whether an item is an order, by its key and kind."""
    return item["Sk"] == "ORDER" and "entity_type" not in item


def to_order(item: Item) -> Order:
    """Decode an order."""
    row = Row(item, ("Pk", "Sk"))
    values: Item = {
        "order_id": row.text("order_id"),
        "username": row.text("username"),
        "order_type": row.choice("order_type", OrderType),
        "status": row.choice("status", OrderStatus),
        "asset_id": row.text("asset_id"),
    }
    for name in ("quantity", "price", "total_amount"):
        values[name] = row.number(name)
        if values[name] < Decimal(0) or (name == "quantity" and not values[name]):
            raise row.corrupt(name)
    values["status_reason"] = row.optional_text("status_reason")
    values["created_at"] = row.timestamp("created_at")
    values["updated_at"] = row.timestamp("updated_at")
    return Order.model_validate(values, context=LENIENT)
