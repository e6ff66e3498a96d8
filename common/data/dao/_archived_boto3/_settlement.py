"""The settlement of one order by boto3: two reads, one transaction of six, one read."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from common.data import arguments, clock, order_arguments
from common.data.aws import Table
from common.data.aws_errors import aws_code, too_large
from common.data.calls import UNREAD, Call
from common.data.connection import Connection
from common.data.dao._archived_boto3._balance_rows import (
    balance_action,
    balance_key,
    is_balance,
    posted_key,
    posting_item,
    put_action,
    to_balance,
    transaction_item,
)
from common.data.dao._archived_boto3._holdings import (
    asset_balance_item,
    asset_balance_key,
    asset_transaction_item,
    is_asset_balance,
    to_asset_balance,
)
from common.data.dao._archived_boto3._orders import is_order, order_item, order_key, to_order
from common.data.dao._archived_boto3._rows import Item, Row, offset_timestamp, quantity, utc_timestamp
from common.data.dao._archived_boto3._transactions import (
    CONDITION_FAILED,
    CONFLICT,
    INVALID,
    old_item,
    reason_codes,
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
from common.data.errors import (
    BalanceNotFoundError,
    ConflictError,
    DatabaseUnavailableError,
    DataError,
    DuplicateTransactionError,
    InsufficientAssetBalanceError,
    InsufficientBalanceError,
    InvalidArgumentError,
    OrderAlreadyExistsError,
    OrderClosedError,
)

__all__ = ["Settling"]

ORDER, CASH, PAYMENT, POSTING, HOLDING, FILL = range(6)  # positions in the transaction
CLOSED = {OrderStatus.CANCELLED, OrderStatus.FAILED, OrderStatus.EXPIRED}
FIXED = ("order_id", "username", "order_type", "asset_id", "quantity", "price", "total_amount")
AS_READ = ("username", "order_type", "status", "asset_id", "quantity", "price", "total_amount", "updated_at")
FOREIGN_ROW = "a row of another kind has the key"


class Settling:
    """One call of `OrderDAO.settle_order`."""

    def __init__(
        self, connection: Connection, order: Order, payment: BalanceTransaction, fill: AssetTransaction
    ) -> None:
        self.connection = connection
        self.call = connection.calls.current
        self.order = order
        self.payment = payment
        self.fill = fill
        self.buying = payment.amount < 0
        self.cash_key = balance_key(order.username)
        self.holding_key = asset_balance_key(order.username, order.asset_id)

    def run(self) -> Settlement:
        """Settle the order; a lost race begins anew."""
        for _ in self.call.tries():
            stored = self._get_order()
            if stored and stored["status"] == "completed":
                return self._settled_before(stored)
            if not stored:
                order_arguments.check_order(self.order)  # what is new must keep the lengths
            holding = self._get_holding()
            now = clock.now()
            order_action, order = self._order_action(stored, offset_timestamp(now))
            holding_action, held = self._holding_action(holding, now)
            actions = [
                order_action,
                balance_action(self._users.name, self.order.username, self.payment.amount, now),
                put_action(self._users.name, transaction_item(self.payment)),
                put_action(self._users.name, posting_item(self.payment)),
                holding_action,
                put_action(self._users.name, asset_transaction_item(self.fill)),
            ]
            self._about_order()
            try:
                self._orders.meta.client.transact_write_items(TransactItems=actions)
            except ClientError as error:
                codes = self._codes(error)
                if self.call.unanswered:
                    if not self._was_ours(codes, error):
                        raise
                else:
                    completed = self._completed_meanwhile(codes, error)
                    if completed:
                        return self._settled_before(completed)
                    self._about_order().lost(error)
                    continue
            if held is None:
                continue  # never sent for good: another settled the order with the same payment
            balance = self._get_balance_or(DatabaseUnavailableError, UNREAD)
            return Settlement(order=to_order(order), balance=balance, asset_balance=to_asset_balance(held))
        raise AssertionError("tries() ends by raising")

    # Reading

    @property
    def _orders(self) -> Table:
        return self.connection.table("orders")

    @property
    def _users(self) -> Table:
        return self.connection.table("users")

    def _about_order(self) -> Call:
        return self.call.at(self._orders.name, order_key(self.order.order_id))

    def _about(self, key: dict[str, str]) -> Call:
        return self.call.at(self._users.name, {"Pk": key["Pk"], "Sk": key["Sk"]})

    def _get_order(self, cause: ClientError | None = None) -> Item | None:
        self._about_order()
        item: Item | None = self._orders.get_item(Key=order_key(self.order.order_id), ConsistentRead=True).get("Item")
        if item:
            self._refuse_other_or_closed(item, cause)
        return item

    def _get(self, key: dict[str, str]) -> Item | None:
        self._about(key)
        item: Item | None = self._users.get_item(Key=key, ConsistentRead=True).get("Item")
        return item

    def _get_holding(self) -> Item | None:
        item = self._get(self.holding_key)
        if item and is_asset_balance(item):
            to_asset_balance(item)  # never written over if it cannot be read
        return item

    def _get_balance_or(self, missing: type[DataError], message: str | None = None) -> Balance:
        item = self._get(self.cash_key)
        if not item or not is_balance(item):
            raise self.call.error(missing, None, message)
        return to_balance(item)

    def _settled_before(self, item: Item) -> Settlement:
        """Cash and holding as they are, whatever moved them since."""
        order = to_order(item)
        holding = self._get_holding()
        if holding and is_asset_balance(holding):
            held = to_asset_balance(holding)
        else:
            then = order.updated_at
            held = AssetBalance(
                username=order.username, asset_id=order.asset_id, quantity=Decimal(0), created_at=then, updated_at=then
            )
        return Settlement(order=order, balance=self._get_balance_or(BalanceNotFoundError), asset_balance=held)

    # Writing

    def _order_action(self, stored: Item | None, now: str) -> tuple[dict[str, Any], Item]:
        """What completes the order, and the item as it will be."""
        if not stored:
            item = order_item(self.order, "completed", now)
            return put_action(self._orders.name, item), item
        unchanged = [f"#{name} = :{name}" for name in AS_READ]
        update = {
            "TableName": self._orders.name,
            "Key": order_key(self.order.order_id),
            "UpdateExpression": "SET #status = :completed, #updated_at = :now",
            "ConditionExpression": " AND ".join(["attribute_not_exists(entity_type)", *unchanged]),
            "ExpressionAttributeNames": {f"#{name}": name for name in AS_READ},
            "ExpressionAttributeValues": {
                ":completed": "completed",
                ":now": now,
                **{f":{name}": stored[name] for name in AS_READ},
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"Update": update}, stored | {"status": "completed", "updated_at": now}

    def _holding_action(self, holding: Item | None, now: datetime) -> tuple[dict[str, Any], Item | None]:
        """What sets the holding, and the item as it will be."""
        try:
            total = self._new_quantity(holding, None)
        except (ConflictError, InsufficientAssetBalanceError, InvalidArgumentError):
            # It cannot be set. A transaction that must fail tells at one instant what else stands in the way.
            return {
                "ConditionCheck": {
                    "TableName": self._users.name,
                    "Key": self.holding_key,
                    "ConditionExpression": "attribute_exists(Pk) AND attribute_not_exists(Pk)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }, None
        if not holding:
            item = asset_balance_item(self.order.username, self.order.asset_id, total, now)
            return put_action(self._users.name, item), item
        changes = {"quantity": quantity(total), "updated_at": utc_timestamp(now)}
        if holding.get("created_at") is None:
            changes["created_at"] = utc_timestamp(to_asset_balance(holding).updated_at)
        update = {
            "TableName": self._users.name,
            "Key": self.holding_key,
            "UpdateExpression": "SET " + ", ".join(f"{name} = :{name}" for name in changes),
            "ConditionExpression": (
                "quantity = :old_quantity AND updated_at = :old_updated_at AND attribute_not_exists(entity_type)"
            ),
            "ExpressionAttributeValues": {
                ":old_quantity": holding["quantity"],
                ":old_updated_at": holding["updated_at"],
                **{f":{name}": value for name, value in changes.items()},
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"Update": update}, holding | changes

    def _new_quantity(self, holding: Item | None, cause: ClientError | None) -> Decimal:
        foreign = bool(holding) and not is_asset_balance(holding or {})
        held = Row(holding, ("Pk", "Sk")).quantity("quantity") if holding and not foreign else Decimal(0)
        wanted = self.fill.quantity
        call = self._about(self.holding_key)
        if not self.buying and held < wanted:
            raise call.shortage(InsufficientAssetBalanceError, cause, available=held, required=wanted) from cause
        if foreign:
            raise call.error(ConflictError, cause, FOREIGN_ROW) from cause
        try:
            return arguments.exact_sum("quantity", held, wanted if self.buying else wanted.copy_negate())
        except InvalidArgumentError as error:
            raise call.error(InvalidArgumentError, cause, error.message) from cause

    # Refusing

    def _refuse_other_or_closed(self, item: Item, cause: ClientError | None) -> None:
        call = self._about_order()
        if not is_order(item):
            raise call.error(OrderAlreadyExistsError, cause) from cause
        stored = to_order(item)
        if any(getattr(stored, name) != getattr(self.order, name) for name in FIXED):
            raise call.error(OrderAlreadyExistsError, cause) from cause
        if stored.status in CLOSED:
            raise call.error(OrderClosedError, cause) from cause

    def _refuse_unfit_cash(self, cause: ClientError) -> Item | None:
        """A cash sum that does not fit, and what comes before it; the order, if another completed it by now."""
        order = self._get_order(cause)
        if order and order["status"] == "completed":
            return order
        if self._get(posted_key(self.payment)):
            raise self.call.error(DuplicateTransactionError, cause) from cause
        self._refuse_uncovered(self._get(self.cash_key), cause)
        self._about_order()
        if too_large(cause):
            raise cause
        return None

    def _refuse_uncovered(self, item: Item | None, cause: ClientError | None) -> None:
        call = self._about(self.cash_key)
        if not item or not is_balance(item):
            raise call.error(BalanceNotFoundError, cause) from cause
        cash = Row(item, ("Pk", "Sk")).number("current_balance")
        if self.buying and cash < self.order.total_amount:
            required = self.order.total_amount
            raise call.shortage(InsufficientBalanceError, cause, available=cash, required=required) from cause
        try:
            arguments.exact_sum("current_balance", cash, self.payment.amount)
        except InvalidArgumentError as error:
            raise call.error(InvalidArgumentError, cause, error.message) from cause

    def _codes(self, error: ClientError) -> list[str]:
        """The six reasons of a cancelled transaction, none for one that was invalid; any other error is raised."""
        codes = reason_codes(error)
        if not codes and (self.call.unanswered or aws_code(error) != "ValidationException"):
            raise error
        return codes

    def _was_ours(self, codes: list[str], error: ClientError) -> bool:
        """Whether the attempt without an answer settled the order."""
        if codes[ORDER] != CONDITION_FAILED or codes[POSTING] != CONDITION_FAILED:
            return False
        item = old_item(error, ORDER)
        if not item or not is_order(item) or old_item(error, POSTING) != posting_item(self.payment):
            return False
        stored = to_order(item)
        same = all(getattr(stored, name) == getattr(self.order, name) for name in FIXED)
        return same and stored.status == OrderStatus.COMPLETED

    def _completed_meanwhile(self, codes: list[str], error: ClientError) -> Item | None:
        """The order, if another completed it; None if another try may help; else what stands in the way is raised."""
        if not codes:  # a sum that does not fit: DynamoDB gives it as a reason, DynamoDB Local refuses the request
            return self._refuse_unfit_cash(error)
        if codes[ORDER] == CONDITION_FAILED:
            item = old_item(error, ORDER)
            if not item:
                return None
            self._refuse_other_or_closed(item, error)
            return item if item["status"] == "completed" else None
        return None if codes[ORDER] == CONFLICT else self._raise_what_stands_in_the_way(codes, error)

    def _raise_what_stands_in_the_way(self, codes: list[str], error: ClientError) -> Item | None:
        """In the order of the contract, from the payment on."""
        if codes[POSTING] == CONDITION_FAILED:
            raise self._about(posted_key(self.payment)).error(DuplicateTransactionError, error) from error
        if CONFLICT in {codes[POSTING], codes[CASH]}:
            return None
        if codes[CASH] == CONDITION_FAILED:
            self._refuse_uncovered(old_item(error, CASH), error)
        if INVALID in codes:
            return self._refuse_unfit_cash(error)
        if codes[HOLDING] != CONFLICT:
            self._raise_what_keeps_the_goods(codes, error)
        return None

    def _raise_what_keeps_the_goods(self, codes: list[str], error: ClientError) -> None:
        if codes[HOLDING] == CONDITION_FAILED:
            self._new_quantity(old_item(error, HOLDING), error)
        for position, item in ((PAYMENT, transaction_item(self.payment)), (FILL, asset_transaction_item(self.fill))):
            if codes[position] == CONDITION_FAILED:
                raise self._about(item).error(DuplicateTransactionError, error) from error
        if not {CONFLICT, CONDITION_FAILED} & set(codes):
            raise error
