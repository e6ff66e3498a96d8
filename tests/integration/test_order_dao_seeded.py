"""OrderDAO on the tables that years of use left: every order is read, listed and settled, and nothing else moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from common.data import OrderAlreadyExistsError, OrderClosedError, OrderNotFoundError
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .order_rows import Item, Trade, balance_row, entity, fields, key_of, read_as, same, stored, trade
from .totals import totals

pytestmark = pytest.mark.seeded

Seeds = Callable[[str], list[Item]]
Everything = dict[tuple[str, ...], Item]


def everything(tables: Tables) -> Everything:
    """All rows of all tables, by table and key."""
    found: Everything = {}
    for table in ("users", "orders", "inventory"):
        for row in tables.items(table):
            key = [row[name]["S"] for name in ("Pk", "Sk", "product_id") if name in row]
            found[(table, *key)] = dict(same(row) or {})
    return found


def is_order(row: Item) -> bool:
    return row["Sk"] == {"S": "ORDER"} and "entity_type" not in row


def orders_of(rows: Mapping[tuple[str, ...], Item]) -> dict[str, Item]:
    return {key[1]: row for key, row in rows.items() if key[0] == "orders" and is_order(row)}


def test_the_seeds_hold_what_the_other_tests_here_count_on(seeds: Seeds, order_dao: OrderDAOProtocol) -> None:
    rows = seeds("orders")
    assert sum(is_order(row) for row in rows) > 250
    assert sum(not is_order(row) for row in rows) == 4
    assert order_dao.order_exists("rule-order-zulu") is True


def test_every_old_order_is_read_and_listed_newest_first(order_dao: OrderDAOProtocol, tables: Tables) -> None:
    before, sums = everything(tables), totals(tables)
    by_user: dict[str, list[Item]] = defaultdict(list)
    for order_id, row in orders_of(before).items():
        if order_id.startswith("rule-") or len(by_user[row["GSI-PK"]["S"]]) == 1:  # lists show the others
            assert fields(order_dao.get_order(order_id)) == read_as(row)
        by_user[row["GSI-PK"]["S"]].append(row)
    for user, rows in by_user.items():
        listed = order_dao.get_orders_by_user(user, 1000)
        assert {order.order_id: fields(order) for order in listed} == {row["Pk"]["S"]: read_as(row) for row in rows}
        sort_keys = {row["Pk"]["S"]: row["GSI-SK"]["S"] for row in rows}
        assert [sort_keys[order.order_id] for order in listed] == sorted(sort_keys.values(), reverse=True)
        pages = [order_dao.get_orders_by_user(user, 4, offset) for offset in range(0, len(rows) + 4, 4)]
        assert [order for page in pages for order in page] == listed
    assert everything(tables) == before
    assert totals(tables) == sums


@pytest.mark.parametrize("order_id", ["rule-order-foreign", "LOCK#rule-order", "BATCH#rule"])
def test_an_old_row_of_another_kind_is_no_order(order_dao: OrderDAOProtocol, tables: Tables, order_id: str) -> None:
    before = tables.get("orders", key_of(order_id))
    assert order_dao.order_exists(order_id) is False
    with pytest.raises(OrderNotFoundError):
        order_dao.get_order(order_id)
    with pytest.raises(OrderNotFoundError):
        order_dao.update_order_status(order_id, "cancelled")
    if before is not None:
        with pytest.raises(OrderAlreadyExistsError):
            order_dao.create_order(entity(order_id, "rule-orders"))
    assert tables.get("orders", key_of(order_id)) == before


def test_cancelling_old_orders_moves_nothing_but_what_was_set(order_dao: OrderDAOProtocol, tables: Tables) -> None:
    expected, sums = everything(tables), totals(tables)
    found = orders_of(expected)
    rules = [order_id for order_id in found if order_id.startswith("rule-")]
    for order_id in [*rules, *[order_id for order_id in found if order_id not in rules][::9]]:
        row = found[order_id]
        if row["status"]["S"] in {"completed", "failed", "expired"}:
            with pytest.raises(OrderClosedError):
                order_dao.update_order_status(order_id, "cancelled", "closing down")
            continue
        updated = order_dao.update_order_status(order_id, "cancelled", "closing down")
        changes = {"status": {"S": "cancelled"}, "status_reason": {"S": "closing down"}}
        wanted = row | changes | {"updated_at": {"S": updated.updated_at.isoformat()}}
        expected["orders", order_id, "ORDER"] = wanted
        assert fields(updated) == read_as(wanted)
    assert everything(tables) == expected
    assert totals(tables) == sums


def of_old_order(ids: Ids, dao: OrderDAOProtocol, order_id: str) -> Trade:
    """What settles an order that is stored."""
    order = dao.get_order(order_id)
    one = trade(ids, order.order_type.value, user=order.username, asset=order.asset_id)
    shared = {name: getattr(order, name) for name in ("quantity", "price", "total_amount")}
    amount = order.total_amount.copy_negate() if order.order_type.is_buy else order.total_amount
    paid = one.paid(amount=amount, reference_id=order_id)
    return paid.filled(order_id=order_id, **shared).ordered(**dict(order))


@pytest.mark.needs("transactions-atomic")
def test_old_open_orders_are_settled_in_place(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    expected = everything(tables)
    rules = [
        order_id
        for order_id, row in sorted(orders_of(expected).items())
        if order_id.startswith("rule-")
        and row["total_amount"]["N"] != "0"
        and row["status"]["S"] in {"pending", "confirmed", "queued", "triggered", "processing"}
    ]
    assert len(rules) > 8
    for user in ("rule-orders", "rule-orders-b"):
        tables.put("users", balance_row(user, "1000"))
    for order_id in rules:
        one = of_old_order(ids, order_dao, order_id)
        settled = one.settle(order_dao)
        wanted = expected["orders", order_id, "ORDER"] | {
            "status": {"S": "completed"},
            "updated_at": {"S": settled.order.updated_at.isoformat()},
        }
        assert same(stored(tables, order_id)) == wanted
        assert fields(settled.order) == read_as(wanted)
        assert one.settle(order_dao) == settled
    assert settled.asset_balance.quantity > Decimal(1)
    assert settled.balance.current_balance < Decimal(1000)
    rest = everything(tables)
    for order_id in rules:
        del rest["orders", order_id, "ORDER"], expected["orders", order_id, "ORDER"]
    assert expected.items() <= rest.items()


HOLDINGS = {
    "BARE": "2.50",
    "NOCREATED": "1",
    "ZULU": "0.10",
    "ZEROS": "0.000",
    "NEGATIVE": "-3.25",
    "EXPSMALL": "1E-8",
    "EXPLARGE": "2.5E+3",
    "SIGNED": "+7.50",
    "UNKNOWN": "5",
}


@pytest.mark.needs("transactions-atomic")
def test_old_holdings_are_added_to_exactly_and_keep_the_rest(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    tables.put("users", balance_row("rule-holdings", "1000"))
    for asset, quantity in HOLDINGS.items():
        one = trade(ids, user="rule-holdings", asset=asset, quantity="0.25")
        before = one.rows(tables)["holding"]
        assert before is not None
        settled = one.settle(order_dao)
        now = settled.order.updated_at.replace(tzinfo=None).isoformat()
        wanted = before | {
            "quantity": {"S": format(Decimal(quantity) + Decimal("0.25"), "f")},
            "updated_at": {"S": now},
        }
        if "created_at" not in before:
            wanted["created_at"] = {"S": before["updated_at"]["S"].removesuffix("Z")}
        assert one.rows(tables)["holding"] == wanted
        assert settled.asset_balance.username == "rule-holdings"
