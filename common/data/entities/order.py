"""An order of a user."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from common.data import clock
from common.data.entities.base import Entity, Number, Text, Timestamp, length

__all__ = ["Order", "OrderStatus", "OrderType"]


class OrderType(StrEnum):
    """What is done, and when."""

    MARKET_BUY = "market_buy"
    MARKET_SELL = "market_sell"
    LIMIT_BUY = "limit_buy"
    LIMIT_SELL = "limit_sell"

    @property
    def is_buy(self) -> bool:
        """Whether it takes cash and brings in the asset."""
        return self in {OrderType.MARKET_BUY, OrderType.LIMIT_BUY}


class OrderStatus(StrEnum):
    """How far the order is; the last four are final."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    QUEUED = "queued"
    TRIGGERED = "triggered"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        """Whether no other status may follow."""
        return self in {OrderStatus.COMPLETED, OrderStatus.CANCELLED, OrderStatus.FAILED, OrderStatus.EXPIRED}


class Order(Entity):
    """An order.

    Attributes:
        order_id: at most 50 characters.
        username: whose it is.
        order_type: market or limit, buy or sell.
        status: pending by default.
        asset_id: what is bought or sold.
        quantity: how much of it, above zero.
        price: per unit, not below zero.
        total_amount: the cash that it moves, not below zero; not computed from the other two.
        status_reason: why it has its status, if that was said.
        created_at, updated_at: aware datetimes in UTC, now by default.
    """

    order_id: Annotated[str, length(50)]
    username: Text
    order_type: OrderType
    status: OrderStatus = OrderStatus.PENDING
    asset_id: Text
    quantity: Annotated[Number, Field(gt=0)]
    price: Annotated[Number, Field(ge=0)]
    total_amount: Annotated[Number, Field(ge=0)]
    status_reason: Text | None = None
    created_at: Timestamp = Field(default_factory=clock.now)
    updated_at: Timestamp = Field(default_factory=clock.now)
