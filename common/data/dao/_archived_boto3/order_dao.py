"""Orders, by boto3's Table resource."""

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from common.data import arguments, clock, order_arguments
from common.data.aws import Table
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao._archived_boto3._orders import is_order, order_item, order_key, to_order
from common.data.dao._archived_boto3._rows import Row, offset_timestamp, rejected_item
from common.data.dao._archived_boto3._settlement import Settling
from common.data.entities import AssetTransaction, BalanceTransaction, Order, OrderStatus, Settlement
from common.data.errors import OrderAlreadyExistsError, OrderClosedError, OrderNotFoundError

__all__ = ["OrderDAO"]

MAX_LIMIT = 1000
MAX_PAGE_LIMIT = 100_000  # no page of 1 MB has that many rows
FINAL = ["completed", "cancelled", "failed", "expired"]


class OrderDAO:
    """Orders and their settlement; the contract stands in `OrderDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection

    @data_operation
    def create_order(self, order: Order) -> Order:
        """Store a new order with the created_at and the status that it has. One conditional Put."""
        order = order_arguments.check_order(order)
        item = order_item(order, order.status.value, offset_timestamp(clock.now()))
        call = self._about(order.order_id)
        try:
            call.send(
                lambda: self._table.put_item(
                    Item=item,
                    ConditionExpression="attribute_not_exists(Pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            if not (call.unanswered and rejected_item(error) == item):
                raise call.refusal(OrderAlreadyExistsError, error) from error
        return to_order(item)

    @data_operation
    def get_order(self, order_id: str) -> Order:
        """Read an order. One eventually consistent Get."""
        order_arguments.check_order_id(order_id)
        call = self._about(order_id)
        item = self._table.get_item(Key=order_key(order_id)).get("Item")
        if not item or not is_order(item):
            raise call.error(OrderNotFoundError)
        return to_order(item)

    @data_operation
    def order_exists(self, order_id: str) -> bool:
        """Whether there is such an order. One eventually consistent Get of the key alone."""
        order_arguments.check_order_id(order_id)
        self._about(order_id)
        response = self._table.get_item(Key=order_key(order_id), ProjectionExpression="Pk, Sk, entity_type")
        return bool(response.get("Item")) and is_order(response["Item"])

    @data_operation
    def get_orders_by_user(self, username: str, limit: int = 50, offset: int = 0) -> list[Order]:
        """List a user's orders, newest first. As few pages of the index as needed; it may lag a write."""
        arguments.check_username(username)
        arguments.check_count("limit", limit, minimum=1, maximum=MAX_LIMIT)
        arguments.check_count("offset", offset, minimum=0)
        self._connection.calls.current.at(self._table_name, {"GSI-PK": username})
        query = {
            "IndexName": "UserOrdersIndex",
            "KeyConditionExpression": Key("GSI-PK").eq(username),
            "ScanIndexForward": False,
            "Limit": min(offset + limit, MAX_PAGE_LIMIT),
        }
        orders: list[Order] = []
        to_skip = offset
        while True:
            page = self._table.query(**query)
            items = [item for item in page["Items"] if is_order(item)]
            # Each page is decoded before the next is asked for: a corrupt row ends the call.
            orders += [to_order(item) for item in items[to_skip : to_skip + limit - len(orders)]]
            to_skip = max(to_skip - len(items), 0)
            if len(orders) == limit or not page.get("LastEvaluatedKey"):
                return orders
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    @data_operation
    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        """Set the status of an open order, and the reason if one is given. One conditional Update."""
        order_arguments.check_order_id(order_id)
        status = order_arguments.check_order_status(new_status).value
        if reason is not None:
            arguments.check_text("reason", reason)
        update = "SET #status = :status, updated_at = :now"
        values = {":status": status, ":now": offset_timestamp(clock.now())}
        if reason is not None:
            update += ", status_reason = :reason"
            values[":reason"] = reason
        allowed = [state.value for state in OrderStatus if state.value not in FINAL or state.value == status]
        values |= {f":allowed{number}": state for number, state in enumerate(allowed)}
        names = ", ".join(f":allowed{number}" for number in range(len(allowed)))
        call = self._about(order_id)
        try:
            response = call.send(
                lambda: self._table.update_item(
                    Key=order_key(order_id),
                    UpdateExpression=update,
                    ConditionExpression=f"#status IN ({names}) AND attribute_not_exists(entity_type)",
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = rejected_item(error)
            if call.unanswered or stored is None or not is_order(stored):
                raise call.refusal(OrderNotFoundError, error) from error
            Row(stored, ("Pk", "Sk")).choice("status", OrderStatus)
            raise call.refusal(OrderClosedError, error) from error
        return to_order(response["Attributes"])

    @data_operation
    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        """Complete an order, move its cash and its asset, and note both. Two Gets, one transaction, one Get."""
        order, payment, fill = order_arguments.check_settlement(order, payment, fill)
        return Settling(self._connection, order, payment, fill).run()

    @property
    def _table(self) -> Table:
        return self._connection.table("orders")

    @property
    def _table_name(self) -> str:
        return self._connection.settings.orders_table

    def _about(self, order_id: str) -> Call:
        return self._connection.calls.current.at(self._table_name, order_key(order_id))
