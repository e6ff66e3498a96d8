"""The ledger of holdings, by boto3's Table resource."""

from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from common.data import arguments
from common.data.aws import Table
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao._archived_boto3._holdings import (
    asset_transaction_item,
    asset_transaction_pk,
    is_asset_transaction,
    to_asset_transaction,
)
from common.data.dao._archived_boto3._rows import TIMESTAMP, Item, rejected_item, utc_timestamp
from common.data.entities import AssetTransaction
from common.data.errors import DuplicateTransactionError, TransactionNotFoundError

__all__ = ["AssetTransactionDAO"]


class AssetTransactionDAO:
    """The ledger of holdings; the contract stands in `AssetTransactionDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection

    @data_operation
    def create_asset_transaction(self, transaction: AssetTransaction) -> AssetTransaction:
        """Store a ledger row. One conditional Put."""
        transaction = arguments.check_entity("transaction", transaction, AssetTransaction)
        arguments.check_holding_ledger(transaction.username, transaction.asset_id)
        arguments.check_numbers(transaction)
        item = asset_transaction_item(transaction)
        call = self._about({"Pk": item["Pk"], "Sk": item["Sk"]})
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
                raise call.refusal(DuplicateTransactionError, error) from error
        return to_asset_transaction(item)

    @data_operation
    def get_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> AssetTransaction:
        """Find a ledger row by its text, or by an instant in any spelling. One Get or one Query."""
        arguments.check_holding_ledger(username, asset_id)
        when = arguments.check_timestamp("timestamp", timestamp)
        item: Item | None
        if isinstance(when, datetime):
            item = self._find(username, asset_id, when, consistent=False)
        else:
            key = {"Pk": asset_transaction_pk(username, asset_id), "Sk": when}
            self._about(key)
            item = self._table.get_item(Key=key).get("Item")
        if not item or not is_asset_transaction(item):
            raise self._connection.calls.current.error(TransactionNotFoundError)
        return to_asset_transaction(item)

    @data_operation
    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        """Read the ledger of one holding, newest first. One Query per page."""
        arguments.check_holding_ledger(username, asset_id)
        arguments.check_limit(limit)
        pk = asset_transaction_pk(username, asset_id)
        self._about({"Pk": pk})
        query: dict[str, Any] = {"KeyConditionExpression": Key("Pk").eq(pk), "ScanIndexForward": False}
        if limit is not None:
            query["Limit"] = limit
        transactions: list[AssetTransaction] = []
        while True:
            page = self._table.query(**query)
            for item in page["Items"]:
                if is_asset_transaction(item):
                    transactions.append(to_asset_transaction(item))
                    if len(transactions) == limit:
                        return transactions
            if not page.get("LastEvaluatedKey"):
                return transactions
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    @data_operation
    def get_user_transactions(self, username: str, limit: int | None = None) -> list[AssetTransaction]:
        """Read the ledger of all holdings of a user, newest first. Scans the whole table, one Scan per page."""
        arguments.check_username(username)
        arguments.check_limit(limit)
        self._about(None)
        scan: dict[str, Any] = {"FilterExpression": Attr("Pk").begins_with(asset_transaction_pk(username, ""))}
        found = []
        while True:
            page = self._table.scan(**scan)
            for item in page["Items"]:
                if is_asset_transaction(item):
                    transaction = to_asset_transaction(item)
                    found.append((transaction.created_at, item["Pk"], item["Sk"], transaction))
            if not page.get("LastEvaluatedKey"):
                break
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        found.sort(key=lambda candidate: candidate[:3], reverse=True)
        return [candidate[3] for candidate in found[:limit]]

    @data_operation
    def delete_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> bool:
        """Remove a ledger row by its text, or by an instant in any spelling. One Delete, or one Query and one Delete."""
        arguments.check_holding_ledger(username, asset_id)
        when = arguments.check_timestamp("timestamp", timestamp)
        if isinstance(when, datetime):
            item = self._find(username, asset_id, when, consistent=True)
            if not item:
                return False
            when = item["Sk"]
        if not TIMESTAMP.fullmatch(when):
            return False
        key = {"Pk": asset_transaction_pk(username, asset_id), "Sk": when}
        call = self._about(key)
        try:
            call.send(
                lambda: self._table.delete_item(
                    Key=key, ConditionExpression="attribute_exists(Pk) AND attribute_not_exists(entity_type)"
                )
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    @property
    def _table(self) -> Table:
        return self._connection.table("users")

    def _about(self, key: dict[str, str] | None) -> Call:
        return self._connection.calls.current.at(self._connection.settings.users_table, key)

    def _find(self, username: str, asset_id: str, instant: datetime, *, consistent: bool) -> Item | None:
        """The item of an instant: the canonical text first, then the lowest key."""
        text = utc_timestamp(instant)
        pk, prefix = asset_transaction_pk(username, asset_id), text
        if instant.microsecond:
            prefix = text.rstrip("0")  # the zeros at the end of a fraction may be missing
        self._about({"Pk": pk, "Sk": prefix})
        query: dict[str, Any] = {"KeyConditionExpression": Key("Pk").eq(pk) & Key("Sk").begins_with(prefix)}
        if consistent:
            query["ConsistentRead"] = True
        spellings = []
        while True:
            page = self._table.query(**query)
            spellings += [item for item in page["Items"] if _is_at(item, instant)]
            if not page.get("LastEvaluatedKey"):
                break
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        spellings.sort(key=lambda item: item["Sk"] != text)
        return spellings[0] if spellings else None


def _is_at(item: Item, instant: datetime) -> bool:
    if not is_asset_transaction(item):
        return False
    try:
        value = datetime.fromisoformat(item["Sk"])
        return instant == (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return False
