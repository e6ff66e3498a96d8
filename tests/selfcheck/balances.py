"""Cash balance DAOs that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data import (
    Balance,
    BalanceTransaction,
    Connection,
    DatabaseUnavailableError,
    DuplicateTransactionError,
    InsufficientBalanceError,
    TransactionNotFoundError,
)
from common.data.dao.balance_dao import BalanceDAO
from common.data.models.attributes import DecimalAttribute
from common.data.models.balance import BalanceModel
from common.data.models.balance_transaction import BalanceTransactionModel
from common.data.models.posting import PostingModel
from parity.selfcheck import WrongCandidate
from tests.selfcheck.altered import AlteredUpdates

__all__ = ["BALANCES"]

DAO = "tests/integration/test_balance_dao.py::test_"
LEDGER = "tests/integration/test_balance_dao_ledger.py::test_"
POSTING = "tests/integration/test_balance_dao_posting.py::test_"


class AmountThroughAFloat(BalanceDAO):
    """Lets an amount be a float on its way."""

    def get_balance(self, username: str) -> Balance:
        balance = super().get_balance(username)
        return balance.model_copy(update={"current_balance": Decimal(float(balance.current_balance))})


class ReadsAStaleBalance(BalanceDAO):
    """Reads a balance without asking for consistency."""

    def _get(self, username: str) -> BalanceModel | None:
        self._call(BalanceModel.key_names(username))
        row = self._balances.found(BalanceModel.key_of(username), consistent_read=False)
        return row if row is not None and row.is_balance else None


class RoundsTo28Digits(BalanceDAO):
    """Counts in Python's default context."""

    def create_balance(self, balance: Balance) -> Balance:
        return super().create_balance(balance.model_copy(update={"current_balance": +balance.current_balance}))


class _Scientific(DecimalAttribute):
    def serialize(self, value: Decimal) -> str:
        return f"{value.normalize():E}"


class _ScientificBalance(BalanceModel):
    current_balance = _Scientific(attr_name=BalanceModel.current_balance.attr_name)


class SendsExponents(BalanceDAO):
    """Sends a number with an exponent, and leaves its form to the service."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._balances = connection.bind(_ScientificBalance)


class _Uncovered(AlteredUpdates, BalanceModel):
    @classmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        return actions, BalanceModel.is_stored()


class TakesWhatIsNotThere(BalanceDAO):
    """Lets a posting take out more than there is."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._balances = connection.bind(_Uncovered)


class PostsInSteps(BalanceDAO):
    """Moves the money, then notes it: three writes that something may come between."""

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        current = super().get_balance(transaction.username).current_balance
        moved = super().update_balance(transaction.username, current + transaction.amount)
        super().create_transaction(transaction)
        return moved


class ForgetsThePosting(BalanceDAO):
    """Leaves no row that says what was posted."""

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        balance = super().post_transaction(transaction)
        key = PostingModel.key_names(transaction.username, transaction.transaction_id)
        client: Any = self._connection.client
        client.delete_item(
            TableName=self._postings.table_name(), Key={name: {"S": value} for name, value in key.items()}
        )
        return balance


class FiltersByItself(BalanceDAO):
    """Looks for a transaction in all that the service sends."""

    def _find(self, username: str, transaction_id: UUID, *, consistent_read: bool) -> BalanceTransactionModel | None:
        ledger = self._ledger.hash_key_of(username)
        self._call({BalanceTransactionModel.hash_key.attr_name: ledger})
        rows = self._ledger.query(ledger, scan_index_forward=False, consistent_read=consistent_read)
        found = (row for row in rows if row.is_balance_transaction and row.transaction_id == transaction_id)
        return next(found, None)


class OldestFirst(BalanceDAO):
    """Turns a page of the ledger around."""

    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        found, cursor = super().get_user_transactions(username, limit, start_key)
        return found[::-1], cursor


class OneLess(BalanceDAO):
    """Leaves out the last row of a full page."""

    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        found, cursor = super().get_user_transactions(username, limit, start_key)
        return (found[:-1] if len(found) == limit else found), cursor


class CursorOfItsOwn(BalanceDAO):
    """Gives cursors that only it can read."""

    def get_user_transactions(
        self, username: str, limit: int = 50, start_key: dict[str, str] | None = None
    ) -> tuple[list[BalanceTransaction], dict[str, str] | None]:
        own = start_key if start_key is None else {name.removeprefix("my-"): text for name, text in start_key.items()}
        found, cursor = super().get_user_transactions(username, limit, own)
        return found, cursor and {f"my-{name}": text for name, text in cursor.items()}


class CleansUpWhatIsDone(BalanceDAO):
    """Says that it removed what it left."""

    def cleanup_failed_transaction(self, username: str, transaction_id: UUID | str) -> bool:
        super().cleanup_failed_transaction(username, transaction_id)
        return True


class NothingAvailable(BalanceDAO):
    """Says that nothing is there where something is."""

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        try:
            return super().post_transaction(transaction)
        except InsufficientBalanceError as error:
            error.available = Decimal(0)
            raise


