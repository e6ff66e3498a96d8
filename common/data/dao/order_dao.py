"""Orders, by PynamoDB."""

from itertools import islice
from typing import Final

from botocore.exceptions import ClientError
from pynamodb.exceptions import DoesNotExist

from common.data import arguments, clock, order_arguments
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao.order_settlement import OrderSettlement
from common.data.entities import AssetTransaction, BalanceTransaction, Order, OrderStatus, Settlement
from common.data.errors import OrderAlreadyExistsError, OrderClosedError, OrderNotFoundError
from common.data.models.order import OrderModel

__all__ = ["OrderDAO"]

LONGEST_LIST: Final = 1000
LARGEST_PAGE: Final = 100_000
"""More rows than a page of 1 MB can hold; DynamoDB takes no number that is much larger."""


class OrderDAO:
    """Orders and their settlement; the contract stands in `OrderDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection
        self._orders = connection.bind(OrderModel)

    @data_operation
    def create_order(self, order: Order) -> Order:
        """Store a new order with the created_at and the status that it has. One conditional Put."""
        order = order_arguments.check_order(order)
        row = self._orders.of(order, status=order.status, now=clock.now())
        call = self._call(order.order_id)
        try:
            call.send(lambda: row.put(OrderModel.hash_key.does_not_exist()))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._orders.rejected(error)
            if not call.unanswered or stored is None or stored.stored != row.serialize():
                raise call.refusal(OrderAlreadyExistsError, error) from error
        return row.as_stored().to_order()

    @data_operation
    def get_order(self, order_id: str) -> Order:
        """Read an order. One eventually consistent Get."""
        order_arguments.check_order_id(order_id)
        call = self._call(order_id)
        row = self._get(order_id)
        if row is None:
            raise call.error(OrderNotFoundError)
        return row.to_order()

    @data_operation
    def order_exists(self, order_id: str) -> bool:
        """Whether there is such an order. One eventually consistent Get of the key alone."""
        order_arguments.check_order_id(order_id)
        self._call(order_id)
        return self._get(order_id, whole=False) is not None

    @data_operation
    def get_orders_by_user(self, username: str, limit: int = 50, offset: int = 0) -> list[Order]:
        """List a user's orders, newest first. As few pages of the index as needed; it may lag a write."""
        arguments.check_username(username)
        arguments.check_count("limit", limit, minimum=1, maximum=LONGEST_LIST)
        arguments.check_count("offset", offset, minimum=0)
        names = {OrderModel.index_hash_key.attr_name: username}
        self._connection.calls.current.at(self._orders.table_name(), names)
        page_size = min(offset + limit, LARGEST_PAGE)
        rows = self._orders.by_user.query(username, scan_index_forward=False, page_size=page_size)
        orders: list[Order] = []
        left = offset
        for page in self._orders.pages(rows):
            orders += islice(self._orders.orders(page[left:]), limit - len(orders))
            left = max(0, left - len(page))
            if len(orders) == limit:
                break
        return orders

    @data_operation
    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        """Set the status of an open order, and the reason if one is given. One conditional Update."""
        order_arguments.check_order_id(order_id)
        status = order_arguments.check_order_status(new_status)
        if reason is not None:
            arguments.check_text("reason", reason)
        actions = OrderModel.setting(status, now=clock.now(), reason=reason)
        condition = OrderModel.may_become(status)
        key = OrderModel.key_of(order_id)
        call = self._call(order_id)
        try:
            row = call.send(
                lambda: self._orders.change(key, actions, condition, returning="new row", on_failure="old row")
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._orders.rejected(error)
            if call.unanswered or stored is None or not stored.is_order:
                raise call.refusal(OrderNotFoundError, error) from error
            stored.required(OrderModel.status)
            raise call.refusal(OrderClosedError, error) from error
        if row is None:
            raise call.error(OrderNotFoundError)
        return row.to_order()

    @data_operation
    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        """Complete an order, move its cash and its asset, and note both. Two Gets, one transaction, one Get."""
        checked = order_arguments.check_settlement(order, payment, fill)
        return OrderSettlement(self._connection, *checked).settle()

    def _call(self, order_id: str) -> Call:
        return self._connection.calls.current.at(self._orders.table_name(), OrderModel.key_names(order_id))

    def _get(self, order_id: str, *, whole: bool = True) -> OrderModel | None:
        wanted = None if whole else OrderModel.kind_attributes()
        try:
            row = self._orders.get(*OrderModel.key_of(order_id), attributes_to_get=wanted)
        except DoesNotExist:
            return None
        return row if row.is_order else None
