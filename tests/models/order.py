"""Orders and their settlement in memory."""

from decimal import Decimal
from typing import Any

from common.data import (
    BalanceNotFoundError,
    DuplicateTransactionError,
    OrderAlreadyExistsError,
    OrderClosedError,
    OrderNotFoundError,
    arguments,
    clock,
    order_arguments,
)
from common.data.entities import (
    AssetBalance,
    AssetTransaction,
    Balance,
    BalanceTransaction,
    Order,
    OrderStatus,
    Settlement,
)
from tests.models.asset_balance import holding_key, quantity_after
from tests.models.asset_transaction import fill_key, stored_fill
from tests.models.balance import balance_key, covered, entry_key, posting_key, stored_entry
from tests.models.numbers import as_number, as_text
from tests.models.rows import KeptOrder, Key, Posting, Rows, instant_text

__all__ = ["OrderModel"]

_LONGEST_LIST = 1000
_SAME = ("order_id", "username", "order_type", "asset_id", "quantity", "price", "total_amount")


def _key(order_id: str) -> Key:
    return "orders", order_id, "ORDER"


class OrderModel(Rows):
    """What `OrderDAOProtocol` promises, over a dict."""

    def create_order(self, order: Order) -> Order:
        """Keep a new order."""
        order = order_arguments.check_order(order)
        now = clock.now()
        if self.is_taken(_key(order.order_id)):
            raise OrderAlreadyExistsError
        return self._keep(order, {"updated_at": now})

    def get_order(self, order_id: str) -> Order:
        """The order."""
        order_arguments.check_order_id(order_id)
        return self._found(order_id).order

    def order_exists(self, order_id: str) -> bool:
        """Whether there is such an order."""
        order_arguments.check_order_id(order_id)
        return self.is_kept(_key(order_id))

    def get_orders_by_user(self, username: str, limit: int = 50, offset: int = 0) -> list[Order]:
        """A user's orders, newest first. Of two at one place of the index DynamoDB knows which is first."""
        arguments.check_username(username)
        arguments.check_count("limit", limit, minimum=1, maximum=_LONGEST_LIST)
        arguments.check_count("offset", offset, minimum=0)
        rows = [kept for _, kept in self.all(KeptOrder, "orders")]
        found = sorted(
            ((kept.index[1].encode(), kept.order) for kept in rows if kept.index and kept.index[0] == username),
            key=lambda pair: pair[0],
            reverse=True,
        )
        if len({text for text, _ in found}) < len(found):
            raise NotImplementedError
        return [order for _, order in found][offset : offset + limit]

    def update_order_status(self, order_id: str, new_status: OrderStatus | str, reason: str | None = None) -> Order:
        """Set the status of an open order."""
        order_arguments.check_order_id(order_id)
        status = order_arguments.check_order_status(new_status)
        if reason is not None:
            arguments.check_text("reason", reason)
        now = clock.now()
        kept = self._found(order_id)
        if kept.order.status.is_final and kept.order.status is not status:
            raise OrderClosedError
        changes: dict[str, Any] = {"status": status, "updated_at": now}
        return self._change(order_id, kept, changes if reason is None else changes | {"status_reason": reason})

    def settle_order(self, order: Order, payment: BalanceTransaction, fill: AssetTransaction) -> Settlement:
        """Complete an order, move its cash and its asset, and note both."""
        order, payment, fill = order_arguments.check_settlement(order, payment, fill)
        kept = self._same(order)
        if kept is not None and kept.order.status is OrderStatus.COMPLETED:
            return self._as_it_is(kept.order)
        if kept is None:
            order_arguments.check_order(order)
        at = holding_key(order.username, order.asset_id)
        holding = self.get(at, AssetBalance)  # before all else: one that cannot be read is no holding to settle with
        if self.is_taken(posting_key(payment)):
            raise DuplicateTransactionError
        balance, cash = covered(self.get(balance_key(order.username), Balance), payment.amount)
        change = fill.quantity if order.order_type.is_buy else fill.quantity.copy_negate()
        after = as_text(quantity_after(holding, change, in_the_way=holding is None and self.is_taken(at)))
        if self.is_taken(entry_key(payment)) or self.is_taken(fill_key(fill)):
            raise DuplicateTransactionError
        now = clock.now()
        self.put(posting_key(payment), Posting(instant_text(payment.created_at)))
        self.put(entry_key(payment), stored_entry(payment))
        self.put(fill_key(fill), stored_fill(fill))
        balance = balance.model_copy(update={"current_balance": cash, "updated_at": now})
        holding = holding or AssetBalance(
            username=order.username, asset_id=order.asset_id, quantity=after, created_at=now, updated_at=now
        )
        holding = holding.model_copy(update={"quantity": after, "updated_at": now})
        self.put(balance_key(order.username), balance)
        self.put(at, holding)
        changes = {"status": OrderStatus.COMPLETED, "updated_at": now}
        settled = self._keep(order, changes) if kept is None else self._change(order.order_id, kept, changes)
        return Settlement(order=settled, balance=balance, asset_balance=holding)

    def _found(self, order_id: str) -> KeptOrder:
        kept = self.get(_key(order_id), KeptOrder)
        if kept is None:
            raise OrderNotFoundError
        return kept

    def _keep(self, order: Order, changes: dict[str, Any]) -> Order:
        numbers = {name: as_number(getattr(order, name)) for name in ("quantity", "price", "total_amount")}
        order = order.model_copy(update=numbers | changes)
        self.put(_key(order.order_id), KeptOrder(order, (order.username, order.created_at.isoformat())))
        return order

    def _change(self, order_id: str, kept: KeptOrder, changes: dict[str, Any]) -> Order:
        order = kept.order.model_copy(update=changes)
        self.put(_key(order_id), KeptOrder(order, kept.index))
        return order

    def _same(self, order: Order) -> KeptOrder | None:
        """The order as it is kept, if it can still be settled, or is."""
        key = _key(order.order_id)
        kept = self.get(key, KeptOrder)
        if kept is None:
            if self.is_taken(key):
                raise OrderAlreadyExistsError
            return None
        if any(getattr(kept.order, name) != getattr(order, name) for name in _SAME):
            raise OrderAlreadyExistsError
        if kept.order.status.is_final and kept.order.status is not OrderStatus.COMPLETED:
            raise OrderClosedError
        return kept

    def _as_it_is(self, order: Order) -> Settlement:
        holding = self.get(holding_key(order.username, order.asset_id), AssetBalance)
        balance = self.get(balance_key(order.username), Balance)
        if balance is None:
            raise BalanceNotFoundError
        since = order.updated_at
        none = AssetBalance(
            username=order.username, asset_id=order.asset_id, quantity=Decimal(0), created_at=since, updated_at=since
        )
        return Settlement(order=order, balance=balance, asset_balance=holding or none)
