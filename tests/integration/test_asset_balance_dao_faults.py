"""AssetBalanceDAO: what a method does when DynamoDB, or the way to it, fails, and when a write goes unanswered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from common.data import ConflictError, DatabaseUnavailableError
from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_balance_rows import fields, holding_row, key_of, read_as, stored
from .failure_cases import (
    EACH_FAILURE,
    Case,
    check_conflicts,
    check_failing,
    check_missing_table,
    check_side_by_side,
)
from .user_rows import Connect, Requests

ONE = Decimal(1)
APPLIED = ["lost-answer", "lost-answer-timeout", "lost-answer-500"]
NOT_APPLIED = ["timeout", "connection-broken", "server-error"]


def key(name: str) -> dict[str, str]:
    return {"Pk": name, "Sk": "ASSET#BTC"}


def case(method: str, operation: str, call: Callable[[AssetBalanceDAOProtocol, str], object]) -> Case:
    return Case("AssetBalanceDAO", method, operation, "users", call, key, holding_row)


UPSERT = case("upsert_asset_balance", "GetItem", lambda dao, name: dao.upsert_asset_balance(name, "BTC", ONE))
UPDATE = replace(UPSERT, operation="UpdateItem", before=("GetItem",))
PUT = replace(UPDATE, operation="PutItem", is_there=False)
DELETE = case("delete_asset_balance", "DeleteItem", lambda dao, name: dao.delete_asset_balance(name, "BTC"))
GET = case("get_asset_balance", "GetItem", lambda dao, name: dao.get_asset_balance(name, "BTC"))
ALL = replace(
    case("get_all_asset_balances", "Query", lambda dao, name: dao.get_all_asset_balances(name)),
    key=lambda name: {"Pk": name, "Sk": "ASSET#"},
)
CASES = [UPSERT, UPDATE, PUT, DELETE, GET, ALL]
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_method = pytest.mark.parametrize("case", [UPSERT, DELETE, GET, ALL], ids=str)
each_write = pytest.mark.parametrize("case", [UPDATE, PUT, DELETE], ids=str)


@pytest.mark.parametrize("kinds", EACH_FAILURE, ids=["one", "other"])
@each_case
def test_a_request_that_fails_ends_in_its_error_and_can_be_made_again(
    asset_balance_dao: AssetBalanceDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
    kinds: tuple[str, ...],
) -> None:
    check_failing(case, asset_balance_dao, tables, ids.name(), faults, requests, kinds)


@each_method
def test_without_tables_the_table_is_not_found(connect: Connect, tables: Tables, ids: Ids, case: Case) -> None:
    check_missing_table(case, connect, tables, ids.name(), "asset_balance")


@each_method
def test_connections_to_different_tables_do_not_mix(
    asset_balance_dao: AssetBalanceDAOProtocol, connect: Connect, tables: Tables, ids: Ids, case: Case
) -> None:
    check_side_by_side(case, asset_balance_dao, connect, tables, ids.name(), "asset_balance")


@pytest.mark.parametrize("times", [39, None])
@each_write
def test_a_write_that_meets_transactions_is_tried_forty_times(
    asset_balance_dao: AssetBalanceDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
    times: int | None,
) -> None:
    check_conflicts(case, asset_balance_dao, tables, ids.name(), faults, requests, times)


def test_a_delete_that_met_too_many_transactions_can_be_made_again(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    faults.add("conflict", "DeleteItem", times=40)
    with pytest.raises(ConflictError):
        asset_balance_dao.delete_asset_balance(name, "BTC")
    assert asset_balance_dao.delete_asset_balance(name, "BTC") is True


def unknown(call: Callable[[], object], tables: Tables, name: str) -> None:
    """Assert that the call says that nobody knows whether it took effect."""
    with pytest.raises(DatabaseUnavailableError) as caught:
        call()
    assert caught.value.operation == "AssetBalanceDAO.upsert_asset_balance"
    assert (caught.value.table, caught.value.key) == (tables.name("users"), key(name))


@pytest.mark.parametrize("kind", APPLIED + NOT_APPLIED)
@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem"])
def test_an_upsert_with_an_unanswered_attempt_counts_once(
    asset_balance_dao: AssetBalanceDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    operation: str,
    kind: str,
) -> None:
    name = ids.name()
    if operation == "UpdateItem":
        tables.put("users", holding_row(name))
    faults.add(kind, operation)
    after = asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal("1.5"))
    assert str(after.quantity) == ("12.00" if operation == "UpdateItem" else "1.5")
    assert fields(after) == read_as(stored(tables, name))
    assert [(request.operation, request.attempts) for request in requests()] == [("GetItem", 1), (operation, 2)]


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem"])
def test_an_upsert_overtaken_after_no_answer_cannot_tell(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, operation: str, kind: str
) -> None:
    name = ids.name()
    if operation == "UpdateItem":
        tables.put("users", holding_row(name))
    others = holding_row(name, "BTC", "99", updated_at={"S": "2024-01-01T00:00:00"})
    faults.add(kind, operation)
    faults.before(operation, lambda: tables.put("users", others))
    unknown(lambda: asset_balance_dao.upsert_asset_balance(name, "BTC", ONE), tables, name)
    assert stored(tables, name) == others


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_an_upsert_brought_back_by_others_after_no_answer_is_not_made_twice(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    others = holding_row(name, updated_at={"S": "2024-01-01T00:00:00"})
    faults.add(kind, "UpdateItem")
    faults.before("UpdateItem", lambda: tables.put("users", others))
    unknown(lambda: asset_balance_dao.upsert_asset_balance(name, "BTC", ONE), tables, name)
    assert stored(tables, name) == others


@pytest.mark.parametrize("last", ["throttle", "access-denied", "conflict"])
@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_an_upsert_unanswered_and_then_refused_cannot_tell(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str, last: str
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    faults.add(kind, "UpdateItem")
    faults.add(last, "UpdateItem", times=None)
    unknown(lambda: asset_balance_dao.upsert_asset_balance(name, "BTC", ONE), tables, name)
    assert stored(tables, name)["quantity"] == {"S": "11.50" if kind in APPLIED else "10.50"}


def test_an_upsert_whose_holding_is_gone_after_no_answer_cannot_tell(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    faults.add("lost-answer", "UpdateItem")
    faults.before("UpdateItem", lambda: tables.delete("users", key_of(name)))
    unknown(lambda: asset_balance_dao.upsert_asset_balance(name, "BTC", ONE), tables, name)
    assert tables.get("users", key_of(name)) is None


def test_an_unanswered_read_is_no_unanswered_write(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    others = holding_row(name, "BTC", "1", updated_at={"S": "2024-01-01T00:00:00"})
    faults.add("timeout", "GetItem")
    faults.before("UpdateItem", lambda: tables.put("users", others))
    assert asset_balance_dao.upsert_asset_balance(name, "BTC", ONE).quantity == 2


@pytest.mark.parametrize("kind", [*APPLIED, "timeout"])
def test_a_delete_with_an_unanswered_attempt_leaves_nothing(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    faults.add(kind, "DeleteItem")
    assert asset_balance_dao.delete_asset_balance(name, "BTC") is (kind == "timeout")
    assert tables.get("users", key_of(name)) is None
