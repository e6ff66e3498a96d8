"""OrderDAO: settlements that meet other writers between their reads and their transaction."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data import (
    BalanceNotFoundError,
    ConflictError,
    DatabaseUnavailableError,
    InsufficientAssetBalanceError,
    InsufficientBalanceError,
    OrderAlreadyExistsError,
    OrderClosedError,
    OrderStatus,
)
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .order_rows import (
    Item,
    Requests,
    Trade,
    balance_row,
    fields,
    holding_row,
    operations,
    read_as,
    seed,
    stored,
    trade,
)

ONE_TRY = ["GetItem", "GetItem", "TransactWriteItems"]


def key_names(one: Trade) -> dict[str, str]:
    """The key of an order's row, as an error has it."""
    return {"Pk": one.order.order_id, "Sk": "ORDER"}


@pytest.mark.parametrize("order_type", ["limit_buy", "limit_sell"])
def test_a_holding_that_moves_meanwhile_is_read_again(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, order_type: str
) -> None:
    one = trade(ids, order_type)
    seed(tables, one)
    amounts = iter(["20", "30", "40.00"])
    faults.before(
        "TransactWriteItems", lambda: tables.put("users", holding_row(one.user, "BTC", next(amounts))), times=3
    )
    settled = one.settle(order_dao)
    assert str(settled.asset_balance.quantity) == ("41.50" if order_type == "limit_buy" else "38.50")
    assert one.value(tables, "holding", "quantity") == {"S": str(settled.asset_balance.quantity)}
    assert operations(requests()) == [*ONE_TRY * 4, "GetItem"]
    assert len(faults.waits) == 3
    assert max(faults.waits) <= 0.15


