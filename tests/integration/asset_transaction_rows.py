"""Rows of the ledger of holdings, and what the contract says of them, worked out without the code under test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from common.data import AssetTransaction

from .asset_balance_rows import instant
from .user_rows import Item

__all__ = ["AT", "entity", "is_ledger_row", "key_of", "ledger_row", "read_as"]

AT = "2023-02-03T04:05:06.123456"


def key_of(username: str, text: str = AT, asset_id: str = "BTC") -> Item:
    """The key of a ledger row."""
    return {"Pk": {"S": f"TRANS#{username}#{asset_id}"}, "Sk": {"S": text}}


def ledger_row(
    username: str,
    text: str = AT,
    asset_id: str = "BTC",
    /,
    *,
    without: Iterable[str] = (),
    **attributes: dict[str, Any],
) -> Item:
    """A ledger row as the contract has it, with some attributes replaced or added and some left out."""
    row: Item = {
        **key_of(username, text, asset_id),
        "username": {"S": username},
        "asset_id": {"S": asset_id},
        "transaction_type": {"S": "BUY"},
        "quantity": {"S": "1.50"},
        "price": {"S": "2.00"},
        "total_amount": {"S": "3.0000"},
        "order_id": {"S": "order-1"},
        "status": {"S": "COMPLETED"},
        "created_at": {"S": text},
        **attributes,
    }
    for name in without:
        del row[name]
    return row


def is_ledger_row(row: Item) -> bool:
    """Whether a row of the users table is one of such a ledger."""
    parts = row["Pk"]["S"].split("#")
    dated = re.match(r"\d{4}-\d\d-\d\dT", row["Sk"]["S"]) is not None
    return len(parts) == 3 and parts[0] == "TRANS" and dated and "entity_type" not in row


def entity(username: str, **values: object) -> AssetTransaction:
    """A valid transaction."""
    given: dict[str, object] = {
        "username": username,
        "asset_id": "BTC",
        "transaction_type": "BUY",
        "quantity": Decimal("1.50"),
        "price": Decimal("2.00"),
        "total_amount": Decimal("3.0000"),
        "order_id": "order-1",
        "status": "COMPLETED",
        "created_at": datetime.fromisoformat(AT),
    }
    return AssetTransaction.model_validate(given | values)


def read_as(row: Item) -> dict[str, object]:
    """The fields that a ledger row must be read as; Decimals as text, so that their digits count."""
    numbers = {name: str(Decimal(row[name]["S"])) for name in ("quantity", "price", "total_amount")}
    texts = {name: row[name]["S"] for name in ("username", "asset_id", "transaction_type", "status")}
    order_id = row.get("order_id", {}).get("S")
    return {**texts, **numbers, "order_id": order_id, "created_at": instant(row["created_at"]["S"])}
