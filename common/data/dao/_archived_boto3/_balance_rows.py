"""The rows of cash in the users table: balance, balance transaction, posting."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from common.data.dao._archived_boto3._rows import TIMESTAMP, Item, Row, as_stored, utc_timestamp
from common.data.entities import Balance, BalanceTransaction, TransactionStatus, TransactionType
from common.data.entities.base import LENIENT

__all__ = [
    "balance_action",
    "balance_item",
    "balance_key",
    "is_balance",
    "is_posting",
    "is_transaction",
    "ledger_key_of",
    "posted_key",
    "posting_item",
    "put_action",
    "same_transaction",
    "to_balance",
    "to_transaction",
    "transaction_item",
]

KEY = ("Pk", "Sk")


def balance_key(username: str) -> dict[str, str]:
    """The key of a user's balance."""
    return {"Pk": username, "Sk": "BALANCE"}


def balance_item(balance: Balance, now: datetime) -> Item:
    """A new balance."""
    return {
        **balance_key(balance.username),
        "username": balance.username,
        "current_balance": as_stored(balance.current_balance),
        "created_at": utc_timestamp(now),
        "updated_at": utc_timestamp(now),
        "entity_type": "balance",
    }


def is_balance(item: Item) -> bool:
    """Whether an item at a balance's key is a balance."""
    return "entity_type" not in item or bool(item["entity_type"] == "balance")


def to_balance(item: Item) -> Balance:
    """Decode a balance."""
    row = Row(item, KEY)
    values = {
        "username": row.text("username"),
        "current_balance": row.number("current_balance"),
        "created_at": row.timestamp("created_at"),
        "updated_at": row.timestamp("updated_at"),
    }
    return Balance.model_validate(values, context=LENIENT)


def balance_action(table: str, username: str, amount: Decimal, now: datetime) -> dict[str, Any]:
    """The action of a transaction that adds the amount to a balance that is there and covers it."""
    condition = (
        "attribute_exists(Pk) AND (attribute_not_exists(entity_type) OR entity_type = :type)"
        " AND attribute_type(current_balance, :number)"
    )
    values: dict[str, Any] = {":amount": amount, ":now": utc_timestamp(now), ":type": "balance", ":number": "N"}
    if amount < 0:
        condition += " AND current_balance >= :required"
        values[":required"] = amount.copy_abs()
    return {
        "Update": {
            "TableName": table,
            "Key": balance_key(username),
            "UpdateExpression": "SET current_balance = current_balance + :amount, updated_at = :now",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def transaction_item(transaction: BalanceTransaction) -> Item:
    """A row of the ledger."""
    created_at = utc_timestamp(transaction.created_at)
    return {
        "Pk": f"TRANS#{transaction.username}",
        "Sk": created_at,
        "username": transaction.username,
        "transaction_id": str(transaction.transaction_id),
        "transaction_type": transaction.transaction_type.value,
        "amount": as_stored(transaction.amount),
        "description": transaction.description,
        "status": transaction.status.value,
        "reference_id": transaction.reference_id,
        "created_at": created_at,
        "entity_type": "balance_transaction",
    }


def is_transaction(item: Item) -> bool:
    """Whether an item of a ledger is a balance transaction."""
    if "entity_type" in item:
        return bool(item["entity_type"] == "balance_transaction")
    return TIMESTAMP.fullmatch(item["Sk"]) is not None


def to_transaction(item: Item) -> BalanceTransaction:
    """Decode a row of the ledger."""
    row = Row(item, KEY)
    values = {
        "username": row.text("username"),
        "transaction_id": row.uuid("transaction_id"),
        "transaction_type": row.choice("transaction_type", TransactionType),
        "amount": row.number("amount"),
        "description": row.text("description"),
        "status": row.choice("status", TransactionStatus),
        "reference_id": row.optional_text("reference_id"),
        "created_at": row.timestamp("created_at"),
    }
    return BalanceTransaction.model_validate(values, context=LENIENT)


def put_action(table: str, item: Item) -> dict[str, Any]:
    """The action of a transaction that stores a new item."""
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(Pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def same_transaction(item: Item | None, transaction: BalanceTransaction) -> bool:
    """Whether the ledger row stands for this transaction: id, type, amount and reference agree."""
    if item is None or not is_transaction(item):
        return False
    row = Row(item, KEY)
    stored = (
        row.uuid("transaction_id"),
        row.choice("transaction_type", TransactionType),
        row.number("amount"),
        row.optional_text("reference_id"),
    )
    return stored == (
        transaction.transaction_id,
        transaction.transaction_type,
        transaction.amount,
        transaction.reference_id,
    )


def posted_key(transaction: BalanceTransaction) -> dict[str, str]:
    """The key of a transaction's posting."""
    return {"Pk": f"POSTED#{transaction.username}", "Sk": str(transaction.transaction_id)}


def posting_item(transaction: BalanceTransaction) -> Item:
    """The row that says that a transaction was posted."""
    return {
        **posted_key(transaction),
        "username": transaction.username,
        "transaction_id": str(transaction.transaction_id),
        "created_at": utc_timestamp(transaction.created_at),
        "entity_type": "posting",
    }


def is_posting(item: Item) -> bool:
    """Whether an item at a posting's key is a posting."""
    return "entity_type" not in item or bool(item["entity_type"] == "posting")


def ledger_key_of(posting: Item, username: str) -> dict[str, str]:
    """The key of the ledger row that was posted, in the spelling that it was stored in."""
    row = Row(posting, KEY)
    row.timestamp("created_at")
    return {"Pk": f"TRANS#{username}", "Sk": row.text("created_at")}
