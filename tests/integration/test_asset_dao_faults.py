"""AssetDAO: what a method does when DynamoDB, or the way to it, fails, and when a write goes unanswered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from common.data import DatabaseUnavailableError
from common.data.dao.protocols import AssetDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_rows import asset_row, entity, exact, key_of, read_as, stored
from .failure_cases import (
    EACH_FAILURE,
    Case,
    check_conflicts,
    check_failing,
    check_missing_table,
    check_side_by_side,
)
from .user_rows import Connect, Requests, naive_text

APPLIED = ["lost-answer", "lost-answer-timeout", "lost-answer-500"]
NOT_APPLIED = ["timeout", "connection-broken", "server-error"]


def key(name: str) -> dict[str, str]:
    return {"product_id": name}


def case(method: str, operation: str, call: Callable[[AssetDAOProtocol, str], object]) -> Case:
    return Case("AssetDAO", method, operation, "inventory", call, key, asset_row)


CREATE = replace(case("create_asset", "PutItem", lambda dao, name: dao.create_asset(entity(name))), is_there=False)
GET = case("get_asset_by_id", "GetItem", lambda dao, name: dao.get_asset_by_id(name))
ALL = replace(case("get_all_assets", "Scan", lambda dao, _: dao.get_all_assets()), key=lambda _: None)
BATCH = replace(
    case("get_assets_by_ids", "BatchGetItem", lambda dao, name: dao.get_assets_by_ids([name])), key=lambda _: None
)
UPDATE = case("update_asset", "UpdateItem", lambda dao, name: dao.update_asset(entity(name, name="Ether")))
each_case = pytest.mark.parametrize("case", [CREATE, GET, ALL, BATCH, UPDATE], ids=str)
each_write = pytest.mark.parametrize("case", [CREATE, UPDATE], ids=str)


def short(ids: Ids) -> str:
    """An id of at most 20 characters that no other test has."""
    return ids.name("asset")[:18]


@pytest.mark.parametrize("kinds", EACH_FAILURE, ids=["one", "other"])
@each_case
def test_a_request_that_fails_ends_in_its_error_and_can_be_made_again(
    asset_dao: AssetDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
    kinds: tuple[str, ...],
) -> None:
    check_failing(case, asset_dao, tables, short(ids), faults, requests, kinds)


@each_case
def test_without_tables_the_table_is_not_found(connect: Connect, tables: Tables, ids: Ids, case: Case) -> None:
    check_missing_table(case, connect, tables, short(ids), "asset")


@each_case
def test_connections_to_different_tables_do_not_mix(
    asset_dao: AssetDAOProtocol, connect: Connect, tables: Tables, ids: Ids, case: Case
) -> None:
    check_side_by_side(case, asset_dao, connect, tables, short(ids), "asset")


@pytest.mark.parametrize("times", [39, 40, None])
@each_write
def test_a_write_that_meets_transactions_is_tried_forty_times(
    asset_dao: AssetDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
    times: int | None,
) -> None:
    check_conflicts(case, asset_dao, tables, short(ids), faults, requests, times)


def unknown(call: Callable[[], object], method: str, tables: Tables, asset_id: str) -> None:
    """Assert that the call says that nobody knows whether it took effect."""
    with pytest.raises(DatabaseUnavailableError) as caught:
        call()
    assert caught.value.operation == f"AssetDAO.{method}"
    assert (caught.value.table, caught.value.key) == (tables.name("inventory"), key(asset_id))


@pytest.mark.parametrize("kind", APPLIED + NOT_APPLIED)
def test_a_write_with_an_unanswered_attempt_counts_once(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    asset_id = short(ids)
    faults.add(kind, "PutItem")
    created = asset_dao.create_asset(entity(asset_id, sparkline_7d={"p": [1]}))
    assert exact(created) == read_as(stored(tables, asset_id))
    assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 2)]
    faults.add(kind, "UpdateItem")
    updated = asset_dao.update_asset(created)
    assert stored(tables, asset_id)["updated_at"] == {"S": naive_text(updated.updated_at)}
    assert [(request.operation, request.attempts) for request in requests()] == [("UpdateItem", 2)]


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_a_create_that_meets_a_strangers_row_after_no_answer_cannot_tell(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    asset_id = short(ids)
    faults.add(kind, "PutItem")
    faults.before("PutItem", lambda: tables.put("inventory", asset_row(asset_id)))
    unknown(lambda: asset_dao.create_asset(entity(asset_id)), "create_asset", tables, asset_id)
    assert stored(tables, asset_id) == asset_row(asset_id)


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_an_update_of_an_asset_deleted_after_no_answer_cannot_tell(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    asset_id = short(ids)
    tables.put("inventory", asset_row(asset_id))
    faults.add(kind, "UpdateItem")
    faults.before("UpdateItem", lambda: tables.delete("inventory", key_of(asset_id)))
    unknown(lambda: asset_dao.update_asset(entity(asset_id)), "update_asset", tables, asset_id)


@pytest.mark.parametrize("last", ["throttle", "access-denied", "conflict"])
@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_a_write_unanswered_and_then_refused_cannot_tell(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str, last: str
) -> None:
    asset_id = short(ids)
    faults.add(kind, "PutItem")
    faults.add(last, "PutItem", times=None)
    unknown(lambda: asset_dao.create_asset(entity(asset_id)), "create_asset", tables, asset_id)
    assert (tables.get("inventory", key_of(asset_id)) is not None) == (kind in APPLIED)
    tables.put("inventory", asset_row(asset_id))
    faults.add(kind, "UpdateItem")
    faults.add(last, "UpdateItem", times=None)
    unknown(lambda: asset_dao.update_asset(entity(asset_id, name="Ether")), "update_asset", tables, asset_id)
    assert (stored(tables, asset_id)["name"] == {"S": "Ether"}) == (kind in APPLIED)
