"""The row of an order in the orders table."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from common.data.entities import Order, OrderStatus, OrderType
from common.data.entities.base import LENIENT
from common.data.models.attributes import (
    AnyAttribute,
    DecimalAttribute,
    EnumAttribute,
    OffsetTimestampAttribute,
    TextAttribute,
)
from common.data.models.base import DataModel, WireItem, kind_of
from common.data.settings import TableName

__all__ = ["OrderModel", "UserOrdersIndex"]

_RANGE_KEY: Final = "ORDER"


class UserOrdersIndex(GlobalSecondaryIndex["OrderModel"]):  # type: ignore[no-untyped-call]  # PynamoDB leaves it untyped
    """Rows by username and time: orders, and whatever else carries both."""

    class Meta:
        """What PynamoDB wants to know of an index."""

        index_name = "UserOrdersIndex"
        projection = AllProjection()

    hash_key = TextAttribute(attr_name="GSI-PK", hash_key=True)
    range_key = TextAttribute(attr_name="GSI-SK", range_key=True)


class OrderModel(DataModel):
    """An order: hash key the order id, range key the kind."""

    logical_table: ClassVar[TableName] = "orders"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    order_id = TextAttribute(attr_name="order_id")
    username = TextAttribute(attr_name="username")
    order_type = EnumAttribute(OrderType, attr_name="order_type")
    status = EnumAttribute(OrderStatus, attr_name="status")
    asset_id = TextAttribute(attr_name="asset_id")
    quantity = DecimalAttribute(attr_name="quantity")
    price = DecimalAttribute(attr_name="price")
    total_amount = DecimalAttribute(attr_name="total_amount")
    status_reason = TextAttribute(attr_name="status_reason", null=True)
    created_at = OffsetTimestampAttribute(attr_name="created_at")
    updated_at = OffsetTimestampAttribute(attr_name="updated_at")
    entity_type = AnyAttribute(attr_name="entity_type")
    index_hash_key = TextAttribute(attr_name="GSI-PK")
    index_range_key = TextAttribute(attr_name="GSI-SK")

    by_user = UserOrdersIndex()

    kind = kind_of(entity_type, (range_key, re.compile(_RANGE_KEY)))

    @classmethod
    def key_of(cls, order_id: str) -> tuple[str, str]:
        """Hash and range key of an order."""
        return order_id, _RANGE_KEY

    @classmethod
    def key_names(cls, order_id: str) -> dict[str, str]:
        """The key of an order as errors carry it."""
        return dict(zip((cls.hash_key.attr_name, cls.range_key.attr_name), cls.key_of(order_id), strict=True))

    @classmethod
    def kind_attributes(cls) -> Sequence[str]:
        """The names of what tells whether a row is an order, and no more."""
        return [attribute.attr_name for attribute in (cls.hash_key, cls.range_key, cls.entity_type)]

    @classmethod
    def of(cls, order: Order, *, status: OrderStatus, now: datetime) -> Self:
        """The row of a new order, stored at `now` with this status."""
        hash_key, range_key = cls.key_of(order.order_id)
        row = cls(
            hash_key,
            range_key,
            order_id=order.order_id,
            username=order.username,
            order_type=order.order_type,
            status=status,
            asset_id=order.asset_id,
            quantity=order.quantity,
            price=order.price,
            total_amount=order.total_amount,
            created_at=order.created_at,
            updated_at=now,
            index_hash_key=order.username,
            index_range_key=cls.created_at.serialize(order.created_at),
        )
        if order.status_reason is not None:  # the one attribute that is left out instead of stored as NULL
            row.status_reason = order.status_reason
        return row

    @property
    def is_order(self) -> bool:
        """Whether key and kind are those of an order; other rows in this table are on the index too."""
        return self.kind.includes(self.stored)

    @classmethod
    def orders(cls, items: Sequence[WireItem]) -> Iterable[Order]:
        """The orders of stored rows; see `entities` and `to_order`."""
        return cls.entities(items, Order, cls.to_order)

    @classmethod
    def may_become(cls, status: OrderStatus) -> Condition:
        """The condition that an order is there, and is open or has this status already."""
        open_states = [state for state in OrderStatus if not state.is_final or state is status]
        condition: Condition = cls.entity_type.does_not_exist()
        condition &= cls.status.is_in(*open_states)
        return condition

    @classmethod
    def setting(cls, status: OrderStatus, *, now: datetime, reason: str | None = None) -> list[Action]:
        """The actions that set the status."""
        actions: list[Action] = [cls.status.set(status), cls.updated_at.set(now)]
        return actions if reason is None else [*actions, cls.status_reason.set(reason)]

    @property
    def is_completed(self) -> bool:
        """Whether the order is completed."""
        return self.status is OrderStatus.COMPLETED

    @property
    def is_closed(self) -> bool:
        """Whether the order is in a final state."""
        return self.required(OrderModel.status).is_final

    def is_same(self, order: Order) -> bool:
        """Whether this is that order, whatever their states.

        Raises:
            CorruptItemError: the row cannot be decoded.
        """
        mine = self.to_order()
        names = ("order_id", "username", "order_type", "asset_id", "quantity", "price", "total_amount")
        return all(getattr(mine, name) == getattr(order, name) for name in names)

    def unchanged(self) -> Condition:
        """The condition that the order is as it was read, but for attributes that no entity knows."""
        cls = OrderModel
        condition: Condition = cls.entity_type.does_not_exist()
        for attribute in (
            cls.username,
            cls.order_type,
            cls.status,
            cls.asset_id,
            cls.quantity,
            cls.price,
            cls.total_amount,
            cls.updated_at,
        ):
            condition &= attribute == self.stored[attribute.attr_name]
        return condition

    def to_order(self) -> Order:
        """The order; lengths that old rows break are let pass.

        Raises:
            CorruptItemError: an attribute is missing, of another type, unreadable, or an amount that none can be.
        """
        if (sound := self.soundly(Order)) is not None:
            return sound
        cls = OrderModel
        fields: dict[str, Any] = {
            "order_id": self.required(cls.order_id),
            "username": self.required(cls.username),
            "order_type": self.required(cls.order_type),
            "status": self.required(cls.status),
            "asset_id": self.required(cls.asset_id),
            "quantity": self._amount(cls.quantity, zero=False),
            "price": self._amount(cls.price, zero=True),
            "total_amount": self._amount(cls.total_amount, zero=True),
            "status_reason": self.optional(cls.status_reason),
            "created_at": self.required(cls.created_at),
            "updated_at": self.required(cls.updated_at),
        }
        return Order.model_validate(fields, context=LENIENT)

    def _amount(self, attribute: Attribute[Decimal], *, zero: bool) -> Decimal:
        amount = self.required(attribute)
        if amount < 0 or (amount == 0 and not zero):
            raise self.corrupt(attribute)
        return amount
