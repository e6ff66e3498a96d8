"""A row of the ledger of a user's holding."""

from enum import StrEnum

from pydantic import Field

from common.data import clock
from common.data.entities.base import Entity, Number, Text, Timestamp

__all__ = ["AssetTransaction", "AssetTransactionStatus", "AssetTransactionType"]


class AssetTransactionType(StrEnum):
    """Which way the asset went."""

    BUY = "BUY"
    SELL = "SELL"


class AssetTransactionStatus(StrEnum):
    """How far it got."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class AssetTransaction(Entity):
    """A purchase or a sale of an asset.

    Attributes:
        username: the user.
        asset_id: the asset.
        transaction_type: BUY or SELL.
        quantity: how much of the asset, digits as written.
        price: in USD, for one.
        total_amount: in USD, for all.
        order_id: the order that it filled, if any.
        status: PENDING, COMPLETED or FAILED.
        created_at: an aware datetime in UTC, now by default; part of the key.
    """

    username: Text
    asset_id: Text
    transaction_type: AssetTransactionType
    quantity: Number
    price: Number
    total_amount: Number
    order_id: Text | None = None
    status: AssetTransactionStatus
    created_at: Timestamp = Field(default_factory=clock.now)
