"""The row in the users table that a transaction was posted: it makes sure of once only."""

from typing import ClassVar, Final, Self
from uuid import UUID

from common.data.entities import BalanceTransaction
from common.data.models.attributes import TextAttribute, UtcTimestampAttribute
from common.data.models.balance_transaction import BalanceTransactionModel
from common.data.models.base import DataModel, kind_of
from common.data.settings import TableName

__all__ = ["PostingModel"]

_HASH_KEY_PREFIX: Final = "POSTED#"
_ENTITY_TYPE: Final = "posting"


class PostingModel(DataModel):
    """A posting: hash key by username, range key the transaction id."""

    logical_table: ClassVar[TableName] = "users"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    username = TextAttribute(attr_name="username")
    transaction_id = TextAttribute(attr_name="transaction_id")
    created_at = UtcTimestampAttribute(attr_name="created_at")
    entity_type = TextAttribute(attr_name="entity_type")

    kind = kind_of(entity_type, entity_type_of_kind=_ENTITY_TYPE)

    @classmethod
    def key_of(cls, username: str, transaction_id: UUID) -> tuple[str, str]:
        """Hash and range key of a posting."""
        return f"{_HASH_KEY_PREFIX}{username}", str(transaction_id)

    @classmethod
    def key_names(cls, username: str, transaction_id: UUID) -> dict[str, str]:
        """The key of a posting as errors carry it."""
        names = (cls.hash_key.attr_name, cls.range_key.attr_name)
        return dict(zip(names, cls.key_of(username, transaction_id), strict=True))

    @classmethod
    def of(cls, transaction: BalanceTransaction) -> Self:
        """The posting of a transaction."""
        hash_key, range_key = cls.key_of(transaction.username, transaction.transaction_id)
        return cls(
            hash_key,
            range_key,
            username=transaction.username,
            transaction_id=str(transaction.transaction_id),
            created_at=transaction.created_at,
            entity_type=_ENTITY_TYPE,
        )

    @property
    def is_posting(self) -> bool:
        """Whether the row is a posting: of no other type."""
        return self.kind.includes(self.stored)

    def ledger_key(self, username: str) -> tuple[str, str]:
        """Hash and range key of the ledger row that was posted, in the spelling it was stored in.

        Raises:
            CorruptItemError: the posting does not say.
        """
        self.required(PostingModel.created_at)
        created_at = PostingModel.created_at
        return BalanceTransactionModel.hash_key_of(username), self.stored[created_at.attr_name][created_at.attr_type]
