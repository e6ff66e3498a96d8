"""Cash balances and their ledger, by boto3's Table resource."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws import Table
from common.data.aws_errors import aws_code, condition_failed, too_large
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao._archived_boto3 import _balance_rows as rows
from common.data.dao._archived_boto3._rows import Item, Row, as_stored, rejected_item, utc_timestamp
from common.data.dao._archived_boto3._transactions import CONDITION_FAILED, CONFLICT, INVALID, old_item, reason_codes
from common.data.entities import Balance, BalanceTransaction
from common.data.errors import (
    BalanceAlreadyExistsError,
    BalanceNotFoundError,
    DuplicateTransactionError,
    InsufficientBalanceError,
    InvalidArgumentError,
    InvalidCursorError,
    TransactionNotFoundError,
)

__all__ = ["BalanceDAO"]

POSTING, BALANCE, LEDGER = range(3)  # positions in the transaction


class BalanceDAO:
    """Cash balances and their ledger; the contract stands in `BalanceDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection

    @data_operation
    def create_balance(self, balance: Balance) -> Balance:
        """Store a new balance, both timestamps now. One conditional Put."""
        balance = arguments.check_entity("balance", balance, Balance)
        arguments.check_cash_user(balance.username)
        arguments.check_amount("current_balance", balance.current_balance)
        item = rows.balance_item(balance, clock.now())
        call = self._about(rows.balance_key(balance.username))
        try:
            self._put_new(call, item)
        except ClientError as error:
            if not condition_failed(error):
                raise
            if not (call.unanswered and rejected_item(error) == item):
                raise call.refusal(BalanceAlreadyExistsError, error) from error
        return rows.to_balance(item)

    @data_operation
    def get_balance(self, username: str) -> Balance:
        """Read a balance. One strongly consistent Get."""
        arguments.check_cash_user(username)
        return self._read_balance(username)

    @data_operation
    def update_balance(self, username: str, new_balance: Decimal) -> Balance:
        """Set a balance, for corrections. One conditional Update."""
        arguments.check_cash_user(username)
        amount = arguments.check_amount("new_balance", new_balance)
        now = utc_timestamp(clock.now())
        call = self._about(rows.balance_key(username))
        try:
            response = call.send(
                lambda: self._table.update_item(
                    Key=rows.balance_key(username),
                    UpdateExpression="SET current_balance = :balance, updated_at = :now",
                    ConditionExpression=(
                        "attribute_exists(Pk) AND (attribute_not_exists(entity_type) OR entity_type = :type)"
                    ),
                    ExpressionAttributeValues={":balance": as_stored(amount), ":now": now, ":type": "balance"},
                    ReturnValues="ALL_NEW",
                )
            )
        except ClientError as error:
            if condition_failed(error):
                raise call.refusal(BalanceNotFoundError, error) from error
            raise
        return rows.to_balance(response["Attributes"])

    @data_operation
    def create_transaction(self, transaction: BalanceTransaction) -> BalanceTransaction:
        """Store a ledger row alone, for imports. One conditional Put."""
        transaction = arguments.check_ledger_entry("transaction", transaction)
        item = rows.transaction_item(transaction)
        call = self._about({"Pk": item["Pk"], "Sk": item["Sk"]})
        try:
            self._put_new(call, item)
        except ClientError as error:
            if not condition_failed(error):
                raise
            if not (call.unanswered and rejected_item(error) == item):
                raise call.refusal(DuplicateTransactionError, error) from error
        return rows.to_transaction(item)

    @data_operation
    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        """Move money, once for each transaction id. One TransactWriteItems of three, one consistent Get."""
        transaction = arguments.check_posting("transaction", transaction)
        username, table = transaction.username, self._table_name
        actions = [
            rows.put_action(table, rows.posting_item(transaction)),
            rows.balance_action(table, username, transaction.amount, clock.now()),
            rows.put_action(table, rows.transaction_item(transaction)),
        ]
        for _ in self._connection.calls.current.tries():
            call = self._about(rows.balance_key(username))
            try:
                self._table.meta.client.transact_write_items(TransactItems=actions)
                break
            except ClientError as error:
                if self._posted_before(call, transaction, error):
                    break
                call.lost(error)
        return self._read_balance(username)

    @data_operation
    def get_transaction(self, username: str, transaction_id: UUID | str) -> BalanceTransaction:
        """Find a ledger row by its id. Query pages, newest first and eventually consistent, until it is found."""
        arguments.check_cash_user(username)
        wanted = arguments.check_transaction_id(transaction_id)
        item = self._find(username, wanted)
        if item is None:
            raise self._connection.calls.current.error(TransactionNotFoundError)
        return rows.to_transaction(item)

    @data_operation
    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        """Read a page of the ledger, newest first. One eventually consistent Query."""
        arguments.check_cash_user(username)
        arguments.check_count("limit", limit, minimum=1, maximum=1000)
        query: dict[str, Any] = {
            "KeyConditionExpression": Key("Pk").eq(f"TRANS#{username}"),
            "ScanIndexForward": False,
            "Limit": limit + 1,
        }
        if start_key is not None:
            query["ExclusiveStartKey"] = self._checked_cursor(username, start_key)
        self._about({"Pk": f"TRANS#{username}"})
        page = self._table.query(**query)
        items = [item for item in page["Items"] if rows.is_transaction(item)]
        last = page.get("LastEvaluatedKey")
        if len(items) > limit:
            items = items[:limit]
            last = items[-1]
        cursor = {"Pk": last["Pk"], "Sk": last["Sk"]} if last else None
        return [rows.to_transaction(item) for item in items], cursor

    @data_operation
    def cleanup_failed_transaction(self, username: str, transaction_id: UUID | str) -> bool:
        """Remove a ledger row that came to nothing. Consistent Query pages, one conditional Delete."""
        arguments.check_cash_user(username)
        wanted = arguments.check_transaction_id(transaction_id)
        item = self._find(username, wanted, ConsistentRead=True)
        if item is None or rows.to_transaction(item).status.value not in {"pending", "failed"}:
            return False
        key = {"Pk": item["Pk"], "Sk": item["Sk"]}
        kind = Attr("entity_type").not_exists() | Attr("entity_type").eq("balance_transaction")
        condition = Attr("transaction_id").eq(str(wanted)) & Attr("status").is_in(["pending", "failed"]) & kind
        call = self._about(key)
        try:
            call.send(lambda: self._table.delete_item(Key=key, ConditionExpression=condition))
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    @property
    def _table(self) -> Table:
        return self._connection.table("users")

    @property
    def _table_name(self) -> str:
        return self._connection.settings.users_table

    def _about(self, key: dict[str, str]) -> Call:
        return self._connection.calls.current.at(self._table_name, key)

    def _put_new(self, call: Call, item: Item) -> None:
        call.send(
            lambda: self._table.put_item(
                Item=item,
                ConditionExpression="attribute_not_exists(Pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )

    def _get(self, key: dict[str, str]) -> Item | None:
        self._about(key)
        item: Item | None = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return item

    def _read_balance(self, username: str) -> Balance:
        item = self._get(rows.balance_key(username))
        if item is None or not rows.is_balance(item):
            raise self._connection.calls.current.gone(BalanceNotFoundError)
        return rows.to_balance(item)

    def _find(self, username: str, transaction_id: UUID, **consistency: bool) -> Item | None:
        """The newest ledger row with this id, by as many pages as it takes."""
        query: dict[str, Any] = {
            "KeyConditionExpression": Key("Pk").eq(f"TRANS#{username}"),
            "FilterExpression": Attr("transaction_id").eq(str(transaction_id)),
            "ScanIndexForward": False,
            **consistency,
        }
        self._about({"Pk": f"TRANS#{username}"})
        while True:
            page = self._table.query(**query)
            for item in page["Items"]:
                if rows.is_transaction(item):
                    found: Item = item
                    return found
            if not page.get("LastEvaluatedKey"):
                return None
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    @staticmethod
    def _checked_cursor(username: str, cursor: object) -> dict[str, str]:
        if isinstance(cursor, dict) and set(cursor) == {"Pk", "Sk"} and cursor["Pk"] == f"TRANS#{username}":
            created_at = cursor["Sk"]
            try:
                if isinstance(created_at, str) and 0 < len(created_at.encode()) <= arguments.RANGE_KEY_BYTES:
                    return {"Pk": f"TRANS#{username}", "Sk": created_at}
            except UnicodeEncodeError:
                pass
        raise InvalidCursorError("start_key is no cursor of this ledger")

    def _posted_before(self, call: Call, transaction: BalanceTransaction, error: ClientError) -> bool:
        """Tell why the posting was refused: True if it was posted before, False if it lost a race; else it raises."""
        codes = reason_codes(error)
        if too_large(error) or not (codes or aws_code(error) == "ValidationException"):
            raise error
        # DynamoDB Local refuses the whole request for a sum that does not fit, without any reasons.
        misfit = not codes or codes[BALANCE] == INVALID
        posting = old_item(error, POSTING) if codes else None
        if posting is not None:
            self._check_posting(transaction, posting, error)
            return True
        if codes and codes[POSTING] == CONFLICT:
            return False  # the one that holds the row may be posting the same transaction
        if codes and codes[BALANCE] == CONDITION_FAILED:
            self._check_cover(call, transaction, old_item(error, BALANCE), error)
        elif misfit:
            posting = self._get(rows.posted_key(transaction))
            if posting is not None:
                self._check_posting(transaction, posting, error)
                return True
            self._check_cover(call, transaction, self._get(rows.balance_key(transaction.username)), error)
        elif codes[BALANCE] == CONFLICT:
            return False  # nobody knows whether there is cover, which comes before the ledger key
        elif codes[LEDGER] == CONDITION_FAILED:
            item = rows.transaction_item(transaction)
            call = self._about({"Pk": item["Pk"], "Sk": item["Sk"]})
            raise call.refusal(DuplicateTransactionError, error) from error
        elif CONFLICT not in codes:
            raise error
        return False

    def _check_posting(self, transaction: BalanceTransaction, posting: Item, error: ClientError) -> None:
        """Make sure that it was this transaction that was posted under its id."""
        key = rows.posted_key(transaction)
        self._about(key)
        if rows.is_posting(posting):
            item = self._get(rows.ledger_key_of(posting, transaction.username))
            if rows.same_transaction(item, transaction):
                return
        raise self._about(key).refusal(DuplicateTransactionError, error) from error

    def _check_cover(self, call: Call, transaction: BalanceTransaction, item: Item | None, error: ClientError) -> None:
        """Raise if the balance is missing, too small, or has no room for the sum."""
        self._about(rows.balance_key(transaction.username))
        if item is None or not rows.is_balance(item):
            raise call.refusal(BalanceNotFoundError, error) from error
        available = Row(item, ("Pk", "Sk")).number("current_balance")
        required = transaction.amount.copy_negate()
        if required > max(available, Decimal(0)):
            raise call.shortage(InsufficientBalanceError, error, available=available, required=required) from error
        try:
            arguments.exact_sum("amount", available, transaction.amount)
        except InvalidArgumentError as too_long:
            call.lost(error)
            raise call.error(InvalidArgumentError, error, too_long.message) from error
