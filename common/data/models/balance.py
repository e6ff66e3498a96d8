"""The row of a cash balance in the users table."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final, Self

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data.entities import Balance
from common.data.entities.base import LENIENT
from common.data.models.attributes import DecimalAttribute, TextAttribute, UtcTimestampAttribute
from common.data.models.base import DataModel, kind_of
from common.data.settings import TableName

__all__ = ["BalanceModel"]

_RANGE_KEY: Final = "BALANCE"
_ENTITY_TYPE: Final = "balance"


class BalanceModel(DataModel):
    """A cash balance: hash key the username, range key the kind."""

    logical_table: ClassVar[TableName] = "users"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    username = TextAttribute(attr_name="username")
    current_balance = DecimalAttribute(attr_name="current_balance")
    created_at = UtcTimestampAttribute(attr_name="created_at")
    updated_at = UtcTimestampAttribute(attr_name="updated_at")
    entity_type = TextAttribute(attr_name="entity_type")

    kind = kind_of(entity_type, entity_type_of_kind=_ENTITY_TYPE)

    @classmethod
    def key_of(cls, username: str) -> tuple[str, str]:
        """Hash and range key of a balance."""
        return username, _RANGE_KEY

    @classmethod
    def key_names(cls, username: str) -> dict[str, str]:
        """The key of a balance as errors carry it."""
        return dict(zip((cls.hash_key.attr_name, cls.range_key.attr_name), cls.key_of(username), strict=True))

    @classmethod
    def is_stored(cls) -> Condition:
        """The condition that the row is there and is a balance."""
        kind: Condition = cls.entity_type.does_not_exist() | (cls.entity_type == _ENTITY_TYPE)
        stored: Condition = cls.hash_key.exists() & kind
        return stored

    @classmethod
    def can_add(cls, amount: Decimal) -> Condition:
        """The condition that the balance is there, is a number, and covers what the amount takes out."""
        number: Condition = cls.current_balance.is_type()  # type: ignore[no-untyped-call]  # PynamoDB leaves it untyped
        condition: Condition = cls.is_stored() & number
        if amount < 0:
            condition &= cls.current_balance >= amount.copy_negate()
        return condition

    @classmethod
    def adding(cls, amount: Decimal, *, now: datetime) -> list[Action]:
        """What adds the amount."""
        return [cls.current_balance.set(cls.current_balance + amount), cls.updated_at.set(now)]

    @classmethod
    def of(cls, balance: Balance, *, now: datetime) -> Self:
        """The row of a new balance, made at `now`."""
        hash_key, range_key = cls.key_of(balance.username)
        return cls(
            hash_key,
            range_key,
            username=balance.username,
            current_balance=balance.current_balance,
            created_at=now,
            updated_at=now,
            entity_type=_ENTITY_TYPE,
        )

    @property
    def is_balance(self) -> bool:
        """Whether the row is a balance: of no other type."""
        return self.kind.includes(self.stored)

    def to_balance(self) -> Balance:
        """The balance.

        Raises:
            CorruptItemError: an attribute is missing, of another type, or unreadable.
        """
        fields = {
            "username": self.required(BalanceModel.username),
            "current_balance": self.required(BalanceModel.current_balance),
            "created_at": self.required(BalanceModel.created_at),
            "updated_at": self.required(BalanceModel.updated_at),
        }
        return Balance.model_validate(fields, context=LENIENT)
