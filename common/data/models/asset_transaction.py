"""The row of a purchase or sale of an asset, in the users table."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Final, Self

from pynamodb.constants import STRING
from pynamodb.expressions.condition import Condition

from common.data.entities import AssetTransaction, AssetTransactionStatus, AssetTransactionType
from common.data.entities.base import LENIENT
from common.data.models.attributes import (
    AnyAttribute,
    DecimalTextAttribute,
    EnumAttribute,
    TextAttribute,
    UtcTimestampAttribute,
)
from common.data.models.base import DataModel, WireItem, kind_of
from common.data.settings import TableName

__all__ = ["AssetTransactionModel"]

_HASH_KEY_PREFIX: Final = "TRANS#"


class AssetTransactionModel(DataModel):
    """A ledger row: hash key `TRANS#{username}#{asset_id}`, range key the text of created_at."""

    logical_table: ClassVar[TableName] = "users"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    username = TextAttribute(attr_name="username")
    asset_id = TextAttribute(attr_name="asset_id")
    transaction_type = EnumAttribute(AssetTransactionType, attr_name="transaction_type")
    quantity = DecimalTextAttribute(attr_name="quantity")
    price = DecimalTextAttribute(attr_name="price")
    total_amount = DecimalTextAttribute(attr_name="total_amount")
    order_id = TextAttribute(attr_name="order_id", null=True)
    status = EnumAttribute(AssetTransactionStatus, attr_name="status")
    created_at = UtcTimestampAttribute(attr_name="created_at")
    entity_type = AnyAttribute(attr_name="entity_type")

    kind = kind_of(
        entity_type, (hash_key, re.compile(rf"{_HASH_KEY_PREFIX}[^#]+#[^#]+")), (range_key, UtcTimestampAttribute.form)
    )

    @classmethod
    def hash_key_of(cls, username: str, asset_id: str) -> str:
        """The partition of one user's and one asset's ledger."""
        return f"{_HASH_KEY_PREFIX}{username}#{asset_id}"

    @classmethod
    def range_key_of(cls, instant: datetime) -> str:
        """The range key that a row of this instant is stored under."""
        return cls.created_at.serialize(instant)

    @classmethod
    def first_digits(cls, instant: datetime) -> str:
        """What every spelling of an instant in UTC begins with: the trailing zeros of a fraction may be missing."""
        text = cls.range_key_of(instant)
        return text.rstrip("0") if "." in text else text

    @classmethod
    def key_names(cls, username: str, asset_id: str, range_key: str | None = None) -> dict[str, str]:
        """A key, or a partition, as errors carry it."""
        key = {cls.hash_key.attr_name: cls.hash_key_of(username, asset_id)}
        return key if range_key is None else key | {cls.range_key.attr_name: range_key}

    @classmethod
    def of_user(cls, username: str) -> Condition:
        """The filter of all ledger rows of a user, whatever the asset."""
        return cls.hash_key.startswith(cls.hash_key_of(username, ""))

    @classmethod
    def of(cls, transaction: AssetTransaction) -> Self:
        """The row of a transaction."""
        return cls(
            cls.hash_key_of(transaction.username, transaction.asset_id),
            cls.range_key_of(transaction.created_at),
            username=transaction.username,
            asset_id=transaction.asset_id,
            transaction_type=transaction.transaction_type,
            quantity=transaction.quantity,
            price=transaction.price,
            total_amount=transaction.total_amount,
            order_id=transaction.order_id,
            status=transaction.status,
            created_at=transaction.created_at,
        )

    @classmethod
    def is_range_key(cls, text: str) -> bool:
        """Whether text has the form of a range key of these rows."""
        return cls.created_at.has_form(text)

    @classmethod
    def key_text(cls, item: WireItem) -> tuple[str, str]:
        """Hash and range key of a stored row."""
        return item[cls.hash_key.attr_name][STRING], item[cls.range_key.attr_name][STRING]

    @classmethod
    def asset_transactions(cls, items: Sequence[WireItem]) -> Iterable[AssetTransaction]:
        """The transactions of stored rows; see `entities` and `to_asset_transaction`."""
        return cls.entities(items, AssetTransaction, cls.to_asset_transaction)

    @property
    def is_asset_transaction(self) -> bool:
        """Whether key and kind are those of such a ledger row."""
        return self.kind.includes(self.stored)

    def is_at(self, instant: datetime) -> bool:
        """Whether the range key is a spelling of the instant."""
        try:
            return AssetTransactionModel.created_at.deserialize(self.range_key) == instant
        except ValueError:
            return False

    def to_asset_transaction(self) -> AssetTransaction:
        """The transaction.

        Raises:
            CorruptItemError: an attribute is missing, of another type, or unreadable.
        """
        if (sound := self.soundly(AssetTransaction)) is not None:
            return sound
        cls = AssetTransactionModel
        fields = {
            "username": self.required(cls.username),
            "asset_id": self.required(cls.asset_id),
            "transaction_type": self.required(cls.transaction_type),
            "quantity": self.required(cls.quantity),
            "price": self.required(cls.price),
            "total_amount": self.required(cls.total_amount),
            "order_id": self.optional(cls.order_id),
            "status": self.required(cls.status),
            "created_at": self.required(cls.created_at),
        }
        return AssetTransaction.model_validate(fields, context=LENIENT)
