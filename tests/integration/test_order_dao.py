"""OrderDAO: creating orders and looking them up, old rows and foreign ones among them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import cycle

import pytest

from common.data import (
    CorruptItemError,
    Order,
    OrderAlreadyExistsError,
    OrderNotFoundError,
    OrderStatus,
    OrderType,
)
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Clock, Ids
from parity.tables import Tables

from .order_rows import Item, Requests, entity, fields, key_of, operations, order_row, read_as, same, stored

DIGITS = "0.12345678901234567890123456789012345678"


@pytest.mark.parametrize("reason", [None, "", "kein Guthaben 💸"])
def test_create_stores_exactly_the_row_of_the_contract(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, clock: Clock, reason: str | None
) -> None:
    order_id, user = ids.name("order"), ids.name()
    order = entity(order_id, user, status_reason=reason)
    began = clock.now()
    created = order_dao.create_order(order)
    assert type(created) is Order
    assert began < created.updated_at < clock.now()
    assert created.created_at == order.created_at
    wanted = order_row(order_id, user, updated_at={"S": created.updated_at.isoformat()})
    assert stored(tables, order_id) == wanted | ({} if reason is None else {"status_reason": {"S": reason}})
    assert fields(created) == read_as(stored(tables, order_id))
    assert created == order_dao.get_order(order_id)


def test_create_keeps_type_and_status_and_whole_seconds(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    whole = datetime(2024, 2, 29, 12, tzinfo=UTC)
    for order_type, status in zip(cycle(OrderType), OrderStatus, strict=False):
        order_id = ids.name("order")
        order = entity(order_id, ids.name(), order_type=order_type, status=status, created_at=whole)
        assert order_dao.create_order(order).status is status
        row = stored(tables, order_id)
        assert (row["order_type"], row["status"]) == ({"S": order_type.value}, {"S": status.value})
        assert row["created_at"] == row["GSI-SK"] == {"S": "2024-02-29T12:00:00+00:00"}
        assert fields(order_dao.get_order(order_id)) == read_as(row)


def test_requests_of_create_get_and_exists(order_dao: OrderDAOProtocol, ids: Ids, requests: Requests) -> None:
    order_id = ids.name("order")
    order_dao.create_order(entity(order_id, ids.name(), total_amount=0, price=Decimal("-0.00")))
    (put,) = requests()
    assert (put.operation, put.table, put.body["ReturnValuesOnConditionCheckFailure"]) == (
        "PutItem",
        "orders",
        "ALL_OLD",
    )
    order_dao.get_order(order_id)
    (get,) = requests()
    assert (get.operation, get.table, get.body["Key"]) == ("GetItem", "orders", key_of(order_id))
    assert not get.body.get("ConsistentRead", False)
    assert order_dao.order_exists(order_id) is True
    (exists,) = requests()
    assert (exists.operation, exists.body["Key"]) == ("GetItem", key_of(order_id))
    assert exists.body["ProjectionExpression"]


@pytest.mark.parametrize("kind", ["same", "other", "foreign", "broken"])
def test_create_never_replaces_a_row(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, kind: str) -> None:
    order_id, user = ids.name("order"), ids.name()
    order = entity(order_id, user)
    row = order_row(order_id, user)
    if kind == "same":
        order_dao.create_order(order)
        row = stored(tables, order_id)
    else:
        row |= {"other": {"price": {"N": "9"}}, "foreign": {"entity_type": {"S": "order_draft"}}}.get(kind, {})
        tables.put("orders", row if kind != "broken" else {**key_of(order_id), "status": {"N": "1"}})
    before = tables.get("orders", key_of(order_id))
    with pytest.raises(OrderAlreadyExistsError) as caught:
        order_dao.create_order(order)
    assert caught.value.key == {"Pk": order_id, "Sk": "ORDER"}
    assert caught.value.code == "ConditionalCheckFailedException"
    assert tables.get("orders", key_of(order_id)) == before


def test_what_is_no_order_is_not_found(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    taken = ids.name("order")
    tables.put("orders", order_row(taken, "somebody", entity_type={"S": "order_draft"}))
    tables.put("orders", order_row(taken, "somebody") | {"Sk": {"S": "NOTE"}})
    for order_id in (taken, "nobody-has-this-order", "x" * 2048, f"BATCH#{taken}", "ünïcode 💸"):
        with pytest.raises(OrderNotFoundError) as caught:
            order_dao.get_order(order_id)
        assert caught.value.table == tables.name("orders")
        assert caught.value.key == {"Pk": order_id, "Sk": "ORDER"}
        assert order_dao.order_exists(order_id) is False


def test_old_spellings_unknown_attributes_and_long_texts_are_read_and_left(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    unknown: dict[str, Item] = {"risk_score": {"N": "0.5"}, "venues": {"SS": ["a", "b"]}, "ticket": {"B": "BwA="}}
    for spelling in ("06Z", "06.250Z", "06", "06.125+00:00"):
        order_id, created_at = ids.name("order") + "-" + "x" * 50, {"S": f"2023-02-03T04:05:{spelling}"}
        row = order_row(order_id, ids.name(), created_at=created_at, status_reason={"NULL": True}, **unknown)
        tables.put("orders", row)
        assert fields(order_dao.get_order(order_id)) == read_as(row)
        assert same(stored(tables, order_id)) == same(row)


BROKEN: list[tuple[str, Item]] = [
    ("order_id", {"NULL": True}),
    ("username", {"N": "1"}),
    ("order_type", {"S": "swap"}),
    ("status", {"S": "Pending"}),
    ("status", {"NULL": True}),
    ("asset_id", {"BOOL": True}),
    ("quantity", {"S": "1.5"}),
    ("quantity", {"N": "0"}),
    ("quantity", {"N": "-1"}),
    ("price", {"N": "-0.01"}),
    ("total_amount", {"NULL": True}),
    ("status_reason", {"N": "5"}),
    ("created_at", {"S": "yesterday"}),
    ("updated_at", {"S": "2023-02-30T00:00:00+00:00"}),
]


def test_a_row_that_cannot_be_decoded_is_named_by_its_first_broken_attribute(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    order_id, user = ids.name("order"), ids.name()
    missing = [(name, None) for name in ("order_id", "username", "status", "price", "created_at", "updated_at")]
    for attribute, value in [*BROKEN, *missing]:
        row = order_row(order_id, user, **({} if value is None else {attribute: value}))
        if value is None:
            del row[attribute]
        tables.put("orders", row)
        with pytest.raises(CorruptItemError) as caught:
            order_dao.get_order(order_id)
        assert (caught.value.attribute, caught.value.operation) == (attribute, "OrderDAO.get_order")
        assert (caught.value.table, caught.value.key) == (tables.name("orders"), {"Pk": order_id, "Sk": "ORDER"})
        assert order_dao.order_exists(order_id) is True
        assert stored(tables, order_id) == row
    tables.put("orders", {**key_of(order_id), "updated_at": {"N": "1"}, "asset_id": {"N": "1"}})
    with pytest.raises(CorruptItemError) as caught:
        order_dao.get_order(order_id)
    assert caught.value.attribute == "order_id"


def test_a_list_that_meets_a_corrupt_row_asks_for_no_further_page(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    user = ids.name()
    for second in range(3):
        at = {"S": f"2024-01-01T00:00:0{second}+00:00"}
        row = order_row(ids.name("order"), user, created_at=at, **{"GSI-SK": at})
        kinds: tuple[dict[str, Item], ...] = ({}, {"entity_type": {"S": "order_draft"}}, {"quantity": {"S": "1"}})
        tables.put("orders", row | kinds[second])
    with pytest.raises(CorruptItemError):
        order_dao.get_orders_by_user(user, limit=2)
    assert operations(requests()) == ["Query"]
    assert len(order_dao.get_orders_by_user(user, 1, 1)) == 1
    assert operations(requests()) == ["Query", "Query"]
