"""Order DAOs that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data import (
    AssetTransaction,
    BalanceTransaction,
    Connection,
    CorruptItemError,
    Order,
    OrderClosedError,
    OrderStatus,
    Settlement,
    order_arguments,
)
from common.data.calls import data_operation
from common.data.dao.order_dao import OrderDAO
from common.data.dao.order_settlement import OrderSettlement
from common.data.models.asset_balance import AssetBalanceModel
from common.data.models.attributes import OffsetTimestampAttribute, TextAttribute
from common.data.models.order import OrderModel
from parity.selfcheck import WrongCandidate
from tests.selfcheck.altered import AlteredUpdates

__all__ = ["ORDERS"]

DAO = "tests/integration/test_order_dao.py::test_"
LISTS = "tests/integration/test_order_dao_lists.py::test_"
STATUS = "tests/integration/test_order_dao_status.py::test_"
SETTLE = "tests/integration/test_order_dao_settlement.py::test_"


class _Naive(OffsetTimestampAttribute):
    def serialize(self, value: datetime) -> str:
        return super().serialize(value).removesuffix("+00:00")


class _NaiveOrder(OrderModel):
    created_at = _Naive(attr_name=OrderModel.created_at.attr_name)


class StoresNaiveTimes(OrderDAO):
    """Leaves the offset off the instants of an order."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._orders = connection.bind(_NaiveOrder)


class _Capitals(TextAttribute):
    def serialize(self, value: str) -> str:
        text: str = super().serialize(value)
        return text.upper()


class _OtherIndexKey(OrderModel):
    index_hash_key = _Capitals(attr_name=OrderModel.index_hash_key.attr_name)


class ShoutsInTheIndex(OrderDAO):
    """Stores the username in capitals in the key of the index."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._orders = connection.bind(_OtherIndexKey)


class ReadsTheWholeOrder(OrderDAO):
    """Reads all of an order to say that it is there."""

    def _get(self, order_id: str, *, whole: bool = True) -> OrderModel | None:
        return super()._get(order_id)


class OffsetOffByOne(OrderDAO):
    """Begins a list one order too late."""

    def get_orders_by_user(self, username: str, limit: int = 50, offset: int = 0) -> list[Order]:
        return super().get_orders_by_user(username, limit, offset)[1:]


class ShortList(OrderDAO):
    """Has another limit where none is given."""

    def get_orders_by_user(self, username: str, limit: int = 20, offset: int = 0) -> list[Order]:
        return super().get_orders_by_user(username, limit, offset)


class DropsTheCorrupt(OrderDAO):
    """Gives an empty list where a row of it cannot be read."""

    def get_orders_by_user(self, username: str, limit: int = 50, offset: int = 0) -> list[Order]:
        try:
            return super().get_orders_by_user(username, limit, offset)
        except CorruptItemError:
            return []


class InventsAReason(OrderDAO):
    """Stores a reason where none is given."""

    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        return super().update_order_status(order_id, new_status, reason or "none")


class StatusIsText(OrderDAO):
    """Gives the status as plain text."""

    def get_order(self, order_id: str) -> Order:
        order = super().get_order(order_id)
        return order.model_copy(update={"status": str(order.status.value)})


class _NeverFinal(AlteredUpdates, OrderModel):
    @classmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        return actions, OrderModel.entity_type.does_not_exist() & OrderModel.status.exists()


class OpensWhatIsClosed(OrderDAO):
    """Lets a closed order be opened again."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._orders = connection.bind(_NeverFinal)


class LosesTheCode(OrderDAO):
    """Loses what AWS said."""

    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        try:
            return super().update_order_status(order_id, new_status, reason)
        except OrderClosedError as error:
            error.code = None
            error.__cause__ = None
            raise


class _OfFive(OrderSettlement):
    def _plan(self, stored: Any, holding: Any) -> Any:
        order, asset_balance, actions = super()._plan(stored, holding)
        return order, asset_balance, actions[:-1]


class SettlesWithoutAFill(OrderDAO):
    """Leaves the fill out of the transaction."""

    @data_operation
    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        return _OfFive(self._connection, *order_arguments.check_settlement(order, payment, fill)).settle()


class _OfStaleReads(OrderSettlement):
    def _get_holding(self) -> AssetBalanceModel | None:
        self._about_holding()
        key = AssetBalanceModel.key_of(self._order.username, self._order.asset_id)
        return self._holdings.found(key, consistent_read=False)


