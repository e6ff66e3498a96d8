"""Settlements under many writers: one outcome each, nothing lost, nothing twice. Each check is proved able to fail."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeAlias

import pytest

from common.data import Balance, InsufficientBalanceError, Order
from common.data.dao.protocols import BalanceDAOProtocol, OrderDAOProtocol
from common.data.entities import AssetBalance, OrderStatus, Settlement
from parity.clock import Ids
from parity.tables import Tables

from .money_checks import THREADS, at_once
from .order_rows import Trade, balance_row, holding_row, seed, trade
from .settlement_checks import Exchange, Settle, one_outcome

pytestmark = [pytest.mark.concurrent(open_outcome=True), pytest.mark.needs("transactions-atomic")]

Broken: TypeAlias = Callable[[OrderDAOProtocol, Tables, Ids], Settle]


def settling(dao: OrderDAOProtocol) -> Settle:
    return lambda one: one.settle(dao)


def test_the_books_agree_after_a_thousand_settlements_and_postings_at_once(
    order_dao: OrderDAOProtocol, balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    exchange = Exchange.opened(tables, ids, users=10, operations=1000)
    assert len(exchange.work) == 1000
    exchange.run(balance_dao.post_transaction, settling(order_dao))


def another(ids: Ids, one: Trade) -> Trade:
    """Another payment and fill of the same order."""
    fresh = trade(ids)
    paid = one.paid(transaction_id=fresh.payment.transaction_id, created_at=fresh.payment.created_at)
    return paid.filled(created_at=fresh.fill.created_at)


@pytest.mark.parametrize("stored", [False, True])
def test_an_order_that_all_settle_at_once_moves_once(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, *, stored: bool
) -> None:
    for with_one_payment in (True, False) * 3:
        one = trade(ids)
        seed(tables, one)
        if stored:
            tables.put("orders", one.order_row())
        trades = [one if with_one_payment else another(ids, one) for _ in range(THREADS)]
        outcomes = at_once([partial(each.settle, order_dao) for each in trades])
        assert one_outcome(tables, trades, outcomes) == "completed"
        assert all(isinstance(outcome, Settlement) for outcome in outcomes)


def test_an_order_that_some_cancel_and_some_settle_ends_in_one_way(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for _ in range(10):
        one = trade(ids)
        seed(tables, one)
        tables.put("orders", one.order_row())
        calls = both(one, partial(order_dao.update_order_status, one.order.order_id, OrderStatus.CANCELLED), order_dao)
        one_outcome(tables, [one], at_once(calls))


def both(one: Trade, cancel: Callable[[], Order], dao: OrderDAOProtocol) -> list[Callable[[], Order | Settlement]]:
    return [cancel if number % 2 else partial(one.settle, dao) for number in range(THREADS)]


# -- and on a DAO that is broken on purpose each check fails -------------------------------------------------------


def fake(one: Trade) -> Settlement:
    holding = AssetBalance(username=one.user, asset_id=one.order.asset_id, quantity=Decimal(1))
    return Settlement(order=one.order, balance=Balance(username=one.user), asset_balance=holding)


def loses(dao: OrderDAOProtocol, _tables: Tables, _ids: Ids) -> Settle:
    """Acknowledges some settlements that it never made."""
    return lambda one: one.settle(dao) if one.payment.transaction_id.int % 5 else fake(one)


def doubles(dao: OrderDAOProtocol, _tables: Tables, ids: Ids) -> Settle:
    """Settles sales again as another order, as if their answer had been lost."""

    def settle(one: Trade) -> Settlement:
        result = one.settle(dao)
        if one.payment.amount > 0:
            order_id, fresh = ids.name("order"), another(ids, one)
            again = fresh.ordered(order_id=order_id).paid(reference_id=order_id).filled(order_id=order_id)
            result = again.settle(dao)
        return result

    return settle


def overdraws(dao: OrderDAOProtocol, tables: Tables, _ids: Ids) -> Settle:
    """Lends what is missing."""

    def settle(one: Trade) -> Settlement:
        try:
            return one.settle(dao)
        except InsufficientBalanceError as error:
            tables.put("users", balance_row(one.user, str(error.required)))
            return one.settle(dao)

    return settle


def writes_over(dao: OrderDAOProtocol, tables: Tables, _ids: Ids) -> Settle:
    """Writes the holding once more, from what it read, as a DAO without a transaction would."""

    def settle(one: Trade) -> Settlement:
        result = one.settle(dao)
        quantity = result.asset_balance.quantity + Decimal("0.01")
        tables.put("users", holding_row(one.user, one.order.asset_id, str(quantity)))
        return result

    return settle


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (loses, "cash ledger: not as acknowledged"),
        (doubles, "cash ledger: not as acknowledged"),
        (overdraws, "cash is not its ledger"),
        (writes_over, "a holding is not its ledger"),
    ],
    ids=["loses", "doubles", "overdraws", "writes-over"],
)
def test_the_books_disagree_on_a_dao_that(
    order_dao: OrderDAOProtocol, balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, broken: Broken, fault: str
) -> None:
    exchange = Exchange.opened(tables, ids, users=2, operations=33)
    with pytest.raises(AssertionError, match=fault):
        exchange.run(balance_dao.post_transaction, broken(order_dao, tables, ids))


def test_one_outcome_is_not_two(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    one = trade(ids)
    seed(tables, one)
    cancelled = one.order_row(status={"S": "cancelled"})
    one.settle(order_dao)
    tables.put("orders", cancelled)  # a cancel without its condition
    with pytest.raises(AssertionError, match="moved not once"):
        one_outcome(tables, [one], [order_dao.get_order(one.order.order_id)])
    twice = trade(ids)
    seed(tables, twice)
    twice.settle(order_dao)
    tables.put("orders", twice.order_row())  # a settlement that does not see that it was made
    again = another(ids, twice)
    outcome = again.settle(order_dao)
    with pytest.raises(AssertionError, match="moved not once"):
        one_outcome(tables, [twice, again], [outcome])
