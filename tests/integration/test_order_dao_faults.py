"""OrderDAO: what a method does when DynamoDB, or the way to it, fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from common.data import (
    AccessDeniedError,
    ConflictError,
    CorruptItemError,
    DatabaseError,
    DatabaseUnavailableError,
    InvalidArgumentError,
    Order,
    TableNotFoundError,
    ThrottledError,
)
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .order_rows import Connect, Item, Requests, Trade, entity, order_row, seed, trade


@dataclass(frozen=True)
class Case:
    """One request of one method."""

    method: str
    operation: str
    call: Callable[[OrderDAOProtocol, Trade], object]
    prepared: bool = True

    def __str__(self) -> str:
        return f"{self.method}-{self.operation}"

    def prepare(self, tables: Tables, one: Trade) -> dict[str, Item | None]:
        """Seed what the call needs; the rows as they must stay if the call fails."""
        seed(tables, one)
        if self.prepared:
            tables.put("orders", order_row(one.order.order_id, one.user))
        return one.rows(tables)

    def key(self, one: Trade) -> dict[str, str]:
        """The key that an error of the call carries."""
        return {"GSI-PK": one.user} if self.operation == "Query" else {"Pk": one.order.order_id, "Sk": "ORDER"}


def create(dao: OrderDAOProtocol, one: Trade) -> object:
    return dao.create_order(entity(one.order.order_id, one.user))


WRITES = [
    Case("create_order", "PutItem", create, prepared=False),
    Case("update_order_status", "UpdateItem", lambda dao, one: dao.update_order_status(one.order.order_id, "queued")),
    Case("settle_order", "TransactWriteItems", lambda dao, one: one.settle(dao), prepared=False),
]
CASES = [
    *WRITES,
    Case("get_order", "GetItem", lambda dao, one: dao.get_order(one.order.order_id)),
    Case("order_exists", "GetItem", lambda dao, one: dao.order_exists(one.order.order_id)),
    Case("get_orders_by_user", "Query", lambda dao, one: dao.get_orders_by_user(one.user)),
    Case("settle_order", "GetItem", lambda dao, one: one.settle(dao), prepared=False),
]
FAULTS: list[tuple[str, type[DatabaseError], int]] = [
    ("throttle", ThrottledError, 4),
    ("refused", DatabaseUnavailableError, 4),
    ("timeout", DatabaseUnavailableError, 4),
    ("access-denied", AccessDeniedError, 1),
    ("wrong-credentials", AccessDeniedError, 1),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_write = pytest.mark.parametrize("case", WRITES, ids=str)


@each_case
def test_a_failure_that_lasts_is_told_and_changes_nothing(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    for kind, error_class, attempts in FAULTS:
        one = trade(ids)
        rows = case.prepare(tables, one)
        faults.add(kind, case.operation, times=attempts)
        with pytest.raises(error_class) as caught:
            case.call(order_dao, one)
        assert type(caught.value) is error_class
        assert caught.value.operation == f"OrderDAO.{case.method}"
        assert (caught.value.table, caught.value.key) == (tables.name("orders"), case.key(one))
        assert requests()[-1].attempts == attempts
        assert one.rows(tables) == rows


@each_case
def test_a_call_that_failed_can_be_made_again(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    one = trade(ids)
    case.prepare(tables, one)
    for kind, attempts in (("throttle", 4), ("refused", 4), ("access-denied", 1)):
        faults.add(kind, case.operation, times=attempts)
        with pytest.raises(DatabaseError):
            case.call(order_dao, one)
    case.call(order_dao, one)
    assert {request.attempts for request in requests()} == {1}
    assert tables.get("orders", one.keys["order"][1]) is not None


@each_case
def test_without_tables_the_table_is_not_found(tables: Tables, connect: Connect, ids: Ids, case: Case) -> None:
    nowhere = tables.missing()
    dao: OrderDAOProtocol = connect(nowhere)["order"]
    one = trade(ids)
    with pytest.raises(TableNotFoundError) as caught:
        case.call(dao, one)
    assert caught.value.operation == f"OrderDAO.{case.method}"
    assert (caught.value.table, caught.value.key) == (nowhere.name("orders"), case.key(one))
    assert caught.value.code == "ResourceNotFoundException"
    assert nowhere.name("orders") in str(caught.value)


@each_write
def test_a_conflict_with_a_transaction_is_tried_again_and_told_in_the_end(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    one = trade(ids)
    case.prepare(tables, one)
    faults.add("conflict", case.operation, times=2)
    case.call(order_dao, one)
    assert [request.operation for request in requests()].count(case.operation) == 3
    other = trade(ids)
    rows = case.prepare(tables, other)
    faults.add("conflict", case.operation, times=None)
    with pytest.raises(ConflictError) as caught:
        case.call(order_dao, other)
    assert (caught.value.table, caught.value.key) == (tables.name("orders"), case.key(other))
    assert other.rows(tables) == rows
    assert [request.operation for request in requests()].count(case.operation) == 40


def test_a_connection_to_other_tables_never_mixes(
    order_dao: OrderDAOProtocol, tables: Tables, connect: Connect, ids: Ids
) -> None:
    others = tables.another()
    elsewhere: OrderDAOProtocol = connect(others)["order"]
    one = trade(ids)
    seed(tables, one)
    seed(others, one, cash="50", holding=None)
    assert one.settle(order_dao).balance.current_balance == 97
    assert elsewhere.order_exists(one.order.order_id) is False
    assert one.settle(elsewhere).balance.current_balance == 47
    assert str(one.settle(elsewhere).asset_balance.quantity) == "1.50"
    assert str(one.settle(order_dao).asset_balance.quantity) == "11.50"


def test_each_method_of_one_dao_misses_the_tables(tables: Tables, connect: Connect, ids: Ids) -> None:
    nowhere = tables.missing()
    dao: OrderDAOProtocol = connect(nowhere)["order"]
    one = trade(ids)
    for case in CASES:
        with pytest.raises(TableNotFoundError, match=nowhere.name("orders")):
            case.call(dao, one)


def test_a_call_that_was_refused_leaves_the_dao_as_good_as_new(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    order_id, user = ids.name("order"), ids.name()
    for call in (order_dao.get_order, order_dao.order_exists, order_dao.get_orders_by_user):
        with pytest.raises(InvalidArgumentError):
            call("")
    writes: list[tuple[str, Callable[[], Order]]] = [
        ("PutItem", lambda: order_dao.create_order(entity(order_id, user))),
        ("UpdateItem", lambda: order_dao.update_order_status(order_id, "queued")),
    ]
    for operation, write in writes:
        faults.add("conflict", operation, times=40)
        with pytest.raises(ConflictError):
            write()
        assert write().order_id == order_id
    assert order_dao.order_exists(order_id) is True
    assert order_dao.get_orders_by_user(user) == [order_dao.get_order(order_id)]
    tables.put("orders", order_row(order_id, user, price={"S": "2"}))
    with pytest.raises(CorruptItemError):
        order_dao.get_order(order_id)
    with pytest.raises(CorruptItemError):
        order_dao.get_orders_by_user(user)
