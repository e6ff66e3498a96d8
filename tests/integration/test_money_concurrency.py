"""Money under many writers: nothing lost, nothing twice, nothing below zero. Each check is proved able to fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from uuid import uuid4

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

from .balance_rows import balance, balance_key, balance_row, cash, ledger, ledger_key, transaction
from .money_checks import THREADS, Creates, at_once, one_winner
from .user_rows import naive_text

pytestmark = [pytest.mark.concurrent, pytest.mark.needs("transactions-atomic")]

Post = Callable[[BalanceTransaction], Balance]


def check_posting_once(dao: BalanceDAOProtocol, post: Post, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))
    for round_ in range(1, 6):
        entry = transaction(name, ids.uuid(), "-20")
        results = at_once([partial(post, entry)] * THREADS)
        assert {result.current_balance for result in results if isinstance(result, Balance)} == {100 - 20 * round_}
        assert len(ledger(tables, name)) == 2 * round_
        assert dao.get_balance(name).current_balance == cash(tables, name) == 100 - 20 * round_


def test_one_transaction_posted_by_all_at_once_moves_the_money_once(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    check_posting_once(balance_dao, balance_dao.post_transaction, tables, ids)


@pytest.mark.concurrent(open_outcome=True)
def test_the_last_money_is_taken_by_one(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(5):
        name = ids.name()
        tables.put("users", balance_row(name))
        entries = [transaction(name, ids.uuid(), "-60") for _ in range(THREADS)]
        one_winner(
            at_once([partial(balance_dao.post_transaction, entry) for entry in entries]),
            InsufficientBalanceError,
        )
        assert balance_dao.get_balance(name).current_balance == cash(tables, name) == 40


Postings = list[tuple[list[Callable[[], object]], type[DataError]]]


def postings(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> Postings:
    """Postings that are after one key, of the ledger or of the posting, and what all but one are told."""
    posting, identity = ids.name(), ids.uuid()
    tables.put("users", balance_row(posting))
    now = transaction(posting, identity).created_at
    amounts = [str(amount) for amount in range(1, THREADS + 1)]
    same_key = [transaction(posting, ids.uuid(), amount, created_at=now) for amount in amounts]
    same_id = [transaction(posting, identity, amount) for amount in amounts]
    return [
        ([partial(balance_dao.post_transaction, each) for each in same_key], DuplicateTransactionError),
        ([partial(balance_dao.post_transaction, each) for each in same_id], DuplicateTransactionError),
    ]


def creating(dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> list[Creates]:
    """A balance, and a row of the ledger alone."""
    name, uuids = ids.name(), [ids.uuid() for _ in range(THREADS + 1)]
    at = transaction(name, uuids[0]).created_at

    def create(number: int) -> BalanceTransaction:
        return dao.create_transaction(transaction(name, uuids[number], created_at=at))

    return [
        Creates(
            create=lambda number: dao.create_balance(balance(name, str(number))),
            refusal=BalanceAlreadyExistsError,
            stored=lambda: dao.get_balance(name),
            remove=lambda: tables.delete("users", balance_key(name)),
        ),
        Creates(
            create=create,
            refusal=DuplicateTransactionError,
            stored=lambda: dao.get_user_transactions(name)[0][0],
            remove=lambda: tables.delete("users", ledger_key(name, naive_text(at))),
        ),
    ]


@pytest.mark.concurrent(open_outcome=True)
def test_of_those_who_create_the_same_one_wins(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(3):
        for creates in creating(balance_dao, tables, ids):
            creates.check()
        for calls, refusal in postings(balance_dao, tables, ids):
            one_winner(at_once(calls), refusal)


# -- and on a DAO that is broken on purpose the check fails ---------------------------------------------------------


@pytest.mark.concurrent(open_outcome=True)
def test_a_create_that_has_no_condition_is_found(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for creates in creating(balance_dao, tables, ids):
        creates.check_can_fail()


@pytest.mark.concurrent(open_outcome=True)
def test_a_posting_that_is_made_by_each_is_found(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    def posts_anew(entry: BalanceTransaction) -> Balance:
        fresh = {"transaction_id": uuid4(), "created_at": datetime.now(UTC)}
        return balance_dao.post_transaction(entry.model_copy(update=fresh))

    with pytest.raises(AssertionError):
        check_posting_once(balance_dao, posts_anew, tables, ids)


@pytest.mark.concurrent(open_outcome=True)
def test_money_that_two_take_is_found(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", balance_row(name))

    def sets(entry: BalanceTransaction) -> Balance:
        try:
            return balance_dao.post_transaction(entry)
        except InsufficientBalanceError:  # looked before the other took it
            return balance_dao.update_balance(name, Decimal(40))

    entries = [transaction(name, ids.uuid(), "-60") for _ in range(THREADS)]
    with pytest.raises(AssertionError, match="beside"):
        one_winner(at_once([partial(sets, entry) for entry in entries]), InsufficientBalanceError)
