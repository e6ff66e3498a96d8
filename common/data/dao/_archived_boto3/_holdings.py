"""The items of holdings and of their ledger, as boto3's Table has them."""

from datetime import datetime
from decimal import Decimal

from common.data.dao._archived_boto3._rows import TIMESTAMP, Item, Row, quantity, utc_timestamp
from common.data.entities import AssetBalance, AssetTransaction, AssetTransactionStatus, AssetTransactionType
from common.data.entities.base import LENIENT

__all__ = [
    "asset_balance_item",
    "asset_balance_key",
    "asset_transaction_item",
    "asset_transaction_pk",
    "is_asset_balance",
    "is_asset_transaction",
    "to_asset_balance",
    "to_asset_transaction",
]


def asset_balance_key(username: str, asset_id: str) -> dict[str, str]:
    """The key of a holding."""
    return {"Pk": username, "Sk": f"ASSET#{asset_id}"}


def asset_balance_item(username: str, asset_id: str, amount: Decimal, now: datetime) -> Item:
    """The item of a new holding."""
    return {
        **asset_balance_key(username, asset_id),
        "username": username,
        "asset_id": asset_id,
        "quantity": quantity(amount),
        "created_at": utc_timestamp(now),
        "updated_at": utc_timestamp(now),
    }


def is_asset_balance(item: Item) -> bool:
    """Whether an item is a holding, by its key and kind."""
    parts = item["Sk"].split("#")
    range_key = len(parts) == 2 and parts[0] == "ASSET" and parts[1] != ""  # noqa: PLR2004 - ASSET, asset
    return range_key and "#" not in item["Pk"] and "entity_type" not in item


def to_asset_balance(item: Item) -> AssetBalance:
    """Decode a holding."""
    row = Row(item, ("Pk", "Sk"))
    username = row.optional_text("username")
    values = {
        "username": item["Pk"] if username is None else username,
        "asset_id": row.text("asset_id"),
        "quantity": row.quantity("quantity"),
        "created_at": row.timestamp("updated_at" if item.get("created_at") is None else "created_at"),
        "updated_at": row.timestamp("updated_at"),
    }
    return AssetBalance.model_validate(values, context=LENIENT)


def asset_transaction_pk(username: str, asset_id: str) -> str:
    """The hash key of one user's and one asset's ledger."""
    return f"TRANS#{username}#{asset_id}"


def asset_transaction_item(transaction: AssetTransaction) -> Item:
    """The item of a ledger row."""
    created_at = utc_timestamp(transaction.created_at)
    return {
        "Pk": asset_transaction_pk(transaction.username, transaction.asset_id),
        "Sk": created_at,
        "username": transaction.username,
        "asset_id": transaction.asset_id,
        "transaction_type": transaction.transaction_type.value,
        "quantity": quantity(transaction.quantity),
        "price": quantity(transaction.price),
        "total_amount": quantity(transaction.total_amount),
        "order_id": transaction.order_id,
        "status": transaction.status.value,
        "created_at": created_at,
    }


def is_asset_transaction(item: Item) -> bool:
    """Whether an item is a row of such a ledger, by its key and kind."""
    parts = item["Pk"].split("#")
    partition = len(parts) == 3 and parts[0] == "TRANS" and all(parts)  # noqa: PLR2004 - TRANS, user, asset
    return partition and "entity_type" not in item and TIMESTAMP.fullmatch(item["Sk"]) is not None


def to_asset_transaction(item: Item) -> AssetTransaction:
    """Decode a ledger row."""
    row = Row(item, ("Pk", "Sk"))
    values = {
        "username": row.text("username"),
        "asset_id": row.text("asset_id"),
        "transaction_type": row.choice("transaction_type", AssetTransactionType),
        "quantity": row.quantity("quantity"),
        "price": row.quantity("price"),
        "total_amount": row.quantity("total_amount"),
        "order_id": row.optional_text("order_id"),
        "status": row.choice("status", AssetTransactionStatus),
        "created_at": row.timestamp("created_at"),
    }
    return AssetTransaction.model_validate(values, context=LENIENT)
