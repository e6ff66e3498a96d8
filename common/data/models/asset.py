"""The row of an asset in the inventory table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from pynamodb.constants import BATCH_GET_ITEM, KEYS, REQUEST_ITEMS, RESPONSES, UNPROCESSED_KEYS
from pynamodb.expressions.update import Action

from common.data.entities import Asset
from common.data.entities.base import LENIENT
from common.data.models.attributes import (
    AnyAttribute,
    DecimalAttribute,
    DocumentAttribute,
    FlagAttribute,
    IntegerAttribute,
    TextAttribute,
    UtcTimestampAttribute,
)
from common.data.models.base import NO_HASH_SIGN, DataModel, WireItem, kind_of
from common.data.settings import TableName

__all__ = ["AssetModel"]


class AssetModel(DataModel):
    """An asset: hash key its id. The attributes are called as the fields of the entity."""

    logical_table: ClassVar[TableName] = "inventory"

    hash_key = TextAttribute(attr_name="product_id", hash_key=True)
    asset_id = TextAttribute(attr_name="asset_id")
    name = TextAttribute(attr_name="name", null=True)
    description = TextAttribute(attr_name="description", null=True)
    category = TextAttribute(attr_name="category", null=True)
    amount = DecimalAttribute(attr_name="amount", null=True)
    price_usd = DecimalAttribute(attr_name="price_usd")
    is_active = FlagAttribute(attr_name="is_active", null=True)
    current_price = DecimalAttribute(attr_name="current_price", null=True)
    high_24h = DecimalAttribute(attr_name="high_24h", null=True)
    low_24h = DecimalAttribute(attr_name="low_24h", null=True)
    circulating_supply = DecimalAttribute(attr_name="circulating_supply", null=True)
    total_supply = DecimalAttribute(attr_name="total_supply", null=True)
    max_supply = DecimalAttribute(attr_name="max_supply", null=True)
    price_change_24h = DecimalAttribute(attr_name="price_change_24h", null=True)
    price_change_percentage_24h = DecimalAttribute(attr_name="price_change_percentage_24h", null=True)
    price_change_percentage_7d = DecimalAttribute(attr_name="price_change_percentage_7d", null=True)
    price_change_percentage_30d = DecimalAttribute(attr_name="price_change_percentage_30d", null=True)
    market_cap = DecimalAttribute(attr_name="market_cap", null=True)
    market_cap_change_24h = DecimalAttribute(attr_name="market_cap_change_24h", null=True)
    market_cap_change_percentage_24h = DecimalAttribute(attr_name="market_cap_change_percentage_24h", null=True)
    total_volume_24h = DecimalAttribute(attr_name="total_volume_24h", null=True)
    volume_change_24h = DecimalAttribute(attr_name="volume_change_24h", null=True)
    ath = DecimalAttribute(attr_name="ath", null=True)
    ath_change_percentage = DecimalAttribute(attr_name="ath_change_percentage", null=True)
    atl = DecimalAttribute(attr_name="atl", null=True)
    atl_change_percentage = DecimalAttribute(attr_name="atl_change_percentage", null=True)
    market_cap_rank = IntegerAttribute(attr_name="market_cap_rank", null=True)
    symbol = TextAttribute(attr_name="symbol", null=True)
    image = TextAttribute(attr_name="image", null=True)
    ath_date = TextAttribute(attr_name="ath_date", null=True)
    atl_date = TextAttribute(attr_name="atl_date", null=True)
    last_updated = TextAttribute(attr_name="last_updated", null=True)
    sparkline_7d = DocumentAttribute(attr_name="sparkline_7d", null=True)
    created_at = UtcTimestampAttribute(attr_name="created_at")
    updated_at = UtcTimestampAttribute(attr_name="updated_at")
    entity_type = AnyAttribute(attr_name="entity_type")

    kind = kind_of(entity_type, (hash_key, NO_HASH_SIGN))

    @classmethod
    def key_names(cls, asset_id: str) -> dict[str, str]:
        """The key of an asset as errors carry it."""
        return {cls.hash_key.attr_name: asset_id}

    @classmethod
    def of(cls, asset: Asset, *, now: datetime) -> Self:
        """The row of a new asset, made at `now`."""
        return cls(asset.asset_id, **(cls._values(asset) | {"created_at": now, "updated_at": now}))

    @classmethod
    def setting(cls, asset: Asset, *, now: datetime) -> list[Action]:
        """The actions that set every field but created_at."""
        attributes = cls.get_attributes()
        values = cls._values(asset) | {"updated_at": now}
        return [attributes[field].set(value) for field, value in values.items() if field != "created_at"]

    @classmethod
    def batch(cls, asset_ids: Sequence[str]) -> tuple[list[WireItem], list[str]]:
        """One BatchGetItem of up to 100 keys: the stored rows of assets, and the keys that stayed unprocessed."""
        table, key = cls.table_name(), cls.hash_key
        keys = [{key.attr_name: {key.attr_type: asset_id}} for asset_id in asset_ids]
        answer = cls._get_connection().connection.dispatch(BATCH_GET_ITEM, {REQUEST_ITEMS: {table: {KEYS: keys}}})
        rows = cls.of_kind(answer.get(RESPONSES, {}).get(table, []))
        left = answer.get(UNPROCESSED_KEYS, {}).get(table, {}).get(KEYS, [])
        return rows, [one[key.attr_name][key.attr_type] for one in left]

    @staticmethod
    def _values(asset: Asset) -> dict[str, Any]:
        return {field: getattr(asset, field) for field in Asset.model_fields}

    @classmethod
    def key_text(cls, item: WireItem) -> str:
        """The hash key of a stored row."""
        key = cls.hash_key
        return str(item[key.attr_name][key.attr_type])

    @classmethod
    def assets(cls, items: Sequence[WireItem]) -> Iterable[Asset]:
        """The assets of stored rows; see `entities` and `to_asset`."""
        return cls.entities(items, Asset, cls.to_asset)

    @property
    def is_asset(self) -> bool:
        """Whether key and kind are those of an asset; rows of other kinds have a `#` in their key."""
        return self.kind.includes(self.stored)

    def to_asset(self) -> Asset:
        """The asset; lengths that old rows break are let pass, and what old rows lack has a value.

        Raises:
            CorruptItemError: an attribute is missing, of another type, or unreadable.
        """
        if (sound := self.soundly(Asset)) is not None:
            return sound
        attributes = self.get_attributes()
        fields: dict[str, Any] = {"name": "", "category": "unknown", "amount": Decimal(0), "is_active": True}
        for field in Asset.model_fields:
            attribute = attributes[field]
            value = self.optional(attribute) if attribute.null else self.required(attribute)
            if value is not None or field not in fields:
                fields[field] = value
        return Asset.model_validate(fields, context=LENIENT)
