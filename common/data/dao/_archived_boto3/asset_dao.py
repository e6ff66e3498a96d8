"""Assets, by boto3's Table resource."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws import Table
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao._archived_boto3._rows import Item, Row, as_stored, rejected_item, utc_timestamp
from common.data.entities import Asset
from common.data.entities.base import LENIENT
from common.data.errors import AssetAlreadyExistsError, AssetNotFoundError

__all__ = ["AssetDAO"]

MARKET_FIGURES = (
    "current_price",
    "high_24h",
    "low_24h",
    "circulating_supply",
    "total_supply",
    "max_supply",
    "price_change_24h",
    "price_change_percentage_24h",
    "price_change_percentage_7d",
    "price_change_percentage_30d",
    "market_cap",
    "market_cap_change_24h",
    "market_cap_change_percentage_24h",
    "total_volume_24h",
    "volume_change_24h",
    "ath",
    "ath_change_percentage",
    "atl",
    "atl_change_percentage",
)
TEXTS = ("symbol", "image", "ath_date", "atl_date", "last_updated")


class AssetDAO:
    """Assets; the contract stands in `AssetDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection

    @data_operation
    def create_asset(self, asset: Asset) -> Asset:
        """Store a new asset, both timestamps now. One conditional Put."""
        asset = arguments.check_asset(asset)
        now = clock.now()
        item = {"product_id": asset.asset_id, **self._attributes(asset, now), "created_at": utc_timestamp(now)}
        call = self._about(asset.asset_id)
        try:
            call.send(
                lambda: self._table.put_item(
                    Item=item,
                    ConditionExpression="attribute_not_exists(product_id)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            if not (call.unanswered and rejected_item(error) == item):
                raise call.refusal(AssetAlreadyExistsError, error) from error
        return self._to_asset(item)

    @data_operation
    def get_asset_by_id(self, asset_id: str) -> Asset:
        """Read an asset. One eventually consistent Get."""
        arguments.check_asset_id(asset_id)
        call = self._about(asset_id)
        item = self._table.get_item(Key={"product_id": asset_id}).get("Item")
        if not item or not self._is_asset(item):
            raise call.error(AssetNotFoundError)
        return self._to_asset(item)

    @data_operation
    def get_all_assets(self, active_only: bool = False) -> list[Asset]:  # noqa: FBT001, FBT002 - the contract's signature
        """Read every asset. One Scan per page."""
        arguments.check_flag("active_only", active_only)
        self._connection.calls.current.at(self._table_name, None)
        scan: dict[str, Any] = {}
        assets: list[Asset] = []
        while True:
            page = self._table.scan(**scan)
            assets += [self._to_asset(item) for item in page["Items"] if self._is_asset(item)]
            if not page.get("LastEvaluatedKey"):
                break
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        if active_only:
            assets = [asset for asset in assets if asset.is_active]
        return assets

    @data_operation
    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        """Read assets by their ids. One BatchGet per 100 ids, more while keys stay unprocessed."""
        ids = arguments.check_asset_ids(asset_ids)
        call = self._connection.calls.current.at(self._table_name, None)
        items: dict[str, Item] = {}
        for start in range(0, len(ids), 100):
            keys = [{"product_id": asset_id} for asset_id in ids[start : start + 100]]
            for _ in call.batch_tries():
                response = self._table.meta.client.batch_get_item(RequestItems={self._table_name: {"Keys": keys}})
                items.update({item["product_id"]: item for item in response["Responses"].get(self._table_name, [])})
                keys = response.get("UnprocessedKeys", {}).get(self._table_name, {}).get("Keys", [])
                if not keys:
                    break
        ordered = [items[asset_id] for asset_id in ids if asset_id in items]
        return {item["product_id"]: self._to_asset(item) for item in ordered if self._is_asset(item)}

    @data_operation
    def update_asset(self, asset: Asset) -> Asset:
        """Set every field but created_at, updated_at to now. One conditional Update."""
        asset = arguments.check_asset(asset, lenient=True)
        attributes = self._attributes(asset, clock.now())
        call = self._about(asset.asset_id)
        try:
            response = call.send(
                lambda: self._table.update_item(
                    Key={"product_id": asset.asset_id},
                    UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
                    ConditionExpression="attribute_exists(product_id) AND attribute_not_exists(entity_type)",
                    ExpressionAttributeNames={f"#{name}": name for name in attributes},
                    ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
                    ReturnValues="ALL_NEW",
                )
            )
        except ClientError as error:
            if condition_failed(error):
                raise call.refusal(AssetNotFoundError, error) from error
            raise
        return self._to_asset(response["Attributes"])

    @property
    def _table(self) -> Table:
        return self._connection.table("inventory")

    @property
    def _table_name(self) -> str:
        return self._connection.settings.inventory_table

    def _about(self, asset_id: str) -> Call:
        return self._connection.calls.current.at(self._table_name, {"product_id": asset_id})

    @staticmethod
    def _attributes(asset: Asset, now: datetime) -> Item:
        """Everything but the key and created_at, with numbers as they come back."""
        values = asset.model_dump(exclude={"created_at"}) | {"updated_at": utc_timestamp(now)}
        return {name: _numbers(value) for name, value in values.items()}

    @staticmethod
    def _is_asset(item: Item) -> bool:
        return "#" not in item["product_id"] and "entity_type" not in item

    @staticmethod
    def _to_asset(item: Item) -> Asset:
        row = Row(item, ("product_id",))
        values = {
            "asset_id": row.text("asset_id"),
            "name": row.optional_text("name") or "",
            "description": row.optional_text("description"),
            "category": "unknown" if (category := row.optional_text("category")) is None else category,
            "amount": row.optional_number("amount") or Decimal(0),
            "price_usd": row.number("price_usd"),
            "is_active": row.flag("is_active", default=True),
            **{name: row.optional_number(name) for name in MARKET_FIGURES},
            "market_cap_rank": row.optional_integer("market_cap_rank"),
            **{name: row.optional_text(name) for name in TEXTS},
            "sparkline_7d": row.optional_document("sparkline_7d"),
            "created_at": row.timestamp("created_at"),
            "updated_at": row.timestamp("updated_at"),
        }
        return Asset.model_validate(values, context=LENIENT)


def _numbers(value: object) -> object:
    """A value with every number in it as DynamoDB gives it back."""
    if isinstance(value, dict):
        return {name: _numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_numbers(part) for part in value]
    if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        return as_stored(Decimal(value))
    return value