class NotFoundIsADuplicate(BalanceDAO):
    """Calls a transaction that is not there one that is there twice."""

    def get_transaction(self, username: str, transaction_id: UUID | str) -> BalanceTransaction:
        try:
            return super().get_transaction(username, transaction_id)
        except TransactionNotFoundError as error:
            raise DuplicateTransactionError(error.message) from error


class PostsAgain(BalanceDAO):
    """Posts once more, under another instant and id, where it got no answer."""

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        try:
            return super().post_transaction(transaction)
        except DatabaseUnavailableError:
            later = {"created_at": datetime(2030, 1, 1, tzinfo=UTC), "transaction_id": UUID(int=7)}
            return super().post_transaction(transaction.model_copy(update=later))


class _PutOver(BalanceModel):
    def put(self, condition: Condition) -> None:
        if threading.current_thread() is threading.main_thread():
            super().put(condition)
        else:
            super().put(BalanceModel.hash_key.exists() | BalanceModel.hash_key.does_not_exist())


class CreatesTwiceAmongThreads(BalanceDAO):
    """Creates over what is there, if it is not in the main thread."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._balances = connection.bind(_PutOver)


class PostsInStepsAmongThreads(BalanceDAO):
    """Loses what another thread adds between its read and its write."""

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        if threading.current_thread() is threading.main_thread():
            return super().post_transaction(transaction)
        current = super().get_balance(transaction.username).current_balance
        posted = super().post_transaction(transaction)
        super().update_balance(transaction.username, current + transaction.amount)
        return posted


CREATED = (f"{DAO}create_stores_exactly_the_row_of_the_contract",)
EXACT = ("tests/integration/test_balance_dao_numbers.py::test_a_balance_keeps_every_digit",)
READ = (f"{DAO}get_is_one_strongly_consistent_get",)
PAGES = (f"{LEDGER}pages_hold_every_row_once_newest_first",)
POSTED = (f"{POSTING}posting_moves_the_money_and_leaves_both_rows",)
SHORT = (f"{POSTING}money_that_is_not_there_is_not_taken",)
FOUND = (f"{LEDGER}get_transaction_finds_the_newest_row_of_an_id",)
LIST, POST = "get_user_transactions", "post_transaction"

BALANCES: Sequence[WrongCandidate] = (
    WrongCandidate(
        AmountThroughAFloat,
        "balance",
        "get_balance",
        "return",
        CREATED,
        "current_balance",
    ),
    WrongCandidate(ReadsAStaleBalance, "balance", "get_balance", "requests", READ, "[0].GetItem.ConsistentRead"),
    WrongCandidate(RoundsTo28Digits, "balance", "create_balance", "items", EXACT, "users.current_balance"),
    WrongCandidate(
        SendsExponents, "balance", "create_balance", "requests", CREATED, "[0].PutItem.Item.current_balance.N"
    ),
    WrongCandidate(TakesWhatIsNotThere, "balance", POST, "exception", SHORT, "raised"),
    WrongCandidate(PostsInSteps, "balance", POST, "requests", POSTED, "count"),
    WrongCandidate(ForgetsThePosting, "balance", POST, "items", POSTED, "users.(row)"),
    WrongCandidate(FiltersByItself, "balance", "get_transaction", "requests", FOUND, "[0].Query.FilterExpression"),
    WrongCandidate(OldestFirst, "balance", LIST, "return", PAGES),
    WrongCandidate(OneLess, "balance", LIST, "return", PAGES),
    WrongCandidate(CursorOfItsOwn, "balance", LIST, "exception", PAGES, "(cross-read new to old) raised"),
    WrongCandidate(
        CleansUpWhatIsDone,
        "balance",
        "cleanup_failed_transaction",
        "return",
        (f"{LEDGER}cleanup_removes_what_came_to_nothing_and_nothing_else",),
        "(value)",
    ),
    WrongCandidate(NothingAvailable, "balance", POST, "exception", SHORT, "attributes.available"),
    WrongCandidate(
        NotFoundIsADuplicate,
        "balance",
        "get_transaction",
        "exception",
        (f"{LEDGER}a_transaction_that_is_not_there_is_not_found",),
        "class",
    ),
    WrongCandidate(PostsAgain, "balance", POST, "items", POSTED, faults=True),
    WrongCandidate(
        CreatesTwiceAmongThreads,
        "balance",
        "(test)",
        "return",
        ("tests/integration/test_money_concurrency.py::test_of_those_who_create_the_same_one_wins",),
        "(test)",
        needs=("transactions-atomic",),
    ),
    WrongCandidate(
        PostsInStepsAmongThreads,
        "balance",
        "(test)",
        "return",
        (
            "tests/integration/test_money_concurrency.py::test_one_transaction_posted_by_all_at_once_moves_the_money_once",
        ),
        "(test)",
        needs=("transactions-atomic",),
    ),
)
