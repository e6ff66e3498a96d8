"""What the DAO of cash balances and their ledger promises."""

from decimal import Decimal
from typing import Protocol
from uuid import UUID

from common.data.connection import Connection
from common.data.entities import Balance, BalanceTransaction

__all__ = ["BalanceDAOProtocol"]


class BalanceDAOProtocol(Protocol):
    """Cash balances and their ledger. Amounts are exact, in the currency of the platform."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        ...

    def create_balance(self, balance: Balance) -> Balance:
        """Store a new balance, both timestamps now. One conditional Put.

        Returns:
            The balance as stored.

        Raises:
            BalanceAlreadyExistsError: the user has one, or a row of another kind in its place.
            InvalidArgumentError: the balance is not valid, negative, or no number that DynamoDB holds.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: other writers kept the row busy; nothing changed.
        """
        ...

    def get_balance(self, username: str) -> Balance:
        """Read a balance. One strongly consistent Get.

        Raises:
            BalanceNotFoundError: the user has none.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no username could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def update_balance(self, username: str, new_balance: Decimal) -> Balance:
        """Set a balance, for corrections: whatever it was, and without a ledger row. One conditional Update.

        Returns:
            The balance as stored now.

        Raises:
            BalanceNotFoundError: the user has none.
            CorruptItemError: the row, now updated, cannot be decoded.
            InvalidArgumentError: the amount is negative or no number that DynamoDB holds; no username could be like that.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: other writers kept the row busy; nothing changed.
        """
        ...

    def create_transaction(self, transaction: BalanceTransaction) -> BalanceTransaction:
        """Store a ledger row alone, for imports: no money moves, and its id can still be posted. One conditional Put.

        Returns:
            The transaction as stored.

        Raises:
            DuplicateTransactionError: the ledger has a row of this instant.
            InvalidArgumentError: the transaction is not valid, or too large for an item.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: other writers kept the row busy; nothing changed.
        """
        ...

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        """Move money: balance, ledger row and posting in one TransactWriteItems, then one strongly consistent Get.

        The transaction must be completed, and its amount have the sign of its type: deposit, order_refund and order_sale
        above zero, withdraw and order_payment below, system_adjustment not zero. Posted again with the same id, type, amount
        and reference, whatever the time, it changes nothing; that takes up to two Gets more.

        Returns:
            The balance after it, as read then.

        Raises:
            BalanceNotFoundError: the user has none (any more, if it was posted before).
            InsufficientBalanceError: the balance does not cover what is taken out.
            DuplicateTransactionError: the id was posted as another transaction, or the ledger has a row of this instant.
            CorruptItemError: the balance, or what was posted before, cannot be decoded.
            InvalidArgumentError: the transaction cannot be posted, is too large for an item, or the sum has more digits
                than DynamoDB holds.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: other writers kept the row busy; nothing changed.
        """
        ...

    def get_transaction(self, username: str, transaction_id: UUID | str) -> BalanceTransaction:
        """Find a ledger row by its id. Query pages, newest first and eventually consistent, until it is found.

        Returns:
            The transaction; the newest if the id has two rows.

        Raises:
            TransactionNotFoundError: the user's ledger has none.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no username could be like that, or the id is no UUID.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        """Read a page of the ledger, newest first. One eventually consistent Query.

        Args:
            username: whose ledger.
            limit: the most transactions wanted, 1 to 1,000; there may be fewer although more follow.
            start_key: the cursor of the page before.

        Returns:
            The transactions, and the cursor of the next page: plain JSON, or None when nothing is left.

        Raises:
            InvalidCursorError: the cursor is malformed, or of another ledger.
            CorruptItemError: a row of the page cannot be decoded.
            InvalidArgumentError: no username or limit could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def cleanup_failed_transaction(self, username: str, transaction_id: UUID | str) -> bool:
        """Remove a ledger row that is pending or failed. Strongly consistent Query pages, one conditional Delete.

        Returns:
            Whether this call removed it; of an id with two rows only the newest is looked at. False also if an answer was lost
            and the row is gone.

        Raises:
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no username could be like that, or the id is no UUID.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: other writers kept the row busy; nothing changed.
        """
        ...
