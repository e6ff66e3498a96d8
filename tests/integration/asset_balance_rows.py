"""Rows of holdings, and what the contract says of them, worked out without the code under test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from parity.tables import Tables

from .user_rows import Item

__all__ = ["fields", "holding_row", "instant", "is_holding", "key_of", "read_as", "stored"]


def key_of(username: str, asset_id: str = "BTC") -> Item:
    """The key of a holding."""
    return {"Pk": {"S": username}, "Sk": {"S": f"ASSET#{asset_id}"}}


def holding_row(
    username: str,
    asset_id: str = "BTC",
    quantity: str = "10.50",
    /,
    *,
    without: Iterable[str] = (),
    **attributes: dict[str, Any],
) -> Item:
    """A holding as the contract has it, with some attributes replaced or added and some left out."""
    row: Item = {
        **key_of(username, asset_id),
        "username": {"S": username},
        "asset_id": {"S": asset_id},
        "quantity": {"S": quantity},
        "created_at": {"S": "2023-02-03T04:05:06.123456"},
        "updated_at": {"S": "2023-02-04T05:06:07.654321"},
        **attributes,
    }
    for name in without:
        del row[name]
    return row


def is_holding(row: Item) -> bool:
    """Whether a row of the users table is a holding."""
    parts = row["Sk"]["S"].split("#")
    return len(parts) == 2 and parts[0] == "ASSET" and "entity_type" not in row


def stored(tables: Tables, username: str, asset_id: str = "BTC") -> Item:
    """The row of a holding that must be there."""
    row = tables.get("users", key_of(username, asset_id))
    assert row is not None
    return row


def fields(entity: BaseModel) -> dict[str, object]:
    """What an entity holds, with the types as they are; Decimals as text, so that their digits count."""
    found = {name: getattr(entity, name) for name in type(entity).model_fields}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in found.items()}


def read_as(row: Item) -> dict[str, object]:
    """The fields that a holding must be read as."""
    updated_at = instant(row["updated_at"]["S"])
    return {
        "username": row["username" if "username" in row else "Pk"]["S"],
        "asset_id": row["asset_id"]["S"],
        "quantity": str(Decimal(row["quantity"]["S"])),
        "created_at": instant(row["created_at"]["S"]) if "created_at" in row else updated_at,
        "updated_at": updated_at,
    }


def instant(text: str) -> datetime:
    """The instant of a stored timestamp in UTC."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    whole = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return whole.replace(microsecond=int(fraction.ljust(6, "0")))
