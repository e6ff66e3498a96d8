"""OrderDAO: writes whose answer never came. The rows that a later attempt meets tell whether this call wrote them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from common.data import DatabaseUnavailableError, OrderAlreadyExistsError, OrderClosedError, OrderNotFoundError
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .order_rows import (
    Requests,
    Trade,
    balance_row,
    entity,
    fields,
    key_of,
    operations,
    order_row,
    read_as,
    seed,
    stored,
    trade,
)

APPLIED = ["lost-answer", "lost-answer-timeout", "lost-answer-500"]
NOT_APPLIED = ["timeout", "connection-broken", "server-error"]


def unknown_outcome(call: Callable[[], object], method: str, tables: Tables, order_id: str) -> None:
    """Assert that the call says that nobody knows whether it took effect."""
    with pytest.raises(DatabaseUnavailableError) as caught:
        call()
    assert caught.value.operation == f"OrderDAO.{method}"
    assert caught.value.table == tables.name("orders")
    assert caught.value.key == {"Pk": order_id, "Sk": "ORDER"}


def test_create_with_an_unanswered_attempt_succeeds_once(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    for kind in APPLIED + NOT_APPLIED:
        order_id = ids.name("order")
        faults.add(kind, "PutItem")
        created = order_dao.create_order(entity(order_id, ids.name()))
        assert fields(created) == read_as(stored(tables, order_id))
        assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 2)]


def test_create_that_meets_a_strangers_row_after_no_answer_cannot_tell(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    order_id, user = ids.name("order"), ids.name()
    faults.add("timeout", "PutItem")
    faults.before("PutItem", lambda: tables.put("orders", order_row(order_id, user)))
    unknown_outcome(lambda: order_dao.create_order(entity(order_id, user)), "create_order", tables, order_id)
    assert stored(tables, order_id) == order_row(order_id, user)
    with pytest.raises(OrderAlreadyExistsError):
        order_dao.create_order(entity(order_id, user))


def test_a_status_with_an_unanswered_attempt_is_set_once(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    for kind in APPLIED + NOT_APPLIED:
        order_id = ids.name("order")
        tables.put("orders", order_row(order_id, ids.name()))
        faults.add(kind, "UpdateItem")
        updated = order_dao.update_order_status(order_id, "cancelled", "why")
        assert fields(updated) == read_as(stored(tables, order_id))
        assert [(request.operation, request.attempts) for request in requests()] == [("UpdateItem", 2)]


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_a_status_that_another_overtook_after_no_answer_cannot_be_told(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    order_id, user = ids.name("order"), ids.name()
    closed = order_row(order_id, user, status={"S": "expired"})
    for change in (lambda: tables.put("orders", closed), lambda: tables.delete("orders", key_of(order_id))):
        tables.put("orders", order_row(order_id, user))
        faults.add(kind, "UpdateItem")
        faults.before("UpdateItem", change)
        unknown_outcome(
            lambda: order_dao.update_order_status(order_id, "queued"), "update_order_status", tables, order_id
        )
    with pytest.raises(OrderNotFoundError):
        order_dao.update_order_status(order_id, "queued")
    tables.put("orders", closed)
    with pytest.raises(OrderClosedError):
        order_dao.update_order_status(order_id, "queued")


@pytest.mark.parametrize("known", ["new", "stored"])
def test_a_settlement_with_an_unanswered_attempt_takes_effect_once(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, known: str
) -> None:
    attempts = [("GetItem", 1), ("GetItem", 1), ("TransactWriteItems", 2), ("GetItem", 1)]
    for kind in APPLIED + NOT_APPLIED:
        one = trade(ids)
        seed(tables, one)
        if known == "stored":
            tables.put("orders", one.order_row())
        faults.add(kind, "TransactWriteItems")
        settled = one.settle(order_dao)
        assert [(request.operation, request.attempts) for request in requests()] == attempts
        assert one.value(tables, "cash", "current_balance") == {"N": "97"}
        assert one.value(tables, "holding", "quantity") == {"S": "11.50"}
        assert fields(settled.order) == read_as(stored(tables, one.order.order_id))
        assert (settled.balance.current_balance, settled.asset_balance.quantity) == (Decimal(97), Decimal("11.5"))
        assert one.settle(order_dao) == settled


def test_a_settlement_whose_token_was_forgotten_is_told_by_its_own_rows(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    """After ten minutes DynamoDB takes a retry for a new transaction: it meets the rows of the first attempt."""
    one = trade(ids)
    seed(tables, one)

    def applied() -> None:
        tables.put("orders", one.order_row(status={"S": "completed"}))
        tables.put("users", one.posting_row())
        tables.put("users", balance_row(one.user, "97"))

    faults.add("timeout", "TransactWriteItems")
    faults.before("TransactWriteItems", applied)
    settled = one.settle(order_dao)
    assert operations(requests()) == ["GetItem", "GetItem", "TransactWriteItems", "GetItem"]
    assert (settled.order.status, settled.balance.current_balance) == ("completed", Decimal(97))
    assert one.value(tables, "cash", "current_balance") == {"N": "97"}


def by_another_payment(tables: Tables, one: Trade) -> None:
    tables.put("orders", one.order_row(status={"S": "completed"}))


def at_another_time(tables: Tables, one: Trade) -> None:
    by_another_payment(tables, one)
    tables.put("users", one.posting_row(created_at={"S": "2023-02-03T04:05:06"}))


STRANGERS: list[Callable[[Tables, Trade], None]] = [
    by_another_payment,
    at_another_time,
    lambda tables, one: tables.put("users", one.posting_row()),
    lambda tables, one: tables.put("orders", one.order_row(status={"S": "cancelled"})),
    lambda tables, one: tables.put("orders", one.order_row(status={"S": "completed"}, price={"N": "9"})),
    lambda tables, one: tables.put("users", balance_row(one.user, "1")),
    lambda tables, one: seed(tables, one, holding="7"),
    lambda tables, one: tables.put("users", one.keys["fill"][1]),
]


def test_a_settlement_that_meets_another_writer_after_no_answer_cannot_tell(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    for change in STRANGERS:
        one = trade(ids)
        seed(tables, one)
        faults.add("timeout", "TransactWriteItems")
        faults.before("TransactWriteItems", partial(change, tables, one))
        unknown_outcome(partial(one.settle, order_dao), "settle_order", tables, one.order.order_id)
        assert operations(requests())[-1] == "TransactWriteItems"
        assert one.rows(tables)["payment"] is None


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_a_settlement_unanswered_and_then_refused_cannot_tell(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    for last, attempts in (("throttle", 3), ("access-denied", 1), ("conflict", 1)):
        one = trade(ids)
        seed(tables, one)
        faults.add(kind, "TransactWriteItems")
        faults.add(last, "TransactWriteItems", times=attempts)
        unknown_outcome(partial(one.settle, order_dao), "settle_order", tables, one.order.order_id)
        assert (one.rows(tables)["order"] is not None) == (kind in APPLIED)


@pytest.mark.parametrize("kind", ["throttle", "refused"])
def test_a_settlement_whose_balance_cannot_be_read_never_says_that_nothing_changed(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    one = trade(ids)
    seed(tables, one)
    faults.add(kind, "GetItem", times=4, skip=2)
    with pytest.raises(DatabaseUnavailableError):
        one.settle(order_dao)
    assert one.value(tables, "cash", "current_balance") == {"N": "97"}
