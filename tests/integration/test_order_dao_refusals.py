"""OrderDAO: a settlement that may not be moves nothing, and says why by the contract's precedence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import pytest

from common.data import (
    BalanceNotFoundError,
    ConflictError,
    CorruptItemError,
    DataError,
    DuplicateTransactionError,
    InsufficientAssetBalanceError,
    InsufficientBalanceError,
    InvalidArgumentError,
    OrderAlreadyExistsError,
    OrderClosedError,
)
from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .order_rows import Item, Requests, Trade, balance_row, holding_row, operations, seed, trade

E = TypeVar("E", bound=DataError)


def refused(error_class: type[E], one: Trade, dao: OrderDAOProtocol, tables: Tables, row: str = "order") -> E:
    """Assert that settling raises exactly this, about this row, and changes nothing."""
    before = one.rows(tables)
    with pytest.raises(error_class) as caught:
        one.settle(dao)
    assert type(caught.value) is error_class
    table, key = one.keys[row]
    assert caught.value.operation == "OrderDAO.settle_order"
    assert caught.value.table == tables.name(table)
    assert caught.value.key == {name: value["S"] for name, value in key.items()}
    assert one.rows(tables) == before
    return caught.value


OTHERS: dict[str, Item] = {
    "username": {"S": "somebody-else"},
    "order_type": {"S": "market_buy"},
    "asset_id": {"S": "ETH"},
    "quantity": {"N": "1.51"},
    "price": {"N": "2." + "0" * 36 + "1"},
    "total_amount": {"N": "3.01"},
    "order_id": {"S": "another id inside"},
    "entity_type": {"S": "order_draft"},
}


@pytest.mark.parametrize("status", ["pending", "completed", "cancelled"])
def test_another_order_under_the_same_id_is_never_touched(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests, status: str
) -> None:
    one = trade(ids)
    seed(tables, one)
    for attribute, value in OTHERS.items():
        tables.put("orders", one.order_row(**{"status": {"S": status}, attribute: value}))
        refused(OrderAlreadyExistsError, one, order_dao, tables)
        assert operations(requests()) == ["GetItem"]


def test_a_closed_order_is_not_settled(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for status in ("cancelled", "failed", "expired"):
        one = trade(ids)
        tables.put("orders", one.order_row(status={"S": status}))
        refused(OrderClosedError, one, order_dao, tables)


def test_an_order_that_is_closed_meanwhile_is_not_settled(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    one = trade(ids)
    seed(tables, one)
    tables.put("orders", one.order_row())
    faults.before("TransactWriteItems", lambda: tables.put("orders", one.order_row(status={"S": "cancelled"})))
    with pytest.raises(OrderClosedError) as caught:
        one.settle(order_dao)
    assert caught.value.code == "TransactionCanceledException"
    assert one.value(tables, "cash", "current_balance") == {"N": "100"}


def test_without_a_balance_there_is_no_settlement(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for one in (trade(ids), trade(ids, "limit_sell")):
        tables.put("users", holding_row(one.user, "BTC", "10"))
        refused(BalanceNotFoundError, one, order_dao, tables, "cash")
        tables.put("users", balance_row(one.user, "100", entity_type={"S": "balance_snapshot"}))
        refused(BalanceNotFoundError, one, order_dao, tables, "cash")
    sold = trade(ids, "limit_sell", quantity="99")
    refused(BalanceNotFoundError, sold, order_dao, tables, "cash")
    done = trade(ids)
    tables.put("orders", done.order_row(status={"S": "completed"}))
    refused(BalanceNotFoundError, done, order_dao, tables, "cash")


def test_a_buy_that_the_cash_does_not_cover_is_refused(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    one = trade(ids)
    for cash in ("2." + "9" * 37, "0", "-12.5"):
        seed(tables, one, cash=cash)
        error = refused(InsufficientBalanceError, one, order_dao, tables, "cash")
        assert (error.available, error.required) == (Decimal(cash), Decimal(3))
        tables.put("orders", one.order_row())
    seed(tables, one, cash="3")
    assert one.settle(order_dao).balance.current_balance == 0


def test_a_sale_that_the_holding_does_not_cover_is_refused(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    one = trade(ids, "limit_sell")
    seed(tables, one, cash="-100", holding=None)
    foreign = holding_row(one.user, "BTC", "10", entity_type={"S": "asset_snapshot"})
    held = {amount: holding_row(one.user, "BTC", amount) for amount in ("1.4" + "9" * 37, "0.000", "-3.25")}
    for available, row in [("0", None), ("0", foreign), *held.items()]:
        if row is not None:
            tables.put("users", row)
        error = refused(InsufficientAssetBalanceError, one, order_dao, tables, "holding")
        assert (error.available, error.required) == (Decimal(available), Decimal("1.5"))


def test_a_payment_posted_before_is_a_duplicate(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for one in (trade(ids), trade(ids, "limit_sell", quantity="99")):
        seed(tables, one)
        tables.put("users", one.posting_row(created_at={"S": "2023-02-03T04:05:06"}))
        refused(DuplicateTransactionError, one, order_dao, tables, "posting")
        tables.put("users", one.posting_row())
        refused(DuplicateTransactionError, one, order_dao, tables, "posting")
    first = trade(ids)
    seed(tables, first)
    first.settle(order_dao)
    second = trade(ids, user=first.user).paid(transaction_id=first.payment.transaction_id)
    refused(DuplicateTransactionError, second, order_dao, tables, "posting")


def test_a_taken_ledger_key_is_a_duplicate(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    for ledger in ("payment", "fill"):
        for one in (trade(ids), trade(ids, "limit_sell")):
            seed(tables, one)
            tables.put("users", {**one.keys[ledger][1], "entity_type": {"S": "ledger_note"}})
            refused(DuplicateTransactionError, one, order_dao, tables, ledger)


def test_of_several_reasons_the_first_by_precedence_wins(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    """All at once; then one after the other is put right."""
    one = trade(ids, "limit_sell")
    tables.put("orders", one.order_row(status={"S": "cancelled"}))
    tables.put("users", one.posting_row())
    for ledger in ("payment", "fill"):
        tables.put("users", {**one.keys[ledger][1], "entity_type": {"S": "ledger_note"}})
    refused(OrderClosedError, one, order_dao, tables)
    tables.put("orders", one.order_row())
    refused(DuplicateTransactionError, one, order_dao, tables, "posting")
    tables.delete("users", one.keys["posting"][1])
    refused(BalanceNotFoundError, one, order_dao, tables, "cash")
    tables.put("users", balance_row(one.user, "0"))
    refused(InsufficientAssetBalanceError, one, order_dao, tables, "holding")
    tables.put("users", holding_row(one.user, "BTC", "1.5"))
    refused(DuplicateTransactionError, one, order_dao, tables, "payment")
    tables.delete("users", one.keys["payment"][1])
    refused(DuplicateTransactionError, one, order_dao, tables, "fill")
    tables.delete("users", one.keys["fill"][1])
    assert one.settle(order_dao).balance.current_balance == Decimal(3)


def test_cash_that_falls_short_comes_before_a_taken_ledger_key(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    one = trade(ids)
    seed(tables, one, cash="1")
    for ledger in ("payment", "fill"):
        tables.put("users", {**one.keys[ledger][1], "entity_type": {"S": "ledger_note"}})
    refused(InsufficientBalanceError, one, order_dao, tables, "cash")
    tables.put("users", one.posting_row())
    refused(DuplicateTransactionError, one, order_dao, tables, "posting")


@pytest.mark.needs("sum-38-digits")
def test_a_cash_sum_that_does_not_fit_changes_nothing(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for order_type, cash, total in (
        ("limit_buy", "1" + "0" * 31, "0.00000001"),
        ("limit_sell", "1" + "0" * 31, "0.00000001"),
        ("limit_sell", "999" + "0" * 123, "1" + "0" * 125),
        ("limit_sell", "0." + "0" * 129 + "1", "1"),
    ):
        one = trade(ids, order_type, total=total)
        seed(tables, one, cash=cash)
        refused(InvalidArgumentError, one, order_dao, tables, "cash")
        assert operations(requests()) == ["GetItem", "GetItem", "TransactWriteItems", *["GetItem"] * 3]
    tables.put("users", one.posting_row())
    refused(DuplicateTransactionError, one, order_dao, tables, "posting")


def test_a_quantity_that_does_not_fit_changes_nothing(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for order_type, held, quantity in (
        ("limit_sell", "1" + "0" * 31, "0.00000001"),
        ("limit_buy", "9" * 38, "2"),
        ("limit_buy", "999" + "0" * 123, "1" + "0" * 125),
        ("limit_buy", "1" + "0" * 31, "0.00000001"),
    ):
        one = trade(ids, order_type, quantity=quantity)
        seed(tables, one, holding=held)
        refused(InvalidArgumentError, one, order_dao, tables, "holding")
        assert operations(requests()) == ["GetItem", "GetItem", "TransactWriteItems"]
    tables.put("users", balance_row(one.user, "1"))
    refused(InsufficientBalanceError, one, order_dao, tables, "cash")
    tables.delete("users", one.keys["cash"][1])
    refused(BalanceNotFoundError, one, order_dao, tables, "cash")
    tables.put("users", one.posting_row())
    refused(DuplicateTransactionError, one, order_dao, tables, "posting")


@pytest.mark.parametrize("row", ["order", "cash", "holding"])
def test_a_row_that_cannot_be_decoded_is_named_and_nothing_changes(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids, row: str
) -> None:
    one = trade(ids, "limit_sell")
    broken: dict[str, list[tuple[str, Item]]] = {
        "order": [("status", {"S": "lost"}), ("quantity", {"S": "1.5"}), ("updated_at", {"NULL": True})],
        "cash": [("current_balance", {"S": "100"}), ("current_balance", {"NULL": True})],
        "holding": [("quantity", {"N": "10"}), ("quantity", {"S": "ten"}), ("asset_id", {"NULL": True})],
    }
    make: dict[str, Callable[[dict[str, Item]], Item]] = {
        "order": lambda values: one.order_row(**values),
        "cash": lambda values: balance_row(one.user, "100", **values),
        "holding": lambda values: holding_row(one.user, "BTC", "10", **values),
    }
    for attribute, value in broken[row]:
        seed(tables, one)
        tables.put(one.keys[row][0], make[row]({attribute: value}))
        assert refused(CorruptItemError, one, order_dao, tables, row).attribute == attribute


def test_a_row_of_another_kind_in_the_place_of_the_holding_is_never_touched(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    one = trade(ids)
    seed(tables, one, cash="1")
    tables.put("users", holding_row(one.user, "BTC", "10", entity_type={"S": "asset_snapshot"}))
    refused(InsufficientBalanceError, one, order_dao, tables, "cash")
    tables.put("users", balance_row(one.user, "100"))
    refused(ConflictError, one, order_dao, tables, "holding")


def test_a_new_order_keeps_to_the_lengths_and_one_that_is_stored_need_not(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    long_id = ids.name("order") + "-" + "x" * 40
    one = trade(ids).ordered(order_id=long_id).paid(reference_id=long_id).filled(order_id=long_id)
    seed(tables, one)
    with pytest.raises(InvalidArgumentError):
        one.settle(order_dao)
    assert one.rows(tables)["payment"] is None
    tables.put("orders", one.order_row())
    assert one.settle(order_dao).order.order_id == long_id


def test_a_text_that_makes_a_row_too_large_is_an_invalid_argument(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for one in (trade(ids).paid(description="x" * 410_000), trade(ids).ordered(status_reason="x" * 410_000)):
        seed(tables, one)
        refused(InvalidArgumentError, one, order_dao, tables)
