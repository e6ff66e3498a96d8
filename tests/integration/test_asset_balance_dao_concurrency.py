"""AssetBalanceDAO: many threads on one holding lose no update, and tell no lie about those they made."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from common.data import AssetBalance, DatabaseUnavailableError, InsufficientAssetBalanceError
from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .asset_balance_rows import holding_row, key_of, stored
from .user_rows import Connect

pytestmark = [pytest.mark.concurrent, pytest.mark.needs("transactions-atomic")]

THREADS = 16


def all_at_once(call: Callable[[int], object], threads: int = THREADS) -> list[object]:
    """What a call gives, or raises, in each of some threads that begin together."""
    gate = threading.Barrier(threads)

    def run(number: int) -> object:
        gate.wait()
        try:
            return call(number)
        except Exception as error:  # noqa: BLE001 - judged by the test
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.mark.parametrize("there", [True, False])
def test_sixteen_threads_that_add_lose_no_update_and_meet_no_conflict(
    asset_balance_dao: AssetBalanceDAOProtocol, connect: Connect, tables: Tables, ids: Ids, *, there: bool
) -> None:
    name = ids.name()
    if there:
        tables.put("users", holding_row(name, "BTC", "0.50"))
    daos = [asset_balance_dao, connect()["asset_balance"]]
    seen: list[Decimal] = []

    def add(number: int) -> None:
        for _ in range(4):
            after: AssetBalance = daos[number % 2].upsert_asset_balance(name, "BTC", Decimal("0.01"))
            seen.append(after.quantity)

    assert all_at_once(add) == [None] * THREADS
    begin = Decimal("0.50") if there else Decimal(0)
    assert sorted(seen) == [begin + Decimal("0.01") * count for count in range(1, 4 * THREADS + 1)]
    assert stored(tables, name)["quantity"] == {"S": str(max(seen))}


def test_a_first_quantity_has_one_winner_and_all_count(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for _ in range(5):
        name = ids.name()
        made = all_at_once(lambda _, name=name: asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1)), 8)  # type: ignore[misc]
        balances = [one for one in made if isinstance(one, AssetBalance)]
        assert sorted(balance.quantity for balance in balances) == list(range(1, 9))
        assert len({balance.created_at for balance in balances}) == 1
        assert stored(tables, name)["quantity"] == {"S": "8"}


def test_threads_that_take_out_never_take_more_than_there_is(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "BTC", "10.00"))
    taken = all_at_once(lambda _: asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal("-1.00")))
    assert sum(isinstance(one, AssetBalance) for one in taken) == 10
    short = [one for one in taken if isinstance(one, InsufficientAssetBalanceError)]
    assert len(short) == THREADS - 10
    assert {str(error.available) for error in short} == {"0.00"}
    assert stored(tables, name)["quantity"] == {"S": "0.00"}


def losing_session(every: int) -> Session:
    """A session whose clients lose the answer to every so manieth update that the server applied."""
    updates = itertools.count(1)

    def lose(**event: Any) -> None:
        request: AWSPreparedRequest = event["request"]
        if next(updates) % every == 0:
            http = URLLib3Session()
            http.send(request)
            http.close()
            raise ConnectionClosedError(endpoint_url=request.url)

    session = Session()
    session.set_credentials("AKIDTHREADS", "secret")
    session.set_config_variable("region", "us-east-1")
    session.register("before-send.dynamodb.UpdateItem", lose)
    return session


@pytest.mark.concurrent(open_outcome=True)
def test_lost_answers_among_threads_count_once_or_say_that_nobody_knows(
    connect: Connect, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "BTC", "0"))
    dao: AssetBalanceDAOProtocol = connect(session=losing_session(3))["asset_balance"]
    outcomes = all_at_once(lambda _: dao.upsert_asset_balance(name, "BTC", Decimal(1)))
    acknowledged = sum(isinstance(one, AssetBalance) for one in outcomes)
    unknown = sum(isinstance(one, DatabaseUnavailableError) for one in outcomes)
    assert acknowledged + unknown == THREADS
    total = Decimal(stored(tables, name)["quantity"]["S"])
    assert acknowledged <= total <= acknowledged + unknown


def test_deleting_at_once_has_one_winner(asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    outcomes = all_at_once(lambda _: asset_balance_dao.delete_asset_balance(name, "BTC"), 8)
    assert sorted(outcomes, key=repr) == [False] * 7 + [True]
    assert tables.get("users", key_of(name)) is None
