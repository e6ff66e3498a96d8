"""Holdings of assets, by boto3's Table resource."""

from decimal import Decimal

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws import Table
from common.data.aws_errors import condition_failed, lost_race
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao._archived_boto3._holdings import (
    asset_balance_item,
    asset_balance_key,
    is_asset_balance,
    to_asset_balance,
)
from common.data.dao._archived_boto3._rows import Item, rejected_item, utc_timestamp
from common.data.dao._archived_boto3._rows import quantity as quantity_text
from common.data.entities import AssetBalance
from common.data.errors import (
    AssetBalanceNotFoundError,
    ConflictError,
    InsufficientAssetBalanceError,
    InvalidArgumentError,
)

__all__ = ["AssetBalanceDAO"]


class AssetBalanceDAO:
    """Holdings of assets; the contract stands in `AssetBalanceDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection

    @data_operation
    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        """Add to a holding, or take out of it. One strongly consistent Get, one conditional Put or Update."""
        arguments.check_holding(username, asset_id)
        change = arguments.check_number("quantity", quantity)
        call = self._about(username, asset_id)
        key = asset_balance_key(username, asset_id)
        for _ in call.tries():
            item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
            total = self._total(call, item, change)
            now = clock.now()
            written = {"quantity": quantity_text(total), "updated_at": utc_timestamp(now)}
            try:
                if item:
                    return to_asset_balance(self._update(key, item, written))
                new_item = asset_balance_item(username, asset_id, total, now)
                self._table.put_item(
                    Item=new_item,
                    ConditionExpression="attribute_not_exists(Pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
                return to_asset_balance(new_item)
            except ClientError as error:
                if not lost_race(error):
                    raise
                stored = rejected_item(error)
                if call.unanswered and stored and is_asset_balance(stored) and written.items() <= stored.items():
                    return to_asset_balance(stored)
                call.lost(error)
        raise AssertionError("tries() ends by raising")

    @data_operation
    def get_asset_balance(self, username: str, asset_id: str) -> AssetBalance:
        """Read a holding. One strongly consistent Get."""
        arguments.check_holding(username, asset_id)
        call = self._about(username, asset_id)
        item = self._table.get_item(Key=asset_balance_key(username, asset_id), ConsistentRead=True).get("Item")
        if not item or not is_asset_balance(item):
            raise call.error(AssetBalanceNotFoundError)
        return to_asset_balance(item)

    @data_operation
    def get_all_asset_balances(self, username: str) -> list[AssetBalance]:
        """Read all holdings of a user, by asset id. One strongly consistent Query per page."""
        arguments.check_username(username)
        self._about(username, "")
        query = {
            "KeyConditionExpression": Key("Pk").eq(username) & Key("Sk").begins_with("ASSET#"),
            "ConsistentRead": True,
        }
        balances = []
        while True:
            page = self._table.query(**query)
            balances += [to_asset_balance(item) for item in page["Items"] if is_asset_balance(item)]
            if not page.get("LastEvaluatedKey"):
                return balances
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    @data_operation
    def delete_asset_balance(self, username: str, asset_id: str) -> bool:
        """Remove a holding, whatever its quantity. One conditional Delete."""
        arguments.check_holding(username, asset_id)
        call = self._about(username, asset_id)
        try:
            call.send(
                lambda: self._table.delete_item(
                    Key=asset_balance_key(username, asset_id),
                    ConditionExpression="attribute_exists(Pk) AND attribute_not_exists(entity_type)",
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

    def _about(self, username: str, asset_id: str) -> Call:
        table_name = self._connection.settings.users_table
        return self._connection.calls.current.at(table_name, asset_balance_key(username, asset_id))

    @staticmethod
    def _total(call: Call, item: Item | None, change: Decimal) -> Decimal:
        """The quantity after the change."""
        held = to_asset_balance(item).quantity if item and is_asset_balance(item) else Decimal(0)
        if change < 0 and held < change.copy_abs():
            raise call.shortage(InsufficientAssetBalanceError, None, available=held, required=change.copy_abs())
        if item and not is_asset_balance(item):
            raise call.error(ConflictError, message="a row of another kind has the key")
        try:
            return arguments.exact_sum("quantity", held, change)
        except InvalidArgumentError as error:
            raise call.error(InvalidArgumentError, message=error.message) from None

    def _update(self, key: dict[str, str], item: Item, written: Item) -> Item:
        """Set the quantity, unless somebody wrote the item since it was read.

        The quantity alone would not tell: others may have brought it back to what it was.
        """
        update = "SET quantity = :quantity, updated_at = :updated_at"
        values = {f":{name}": value for name, value in written.items()}
        values |= {":old_quantity": item["quantity"], ":old_updated_at": item["updated_at"]}
        if item.get("created_at") is None:
            update += ", created_at = :created_at"
            values[":created_at"] = utc_timestamp(to_asset_balance(item).updated_at)
        response = self._table.update_item(
            Key=key,
            UpdateExpression=update,
            ConditionExpression=(
                "quantity = :old_quantity AND updated_at = :old_updated_at AND attribute_not_exists(entity_type)"
            ),
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        stored: Item = response["Attributes"]
        return stored
