"""OrderDAO: the status of an order goes on until it is final, and then stays."""

from __future__ import annotations

import pytest

from common.data import CorruptItemError, OrderClosedError, OrderNotFoundError, OrderStatus
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .order_rows import Item, Requests, fields, order_row, read_as, same, stored

FINAL = ["completed", "cancelled", "failed", "expired"]
OPEN = ["pending", "confirmed", "queued", "triggered", "processing"]


@pytest.mark.parametrize("status", OPEN)
def test_an_open_order_takes_any_status(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, clock: Clock, status: str
) -> None:
    order_id, user = ids.name("order"), ids.name()
    for new_status in OPEN + FINAL:
        row = order_row(order_id, user, status={"S": status}, venues={"SS": ["b", "a"]}, ticket={"B": "BwA="})
        tables.put("orders", row)
        began = clock.now()
        updated = order_dao.update_order_status(order_id, OrderStatus(new_status))
        assert began < updated.updated_at < clock.now()
        wanted = row | {"status": {"S": new_status}, "updated_at": {"S": updated.updated_at.isoformat()}}
        assert same(stored(tables, order_id)) == same(wanted)
        assert fields(updated) == read_as(wanted)


@pytest.mark.parametrize("status", FINAL)
def test_a_final_status_is_final(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, status: str) -> None:
    order_id = ids.name("order")
    row = order_row(order_id, ids.name(), status={"S": status})
    tables.put("orders", row)
    for new_status in OPEN + FINAL:
        if new_status != status:
            with pytest.raises(OrderClosedError) as caught:
                order_dao.update_order_status(order_id, new_status, "too late")
            assert caught.value.key == {"Pk": order_id, "Sk": "ORDER"}
            assert caught.value.code == "ConditionalCheckFailedException"
            assert stored(tables, order_id) == row
    again = order_dao.update_order_status(order_id, status, "said again")
    assert (again.status, again.status_reason) == (status, "said again")
    assert stored(tables, order_id)["status_reason"] == {"S": "said again"}


@pytest.mark.parametrize("before", [None, {"NULL": True}, {"S": "an older reason"}])
def test_a_reason_is_stored_once_said_and_kept_until_the_next(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, before: Item | None
) -> None:
    order_id = ids.name("order")
    tables.put("orders", order_row(order_id, ids.name(), **({} if before is None else {"status_reason": before})))
    kept = order_dao.update_order_status(order_id, "queued")
    assert kept.status_reason == (before or {}).get("S")
    assert stored(tables, order_id).get("status_reason") == before
    for reason in ("", "kein Guthaben 💸"):
        assert order_dao.update_order_status(order_id, "queued", reason).status_reason == reason
        assert stored(tables, order_id)["status_reason"] == {"S": reason}


def test_a_status_is_one_conditional_update(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    order_id = ids.name("order")
    tables.put("orders", order_row(order_id, ids.name()))
    order_dao.update_order_status(order_id, "failed", reason="why")
    (request,) = requests()
    assert (request.operation, request.table, request.attempts) == ("UpdateItem", "orders", 1)
    assert request.body["ConditionExpression"]
    assert request.body["ReturnValues"] == "ALL_NEW"


def test_what_is_no_order_has_no_status(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    order_id = ids.name("order")
    foreign = order_row(order_id, ids.name(), entity_type={"S": "order_draft"})
    for row in (None, foreign, foreign | {"status": {"S": "completed"}}):
        if row:
            tables.put("orders", row)
        with pytest.raises(OrderNotFoundError) as caught:
            order_dao.update_order_status(order_id, "cancelled", "why")
        assert caught.value.table == tables.name("orders")
        assert tables.get("orders", {"Pk": {"S": order_id}, "Sk": {"S": "ORDER"}}) == row


def test_an_order_whose_status_cannot_be_read_is_left_alone(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    order_id = ids.name("order")
    statuses: list[Item | None] = [{"S": "lost"}, {"N": "1"}, {"NULL": True}, None]
    for status in statuses:
        row = order_row(order_id, ids.name(), **({} if status is None else {"status": status}))
        if status is None:
            del row["status"]
        tables.put("orders", row)
        with pytest.raises(CorruptItemError) as caught:
            order_dao.update_order_status(order_id, "cancelled")
        assert (caught.value.attribute, caught.value.table) == ("status", tables.name("orders"))
        assert stored(tables, order_id) == row


def test_an_order_that_is_broken_elsewhere_is_updated_and_then_named(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    order_id = ids.name("order")
    tables.put("orders", order_row(order_id, ids.name(), price={"S": "2"}))
    with pytest.raises(CorruptItemError) as caught:
        order_dao.update_order_status(order_id, "queued")
    assert caught.value.attribute == "price"
    assert stored(tables, order_id)["status"] == {"S": "queued"}


def test_a_cancel_that_a_settlement_overtakes_is_too_late(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    order_id, user = ids.name("order"), ids.name()
    completed = order_row(order_id, user, status={"S": "completed"})
    tables.put("orders", order_row(order_id, user))
    faults.before("UpdateItem", lambda: tables.put("orders", completed))
    with pytest.raises(OrderClosedError):
        order_dao.update_order_status(order_id, "cancelled")
    assert stored(tables, order_id) == completed
