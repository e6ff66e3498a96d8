"""OrderDAO: the orders of a user, newest first, at any offset, on any number of pages."""

from __future__ import annotations

import pytest

from common.data import CorruptItemError
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .order_rows import Item, Requests, fields, operations, order_row, read_as


def at(second: int) -> Item:
    return {"S": f"2024-01-01T00:{second // 60:02}:{second % 60:02}+00:00"}


def numbered(user: str, prefix: str, number: int, **attributes: Item) -> Item:
    return order_row(f"{prefix}-{number:03}", user, created_at=at(number), **{"GSI-SK": at(number)}, **attributes)


def foreign(user: str, prefix: str, number: int) -> Item:
    return {
        "Pk": {"S": f"{prefix}-{number:03}"},
        "Sk": {"S": "NOTE"},
        "GSI-PK": {"S": user},
        "GSI-SK": at(number),
    }


def listed(dao: OrderDAOProtocol, user: str, limit: int, offset: int = 0) -> list[int]:
    return [int(order.order_id.rpartition("-")[2]) for order in dao.get_orders_by_user(user, limit, offset)]


def test_orders_come_newest_first_and_right_at_every_offset(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    user, prefix = ids.name(), ids.name("o")
    rows = [numbered(user, prefix, number) for number in range(60)]
    tables.put_all("orders", rows)
    assert listed(order_dao, user, 1000) == list(reversed(range(60)))
    assert [fields(order) for order in order_dao.get_orders_by_user(user)] == [
        read_as(row) for row in reversed(rows[10:])
    ]
    (request,) = requests()
    assert (request.operation, request.table, request.index) == ("Query", "orders", "UserOrdersIndex")
    assert request.body["ScanIndexForward"] is False
    for limit, offset in ((1, 0), (1, 59), (7, 0), (7, 5), (50, 50), (1000, 1), (1, 60), (5, 1000), (5, 2**40)):
        assert listed(order_dao, user, limit, offset) == list(reversed(range(60)))[offset : offset + limit]
        assert operations(requests()) == ["Query"]


def test_a_user_without_orders_has_none(order_dao: OrderDAOProtocol, ids: Ids) -> None:
    assert order_dao.get_orders_by_user(ids.name()) == []
    assert order_dao.get_orders_by_user("ab", limit=1, offset=5) == []


def test_rows_of_other_kinds_are_passed_over_and_do_not_count(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    user, prefix = ids.name(), ids.name("o")
    for number in range(12):
        if number in {3, 7}:
            tables.put("orders", numbered(user, prefix, number))
        elif number % 2:
            tables.put("orders", foreign(user, prefix, number))
        else:
            tables.put("orders", numbered(user, prefix, number, entity_type={"S": "order_draft"}))
    tables.put("orders", order_row(ids.name("order"), ids.name()))
    assert listed(order_dao, user, 1) == [7]
    assert operations(requests()) == ["Query"] * 5  # down to the seventh of twelve, one row each
    assert listed(order_dao, user, 2) == [7, 3]
    assert listed(order_dao, user, 5, 1) == [3]
    assert listed(order_dao, user, 5, 2) == []


def test_a_list_goes_on_beyond_a_page_of_a_megabyte(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    user, prefix = ids.name(), ids.name("o")
    padding = {"S": "x" * 300_000}
    for number in range(6):
        tables.put("orders", numbered(user, prefix, number, padding=padding))
    assert listed(order_dao, user, 50) == list(reversed(range(6)))
    assert operations(requests()) == ["Query"] * 2  # three rows of 300 KB and three; on DynamoDB Local four and two
    assert listed(order_dao, user, 2, 4) == [1, 0]
    assert listed(order_dao, user, 1) == [5]
    assert len(requests()) == 1


def test_a_row_of_the_list_that_cannot_be_decoded_is_never_dropped(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    user, prefix = ids.name(), ids.name("o")
    for number in range(5):
        broken = {"quantity": {"S": "1"}} if number == 2 else {}
        tables.put("orders", numbered(user, prefix, number, **broken))
    for limit, offset in ((5, 0), (3, 0), (1, 2)):
        with pytest.raises(CorruptItemError) as caught:
            order_dao.get_orders_by_user(user, limit, offset)
        assert (caught.value.attribute, caught.value.key) == ("quantity", {"Pk": f"{prefix}-002", "Sk": "ORDER"})
        assert caught.value.table == tables.name("orders")
    assert listed(order_dao, user, 2) == [4, 3]
    assert listed(order_dao, user, 2, 3) == [1, 0]
