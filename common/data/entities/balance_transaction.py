"""A row of a user's cash ledger."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from common.data import clock
from common.data.entities.base import Entity, Number, Text, Timestamp

__all__ = ["BalanceTransaction", "TransactionStatus", "TransactionType"]


class TransactionType(StrEnum):
    """Why cash moves."""

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    ORDER_PAYMENT = "order_payment"
    ORDER_REFUND = "order_refund"
    ORDER_SALE = "order_sale"
    SYSTEM_ADJUSTMENT = "system_adjustment"


class TransactionStatus(StrEnum):
    """How far a transaction has come."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BalanceTransaction(Entity):
    """A movement of cash.

    Attributes:
        username: whose cash it is.
        transaction_id: what makes it the same transaction when it is posted again.
        transaction_type: why cash moves.
        amount: what is added to the balance; negative takes money out.
        description: for a person.
        status: how far it has come.
        reference_id: what it belongs to, as an order's id.
        created_at: an aware datetime in UTC, now by default; part of the row's key.
    """

    username: Text
    transaction_id: UUID
    transaction_type: TransactionType
    amount: Number
    description: Text
    status: TransactionStatus
    reference_id: Text | None = None
    created_at: Timestamp = Field(default_factory=clock.now)
