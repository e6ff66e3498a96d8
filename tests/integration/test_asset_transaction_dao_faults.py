"""AssetTransactionDAO: what a method does when DynamoDB, or the way to it, fails, and when a write goes unanswered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from common.data import DatabaseUnavailableError
from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_transaction_rows import AT, entity, key_of, ledger_row
from .failure_cases import (
    EACH_FAILURE,
    Case,
    check_conflicts,
    check_failing,
    check_missing_table,
    check_side_by_side,
)
from .user_rows import Connect, Requests

WHEN = datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)
APPLIED = ["lost-answer", "lost-answer-timeout", "lost-answer-500"]
NOT_APPLIED = ["timeout", "connection-broken", "server-error"]


def key(name: str) -> dict[str, str]:
    return {"Pk": f"TRANS#{name}#BTC", "Sk": AT}


def partition(name: str) -> dict[str, str]:
    return {"Pk": f"TRANS#{name}#BTC"}


def case(method: str, operation: str, call: Callable[[AssetTransactionDAOProtocol, str], object]) -> Case:
    return Case("AssetTransactionDAO", method, operation, "users", call, key, ledger_row)


CREATE = replace(
    case("create_asset_transaction", "PutItem", lambda dao, name: dao.create_asset_transaction(entity(name))),
    is_there=False,
)
GET = case("get_asset_transaction", "GetItem", lambda dao, name: dao.get_asset_transaction(name, "BTC", AT))
FIND = case("get_asset_transaction", "Query", lambda dao, name: dao.get_asset_transaction(name, "BTC", WHEN))
LIST = replace(
    case("get_user_asset_transactions", "Query", lambda dao, name: dao.get_user_asset_transactions(name, "BTC", 5)),
    key=partition,
)
SCAN = replace(
    case("get_user_transactions", "Scan", lambda dao, name: dao.get_user_transactions(name)), key=lambda _: None
)
DELETE = case("delete_asset_transaction", "DeleteItem", lambda dao, name: dao.delete_asset_transaction(name, "BTC", AT))
SEEK = replace(DELETE, operation="Query", call=lambda dao, name: dao.delete_asset_transaction(name, "BTC", WHEN))
CASES = [CREATE, GET, FIND, LIST, SCAN, DELETE, SEEK]
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_method = pytest.mark.parametrize("case", [CREATE, GET, LIST, SCAN, DELETE], ids=str)
each_write = pytest.mark.parametrize("case", [CREATE, DELETE], ids=str)


@pytest.mark.parametrize("kinds", EACH_FAILURE, ids=["one", "other"])
@each_case
def test_a_request_that_fails_ends_in_its_error_and_can_be_made_again(
    asset_transaction_dao: AssetTransactionDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
    kinds: tuple[str, ...],
) -> None:
    check_failing(case, asset_transaction_dao, tables, ids.name(), faults, requests, kinds)


@each_method
def test_without_tables_the_table_is_not_found(connect: Connect, tables: Tables, ids: Ids, case: Case) -> None:
    check_missing_table(case, connect, tables, ids.name(), "asset_transaction")


@each_method
def test_connections_to_different_tables_do_not_mix(
    asset_transaction_dao: AssetTransactionDAOProtocol, connect: Connect, tables: Tables, ids: Ids, case: Case
) -> None:
    check_side_by_side(case, asset_transaction_dao, connect, tables, ids.name(), "asset_transaction")


@pytest.mark.parametrize("times", [39, None])
@each_write
def test_a_write_that_meets_transactions_is_tried_forty_times(
    asset_transaction_dao: AssetTransactionDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
    times: int | None,
) -> None:
    check_conflicts(case, asset_transaction_dao, tables, ids.name(), faults, requests, times)


def test_a_delete_by_instant_meets_transactions_in_vain(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    late = replace(SEEK, operation="DeleteItem", before=("Query",))
    check_conflicts(late, asset_transaction_dao, tables, ids.name(), faults, requests, None)


def test_a_create_that_meets_transactions_in_vain_can_be_made_again(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    name = ids.name()
    check_conflicts(CREATE, asset_transaction_dao, tables, name, faults, requests, 40)
    assert CREATE.call(asset_transaction_dao, name) == entity(name)


def unknown(call: Callable[[], object], tables: Tables, name: str) -> None:
    """Assert that the call says that nobody knows whether it took effect."""
    with pytest.raises(DatabaseUnavailableError) as caught:
        call()
    assert caught.value.operation == "AssetTransactionDAO.create_asset_transaction"
    assert (caught.value.table, caught.value.key) == (tables.name("users"), key(name))


@pytest.mark.parametrize("kind", APPLIED + NOT_APPLIED)
def test_a_create_with_an_unanswered_attempt_counts_once(
    asset_transaction_dao: AssetTransactionDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    kind: str,
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    assert asset_transaction_dao.create_asset_transaction(entity(name)) == entity(name)
    assert tables.get("users", key_of(name)) == ledger_row(name)
    assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 2)]


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_a_create_that_meets_a_strangers_row_after_no_answer_cannot_tell(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    others = ledger_row(name, quantity={"S": "1.5"})
    faults.add(kind, "PutItem")
    faults.before("PutItem", lambda: tables.put("users", others))
    unknown(lambda: asset_transaction_dao.create_asset_transaction(entity(name)), tables, name)
    assert tables.get("users", key_of(name)) == others


@pytest.mark.parametrize("last", ["throttle", "access-denied", "conflict"])
@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_a_create_unanswered_and_then_refused_cannot_tell(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str, last: str
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    faults.add(last, "PutItem", times=None)
    unknown(lambda: asset_transaction_dao.create_asset_transaction(entity(name)), tables, name)
    assert (tables.get("users", key_of(name)) is not None) == (kind in APPLIED)


@pytest.mark.parametrize("kind", [*APPLIED, "timeout"])
def test_a_delete_with_an_unanswered_attempt_leaves_nothing(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    for when in (AT, WHEN):
        tables.put("users", ledger_row(name))
        faults.add(kind, "DeleteItem")
        assert asset_transaction_dao.delete_asset_transaction(name, "BTC", when) is (kind == "timeout")
        assert tables.get("users", key_of(name)) is None
