"""OrderDAO: an order, its cash and its asset move together, once, to the last digit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from common.data import OrderStatus
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Clock, Ids
from parity.tables import Tables

from .order_rows import (
    Item,
    Requests,
    Trade,
    fields,
    holding_row,
    operations,
    read_as,
    seed,
    stored,
    trade,
)

DIGITS = "12345678901234567890123456789012345678"


def naive(instant: datetime) -> Item:
    return {"S": instant.astimezone(UTC).replace(tzinfo=None).isoformat()}


def numbers(one: Trade) -> dict[str, str]:
    return {name: format(getattr(one.fill, name), "f") for name in ("quantity", "price", "total_amount")}


@pytest.mark.parametrize(
    ("order_type", "cash", "quantity"), [("market_buy", "97", "11.50"), ("limit_sell", "103", "8.50")]
)
@pytest.mark.parametrize("known", ["new", "pending"])
def test_settling_writes_exactly_the_six_rows_of_the_contract(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, order_type: str, cash: str, quantity: str, known: str
) -> None:
    one = trade(ids, order_type)
    seed(tables, one)
    before = one.rows(tables)
    if known == "pending":
        tables.put("orders", one.order_row())
    settled = one.settle(order_dao)
    now = settled.order.updated_at
    assert before["cash"] is not None
    assert before["holding"] is not None
    assert one.rows(tables) == {
        "order": one.order_row(
            status={"S": "completed"},
            updated_at={"S": now.isoformat()},
        ),
        "cash": before["cash"] | {"current_balance": {"N": cash}, "updated_at": naive(now)},
        "payment": {
            **one.keys["payment"][1],
            "username": {"S": one.user},
            "transaction_id": {"S": str(one.payment.transaction_id)},
            "transaction_type": {"S": one.payment.transaction_type.value},
            "amount": {"N": "-3" if cash == "97" else "3"},
            "description": {"S": "paid 💸"},
            "status": {"S": "completed"},
            "reference_id": {"S": one.order.order_id},
            "created_at": naive(one.payment.created_at),
            "entity_type": {"S": "balance_transaction"},
        },
        "posting": one.posting_row(),
        "holding": before["holding"] | {"quantity": {"S": quantity}, "updated_at": naive(now)},
        "fill": {
            **one.keys["fill"][1],
            "username": {"S": one.user},
            "asset_id": {"S": "BTC"},
            "transaction_type": {"S": one.fill.transaction_type.value},
            **{name: {"S": text} for name, text in numbers(one).items()},
            "order_id": {"S": one.order.order_id},
            "status": {"S": "COMPLETED"},
            "created_at": naive(one.fill.created_at),
        },
    }


def test_settling_returns_what_is_stored(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, clock: Clock) -> None:
    one = trade(ids)
    seed(tables, one, holding=None)
    began = clock.now()
    settled = one.settle(order_dao)
    assert fields(settled.order) == read_as(stored(tables, one.order.order_id))
    assert began < settled.order.updated_at < clock.now()
    assert settled.order.created_at == one.order.created_at
    assert (settled.balance.username, settled.balance.current_balance) == (one.user, Decimal(97))
    assert settled.balance.updated_at == settled.order.updated_at
    holding = settled.asset_balance
    assert (holding.username, holding.asset_id, str(holding.quantity)) == (one.user, "BTC", "1.50")
    assert holding.created_at == holding.updated_at == settled.order.updated_at
    row = one.rows(tables)["holding"]
    assert row == holding_row(
        one.user, "BTC", "1.50", created_at=naive(holding.created_at), updated_at=naive(holding.updated_at)
    )


def test_settling_is_two_gets_one_transaction_of_six_and_one_get(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    one = trade(ids)
    seed(tables, one)
    one.settle(order_dao)
    assert operations(requests()) == ["GetItem", "GetItem", "TransactWriteItems", "GetItem"]
    gets = [request for request in requests() if request.operation == "GetItem"]
    assert [get.table for get in gets] == ["orders", "users", "users"]
    assert [get.body["Key"] for get in gets] == [one.keys[name][1] for name in ("order", "holding", "cash")]
    assert all(get.body["ConsistentRead"] is True for get in gets)
    body = requests()[2].body
    actions = [next(iter(action.items())) for action in body["TransactItems"]]
    assert [kind for kind, _ in actions] == ["Put", "Update", "Put", "Put", "Update", "Put"]
    assert {action["TableName"] for _, action in actions} == {tables.name("orders"), tables.name("users")}
    assert all(action["ConditionExpression"] for _, action in actions)


@pytest.mark.parametrize("status", ["confirmed", "processing"])
def test_an_open_order_is_completed_in_place_and_keeps_what_nobody_knows(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, status: str
) -> None:
    one = trade(ids, "market_sell")
    seed(tables, one)
    row = one.order_row(
        status={"S": status},
        status_reason={"S": "seen"},
        created_at={"S": "2023-02-03T04:05:06Z"},
        updated_at={"S": "2023-02-03T04:05:06.250Z"},
        venues={"SS": ["a", "b"]},
    )
    tables.put("orders", row)
    locked = {"locked_quantity": {"S": "1.25"}, "seal": {"B": "AQI="}}
    tables.put("users", holding_row(one.user, "BTC", "10.00", without=["created_at", "username"], **locked))
    settled = one.ordered(status_reason="not stored").settle(order_dao)
    now = settled.order.updated_at
    after = one.rows(tables)
    assert after["order"] == row | {"status": {"S": "completed"}, "updated_at": {"S": now.isoformat()}}
    assert fields(settled.order) == read_as(after["order"])
    wanted = {"quantity": {"S": "8.50"}, "created_at": {"S": "2023-02-04T05:06:07.654321"}, "updated_at": naive(now)}
    assert after["holding"] == holding_row(one.user, "BTC", "0", without=["username"], **locked, **wanted)
    assert settled.asset_balance.username == one.user
    assert settled.asset_balance.created_at == datetime(2023, 2, 4, 5, 6, 7, 654321, tzinfo=UTC)


def test_settling_again_changes_nothing_and_gives_what_is_there(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, clock: Clock, requests: Requests
) -> None:
    one = trade(ids)
    seed(tables, one)
    first = one.settle(order_dao)
    before = one.rows(tables)
    for seconds in (0, 601, 86_400):  # DynamoDB forgets a transaction's token after 600
        clock.shift(seconds)
        assert one.settle(order_dao) == first
        assert operations(requests()) == ["GetItem", "GetItem", "GetItem"]
    other = one.paid(transaction_id=ids.uuid(), created_at=clock.now()).filled(created_at=clock.now())
    assert other.ordered(status=OrderStatus.CANCELLED, status_reason="of the caller").settle(order_dao) == first
    assert one.rows(tables) == before


def test_settling_again_gives_balance_and_holding_as_they_are(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    one = trade(ids)
    seed(tables, one)
    first = one.settle(order_dao)
    seed(tables, one, cash="-5", holding="0.000")
    again = one.settle(order_dao)
    assert (again.order, again.balance.current_balance) == (first.order, Decimal(-5))
    assert str(again.asset_balance.quantity) == "0.000"
    tables.delete("users", one.keys["holding"][1])
    gone = one.settle(order_dao).asset_balance
    assert (gone.username, gone.asset_id, gone.quantity) == (one.user, "BTC", Decimal(0))
    assert gone.created_at == gone.updated_at == first.order.updated_at
    tables.put("users", holding_row(one.user, "BTC", "9", entity_type={"S": "asset_snapshot"}))
    assert one.settle(order_dao).asset_balance == gone


def test_buying_and_selling_everything_leaves_nothing_and_both_ledgers(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    bought = trade(ids, "market_buy")
    seed(tables, bought, cash="3", holding=None)
    assert bought.settle(order_dao).balance.current_balance == 0
    sold = trade(ids, "market_sell", user=bought.user)
    settled = sold.settle(order_dao)
    assert settled.balance.current_balance == Decimal(3)
    assert str(settled.asset_balance.quantity) == "0.00"
    rows = [*bought.rows(tables).values(), *sold.rows(tables).values()]
    assert None not in rows


SUMS = [
    ("limit_buy", "1.50", "0.5", "2.00"),
    ("limit_buy", None, "1.000", "1.000"),
    ("limit_buy", "-3.25", "1", "-2.25"),
    ("limit_buy", "1E-8", "0.00000001", "0.00000002"),
    ("limit_buy", "+7.50", "2.5E+3", "2507.50"),
    ("limit_buy", "12345678901234567890123456789012345.678", "0.001", "12345678901234567890123456789012345.679"),
    ("limit_buy", "9" * 38, "1", "1" + "0" * 38),
    ("limit_sell", f"0.{DIGITS}", f"0.{DIGITS[:-1]}7", "0." + "0" * 37 + "1"),
    ("limit_sell", f"{DIGITS[:19]}.{DIGITS[19:]}", "0.0000000000000000008", f"{DIGITS[:19]}.{DIGITS[19:-1]}0"),
    ("limit_sell", "1E+38", "1", "9" * 38),
]


def test_quantities_are_exact_and_keep_their_digits(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for order_type, held, quantity, after in SUMS:
        one = trade(ids, order_type, quantity=quantity)
        seed(tables, one, holding=held)
        settled = one.settle(order_dao)
        assert one.value(tables, "holding", "quantity") == {"S": after}
        assert str(settled.asset_balance.quantity) == str(Decimal(after))
        assert one.value(tables, "fill", "quantity") == {"S": format(Decimal(quantity), "f")}


@pytest.mark.needs("sum-38-digits")
def test_cash_is_exact_to_38_digits(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for order_type, cash, total, after in (
        ("limit_buy", "1" + "0" * 37, "1", "9" * 37),
        ("limit_buy", f"0.{DIGITS}", "0." + "0" * 37 + "8", f"0.{DIGITS[:-1]}"),
        ("limit_sell", "9" * 38, "1", "1" + "0" * 38),
        ("limit_sell", "-12345678901234567890123456789012345.678", "0.001", "-12345678901234567890123456789012345.677"),
    ):
        one = trade(ids, order_type, total=total, price="9" * 38)
        seed(tables, one, cash=cash)
        assert one.settle(order_dao).balance.current_balance == Decimal(after)
        assert Decimal(one.value(tables, "cash", "current_balance")["N"]) == Decimal(after)
        assert one.value(tables, "order", "price") == {"N": "9" * 38}
        assert one.value(tables, "fill", "total_amount") == {"S": total}
