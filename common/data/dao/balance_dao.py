"""Cash balances and their ledger, by PynamoDB."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws_errors import aws_code, condition_failed, too_large
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.entities import Balance, BalanceTransaction, TransactionStatus
from common.data.errors import (
    BalanceAlreadyExistsError,
    BalanceNotFoundError,
    DuplicateTransactionError,
    InsufficientBalanceError,
    InvalidArgumentError,
    TransactionNotFoundError,
)
from common.data.models.balance import BalanceModel
from common.data.models.balance_transaction import BalanceTransactionModel
from common.data.models.posting import PostingModel
from common.data.models.transactions import putting, reasons, transact, updating

__all__ = ["BalanceDAO"]

REMOVABLE: Final = (TransactionStatus.PENDING, TransactionStatus.FAILED)
LARGEST_PAGE: Final = 1000


class BalanceDAO:
    """Cash balances and their ledger; the contract stands in `BalanceDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection
        self._balances = connection.bind(BalanceModel)
        self._ledger = connection.bind(BalanceTransactionModel)
        self._postings = connection.bind(PostingModel)

    @data_operation
    def create_balance(self, balance: Balance) -> Balance:
        """Store a new balance, both timestamps now. One conditional Put."""
        balance = arguments.check_entity("balance", balance, Balance)
        arguments.check_cash_user(balance.username)
        arguments.check_amount("current_balance", balance.current_balance)
        row = self._balances.of(balance, now=clock.now())
        call = self._call(BalanceModel.key_names(balance.username))
        try:
            call.send(lambda: row.put(BalanceModel.hash_key.does_not_exist()))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._balances.rejected(error)
            if not call.unanswered or stored is None or stored.stored != row.serialize():
                raise call.refusal(BalanceAlreadyExistsError, error) from error
        return row.as_stored().to_balance()

    @data_operation
    def get_balance(self, username: str) -> Balance:
        """Read a balance. One strongly consistent Get."""
        arguments.check_cash_user(username)
        return self._balance(username)

    @data_operation
    def update_balance(self, username: str, new_balance: Decimal) -> Balance:
        """Set a balance, for corrections. One conditional Update."""
        arguments.check_cash_user(username)
        amount = arguments.check_amount("new_balance", new_balance)
        actions = [BalanceModel.current_balance.set(amount), BalanceModel.updated_at.set(clock.now())]
        key, condition = BalanceModel.key_of(username), BalanceModel.is_stored()
        call = self._call(BalanceModel.key_names(username))
        try:
            row = call.send(lambda: self._balances.change(key, actions, condition, returning="new row"))
        except ClientError as error:
            if condition_failed(error):
                raise call.refusal(BalanceNotFoundError, error) from error
            raise
        if row is None:
            raise call.error(BalanceNotFoundError)
        return row.to_balance()

    @data_operation
    def create_transaction(self, transaction: BalanceTransaction) -> BalanceTransaction:
        """Store a ledger row alone, for imports. One conditional Put."""
        transaction = arguments.check_ledger_entry("transaction", transaction)
        row = self._ledger.of(transaction)
        call = self._call(row.key())
        try:
            call.send(lambda: row.put(BalanceTransactionModel.hash_key.does_not_exist()))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._ledger.rejected(error)
            if not call.unanswered or stored is None or stored.stored != row.serialize():
                raise call.refusal(DuplicateTransactionError, error) from error
        return row.as_stored().to_balance_transaction()

    @data_operation
    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        """Move money, once for each transaction id. One TransactWriteItems of three, one consistent Get."""
        transaction = arguments.check_posting("transaction", transaction)
        username, amount = transaction.username, transaction.amount
        posting, entry = self._postings.of(transaction), self._ledger.of(transaction)
        adding = BalanceModel.adding(amount, now=clock.now())
        actions = [
            putting(posting, PostingModel.hash_key.does_not_exist()),
            updating(self._balances, BalanceModel.key_of(username), adding, BalanceModel.can_add(amount)),
            putting(entry, BalanceTransactionModel.hash_key.does_not_exist()),
        ]
        call = self._connection.calls.current
        for _ in call.tries():
            self._call(BalanceModel.key_names(username))
            try:
                transact(self._balances, actions)
            except ClientError as error:
                if not self._is_posted(call, transaction, error):
                    call.lost(error)
                    continue
            break
        return self._balance(username)

    @data_operation
    def get_transaction(self, username: str, transaction_id: UUID | str) -> BalanceTransaction:
        """Find a ledger row by its id. Query pages, newest first and eventually consistent, until it is found."""
        arguments.check_cash_user(username)
        wanted = arguments.check_transaction_id(transaction_id)
        row = self._find(username, wanted, consistent_read=False)
        if row is None:
            raise self._connection.calls.current.error(TransactionNotFoundError)
        return row.to_balance_transaction()

    @data_operation
    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        """Read a page of the ledger, newest first. One eventually consistent Query."""
        arguments.check_cash_user(username)
        arguments.check_count("limit", limit, minimum=1, maximum=LARGEST_PAGE)
        start = None if start_key is None else self._ledger.start_of(username, start_key)
        self._call({BalanceTransactionModel.hash_key.attr_name: self._ledger.hash_key_of(username)})
        rows, last = self._ledger.page(username, size=limit + 1, start=start)
        after = rows[limit - 1] if len(rows) > limit else last
        cursor = self._ledger.cursor_at(after) if after else None
        return list(self._ledger.balance_transactions(rows[:limit])), cursor

    @data_operation
    def cleanup_failed_transaction(self, username: str, transaction_id: UUID | str) -> bool:
        """Remove a ledger row that came to nothing. Consistent Query pages, one conditional Delete."""
        arguments.check_cash_user(username)
        wanted = arguments.check_transaction_id(transaction_id)
        row = self._find(username, wanted, consistent_read=True)
        if row is None or row.to_balance_transaction().status not in REMOVABLE:
            return False
        key = (row.hash_key, row.range_key)
        condition = (
            (BalanceTransactionModel.transaction_id == wanted)
            & BalanceTransactionModel.status.is_in(*REMOVABLE)
            & BalanceTransactionModel.is_of_kind()
        )
        call = self._call(row.key())
        try:
            call.send(lambda: self._ledger.remove(key, condition))
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def _call(self, key: dict[str, str]) -> Call:
        return self._connection.calls.current.at(self._balances.table_name(), key)

    def _get(self, username: str) -> BalanceModel | None:
        self._call(BalanceModel.key_names(username))
        row = self._balances.found(BalanceModel.key_of(username), consistent_read=True)
        return row if row is not None and row.is_balance else None

    def _balance(self, username: str) -> Balance:
        row = self._get(username)
        if row is None:
            raise self._connection.calls.current.gone(BalanceNotFoundError)
        return row.to_balance()

    def _find(self, username: str, transaction_id: UUID, *, consistent_read: bool) -> BalanceTransactionModel | None:
        ledger = self._ledger.hash_key_of(username)
        self._call({BalanceTransactionModel.hash_key.attr_name: ledger})
        rows = self._ledger.query(
            ledger,
            filter_condition=BalanceTransactionModel.transaction_id == transaction_id,
            scan_index_forward=False,
            consistent_read=consistent_read,
        )
        return next((row for row in rows if row.is_balance_transaction), None)

    def _is_posted(self, call: Call, transaction: BalanceTransaction, error: ClientError) -> bool:
        """Whether a transaction that was refused had been posted before; False if it lost a race to another writer."""
        why = reasons(error)
        if too_large(error) or not (why or aws_code(error) == "ValidationException"):
            raise error
        if not why:  # DynamoDB Local says so of a sum that does not fit, whatever the other actions met
            return self._is_posted_or_does_not_fit(call, transaction, error)
        posting, balance, entry = why
        if posting.row is not None:
            self._check_posted(transaction, self._postings.from_raw_data(posting.row), error)
            return True
        if posting.is_conflict:  # with itself, it may be: that decides before anything else does
            return False
        if balance.is_condition:
            stored = None if balance.row is None else self._balances.from_raw_data(balance.row)
            self._check_cover(call, transaction, stored, error)
            return False
        if balance.is_invalid:
            return self._is_posted_or_does_not_fit(call, transaction, error)
        if entry.is_condition and not balance.is_conflict:  # cover comes before the ledger key, and cannot be told then
            taken = BalanceTransactionModel.key_names(transaction.username, transaction.created_at)
            raise self._call(taken).refusal(DuplicateTransactionError, error) from error
        if balance.is_conflict or entry.is_conflict:
            return False
        raise error

    def _is_posted_or_does_not_fit(self, call: Call, transaction: BalanceTransaction, error: ClientError) -> bool:
        """The same, where all that is known is that a sum did not fit: one Get or two tell the rest."""
        self._call(PostingModel.key_names(transaction.username, transaction.transaction_id))
        key = PostingModel.key_of(transaction.username, transaction.transaction_id)
        posting = self._postings.found(key, consistent_read=True)
        if posting is not None:
            self._check_posted(transaction, posting, error)
            return True
        stored = self._get(transaction.username)
        self._check_cover(call, transaction, stored, error)
        return False

    def _check_posted(self, transaction: BalanceTransaction, posting: PostingModel, error: ClientError) -> None:
        """Check that what was posted under this id is this transaction."""
        key = PostingModel.key_names(transaction.username, transaction.transaction_id)
        self._call(key)
        if posting.is_posting:
            ledger_key = posting.ledger_key(transaction.username)
            self._call(dict(zip(key, ledger_key, strict=True)))
            entry = self._ledger.found(ledger_key, consistent_read=True)
            if entry is not None and entry.posts(transaction):
                return
        raise self._call(key).refusal(DuplicateTransactionError, error) from error

    def _check_cover(
        self, call: Call, transaction: BalanceTransaction, row: BalanceModel | None, error: ClientError
    ) -> None:
        """Check that a balance is there, covers what is taken out, and can hold what is brought in."""
        self._call(BalanceModel.key_names(transaction.username))
        if row is None or not row.is_balance:
            raise call.refusal(BalanceNotFoundError, error) from error
        stored, amount = row.required(BalanceModel.current_balance), transaction.amount
        if amount < 0 and stored < amount.copy_abs():
            required = amount.copy_abs()
            raise call.shortage(InsufficientBalanceError, error, available=stored, required=required) from error
        try:
            arguments.exact_sum("amount", stored, amount)
        except InvalidArgumentError as misfit:
            call.lost(error)
            raise call.error(InvalidArgumentError, error, misfit.message) from error
