"""The contract of the ledger of holdings."""

from datetime import datetime
from typing import Protocol

from common.data.connection import Connection
from common.data.entities import AssetTransaction

__all__ = ["AssetTransactionDAOProtocol"]


class AssetTransactionDAOProtocol(Protocol):
    """Purchases and sales of assets."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        ...

    def create_asset_transaction(self, transaction: AssetTransaction) -> AssetTransaction:
        """Store a ledger row under its created_at; no holding moves. One conditional Put.

        Returns:
            The transaction as stored.

        Raises:
            DuplicateTransactionError: user and asset have a row of this created_at.
            InvalidArgumentError: the transaction is not valid.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...

    def get_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> AssetTransaction:
        """Find a ledger row. One eventually consistent Get by text, one Query by datetime.

        Args:
            username: the user.
            asset_id: the asset.
            timestamp: the text as stored; or an instant, naive in UTC, which finds any old spelling of it in UTC.

        Returns:
            The transaction; of several spellings of one instant the canonical one, else the lowest key.

        Raises:
            TransactionNotFoundError: no such row.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no username, asset id or timestamp could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        """Read the ledger of one holding. One eventually consistent Query per page.

        Args:
            username: the user.
            asset_id: the asset.
            limit: how many at most, from 1 to 1,000; None for all.

        Returns:
            The transactions, newest first: by key, descending.

        Raises:
            CorruptItemError: a row cannot be decoded.
            InvalidArgumentError: no username, asset id or limit could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_user_transactions(self, username: str, limit: int | None = None) -> list[AssetTransaction]:
        """Read the ledger of all holdings of a user, those no longer held too.

        The layout of the table has no other way than to scan the whole of it, whatever the limit: one eventually
        consistent Scan per page, filtered by the service. Not for anything that runs often.

        Args:
            username: the user.
            limit: how many at most, from 1 to 1,000; None for all.

        Returns:
            The transactions, newest first: by instant, then by key, descending.

        Raises:
            CorruptItemError: a row cannot be decoded.
            InvalidArgumentError: no username or limit could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def delete_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> bool:
        """Remove a ledger row, found as by get_asset_transaction but strongly consistently.

        One conditional Delete by text, one Query and one conditional Delete by datetime.

        Returns:
            Whether this call removed it; after a lost answer perhaps False although it did.

        Raises:
            InvalidArgumentError: no username, asset id or timestamp could be like that.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...
