"""The settlement of one order, by PynamoDB: what is read, the one transaction, and why it may be refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition

from common.data import arguments, clock, order_arguments
from common.data.aws_errors import aws_code, too_large
from common.data.calls import UNREAD, Call
from common.data.connection import Connection
from common.data.entities import (
    AssetBalance,
    AssetTransaction,
    Balance,
    BalanceTransaction,
    Order,
    OrderStatus,
    Settlement,
)
from common.data.errors import (
    BalanceNotFoundError,
    ConflictError,
    DatabaseUnavailableError,
    DuplicateTransactionError,
    InsufficientAssetBalanceError,
    InsufficientBalanceError,
    InvalidArgumentError,
    OrderAlreadyExistsError,
    OrderClosedError,
)
from common.data.models.asset_balance import FOREIGN_ROW, AssetBalanceModel
from common.data.models.asset_transaction import AssetTransactionModel
from common.data.models.balance import BalanceModel
from common.data.models.balance_transaction import BalanceTransactionModel
from common.data.models.order import OrderModel
from common.data.models.posting import PostingModel
from common.data.models.transactions import Reason, TransactItem, checking, putting, reasons, transact, updating

__all__ = ["OrderSettlement"]

NOTHING: Final = Decimal(0)


@dataclass(frozen=True)
class _Reasons:
    """Why the transaction was cancelled, by its actions in the order they are sent."""

    order: Reason
    cash: Reason
    payment: Reason
    posting: Reason
    holding: Reason
    fill: Reason

    @property
    def all(self) -> Sequence[Reason]:
        return self.order, self.cash, self.payment, self.posting, self.holding, self.fill


class OrderSettlement:
    """One call of `OrderDAO.settle_order`: an order with the payment and the fill that settle it."""

    def __init__(
        self, connection: Connection, order: Order, payment: BalanceTransaction, fill: AssetTransaction
    ) -> None:
        """Keep what was checked; nothing is sent."""
        self._order, self._payment, self._fill = order, payment, fill
        self._call = connection.calls.current
        self._orders = connection.bind(OrderModel)
        self._balances = connection.bind(BalanceModel)
        self._postings = connection.bind(PostingModel)
        self._holdings = connection.bind(AssetBalanceModel)
        self._posting_row = self._postings.of(payment)
        self._payment_row = connection.bind(BalanceTransactionModel).of(payment)
        self._fill_row = connection.bind(AssetTransactionModel).of(fill)

    def settle(self) -> Settlement:
        """Settle the order, again from the start after each lost race."""
        for _ in self._call.tries():
            stored = self._get_order()
            if stored is not None and stored.is_completed:
                return self._as_it_is(stored)
            if stored is None:
                order_arguments.check_order(self._order)  # a new order has no more characters than it may
            order, asset_balance, actions = self._plan(stored, self._get_holding())
            self._about_order()
            try:
                transact(self._orders, actions)
            except ClientError as error:
                why = self._reasons(error)
                if self._call.unanswered:
                    if not self._is_ours(why):
                        raise
                elif (completed := self._completed_by_another(why, error)) is not None:
                    return self._as_it_is(completed)
                else:
                    self._about_order().lost(error)
                    continue
            if asset_balance is None:
                continue  # unanswered, and settled by another with this payment
            return Settlement(
                order=order,
                balance=self._balance(missing=DatabaseUnavailableError, message=UNREAD),
                asset_balance=asset_balance,
            )
        raise AssertionError("tries() ends by raising")

    # -- what is stored --------------------------------------------------------------------------------------------

    def _about_order(self) -> Call:
        return self._call.at(self._orders.table_name(), OrderModel.key_names(self._order.order_id))

    def _about(self, key: Mapping[str, str]) -> Call:
        return self._call.at(self._balances.table_name(), key)

    def _about_cash(self) -> Call:
        return self._about(BalanceModel.key_names(self._order.username))

    def _about_holding(self) -> Call:
        return self._about(AssetBalanceModel.key_names(self._order.username, self._order.asset_id))

    def _get_order(self, cause: ClientError | None = None) -> OrderModel | None:
        self._about_order()
        row = self._orders.found(OrderModel.key_of(self._order.order_id), consistent_read=True)
        if row is not None:
            self._check_order(row, cause)
        return row

    def _get_holding(self) -> AssetBalanceModel | None:
        self._about_holding()
        key = AssetBalanceModel.key_of(self._order.username, self._order.asset_id)
        row = self._holdings.found(key, consistent_read=True)
        if row is not None and row.is_asset_balance:
            row.to_asset_balance()  # a row that cannot be decoded is not written
        return row

    def _get_balance(self) -> BalanceModel | None:
        self._about_cash()
        row = self._balances.found(BalanceModel.key_of(self._order.username), consistent_read=True)
        return row if row is not None and row.is_balance else None

    def _balance(
        self, missing: type[BalanceNotFoundError | DatabaseUnavailableError], message: str | None = None
    ) -> Balance:
        row = self._get_balance()
        if row is None:
            raise self._about_cash().error(missing, message=message)
        return row.to_balance()

    def _as_it_is(self, completed: OrderModel) -> Settlement:
        """The settlement of an order that was completed before: cash and holding may have moved since."""
        order = completed.to_order()
        row = self._get_holding()
        holding = AssetBalance(
            username=order.username,
            asset_id=order.asset_id,
            quantity=NOTHING,
            created_at=order.updated_at,
            updated_at=order.updated_at,
        )
        if row is not None and row.is_asset_balance:
            holding = row.to_asset_balance()
        return Settlement(order=order, balance=self._balance(missing=BalanceNotFoundError), asset_balance=holding)

    def _check_order(self, row: OrderModel, cause: ClientError | None) -> None:
        """Raise if the row is another order, or one that can no longer be completed."""
        if not row.is_order or not row.is_same(self._order):
            raise self._about_order().error(OrderAlreadyExistsError, cause) from cause
        if row.is_closed and not row.is_completed:
            raise self._about_order().error(OrderClosedError, cause) from cause

    # -- the transaction -------------------------------------------------------------------------------------------

    def _plan(
        self, stored: OrderModel | None, holding: AssetBalanceModel | None
    ) -> tuple[Order, AssetBalance | None, list[TransactItem]]:
        """Order and holding as they will be, and the six actions."""
        now = clock.now()
        on_order, order = self._order_action(stored, now)
        on_holding, asset_balance = self._holding_action(holding, now)
        key, amount = BalanceModel.key_of(self._order.username), self._payment.amount
        actions = [
            on_order,
            updating(self._balances, key, BalanceModel.adding(amount, now=now), BalanceModel.can_add(amount)),
            putting(self._payment_row, BalanceTransactionModel.hash_key.does_not_exist()),
            putting(self._posting_row, PostingModel.hash_key.does_not_exist()),
            on_holding,
            putting(self._fill_row, AssetTransactionModel.hash_key.does_not_exist()),
        ]
        return order, asset_balance, actions

    def _order_action(self, stored: OrderModel | None, now: datetime) -> tuple[TransactItem, Order]:
        if stored is None:
            row = self._orders.of(self._order, status=OrderStatus.COMPLETED, now=now)
            return putting(row, OrderModel.hash_key.does_not_exist()), row.as_stored().to_order()
        key = OrderModel.key_of(self._order.order_id)
        action = updating(self._orders, key, OrderModel.setting(OrderStatus.COMPLETED, now=now), stored.unchanged())
        return action, stored.to_order().model_copy(update={"status": OrderStatus.COMPLETED, "updated_at": now})

    def _holding_action(
        self, stored: AssetBalanceModel | None, now: datetime
    ) -> tuple[TransactItem, AssetBalance | None]:
        """What writes the holding; where it cannot be, what lets the transaction tell what else is wrong, at once."""
        username, asset_id = self._order.username, self._order.asset_id
        key = AssetBalanceModel.key_of(username, asset_id)
        try:
            quantity = self._quantity_after(stored, None)
        except (ConflictError, InsufficientAssetBalanceError, InvalidArgumentError):
            return checking(self._holdings, key, _never()), None
        if stored is None:
            row = self._holdings.of(username, asset_id, quantity, now=now)
            action = putting(row, AssetBalanceModel.hash_key.does_not_exist())
            return action, row.as_stored().to_asset_balance()
        action = updating(self._holdings, key, stored.setting(quantity, now=now), stored.unchanged())
        as_stored = AssetBalanceModel.quantity.deserialize(AssetBalanceModel.quantity.serialize(quantity))
        return action, stored.to_asset_balance().model_copy(update={"quantity": as_stored, "updated_at": now})

    def _quantity_after(self, holding: AssetBalanceModel | None, cause: ClientError | None) -> Decimal:
        """The sum; raises where there can be none. A row of another kind holds nothing, and is in the way."""
        is_holding = holding is not None and holding.is_asset_balance
        held = holding.required(AssetBalanceModel.quantity) if holding is not None and is_holding else NOTHING
        wanted = self._fill.quantity
        call = self._about_holding()
        if not self._order.order_type.is_buy and held < wanted:
            raise call.shortage(InsufficientAssetBalanceError, cause, available=held, required=wanted) from cause
        if holding is not None and not is_holding:
            raise call.error(ConflictError, cause, FOREIGN_ROW) from cause
        try:
            return arguments.exact_sum(
                "quantity", held, wanted if self._order.order_type.is_buy else wanted.copy_negate()
            )
        except InvalidArgumentError as error:
            raise call.error(InvalidArgumentError, cause, error.message) from cause

    def _completed_or_no_room(self, cause: ClientError) -> OrderModel | None:
        """The order, if it was completed by now; raises if the cash sum does not fit, or what comes before that.

        Three Gets; None says that there is room by now.
        """
        order = self._get_order(cause)
        if order is not None and order.is_completed:
            return order
        call = self._about(self._posting_row.key())
        key = PostingModel.key_of(self._payment.username, self._payment.transaction_id)
        if self._postings.found(key, consistent_read=True) is not None:
            raise call.error(DuplicateTransactionError, cause) from cause
        self._check_cash(self._get_balance(), cause)
        self._about_order()
        if too_large(cause):
            raise cause
        return None

    def _check_cash(self, row: BalanceModel | None, cause: ClientError | None) -> None:
        call = self._about_cash()
        if row is None or not row.is_balance:
            raise call.error(BalanceNotFoundError, cause) from cause
        cash, amount = row.required(BalanceModel.current_balance), self._payment.amount
        if amount < 0 and cash < amount.copy_abs():
            raise call.shortage(InsufficientBalanceError, cause, available=cash, required=amount.copy_abs()) from cause
        try:
            arguments.exact_sum("current_balance", cash, amount)
        except InvalidArgumentError as error:
            raise call.error(InvalidArgumentError, cause, error.message) from cause

    # -- why it was refused ----------------------------------------------------------------------------------------

    def _reasons(self, error: ClientError) -> _Reasons | None:
        """Why it was cancelled; None if it was invalid as a whole, raises if it failed otherwise."""
        found = reasons(error)
        if found:
            return _Reasons(*found)
        if aws_code(error) == "ValidationException":
            return None
        raise error

    def _is_ours(self, why: _Reasons | None) -> bool:
        """Whether an unanswered attempt of this call took effect: order and posting are as it left them."""
        if why is None or why.order.row is None or why.posting.row is None:
            return False
        order = self._orders.from_raw_data(why.order.row)
        completed = order.is_order and order.is_completed and order.is_same(self._order)
        return completed and why.posting.row == self._posting_row.serialize()

    def _completed_by_another(self, why: _Reasons | None, error: ClientError) -> OrderModel | None:
        """The order, if it was completed since it was read; None where another try may do better.

        Raises what stands in the way for good, by precedence.
        """
        if why is None:  # DynamoDB names the action whose sum does not fit; DynamoDB Local refuses the whole request
            return self._completed_or_no_room(error)
        if why.order.is_conflict:
            return None
        if why.order.is_condition:
            row = None if why.order.row is None else self._orders.from_raw_data(why.order.row)
            if row is not None:
                self._check_order(row, error)
            return row if row is not None and row.is_completed else None
        if why.posting.is_condition:
            raise self._about(self._posting_row.key()).error(DuplicateTransactionError, error) from error
        if why.posting.is_conflict or why.cash.is_conflict:
            return None
        if why.cash.is_condition:
            self._check_cash(None if why.cash.row is None else self._balances.from_raw_data(why.cash.row), error)
        if any(reason.is_invalid for reason in why.all):
            return self._completed_or_no_room(error)
        if not why.holding.is_conflict:
            self._check_goods(why, error)
        return None

    def _check_goods(self, why: _Reasons, error: ClientError) -> None:
        if why.holding.is_condition:
            self._quantity_after(
                None if why.holding.row is None else self._holdings.from_raw_data(why.holding.row), error
            )
        for reason, row in ((why.payment, self._payment_row), (why.fill, self._fill_row)):
            if reason.is_condition:
                raise self._about(row.key()).error(DuplicateTransactionError, error) from error
        if not any(reason.is_conflict or reason.is_condition for reason in why.all):
            raise error


def _never() -> Condition:
    """A condition that no row meets, and no missing one."""
    never: Condition = AssetBalanceModel.hash_key.exists()
    never &= AssetBalanceModel.hash_key.does_not_exist()
    return never
