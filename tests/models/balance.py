"""Cash balances and their ledger in memory."""

from decimal import Decimal
from uuid import UUID

from common.data import (
    BalanceAlreadyExistsError,
    BalanceNotFoundError,
    DuplicateTransactionError,
    InsufficientBalanceError,
    InvalidArgumentError,
    InvalidCursorError,
    TransactionNotFoundError,
    arguments,
    clock,
)
from common.data.entities import Balance, BalanceTransaction, TransactionStatus
from tests.models.numbers import as_number, total
from tests.models.rows import Key, Posting, Rows, instant_text

__all__ = ["BalanceModel", "balance_key", "covered", "entry_key", "posting_key", "stored_entry"]

_REMOVABLE = {TransactionStatus.PENDING, TransactionStatus.FAILED}
_LARGEST_PAGE = 1000


def balance_key(username: str) -> Key:
    """Where a balance is kept."""
    return "users", username, "BALANCE"


def entry_key(transaction: BalanceTransaction) -> Key:
    """Where a ledger row is kept."""
    return "users", f"TRANS#{transaction.username}", instant_text(transaction.created_at)


def posting_key(transaction: BalanceTransaction) -> Key:
    """Where it is kept that a transaction was posted."""
    return "users", f"POSTED#{transaction.username}", str(transaction.transaction_id)


def stored_entry(transaction: BalanceTransaction) -> BalanceTransaction:
    """A transaction as it is read from its row."""
    return transaction.model_copy(update={"amount": as_number(transaction.amount)})


def covered(balance: Balance | None, amount: Decimal) -> tuple[Balance, Decimal]:
    """A balance, and what it is once the amount is added; if it is there, and covers it, and the sum fits."""
    if balance is None:
        raise BalanceNotFoundError
    if amount < 0 and balance.current_balance < amount.copy_negate():
        raise InsufficientBalanceError(available=balance.current_balance, required=amount.copy_negate())
    return balance, as_number(total(balance.current_balance, amount))


class BalanceModel(Rows):
    """What `BalanceDAOProtocol` promises, over a dict."""

    def create_balance(self, balance: Balance) -> Balance:
        """Keep a new balance."""
        balance = arguments.check_entity("balance", balance, Balance)
        arguments.check_cash_user(balance.username)
        arguments.check_amount("current_balance", balance.current_balance)
        key, now = balance_key(balance.username), clock.now()
        if self.is_taken(key):
            raise BalanceAlreadyExistsError
        changes = {"current_balance": as_number(balance.current_balance), "created_at": now, "updated_at": now}
        self.put(key, balance := balance.model_copy(update=changes))
        return balance

    def get_balance(self, username: str) -> Balance:
        """The balance."""
        arguments.check_cash_user(username)
        balance = self.get(balance_key(username), Balance)
        if balance is None:
            raise BalanceNotFoundError
        return balance

    def update_balance(self, username: str, new_balance: Decimal) -> Balance:
        """Set a balance."""
        arguments.check_cash_user(username)
        amount = arguments.check_amount("new_balance", new_balance)
        balance = self.get_balance(username)
        return self._set(username, balance, as_number(amount))

    def create_transaction(self, transaction: BalanceTransaction) -> BalanceTransaction:
        """Keep a ledger row alone."""
        transaction = arguments.check_ledger_entry("transaction", transaction)
        if self.is_taken(entry_key(transaction)):
            raise DuplicateTransactionError
        self.put(entry_key(transaction), transaction := stored_entry(transaction))
        return transaction

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        """Move money, once for each id."""
        transaction = arguments.check_posting("transaction", transaction)
        username = transaction.username
        if self.is_taken(posting_key(transaction)):
            posting = self.get(posting_key(transaction), Posting)
            if posting is None or not self._is_posted(transaction, posting):
                raise DuplicateTransactionError
            return self.get_balance(username)
        balance, amount = covered(self.get(balance_key(username), Balance), transaction.amount)
        if self.is_taken(entry_key(transaction)):
            raise DuplicateTransactionError
        self.put(posting_key(transaction), Posting(instant_text(transaction.created_at)))
        self.put(entry_key(transaction), stored_entry(transaction))
        return self._set(username, balance, amount)

    def get_transaction(self, username: str, transaction_id: UUID | str) -> BalanceTransaction:
        """The newest ledger row of an id."""
        found = self._find(username, transaction_id)
        if found is None:
            raise TransactionNotFoundError
        return found[1]

    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        """A page of the ledger, newest first."""
        arguments.check_cash_user(username)
        arguments.check_count("limit", limit, minimum=1, maximum=_LARGEST_PAGE)
        ledger = f"TRANS#{username}"
        rows = list(reversed(self.within("users", ledger)))
        if start_key is not None:
            start = _start(ledger, start_key).encode()
            rows = [row for row in rows if row[0][2].encode() < start]
        page = rows[: limit + 1]
        found = [(key, row) for key, row in page if isinstance(row, BalanceTransaction)]
        last = page[-1][0] if len(page) > limit else None
        if len(found) > limit:
            last = found[limit - 1][0]
        return [row for _, row in found[:limit]], None if last is None else {"Pk": last[1], "Sk": last[2]}

    def cleanup_failed_transaction(self, username: str, transaction_id: UUID | str) -> bool:
        """Remove the newest ledger row of an id if it came to nothing."""
        found = self._find(username, transaction_id)
        if found is None or found[1].status not in _REMOVABLE:
            return False
        self.remove(found[0])
        return True

    def _set(self, username: str, balance: Balance, amount: Decimal) -> Balance:
        changed = balance.model_copy(update={"current_balance": amount, "updated_at": clock.now()})
        self.put(balance_key(username), changed)
        return changed

    def _find(self, username: str, transaction_id: UUID | str) -> tuple[Key, BalanceTransaction] | None:
        arguments.check_cash_user(username)
        wanted = arguments.check_transaction_id(transaction_id)
        rows = reversed(self.within("users", f"TRANS#{username}"))
        entries = ((key, row) for key, row in rows if isinstance(row, BalanceTransaction))
        return next((pair for pair in entries if pair[1].transaction_id == wanted), None)

    def _is_posted(self, transaction: BalanceTransaction, posting: Posting) -> bool:
        entry = self.get(("users", f"TRANS#{transaction.username}", posting.ledger_text), BalanceTransaction)
        names = ("transaction_id", "transaction_type", "amount", "reference_id")
        return entry is not None and all(getattr(entry, name) == getattr(transaction, name) for name in names)


def _start(ledger: str, cursor: object) -> str:
    if not isinstance(cursor, dict) or cursor.keys() != {"Pk", "Sk"} or cursor["Pk"] != ledger:
        raise InvalidCursorError
    try:
        return arguments.check_key("start_key", cursor["Sk"], max_bytes=arguments.RANGE_KEY_BYTES, hash_sign=True)
    except InvalidArgumentError:
        raise InvalidCursorError from None
