"""The row of a balance transaction in the users table: the cash ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from pynamodb.constants import ITEMS, LAST_EVALUATED_KEY, STRING
from pynamodb.expressions.condition import Condition

from common.data import arguments
from common.data.entities import BalanceTransaction, TransactionStatus, TransactionType
from common.data.entities.base import LENIENT
from common.data.errors import InvalidArgumentError, InvalidCursorError
from common.data.models.attributes import (
    DecimalAttribute,
    EnumAttribute,
    TextAttribute,
    UtcTimestampAttribute,
    UuidAttribute,
)
from common.data.models.base import DataModel, WireItem, kind_of
from common.data.settings import TableName

__all__ = ["BalanceTransactionModel"]

_HASH_KEY_PREFIX: Final = "TRANS#"
_ENTITY_TYPE: Final = "balance_transaction"
_NO_CURSOR: Final = "start_key is no cursor of this ledger"


class BalanceTransactionModel(DataModel):
    """A balance transaction: hash key by username, range key the text of created_at."""

    logical_table: ClassVar[TableName] = "users"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    username = TextAttribute(attr_name="username")
    transaction_id = UuidAttribute(attr_name="transaction_id")
    transaction_type = EnumAttribute(TransactionType, attr_name="transaction_type")
    amount = DecimalAttribute(attr_name="amount")
    description = TextAttribute(attr_name="description")
    status = EnumAttribute(TransactionStatus, attr_name="status")
    reference_id = TextAttribute(attr_name="reference_id", null=True)
    created_at = UtcTimestampAttribute(attr_name="created_at")
    entity_type = TextAttribute(attr_name="entity_type")

    kind = kind_of(entity_type, (range_key, UtcTimestampAttribute.form), entity_type_of_kind=_ENTITY_TYPE)

    @classmethod
    def hash_key_of(cls, username: str) -> str:
        """The partition of one user's ledger."""
        return f"{_HASH_KEY_PREFIX}{username}"

    @classmethod
    def key_names(cls, username: str, created_at: datetime) -> dict[str, str]:
        """The key of a transaction as errors carry it."""
        key = cls.hash_key_of(username), cls.created_at.serialize(created_at)
        return dict(zip((cls.hash_key.attr_name, cls.range_key.attr_name), key, strict=True))

    @classmethod
    def is_of_kind(cls) -> Condition:
        """The condition that a row of a ledger is a balance transaction."""
        kind: Condition = cls.entity_type.does_not_exist() | (cls.entity_type == _ENTITY_TYPE)
        return kind

    @classmethod
    def of(cls, transaction: BalanceTransaction) -> Self:
        """The row of a transaction."""
        return cls(
            cls.hash_key_of(transaction.username),
            cls.created_at.serialize(transaction.created_at),
            username=transaction.username,
            transaction_id=transaction.transaction_id,
            transaction_type=transaction.transaction_type,
            amount=transaction.amount,
            description=transaction.description,
            status=transaction.status,
            reference_id=transaction.reference_id,
            created_at=transaction.created_at,
            entity_type=_ENTITY_TYPE,
        )

    @classmethod
    def start_of(cls, username: str, cursor: object) -> WireItem:
        """The key, in wire form, after which the page of a cursor begins.

        Raises:
            InvalidCursorError: the cursor is malformed, or of another ledger.
        """
        names = (cls.hash_key.attr_name, cls.range_key.attr_name)
        if not isinstance(cursor, dict) or cursor.keys() != set(names):
            raise InvalidCursorError(_NO_CURSOR)
        ledger, created_at = (cursor[name] for name in names)
        if ledger != cls.hash_key_of(username):
            raise InvalidCursorError(_NO_CURSOR)
        try:
            arguments.check_key("start_key", created_at, max_bytes=arguments.RANGE_KEY_BYTES, hash_sign=True)
        except InvalidArgumentError:
            raise InvalidCursorError(_NO_CURSOR) from None
        return {names[0]: {STRING: ledger}, names[1]: {STRING: created_at}}

    @classmethod
    def page(cls, username: str, *, size: int, start: WireItem | None) -> tuple[list[WireItem], WireItem | None]:
        """The stored transactions in one page of a user's ledger, newest first, eventually consistent.

        With them DynamoDB's LastEvaluatedKey.
        """
        rows = cls.query(cls.hash_key_of(username), scan_index_forward=False, page_size=size, last_evaluated_key=start)
        page = next(rows.page_iter)
        return cls.of_kind(page[ITEMS]), page.get(LAST_EVALUATED_KEY)

    @classmethod
    def cursor_at(cls, row: WireItem) -> dict[str, str]:
        """The cursor after this row, or this key of one."""
        return {name: str(row[name][STRING]) for name in (cls.hash_key.attr_name, cls.range_key.attr_name)}

    @classmethod
    def balance_transactions(cls, items: Sequence[WireItem]) -> Iterable[BalanceTransaction]:
        """The transactions of stored rows; see `entities` and `to_balance_transaction`."""
        return cls.entities(items, BalanceTransaction, cls.to_balance_transaction)

    @property
    def is_balance_transaction(self) -> bool:
        """Whether the row is a balance transaction: by its type, or without one by its key."""
        return self.kind.includes(self.stored)

    def posts(self, transaction: BalanceTransaction) -> bool:
        """Whether this row stands for that transaction: with its id, type, amount and reference.

        Raises:
            CorruptItemError: one of them is missing, of another type, or unreadable.
        """
        return self.is_balance_transaction and (
            self.required(BalanceTransactionModel.transaction_id),
            self.required(BalanceTransactionModel.transaction_type),
            self.required(BalanceTransactionModel.amount),
            self.optional(BalanceTransactionModel.reference_id),
        ) == (
            transaction.transaction_id,
            transaction.transaction_type,
            transaction.amount,
            transaction.reference_id,
        )

    def to_balance_transaction(self) -> BalanceTransaction:
        """The transaction.

        Raises:
            CorruptItemError: an attribute is missing, of another type, or unreadable.
        """
        if (sound := self.soundly(BalanceTransaction)) is not None:
            return sound
        fields: dict[str, Any] = {
            "username": self.required(BalanceTransactionModel.username),
            "transaction_id": self.required(BalanceTransactionModel.transaction_id),
            "transaction_type": self.required(BalanceTransactionModel.transaction_type),
            "amount": self.required(BalanceTransactionModel.amount),
            "description": self.required(BalanceTransactionModel.description),
            "status": self.required(BalanceTransactionModel.status),
            "reference_id": self.optional(BalanceTransactionModel.reference_id),
            "created_at": self.required(BalanceTransactionModel.created_at),
        }
        return BalanceTransaction.model_validate(fields, context=LENIENT)
