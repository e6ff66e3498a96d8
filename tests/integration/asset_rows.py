"""Rows and entities of assets, and what the contract says of them, worked out without the code under test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from common.data import Asset
from parity.tables import Tables

from .asset_balance_rows import instant
from .user_rows import Item

__all__ = ["FIGURES", "TEXTS", "asset_row", "entity", "exact", "is_asset", "key_of", "read_as", "stored"]

FIGURES = [
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
]
TEXTS = ["description", "symbol", "image", "ath_date", "atl_date", "last_updated"]


def key_of(asset_id: str) -> Item:
    """The key of an asset."""
    return {"product_id": {"S": asset_id}}


def asset_row(asset_id: str, /, *, without: Iterable[str] = (), **attributes: dict[str, Any]) -> Item:
    """An asset as the contract has it, with some attributes replaced or added and some left out."""
    row: Item = {
        **key_of(asset_id),
        "asset_id": {"S": asset_id},
        "name": {"S": "Bitcoin"},
        "category": {"S": "major"},
        "amount": {"N": "10"},
        "price_usd": {"N": "64321.5"},
        "is_active": {"BOOL": True},
        **{name: {"NULL": True} for name in [*FIGURES, *TEXTS, "market_cap_rank", "sparkline_7d"]},
        "created_at": {"S": "2023-02-03T04:05:06.123456"},
        "updated_at": {"S": "2023-02-04T05:06:07.654321"},
        **attributes,
    }
    for name in without:
        del row[name]
    return row


def is_asset(row: Item) -> bool:
    """Whether a row of the inventory table is an asset."""
    return "#" not in row["product_id"]["S"] and "entity_type" not in row


def stored(tables: Tables, asset_id: str) -> Item:
    """The row of an asset that must be there."""
    row = tables.get("inventory", key_of(asset_id))
    assert row is not None
    return row


def entity(asset_id: str, **values: object) -> Asset:
    """A valid asset."""
    given: dict[str, object] = {
        "asset_id": asset_id,
        "name": "Bitcoin",
        "category": "major",
        "amount": Decimal(10),
        "price_usd": Decimal("64321.5"),
    }
    return Asset.model_validate(given | values)


def exact(value: object) -> object:
    """A value whose Decimals are texts, so that their digits count."""
    if isinstance(value, Asset):
        return {name: exact(getattr(value, name)) for name in Asset.model_fields}
    if isinstance(value, Mapping):
        return {name: exact(part) for name, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return f"Decimal {value:f}" if isinstance(value, Decimal) else value


def read_as(row: Item) -> object:
    """What an asset must be read as, exactly."""
    found: dict[str, object] = {
        "asset_id": row["asset_id"]["S"],
        "name": row.get("name", {}).get("S", ""),
        "category": row.get("category", {}).get("S", "unknown"),
        "amount": Decimal(row.get("amount", {}).get("N", "0")),
        "price_usd": Decimal(row["price_usd"]["N"]),
        "is_active": row.get("is_active", {}).get("BOOL", True),
        "created_at": instant(row["created_at"]["S"]),
        "updated_at": instant(row["updated_at"]["S"]),
    }
    for name in [*FIGURES, "market_cap_rank", "sparkline_7d", *TEXTS]:
        found[name] = _value(row.get(name, {"NULL": True}))
    if isinstance(rank := found["market_cap_rank"], Decimal):
        found["market_cap_rank"] = int(rank)
    return exact(found)


def _value(wire: Mapping[str, Any]) -> object:
    ((kind, content),) = wire.items()
    if kind == "M":
        return {name: _value(part) for name, part in content.items()}
    if kind == "L":
        return [_value(part) for part in content]
    if kind == "N":
        return Decimal(content)
    return None if kind == "NULL" else content