def test_a_holding_that_comes_or_goes_meanwhile_is_read_again(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    one = trade(ids)
    seed(tables, one, holding=None)
    faults.before("TransactWriteItems", lambda: tables.put("users", holding_row(one.user, "BTC", "5")))
    assert str(one.settle(order_dao).asset_balance.quantity) == "6.50"
    assert one.value(tables, "cash", "current_balance") == {"N": "97"}
    other = trade(ids)
    seed(tables, other)
    faults.before("TransactWriteItems", lambda: tables.delete("users", other.keys["holding"][1]))
    assert str(other.settle(order_dao).asset_balance.quantity) == "1.50"


def test_a_holding_that_comes_back_to_its_quantity_has_moved_all_the_same(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    one = trade(ids)
    seed(tables, one)
    late: Item = {"S": "2024-01-01T00:00:00"}
    faults.before(
        "TransactWriteItems", lambda: tables.put("users", holding_row(one.user, "BTC", "10.00", updated_at=late))
    )
    assert str(one.settle(order_dao).asset_balance.quantity) == "11.50"
    assert operations(requests()) == [*ONE_TRY * 2, "GetItem"]


def test_an_order_that_another_settles_meanwhile_moves_nothing_twice(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    for known in (False, True):
        one = trade(ids)
        seed(tables, one)
        if known:
            tables.put("orders", one.order_row())
        completed = one.order_row(status={"S": "completed"}, status_reason={"S": "by another"})
        faults.before("TransactWriteItems", lambda row=completed: tables.put("orders", row))  # type: ignore[misc]
        settled = one.settle(order_dao)
        assert fields(settled.order) == read_as(completed)
        assert (settled.balance.current_balance, str(settled.asset_balance.quantity)) == (Decimal(100), "10.00")
        assert one.rows(tables)["posting"] is None


FULL = "1" + "0" * 38  # takes no 21 any more
MEANWHILE = pytest.mark.parametrize(("operation", "skip"), [("TransactWriteItems", 0), ("GetItem", 2)])
"""Just before the transaction, and between the transaction and the reads that tell why it was refused."""


@pytest.mark.needs("sum-38-digits")
@MEANWHILE
@pytest.mark.parametrize("paid", ["with-this-payment", "with-another"])
def test_an_order_that_another_settles_before_its_cash_sum_is_refused_is_settled(
    order_dao: OrderDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    paid: str,
    operation: str,
    skip: int,
) -> None:
    one = trade(ids, "limit_sell", price="14", total="21")
    seed(tables, one, cash="9" * 36 + "79" if operation == "TransactWriteItems" else FULL)
    tables.put("orders", one.order_row())
    completed = one.order_row(status={"S": "completed"})

    def settle() -> None:
        tables.put("orders", completed)
        seed(tables, one, cash=FULL, holding="8.50")
        if paid == "with-this-payment":
            tables.put("users", one.posting_row())

    faults.before(operation, settle, skip=skip)
    settled = one.settle(order_dao)
    assert fields(settled.order) == read_as(completed)
    assert (settled.balance.current_balance, str(settled.asset_balance.quantity)) == (Decimal(FULL), "8.50")
    assert one.rows(tables)["payment"] is None
    assert len(requests()) <= 6


@pytest.mark.needs("sum-38-digits")
@MEANWHILE
def test_an_order_that_is_closed_before_its_cash_sum_is_refused_is_closed(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, operation: str, skip: int
) -> None:
    for known, changes, refusal in (
        (True, {"status": {"S": "cancelled"}}, OrderClosedError),
        (False, {"price": {"N": "9"}}, OrderAlreadyExistsError),
    ):
        one = trade(ids, "limit_sell", price="14", total="21")
        seed(tables, one, cash=FULL)
        if known:
            tables.put("orders", one.order_row())
        row = one.order_row(**changes)
        faults.before(operation, lambda row=row: tables.put("orders", row), skip=skip)  # type: ignore[misc]
        with pytest.raises(refusal) as caught:
            one.settle(order_dao)
        assert (caught.value.table, caught.value.key) == (tables.name("orders"), key_names(one))
        assert one.rows(tables)["posting"] is None


@pytest.mark.needs("sum-38-digits")
def test_a_sum_that_fits_once_another_made_room_is_settled(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    one = trade(ids, "limit_sell", price="14", total="21")
    seed(tables, one, cash=FULL)
    faults.before("GetItem", lambda: tables.put("users", balance_row(one.user, "1")), skip=3)
    assert one.settle(order_dao).balance.current_balance == Decimal(22)
    assert one.value(tables, "holding", "quantity") == {"S": "8.50"}
    assert operations(requests()) == [*ONE_TRY, "GetItem", "GetItem", "GetItem", *ONE_TRY, "GetItem"]
    assert len(faults.waits) == 1


@pytest.mark.parametrize("paid", ["with-this-payment", "with-another"])
def test_a_sale_of_everything_that_another_settles_between_the_reads_moves_nothing_twice(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, paid: str
) -> None:
    one = trade(ids, "limit_sell")
    seed(tables, one, holding="1.50")
    tables.put("orders", one.order_row())

    def settle() -> None:
        tables.put("orders", one.order_row(status={"S": "completed"}))
        seed(tables, one, cash="103", holding="0.00")
        if paid == "with-this-payment":
            tables.put("users", one.posting_row())

    faults.before("GetItem", settle, skip=1)
    settled = one.settle(order_dao)
    assert settled.order.status is OrderStatus.COMPLETED
    assert (settled.balance.current_balance, str(settled.asset_balance.quantity)) == (Decimal(103), "0.00")
    assert one.rows(tables)["payment"] is None


def test_a_holding_that_becomes_enough_meanwhile_is_enough(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    one = trade(ids, "limit_sell")
    seed(tables, one, holding="1.00")
    faults.before("TransactWriteItems", lambda: tables.put("users", holding_row(one.user, "BTC", "2.00")))
    assert str(one.settle(order_dao).asset_balance.quantity) == "0.50"
    assert operations(requests()) == [*ONE_TRY * 2, "GetItem"]


def test_an_order_that_is_stored_meanwhile_is_completed_in_place(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    one = trade(ids)
    seed(tables, one)
    faults.before("TransactWriteItems", lambda: tables.put("orders", one.order_row(venues={"SS": ["a"]})))
    settled = one.settle(order_dao)
    assert settled.order.status is OrderStatus.COMPLETED
    assert one.value(tables, "order", "venues") == {"SS": ["a"]}
    assert one.value(tables, "cash", "current_balance") == {"N": "97"}


def test_an_order_that_moves_on_meanwhile_is_returned_as_it_is_stored(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    one = trade(ids)
    seed(tables, one)
    tables.put("orders", one.order_row())
    moved = one.order_row(
        status={"S": "processing"},
        status_reason={"S": "at the exchange"},
        updated_at={"S": "2024-01-01T00:00:00+00:00"},
    )
    faults.before("TransactWriteItems", lambda: tables.put("orders", moved))
    settled = one.settle(order_dao)
    assert settled.order.status_reason == "at the exchange"
    assert fields(settled.order) == read_as(stored(tables, one.order.order_id))


def test_what_goes_short_meanwhile_is_told_as_it_is_then(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    one = trade(ids)
    seed(tables, one)
    faults.before("TransactWriteItems", lambda: tables.put("users", balance_row(one.user, "2.5")))
    with pytest.raises(InsufficientBalanceError) as cash:
        one.settle(order_dao)
    assert (cash.value.available, cash.value.required) == (Decimal("2.5"), Decimal(3))
    sold = trade(ids, "limit_sell")
    seed(tables, sold)
    faults.before("TransactWriteItems", lambda: tables.put("users", holding_row(sold.user, "BTC", "1.25")))
    with pytest.raises(InsufficientAssetBalanceError) as goods:
        sold.settle(order_dao)
    assert (goods.value.available, goods.value.required) == (Decimal("1.25"), Decimal("1.5"))
    other = trade(ids)
    seed(tables, other)
    taken = other.order_row(price={"N": "9"})
    faults.before("TransactWriteItems", lambda: tables.put("orders", taken))
    with pytest.raises(OrderAlreadyExistsError):
        other.settle(order_dao)
    for each in (one, sold, other):
        assert each.rows(tables)["posting"] is None


def test_races_lost_in_every_try_are_a_conflict_error_and_move_nothing(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    one = trade(ids)
    seed(tables, one)
    numbers = iter(range(1, 41))
    faults.before(
        "TransactWriteItems", lambda: tables.put("users", holding_row(one.user, "BTC", str(next(numbers)))), times=40
    )
    with pytest.raises(ConflictError) as caught:
        one.settle(order_dao)
    error = caught.value
    assert (error.operation, error.code) == ("OrderDAO.settle_order", "TransactionCanceledException")
    assert (error.table, error.key) == (tables.name("orders"), {"Pk": one.order.order_id, "Sk": "ORDER"})
    assert operations(requests()) == ONE_TRY * 40
    rows = one.rows(tables)
    assert (rows["order"], rows["posting"]) == (None, None)
    assert one.value(tables, "cash", "current_balance") == {"N": "100"}


def test_a_balance_gone_after_the_settlement_is_no_sign_that_nothing_changed(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    one = trade(ids)
    seed(tables, one)
    faults.before("GetItem", lambda: tables.delete("users", one.keys["cash"][1]), skip=2)
    with pytest.raises(DatabaseUnavailableError, match="took effect") as caught:
        one.settle(order_dao)
    assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": one.user, "Sk": "BALANCE"})
    assert one.value(tables, "order", "status") == {"S": "completed"}
    with pytest.raises(BalanceNotFoundError):
        one.settle(order_dao)
