"""OrderDAO: every digit that DynamoDB holds goes in and comes out, through every method."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data import Order, OrderStatus
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .exact_numbers import ABOVE_ZERO, NOT_BELOW_ZERO, as_number, as_text, assert_sent, nothing_of, spread
from .order_rows import Requests, balance_row, entity, stored, trade

FIELDS = ("price", "total_amount")


def read(order: Order) -> list[str]:
    return [str(order.quantity), str(order.price), str(order.total_amount)]


def test_an_order_keeps_every_digit(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests) -> None:
    user = ids.name()
    listed = []
    for at, quantity in enumerate(ABOVE_ZERO):
        given = {"quantity": quantity, **spread(NOT_BELOW_ZERO, FIELDS, at + 2)}
        order_id = ids.name("order")
        created = order_dao.create_order(entity(order_id, user, **given))
        texts = [as_number(value) for value in given.values()]
        assert_sent(requests(), numbers=texts)
        assert [stored(tables, order_id)[name]["N"] for name in given] == texts
        digits = [str(Decimal(text)) for text in texts]
        confirmed = order_dao.update_order_status(order_id, OrderStatus.CONFIRMED)
        assert read(created) == read(order_dao.get_order(order_id)) == read(confirmed) == digits
        assert [stored(tables, order_id)[name]["N"] for name in given] == texts
        listed.append(digits)
    orders = order_dao.get_orders_by_user(user)
    assert sorted(map(read, orders)) == sorted(listed)


@pytest.mark.needs("sum-38-digits")
def test_a_settlement_moves_every_digit_there_and_back(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for at, total in enumerate(ABOVE_ZERO):
        user = ids.name()
        given = {"total": str(total)} | {
            name: str(number) for name, number in spread(ABOVE_ZERO, ("quantity", "price"), at + 1).items()
        }
        quantity, price = Decimal(given["quantity"]), Decimal(given["price"])
        tables.put("users", balance_row(user, as_number(total)))
        for kind, cash, held in (
            ("market_buy", "0", as_text(quantity)),
            ("market_sell", as_number(total), as_text(nothing_of(quantity))),
        ):
            one = trade(ids, kind, user=user, **given)
            settled = one.settle(order_dao)
            assert_sent(
                requests(),
                numbers=[as_number(number) for number in (quantity, price, total, one.payment.amount)],
                texts=[held, *(as_text(number) for number in (quantity, price, total))],
            )
            numbers = [as_number(number) for number in (quantity, price, total)]
            assert [one.value(tables, "order", name)["N"] for name in ("quantity", *FIELDS)] == numbers
            texts = [as_text(number) for number in (quantity, price, total)]
            assert [one.value(tables, "fill", name)["S"] for name in ("quantity", *FIELDS)] == texts
            assert one.value(tables, "payment", "amount") == {"N": as_number(one.payment.amount)}
            assert one.value(tables, "cash", "current_balance") == {"N": cash}
            assert one.value(tables, "holding", "quantity") == {"S": held}
            assert as_number(settled.balance.current_balance) == cash
            assert str(settled.asset_balance.quantity) == str(Decimal(held))
            assert read(settled.order) == [str(Decimal(text)) for text in numbers]
