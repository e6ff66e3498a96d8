"""Settlements under many writers: one outcome each, nothing lost, nothing twice. Each check is proved able to fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TypeAlias

import pytest

from common.data import Balance, InsufficientBalanceError, Order, OrderAlreadyExistsError
from common.data.dao.protocols import BalanceDAOProtocol, OrderDAOProtocol
from common.data.entities import AssetBalance, OrderStatus, Settlement
from parity.clock import Ids
from parity.tables import Tables

from .lossy import losing_session
from .money_checks import THREADS, Creates, at_once
from .order_rows import Connect, Trade, balance_row, entity, holding_row, key_of, seed, trade
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


def check_settled_once(settle: Settle, tables: Tables, trades: Sequence[Trade]) -> None:
    """Assert that one order, settled by many at once, moves once, and that all are told so."""
    outcomes = at_once([partial(settle, each) for each in trades])
    assert one_outcome(tables, trades, outcomes) == "completed"
    assert all(isinstance(outcome, Settlement) for outcome in outcomes)


@pytest.mark.parametrize("stored", [False, True])
def test_an_order_that_all_settle_at_once_moves_once(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, *, stored: bool
) -> None:
    for with_one_payment in (True, False) * 2:
        one = trade(ids)
        seed(tables, one)
        if stored:
            tables.put("orders", one.order_row())
        trades = [one if with_one_payment else another(ids, one) for _ in range(THREADS)]
        check_settled_once(settling(order_dao), tables, trades)
        assert order_dao.get_order(one.order.order_id).status == "completed"


def check_one_way(settle: Callable[[], Settlement], cancel: Callable[[], Order], tables: Tables, one: Trade) -> str:
    """Assert that an order that some cancel and some settle at once ends in one way: its status."""
    # By twos: in a mixed fleet, where calls alternate, both sides do both.
    calls: list[Callable[[], Order | Settlement]] = [cancel if at // 2 % 2 else settle for at in range(THREADS)]
    return one_outcome(tables, [one], at_once(calls))


def test_an_order_that_some_cancel_and_some_settle_ends_in_one_way(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for reads in (0, 1, 2, 3, 3, 4):  # a cancel is one request: without some before it always comes first
        one = trade(ids)
        seed(tables, one)
        tables.put("orders", one.order_row())

        def cancel(order_id: str = one.order.order_id, reads: int = reads) -> Order:
            for _ in range(reads):
                order_dao.get_order(order_id)
            return order_dao.update_order_status(order_id, OrderStatus.CANCELLED)

        status = check_one_way(partial(one.settle, order_dao), cancel, tables, one)
        assert order_dao.get_order(one.order.order_id).status == status


@pytest.mark.parametrize("forgets_tokens", [False, True])
def test_settlements_and_postings_whose_answers_are_lost_are_made_once(
    connect: Connect, tables: Tables, ids: Ids, *, forgets_tokens: bool
) -> None:
    lost: list[None] = []
    session = losing_session("TransactWriteItems", 4, then=lambda: lost.append(None), forgets_tokens=forgets_tokens)
    daos = connect(session=session)
    exchange = Exchange.opened(tables, ids, users=2, operations=22)
    exchange.run(daos["balance"].post_transaction, settling(daos["order"]))
    assert len(lost) > 2


def creating(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> Creates:
    order_id, user = ids.name("order"), ids.name()
    return Creates(
        create=lambda number: order_dao.create_order(entity(order_id, user, quantity=Decimal(number))),
        refusal=OrderAlreadyExistsError,
        stored=lambda: order_dao.get_order(order_id),
        remove=lambda: tables.delete("orders", key_of(order_id)),
    )


def test_of_those_who_create_the_same_order_one_wins(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(3):
        creating(order_dao, tables, ids).check()


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


def denies(dao: OrderDAOProtocol, _tables: Tables, _ids: Ids) -> Settle:
    """Refuses settlements that it made, as if a lost answer were a refusal."""

    def settle(one: Trade) -> Settlement:
        result = one.settle(dao)
        if one.payment.amount > 0:
            raise InsufficientBalanceError(None, available=Decimal(0), required=Decimal(1))
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
        (denies, "cash ledger: not as acknowledged"),
        (overdraws, "cash is not its ledger"),
        (writes_over, "a holding is not its ledger"),
    ],
    ids=["loses", "doubles", "denies", "overdraws", "writes-over"],
)
def test_the_books_disagree_on_a_dao_that(
    order_dao: OrderDAOProtocol, balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, broken: Broken, fault: str
) -> None:
    exchange = Exchange.opened(tables, ids, users=2, operations=33)
    with pytest.raises(AssertionError, match=fault):
        exchange.run(balance_dao.post_transaction, broken(order_dao, tables, ids))


def test_a_settlement_that_does_not_see_that_it_was_made_is_found(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    def settles_again(one: Trade) -> Settlement:
        one.settle(order_dao)
        tables.put("orders", one.order_row())
        return another(fresh, one).settle(order_dao)

    one, fresh = trade(ids), Ids("fresh")
    seed(tables, one)
    with pytest.raises(AssertionError, match="moved not once"):
        check_settled_once(settles_again, tables, [one] * THREADS)


def test_a_cancel_without_its_condition_is_found(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    one = trade(ids)
    seed(tables, one)
    tables.put("orders", one.order_row())
    settled = threading.Event()

    def settle() -> Settlement:
        settlement = one.settle(order_dao)
        settled.set()
        return settlement

    def cancels_late() -> Order:
        open_ = order_dao.get_order(one.order.order_id)
        settled.wait(30)
        tables.put("orders", one.order_row(status={"S": "cancelled"}))
        return open_.model_copy(update={"status": OrderStatus.CANCELLED})

    with pytest.raises(AssertionError, match="moved not once"):
        check_one_way(settle, cancels_late, tables, one)


def test_a_create_that_has_no_condition_is_found(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    creating(order_dao, tables, ids).check_can_fail()
