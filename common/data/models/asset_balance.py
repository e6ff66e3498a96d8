"""The row of a user's holding of an asset, in the users table."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, Final, Self

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data.entities import AssetBalance
from common.data.entities.base import LENIENT
from common.data.models.attributes import AnyAttribute, DecimalTextAttribute, TextAttribute, UtcTimestampAttribute
from common.data.models.base import NO_HASH_SIGN, DataModel, WireItem, kind_of
from common.data.settings import TableName

__all__ = ["FOREIGN_ROW", "AssetBalanceModel"]

FOREIGN_ROW: Final = "a row of another kind has the key"
"""What is told of one where a holding is to be written."""

_RANGE_KEY_PREFIX: Final = "ASSET#"


class AssetBalanceModel(DataModel):
    """A holding: hash key the username, range key `ASSET#` and the asset id."""

    logical_table: ClassVar[TableName] = "users"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    username = TextAttribute(attr_name="username")
    asset_id = TextAttribute(attr_name="asset_id")
    quantity = DecimalTextAttribute(attr_name="quantity")
    created_at = UtcTimestampAttribute(attr_name="created_at")
    updated_at = UtcTimestampAttribute(attr_name="updated_at")
    entity_type = AnyAttribute(attr_name="entity_type")

    kind = kind_of(entity_type, (hash_key, NO_HASH_SIGN), (range_key, re.compile(rf"{_RANGE_KEY_PREFIX}[^#]+")))
    stand_ins = MappingProxyType({"username": hash_key, "created_at": updated_at})

    @classmethod
    def key_of(cls, username: str, asset_id: str) -> tuple[str, str]:
        """Hash and range key of a holding."""
        return username, f"{_RANGE_KEY_PREFIX}{asset_id}"

    @classmethod
    def key_names(cls, username: str, asset_id: str) -> dict[str, str]:
        """The key of a holding as errors carry it."""
        names = (cls.hash_key.attr_name, cls.range_key.attr_name)
        return dict(zip(names, cls.key_of(username, asset_id), strict=True))

    @classmethod
    def any_asset(cls) -> Condition:
        """The key condition of all holdings of a user."""
        return cls.range_key.startswith(_RANGE_KEY_PREFIX)

    @classmethod
    def of(cls, username: str, asset_id: str, quantity: Decimal, *, now: datetime) -> Self:
        """The row of a new holding, made at `now`."""
        hash_key, range_key = cls.key_of(username, asset_id)
        return cls(
            hash_key,
            range_key,
            username=username,
            asset_id=asset_id,
            quantity=quantity,
            created_at=now,
            updated_at=now,
        )

    @property
    def is_asset_balance(self) -> bool:
        """Whether key and kind are those of a holding."""
        return self.kind.includes(self.stored)

    @classmethod
    def asset_balances(cls, items: Sequence[WireItem]) -> Iterable[AssetBalance]:
        """The holdings of stored rows; see `entities` and `to_asset_balance`."""
        return cls.entities(items, AssetBalance, cls.to_asset_balance)

    def unchanged(self) -> Condition:
        """The condition that nobody has written the row since it was read.

        Not the quantity alone: others may have brought it back to what it was.
        """
        cls = AssetBalanceModel
        same: Condition = cls.quantity == self.stored[cls.quantity.attr_name]
        not_since: Condition = cls.updated_at == self.stored[cls.updated_at.attr_name]
        condition: Condition = same & not_since & cls.entity_type.does_not_exist()
        return condition

    def setting(self, quantity: Decimal, *, now: datetime) -> list[Action]:
        """The actions that set the quantity; a row without `created_at` gets one."""
        cls = AssetBalanceModel
        actions: list[Action] = [cls.quantity.set(quantity), cls.updated_at.set(now)]
        if self.optional(cls.created_at) is None:
            actions.append(cls.created_at.set(self.required(cls.updated_at)))
        return actions

    def shows(self, quantity: Decimal, *, now: datetime) -> bool:
        """Whether the row is as a write of this quantity at `now` left it."""
        cls = AssetBalanceModel
        wanted = cls(quantity=quantity, updated_at=now).serialize(null_check=False)
        names = (cls.quantity.attr_name, cls.updated_at.attr_name)
        return self.is_asset_balance and all(self.stored.get(name) == wanted[name] for name in names)

    def to_asset_balance(self) -> AssetBalance:
        """The holding.

        Raises:
            CorruptItemError: an attribute is missing, of another type, or unreadable.
        """
        cls = AssetBalanceModel
        if (sound := self.soundly(AssetBalance)) is not None:
            return sound
        username = self.optional(cls.username)
        fields = {
            "username": self.hash_key if username is None else username,
            "asset_id": self.required(cls.asset_id),
            "quantity": self.required(cls.quantity),
            "created_at": self.optional(cls.created_at) or self.required(cls.updated_at),
            "updated_at": self.required(cls.updated_at),
        }
        return AssetBalance.model_validate(fields, context=LENIENT)
