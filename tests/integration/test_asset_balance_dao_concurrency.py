"""AssetBalanceDAO: many threads on one holding lose no update, and tell no lie about those they made. The checks are proved able to fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from common.data import AssetBalance, ConflictError, DatabaseUnavailableError, InsufficientAssetBalanceError
from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .asset_balance_rows import holding_row, key_of, stored
from .counter_checks import COUNTING_THREADS, Upsert, check_lost_answers, check_many_additions
from .lossy import losing_session
from .money_checks import THREADS, at_once
from .user_rows import Connect

pytestmark = [pytest.mark.concurrent, pytest.mark.needs("transactions-atomic")]

ONE = Decimal(1)


@pytest.mark.parametrize("there", [True, False])
def test_sixteen_threads_that_add_lose_no_update_and_meet_no_conflict(
    asset_balance_dao: AssetBalanceDAOProtocol, connect: Connect, tables: Tables, ids: Ids, *, there: bool
) -> None:
    name = ids.name()
    if there:
        tables.put("users", holding_row(name, "BTC", "0.50"))
    second: AssetBalanceDAOProtocol = connect()["asset_balance"]
    upserts = [asset_balance_dao.upsert_asset_balance, second.upsert_asset_balance]
    begin, each = (Decimal("0.50"), 2) if there else (Decimal(0), 1)
    check_many_additions(upserts, tables, name, begin, each)


def test_a_first_quantity_has_one_winner_and_all_count(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for _ in range(3):
        name = ids.name()
        made = at_once([partial(asset_balance_dao.upsert_asset_balance, name, "BTC", ONE)] * THREADS)
        balances = [one for one in made if isinstance(one, AssetBalance)]
        assert sorted(balance.quantity for balance in balances) == list(range(1, 9))
        assert len({balance.created_at for balance in balances}) == 1
        assert stored(tables, name)["quantity"] == {"S": "8"}
        assert asset_balance_dao.get_asset_balance(name, "BTC").quantity == THREADS


def test_threads_that_take_out_never_take_more_than_there_is(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "BTC", "10.00"))
    take = partial(asset_balance_dao.upsert_asset_balance, name, "BTC", Decimal("-1.00"))
    taken = at_once([take] * COUNTING_THREADS)
    assert sum(isinstance(one, AssetBalance) for one in taken) == 10
    short = [one for one in taken if isinstance(one, InsufficientAssetBalanceError)]
    assert len(short) == COUNTING_THREADS - 10
    assert {str(error.available) for error in short} == {"0.00"}
    assert stored(tables, name)["quantity"] == {"S": "0.00"}


def missing_answers(
    dao: AssetBalanceDAOProtocol, connect: Connect, tables: Tables, name: str, others: list[AssetBalance]
) -> AssetBalanceDAOProtocol:
    """A DAO that misses answers while others change the holding, so that it cannot know whether its write was made."""
    tables.put("users", holding_row(name, "BTC", "0"))
    session = losing_session("UpdateItem", 4, then=lambda: others.append(dao.upsert_asset_balance(name, "BTC", ONE)))
    lossy: AssetBalanceDAOProtocol = connect(session=session)["asset_balance"]
    return lossy


@pytest.mark.concurrent(open_outcome=True)
def test_lost_answers_among_threads_count_once_or_say_that_nobody_knows(
    asset_balance_dao: AssetBalanceDAOProtocol, connect: Connect, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    others: list[AssetBalance] = []
    lossy = missing_answers(asset_balance_dao, connect, tables, name, others)
    assert check_lost_answers(lossy.upsert_asset_balance, tables, name, others) == len(others) > 0


def test_deleting_at_once_has_one_winner(asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    outcomes = at_once([partial(asset_balance_dao.delete_asset_balance, name, "BTC")] * THREADS)
    assert sorted(outcomes, key=repr) == [False] * 7 + [True]
    assert tables.get("users", key_of(name)) is None


# -- and on a DAO that is broken on purpose each check fails -------------------------------------------------------


def test_an_addition_that_is_lost_is_found(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "BTC", "0.50"))
    all_have_read = threading.Barrier(COUNTING_THREADS)

    def without_condition(username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        was = asset_balance_dao.get_asset_balance(username, asset_id)
        all_have_read.wait(30)
        total = was.quantity + quantity
        tables.put("users", holding_row(username, asset_id, str(total)))
        return was.model_copy(update={"quantity": total})

    with pytest.raises(AssertionError, match="an acknowledged addition is missing"):
        check_many_additions([without_condition], tables, name, Decimal("0.50"), each=1)


def tells_that_it_failed(dao: AssetBalanceDAOProtocol) -> Upsert:
    """Takes a lost answer for a refusal."""

    def upsert(username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        try:
            return dao.upsert_asset_balance(username, asset_id, quantity)
        except DatabaseUnavailableError as error:
            raise ConflictError from error

    return upsert


def adds_again(dao: AssetBalanceDAOProtocol) -> Upsert:
    """Takes a lost answer for a write that was not made."""

    def upsert(username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        try:
            return dao.upsert_asset_balance(username, asset_id, quantity)
        except DatabaseUnavailableError:
            return dao.upsert_asset_balance(username, asset_id, quantity)

    return upsert


@pytest.mark.concurrent(open_outcome=True)
@pytest.mark.parametrize("broken", [tells_that_it_failed, adds_again])
def test_an_upsert_is_found_that(
    asset_balance_dao: AssetBalanceDAOProtocol,
    connect: Connect,
    tables: Tables,
    ids: Ids,
    broken: Callable[[AssetBalanceDAOProtocol], Upsert],
) -> None:
    name = ids.name()
    others: list[AssetBalance] = []
    lossy = missing_answers(asset_balance_dao, connect, tables, name, others)
    with pytest.raises(AssertionError, match="more was added than anybody was told"):
        check_lost_answers(broken(lossy), tables, name, others)
