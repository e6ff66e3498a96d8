"""Rows and entities for the Balance suite, and what the contract says of them, worked out without the code under test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.data import Balance, BalanceTransaction
from common.data.entities.base import Entity
from parity.tables import Tables

from .user_rows import Item, naive_text

__all__ = [
    "WHEN",
    "balance",
    "balance_key",
    "balance_row",
    "cash",
    "fields",
    "ledger",
    "ledger_key",
    "ledger_row",
    "number",
    "plain",
    "posting_key",
    "posting_row",
    "read_balance",
    "read_transaction",
    "row_of",
    "stored_as",
    "transaction",
]

WHEN = "2023-02-03T04:05:06.123456"


def balance_key(username: str) -> Item:
    """The key of a balance."""
    return {"Pk": {"S": username}, "Sk": {"S": "BALANCE"}}


def balance_row(
    username: str, amount: str = "100", /, *, without: Iterable[str] = (), **attributes: dict[str, Any]
) -> Item:
    """A balance as the contract has it, with some attributes replaced or added and some left out."""
    row: Item = {
        **balance_key(username),
        "username": {"S": username},
        "current_balance": {"N": amount},
        "created_at": {"S": WHEN},
        "updated_at": {"S": "2023-02-04T05:06:07.654321"},
        "entity_type": {"S": "balance"},
    }
    row |= attributes
    for name in without:
        del row[name]
    return row


def ledger_key(username: str, created_at: str = WHEN) -> Item:
    """The key of a ledger row."""
    return {"Pk": {"S": f"TRANS#{username}"}, "Sk": {"S": created_at}}


def ledger_row(
    username: str,
    transaction_id: UUID,
    created_at: str = WHEN,
    /,
    *,
    without: Iterable[str] = (),
    **attributes: dict[str, Any],
) -> Item:
    """A balance transaction as the contract has it: a deposit of 10."""
    row: Item = {
        **ledger_key(username, created_at),
        "username": {"S": username},
        "transaction_id": {"S": str(transaction_id)},
        "transaction_type": {"S": "deposit"},
        "amount": {"N": "10"},
        "description": {"S": "cash"},
        "status": {"S": "completed"},
        "reference_id": {"NULL": True},
        "created_at": {"S": created_at},
        "entity_type": {"S": "balance_transaction"},
    }
    row |= attributes
    for name in without:
        del row[name]
    return row


def posting_key(username: str, transaction_id: UUID) -> Item:
    """The key of a posting."""
    return {"Pk": {"S": f"POSTED#{username}"}, "Sk": {"S": str(transaction_id)}}


def posting_row(username: str, transaction_id: UUID, created_at: str = WHEN, /, **attributes: dict[str, Any]) -> Item:
    """A posting as the contract has it."""
    return {
        **posting_key(username, transaction_id),
        "username": {"S": username},
        "transaction_id": {"S": str(transaction_id)},
        "created_at": {"S": created_at},
        "entity_type": {"S": "posting"},
        **attributes,
    }


def balance(username: str, amount: str = "100") -> Balance:
    """A balance."""
    return Balance(username=username, current_balance=Decimal(amount))


def transaction(username: str, transaction_id: UUID, amount: str = "10", **values: object) -> BalanceTransaction:
    """A completed deposit, or a withdrawal where the amount is negative."""
    kind = "withdraw" if amount.startswith("-") else "deposit"
    given: dict[str, object] = {
        "username": username,
        "transaction_id": transaction_id,
        "transaction_type": kind,
        "amount": Decimal(amount),
        "description": "cash",
        "status": "completed",
    }
    return BalanceTransaction.model_validate(given | values)


def fields(entity: Entity) -> dict[str, object]:
    """What an entity holds, with the types as they are."""
    return {name: getattr(entity, name) for name in type(entity).model_fields}


def plain(row: Item) -> Item:
    """A row with its numbers in DynamoDB's form: a sum may come as `0.0` from DynamoDB Local."""
    return {name: {"N": number(Decimal(value["N"]))} if "N" in value else value for name, value in row.items()}


def number(value: Decimal) -> str:
    """DynamoDB's own form of a number."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def row_of(tables: Tables, key: Item) -> Item | None:
    """The stored row of a key in the users table."""
    row = tables.get("users", {name: key[name] for name in ("Pk", "Sk")})
    return None if row is None else plain(row)


def cash(tables: Tables, username: str) -> Decimal:
    """The stored amount."""
    row = row_of(tables, balance_key(username))
    assert row is not None
    return Decimal(row["current_balance"]["N"])


def ledger(tables: Tables, username: str) -> list[Item]:
    """The stored rows of a user's postings and ledger, by key."""
    return [plain(row) for key in (f"POSTED#{username}", f"TRANS#{username}") for row in _partition(tables, key)]


def _partition(tables: Tables, hash_key: str) -> Iterator[Item]:
    """The rows of one hash key: a query, for seeded tables hold many others."""
    query: Item = {
        "TableName": tables.name("users"),
        "KeyConditionExpression": "Pk = :key",
        "ExpressionAttributeValues": {":key": {"S": hash_key}},
        "ConsistentRead": True,
    }
    while True:
        page = tables.owner.wire.call("Query", query)
        yield from page["Items"]
        if not page.get("LastEvaluatedKey"):
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def read_balance(row: Item) -> dict[str, object]:
    """The fields that a balance must be read as."""
    return {
        "username": row["username"]["S"],
        "current_balance": Decimal(row["current_balance"]["N"]),
        "created_at": _instant(row["created_at"]["S"]),
        "updated_at": _instant(row["updated_at"]["S"]),
    }


def read_transaction(row: Item) -> dict[str, object]:
    """The fields that a balance transaction must be read as."""
    return {
        "username": row["username"]["S"],
        "transaction_id": UUID(row["transaction_id"]["S"]),
        "transaction_type": row["transaction_type"]["S"],
        "amount": Decimal(row["amount"]["N"]),
        "description": row["description"]["S"],
        "status": row["status"]["S"],
        "reference_id": row.get("reference_id", {}).get("S"),
        "created_at": _instant(row["created_at"]["S"]),
    }


def stored_as(entry: BalanceTransaction) -> Item:
    """The ledger row of a transaction."""
    reference = {"NULL": True} if entry.reference_id is None else {"S": entry.reference_id}
    return ledger_row(
        entry.username,
        entry.transaction_id,
        naive_text(entry.created_at),
        transaction_type={"S": entry.transaction_type.value},
        amount={"N": number(entry.amount)},
        description={"S": entry.description},
        status={"S": entry.status.value},
        reference_id=reference,
    )


def _instant(text: str) -> datetime:
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    whole = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return whole.replace(microsecond=int(fraction.ljust(6, "0")))
