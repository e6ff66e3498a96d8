"""The ledger of holdings in memory."""

from datetime import UTC, datetime

from common.data import DuplicateTransactionError, TransactionNotFoundError, arguments
from common.data.entities import AssetTransaction
from tests.models.numbers import as_text
from tests.models.rows import Key, Rows, instant_of, instant_text

__all__ = ["AssetTransactionModel", "fill_key", "stored_fill"]


def fill_key(transaction: AssetTransaction) -> Key:
    """Where a ledger row is kept."""
    text = instant_text(transaction.created_at)
    return "users", f"TRANS#{transaction.username}#{transaction.asset_id}", text


def stored_fill(transaction: AssetTransaction) -> AssetTransaction:
    """A transaction as it is read from its row."""
    names = ("quantity", "price", "total_amount")
    return transaction.model_copy(update={name: as_text(getattr(transaction, name)) for name in names})


class AssetTransactionModel(Rows):
    """What `AssetTransactionDAOProtocol` promises, over a dict."""

    def create_asset_transaction(self, transaction: AssetTransaction) -> AssetTransaction:
        """Keep a ledger row."""
        transaction = arguments.check_entity("transaction", transaction, AssetTransaction)
        arguments.check_holding_ledger(transaction.username, transaction.asset_id)
        arguments.check_numbers(transaction)
        if self.is_taken(fill_key(transaction)):
            raise DuplicateTransactionError
        self.put(fill_key(transaction), transaction := stored_fill(transaction))
        return transaction

    def get_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> AssetTransaction:
        """A ledger row by its text, or by its instant."""
        found = self._find(username, asset_id, timestamp)
        if found is None:
            raise TransactionNotFoundError
        return found[1]

    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        """The ledger of one holding, newest first."""
        arguments.check_holding_ledger(username, asset_id)
        arguments.check_limit(limit)
        rows = reversed(self.within("users", f"TRANS#{username}#{asset_id}"))
        return [row for _, row in rows if isinstance(row, AssetTransaction)][:limit]

    def get_user_transactions(self, username: str, limit: int | None = None) -> list[AssetTransaction]:
        """The ledger of all holdings of a user, newest first."""
        arguments.check_username(username)
        arguments.check_limit(limit)
        rows = self.all(AssetTransaction, "users", f"TRANS#{username}#")
        rows.sort(key=lambda pair: (pair[1].created_at, *pair[0]), reverse=True)
        return [row for _, row in rows][:limit]

    def delete_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> bool:
        """Remove a ledger row."""
        found = self._find(username, asset_id, timestamp)
        if found is None:
            return False
        self.remove(found[0])
        return True

    def _find(self, username: str, asset_id: str, timestamp: str | datetime) -> tuple[Key, AssetTransaction] | None:
        arguments.check_holding_ledger(username, asset_id)
        when = arguments.check_timestamp("timestamp", timestamp)
        rows = self.within("users", f"TRANS#{username}#{asset_id}")
        fills = {key[2]: (key, row) for key, row in rows if isinstance(row, AssetTransaction)}
        if isinstance(when, str):
            return fills.get(when)
        alike = {text: pair for text, pair in fills.items() if instant_of(text) == when.astimezone(UTC)}
        return alike.get(instant_text(when)) or next(iter(alike.values()), None)