class SettlesOnAStaleHolding(OrderDAO):
    """Reads the holding without asking for consistency."""

    @data_operation
    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        return _OfStaleReads(self._connection, *order_arguments.check_settlement(order, payment, fill)).settle()


class SettlesInTwoTransactions(OrderDAO):
    """Stores the order before it settles it."""

    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        if not super().order_exists(order.order_id):
            super().create_order(order.model_copy(update={"status": OrderStatus.PROCESSING}))
        return super().settle_order(order, payment, fill)


class PriceRoundedToCents(OrderDAO):
    """Rounds a price to cents."""

    def create_order(self, order: Order) -> Order:
        cents = order.price.quantize(Decimal("0.01")) if order.price.adjusted() < 20 else order.price
        return super().create_order(order.model_copy(update={"price": cents}))


class _OnlyDebug(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno < logging.WARNING


class NoWarning(OrderDAO):
    """Tries again without a warning."""

    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        quiet, logger = _OnlyDebug(), logging.getLogger("common.data")
        logger.addFilter(quiet)
        try:
            return super().update_order_status(order_id, new_status, reason)
        finally:
            logger.removeFilter(quiet)


class CountsToo(OrderDAO):
    """Has a public method more."""

    def count_orders(self, username: str) -> int:
        return len(super().get_orders_by_user(username))


class CreatesNow(OrderDAO):
    """Overwrites created_at with the time of the write."""

    def create_order(self, order: Order) -> Order:
        return super().create_order(order.model_copy(update={"created_at": datetime.now(UTC)}))


CREATED = (f"{DAO}create_stores_exactly_the_row_of_the_contract",)
LISTED = (f"{LISTS}orders_come_newest_first_and_right_at_every_offset",)
FINAL = (f"{STATUS}a_final_status_is_final",)
SETTLED = (f"{SETTLE}settling_returns_what_is_stored",)
SET = (f"{STATUS}a_status_is_one_conditional_update",)
LIST, UPDATE = "get_orders_by_user", "update_order_status"

ORDERS: Sequence[WrongCandidate] = (
    WrongCandidate(StoresNaiveTimes, "order", "create_order", "items", CREATED, "orders.created_at"),
    WrongCandidate(ShoutsInTheIndex, "order", "create_order", "items", CREATED, "orders.GSI-PK"),
    WrongCandidate(CreatesNow, "order", "create_order", "return", CREATED, "created_at"),
    WrongCandidate(
        PriceRoundedToCents,
        "order",
        "create_order",
        "items",
        ("tests/integration/test_order_dao_numbers.py::test_an_order_keeps_every_digit",),
        "orders.price",
        also=("get_order",),
    ),
    WrongCandidate(
        ReadsTheWholeOrder,
        "order",
        "order_exists",
        "requests",
        (f"{DAO}requests_of_create_get_and_exists",),
        "[0].GetItem.ProjectionExpression",
    ),
    WrongCandidate(OffsetOffByOne, "order", LIST, "return", LISTED),
    WrongCandidate(ShortList, "order", LIST, "surface", SET, "signature"),
    WrongCandidate(
        DropsTheCorrupt,
        "order",
        LIST,
        "exception",
        (f"{LISTS}a_row_of_the_list_that_cannot_be_decoded_is_never_dropped",),
        "raised",
    ),
    WrongCandidate(
        InventsAReason,
        "order",
        UPDATE,
        "items",
        (f"{STATUS}a_reason_is_stored_once_said_and_kept_until_the_next",),
        "orders.status_reason",
    ),
    WrongCandidate(StatusIsText, "order", "get_order", "return", CREATED, "status"),
    WrongCandidate(OpensWhatIsClosed, "order", UPDATE, "exception", FINAL, "raised"),
    WrongCandidate(LosesTheCode, "order", UPDATE, "exception", FINAL, "code"),
    WrongCandidate(SettlesWithoutAFill, "order", "settle_order", "items", SETTLED, "users.(row)"),
    WrongCandidate(SettlesOnAStaleHolding, "order", "settle_order", "requests", SETTLED, "[1].GetItem.ConsistentRead"),
    WrongCandidate(SettlesInTwoTransactions, "order", "settle_order", "requests", SETTLED, "count"),
    WrongCandidate(NoWarning, "order", UPDATE, "logs", SET, "records", faults=True),
    WrongCandidate(CountsToo, "order", "count_orders", "surface", SET, "signature"),
)
