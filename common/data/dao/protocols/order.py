"""What the DAO of orders promises."""

from typing import Protocol

from common.data.connection import Connection
from common.data.entities import AssetTransaction, BalanceTransaction, Order, OrderStatus, Settlement

__all__ = ["OrderDAOProtocol"]


class OrderDAOProtocol(Protocol):
    """Orders and their settlement."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        ...

    def create_order(self, order: Order) -> Order:
        """Store a new order with the created_at and the status that it has. One conditional Put.

        Returns:
            The order as stored, updated_at now.

        Raises:
            OrderAlreadyExistsError: the order id is taken, by a row of whatever kind.
            InvalidArgumentError: the order is not valid.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...

    def get_order(self, order_id: str) -> Order:
        """Read an order. One eventually consistent Get.

        Raises:
            OrderNotFoundError: no such order.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no order id could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def order_exists(self, order_id: str) -> bool:
        """Whether there is such an order. One eventually consistent Get of the key alone.

        Returns:
            True for an order that cannot be decoded too.

        Raises:
            InvalidArgumentError: no order id could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_orders_by_user(self, username: str, limit: int = 50, offset: int = 0) -> list[Order]:
        """List a user's orders, newest first. As few pages of the index as needed; it may lag a write.

        Args:
            username: whose orders.
            limit: how many at most, 1 to 1,000.
            offset: how many of the newest to pass over; they are read, but not decoded.

        Raises:
            CorruptItemError: a row of the list cannot be decoded.
            InvalidArgumentError: no username could be like that, or limit or offset are out of bounds.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table or index.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        """Set the status of an open order, and the reason if one is given. One conditional Update.

        Of an order in a final state only the same status is accepted.

        Returns:
            The order as stored now.

        Raises:
            OrderNotFoundError: no such order.
            OrderClosedError: the order is completed, cancelled, failed or expired, and shall become something else.
            CorruptItemError: the row, now updated, cannot be decoded; or its status cannot, and nothing changed.
            InvalidArgumentError: no order id could be like that, no such status, or a reason that is no text.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...

    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        """Complete an order, move its cash and its asset, and note both: all at once, or nothing.

        Two strongly consistent Gets (order, holding), one TransactWriteItems of six, one strongly consistent Get
        (balance). An order that is completed already is left as it is, and nothing moves.

        Args:
            order: what is settled. It is stored as completed, whatever status it has here; what is stored of it must
                agree in id, user, type, asset, quantity, price and total.
            payment: a completed order_payment (below zero, for a buy) or order_sale that refers to the order.
            fill: a COMPLETED BUY or SELL of the order.

        Returns:
            The order as stored, the balance as read afterwards, the holding as written; of an order that was
            completed before, balance and holding as they are.

        Raises:
            OrderAlreadyExistsError: the order id is taken by another order.
            OrderClosedError: the order is cancelled, failed or expired.
            BalanceNotFoundError: the user has no balance row.
            InsufficientBalanceError: the cash does not cover a buy.
            InsufficientAssetBalanceError: the holding does not cover a sale.
            DuplicateTransactionError: the payment was posted before, or a ledger key is taken.
            ConflictError: lost races against other writers too often; nothing changed.
            CorruptItemError: the order, the balance or the holding cannot be decoded.
            InvalidArgumentError: the three are not valid, do not agree, or a sum does not fit in 38 digits.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...
