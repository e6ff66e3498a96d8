"""Money under many writers: nothing lost, nothing twice, nothing below zero. Each check is proved able to fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from common.data import (
    Balance,
    BalanceAlreadyExistsError,
    BalanceTransaction,
    DataError,
    DuplicateTransactionError,
    InsufficientBalanceError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import balance, balance_row, cash, ledger, posting_row, transaction
from .money_checks import THREADS, Bank, at_once, one_winner
from .user_rows import naive_text

pytestmark = [pytest.mark.concurrent, pytest.mark.needs("transactions-atomic")]

Post = Callable[[BalanceTransaction], Balance]
Broken = Callable[[BalanceDAOProtocol, Tables, Ids], Post]


def test_the_books_agree_after_many_writers_at_once(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    Bank.opened(tables, ids, users=10, postings=250).run(balance_dao.post_transaction)


def test_one_transaction_posted_by_all_at_once_moves_the_money_once(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    for round_ in range(1, 6):
        entry = transaction(name, ids.uuid(), "-20")
        results = at_once([partial(balance_dao.post_transaction, entry)] * THREADS)
        assert {result.current_balance for result in results if isinstance(result, Balance)} == {100 - 20 * round_}
        assert len(ledger(tables, name)) == 2 * round_


def test_the_last_money_is_taken_by_one(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(5):
        name = ids.name()
        tables.put("users", balance_row(name))
        entries = [transaction(name, ids.uuid(), "-60") for _ in range(THREADS)]
        one_winner(
            at_once([partial(balance_dao.post_transaction, entry) for entry in entries]),
            InsufficientBalanceError,
        )
        assert cash(tables, name) == 40


Creates = list[tuple[list[Callable[[], object]], type[DataError]]]


def creates(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> Creates:
    """Calls of each create that are after one key, and what all but one are told."""
    fresh, importing, posting, identity = ids.name(), ids.name(), ids.name(), ids.uuid()
    tables.put("users", balance_row(posting))
    now = transaction(posting, identity).created_at
    amounts = [str(amount) for amount in range(1, THREADS + 1)]
    imports = [transaction(importing, ids.uuid(), amount, created_at=now) for amount in amounts]
    same_key = [transaction(posting, ids.uuid(), amount, created_at=now) for amount in amounts]
    same_id = [transaction(posting, identity, amount) for amount in amounts]
    return [
        ([partial(balance_dao.create_balance, balance(fresh, each)) for each in amounts], BalanceAlreadyExistsError),
        ([partial(balance_dao.create_transaction, each) for each in imports], DuplicateTransactionError),
        ([partial(balance_dao.post_transaction, each) for each in same_key], DuplicateTransactionError),
        ([partial(balance_dao.post_transaction, each) for each in same_id], DuplicateTransactionError),
    ]


def test_of_those_who_create_the_same_one_wins(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(3):
        for calls, refusal in creates(balance_dao, tables, ids):
            one_winner(at_once(calls), refusal)


# -- and on a DAO that is broken on purpose each check fails -------------------------------------------------------


def loses(dao: BalanceDAOProtocol, _tables: Tables, _ids: Ids) -> Post:
    """Acknowledges some postings that it never made."""
    return lambda entry: (
        dao.post_transaction(entry) if entry.transaction_id.int % 7 else dao.get_balance(entry.username)
    )


def doubles(dao: BalanceDAOProtocol, _tables: Tables, ids: Ids) -> Post:
    """Posts deposits again under another id, as if their answer had been lost."""

    def post(entry: BalanceTransaction) -> Balance:
        result = dao.post_transaction(entry)
        if entry.amount > 0:
            again = transaction(entry.username, ids.uuid(), str(entry.amount))
            result = dao.post_transaction(again)
        return result

    return post


def overdraws(dao: BalanceDAOProtocol, tables: Tables, _ids: Ids) -> Post:
    """Lends what is missing."""

    def post(entry: BalanceTransaction) -> Balance:
        try:
            return dao.post_transaction(entry)
        except InsufficientBalanceError as error:
            tables.put("users", balance_row(entry.username, str(error.required)))
            return dao.post_transaction(entry)

    return post


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (loses, "acknowledged is not what is booked"),
        (doubles, "acknowledged is not what is booked"),
        (overdraws, "cash is not the ledger"),
    ],
    ids=["loses", "doubles", "overdraws"],
)
def test_the_books_disagree_on_a_dao_that(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, broken: Broken, fault: str
) -> None:
    bank = Bank.opened(tables, ids, users=2, postings=40)
    with pytest.raises(AssertionError, match=fault):
        bank.run(broken(balance_dao, tables, ids))


def test_the_books_disagree_on_a_dao_that_reads_adds_and_writes(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    bank = Bank.opened(tables, ids, users=1, postings=0)
    (name,) = bank.users
    bank.postings = [transaction(name, ids.uuid(), "1") for _ in range(THREADS)]
    all_have_read = threading.Barrier(THREADS)

    def post(entry: BalanceTransaction) -> Balance:
        before = balance_dao.get_balance(name)
        all_have_read.wait(30)
        result = balance_dao.update_balance(name, before.current_balance + entry.amount)
        balance_dao.create_transaction(entry)
        tables.put("users", posting_row(name, entry.transaction_id, naive_text(entry.created_at)))
        return result

    at_once([partial(post, each) for each in bank.postings])
    bank.acknowledged = {each.transaction_id for each in bank.postings}
    with pytest.raises(AssertionError, match="cash is not the ledger"):
        bank.check()


def test_one_winner_is_not_two(balance_dao: BalanceDAOProtocol, ids: Ids) -> None:
    name = ids.name()

    def overwrites() -> Balance:
        try:
            return balance_dao.create_balance(balance(name))
        except BalanceAlreadyExistsError:
            return balance_dao.update_balance(name, Decimal(1))

    with pytest.raises(AssertionError):
        one_winner(at_once([overwrites] * THREADS), BalanceAlreadyExistsError)
