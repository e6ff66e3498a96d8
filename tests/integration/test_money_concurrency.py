"""Money under many writers: nothing lost, nothing twice, nothing below zero. Each check is proved able to fail."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from common.data import (
    Balance,
    BalanceAlreadyExistsError,
    DataError,
    DuplicateTransactionError,
    InsufficientBalanceError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import balance, balance_row, cash, ledger, transaction
from .money_checks import THREADS, at_once, one_winner

pytestmark = [pytest.mark.concurrent, pytest.mark.needs("transactions-atomic")]


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


@pytest.mark.concurrent(open_outcome=True)
def test_of_those_who_create_the_same_one_wins(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(3):
        for calls, refusal in creates(balance_dao, tables, ids):
            one_winner(at_once(calls), refusal)


# -- and on a DAO that is broken on purpose the check fails ---------------------------------------------------------


@pytest.mark.concurrent(open_outcome=True)
def test_one_winner_is_not_two(balance_dao: BalanceDAOProtocol, ids: Ids) -> None:
    name = ids.name()

    def overwrites() -> Balance:
        try:
            return balance_dao.create_balance(balance(name))
        except BalanceAlreadyExistsError:
            return balance_dao.update_balance(name, Decimal(1))

    with pytest.raises(AssertionError):
        one_winner(at_once([overwrites] * THREADS), BalanceAlreadyExistsError)
