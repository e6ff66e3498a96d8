"""Checks of settlements made by many at once: each raises AssertionError on a DAO that does not hold what it checks."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from common.data import (
    Balance,
    BalanceTransaction,
    DataError,
    InsufficientAssetBalanceError,
    InsufficientBalanceError,
    Order,
    OrderClosedError,
)
from common.data.entities import Settlement
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import transaction
from .money_checks import THREADS, at_once
from .order_rows import Item, Trade, balance_row, holding_row, trade

__all__ = ["CASH", "Exchange", "Settle", "one_outcome"]

CASH = Decimal(100)
_HELD = Decimal("10.00")
ASSETS = ("BTC", "ETH")

Post = Callable[[BalanceTransaction], Balance]
Settle = Callable[[Trade], Settlement]


@dataclass
class Books:
    """What is stored of some users."""

    orders: dict[str, str]
    cash: dict[str, Decimal]
    held: dict[tuple[str, str], Decimal]
    payments: list[Item]
    postings: list[Item]
    fills: list[Item]

    @classmethod
    def read(cls, tables: Tables, users: Sequence[str]) -> Books:
        """Read both tables whole."""
        mine = set(users)
        rows = [row for row in tables.items("users") if row.get("username", {}).get("S") in mine]

        def keyed(prefix: str, parts: int) -> list[Item]:
            keys = [(row, row["Pk"]["S"].split("#")) for row in rows]
            return [row for row, key in keys if key[0] == prefix and len(key) == parts]

        orders = [row for row in tables.items("orders") if row.get("username", {}).get("S") in mine]
        holdings = [row for row in rows if row["Sk"]["S"].startswith("ASSET#")]
        return cls(
            {row["Pk"]["S"]: row["status"]["S"] for row in orders},
            {row["Pk"]["S"]: Decimal(row["current_balance"]["N"]) for row in rows if row["Sk"]["S"] == "BALANCE"},
            {(row["Pk"]["S"], row["asset_id"]["S"]): Decimal(row["quantity"]["S"]) for row in holdings},
            keyed("TRANS", 2),
            keyed("POSTED", 2),
            keyed("TRANS", 3),
        )


@dataclass
class Exchange:
    """Some users, and postings and settlements that 8 threads make at once: some without cover, some by two threads."""

    tables: Tables
    users: list[str]
    work: list[BalanceTransaction | Trade]
    booked: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    refused: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    lowest: Decimal = CASH

    @classmethod
    def opened(cls, tables: Tables, ids: Ids, *, users: int, operations: int) -> Exchange:
        """Users with cash and one of two assets, and what they are going to do; half of the orders are stored."""
        names = [ids.name() for _ in range(users)]
        tables.put_all("users", [balance_row(name, str(CASH)) for name in names])
        tables.put_all("users", [holding_row(name, "BTC", str(_HELD)) for name in names])
        dice = random.Random(7)  # noqa: S311 - the same plan each time
        work: list[BalanceTransaction | Trade] = []
        work.append(trade(ids, user=names[0], total="1000000"))  # more than anybody can have
        for number in range(1, operations * 10 // 11):
            name, cents = dice.choice(names), dice.randint(1, 6000)
            if number % 5 > 1:
                amount = Decimal(dice.choice([-1, 1]) * cents) / 100
                work.append(transaction(name, ids.uuid(), str(amount)))
            else:
                kind = dice.choice(["market_buy", "limit_sell"])
                quantity, total = str(Decimal(dice.randint(1, 400)) / 100), str(Decimal(cents) / 100)
                one = trade(ids, kind, user=name, asset=dice.choice(ASSETS), quantity=quantity, total=total)
                if number % 5 == 1:
                    tables.put("orders", one.order_row())
                work.append(one)
        return cls(tables, names, [*work, *work[::10]])

    def run(self, post: Post, settle: Settle) -> None:
        """Do the work and check the books."""
        lock = threading.Lock()

        def serve(share: Sequence[BalanceTransaction | Trade]) -> None:
            for one in share:
                try:
                    found = self._done(one, post, settle)
                except (InsufficientBalanceError, InsufficientAssetBalanceError) as error:
                    with lock:
                        self.refused.append((error.available, error.required))
                    continue
                with lock:
                    self.lowest = min(self.lowest, *found)
                    if isinstance(one, Trade):
                        self.settled.add(one.order.order_id)
                    payment = one.payment if isinstance(one, Trade) else one
                    self.booked.add(str(payment.transaction_id))

        for outcome in at_once([partial(serve, self.work[at::THREADS]) for at in range(THREADS)]):
            if isinstance(outcome, DataError):
                raise outcome
        self.check()

    @staticmethod
    def _done(one: BalanceTransaction | Trade, post: Post, settle: Settle) -> list[Decimal]:
        if isinstance(one, Trade):
            settlement = settle(one)
            return [settlement.balance.current_balance, settlement.asset_balance.quantity]
        return [post(one).current_balance]

    def check(self) -> None:
        """Assert that cash and holdings agree with their ledgers, and the ledgers with what was acknowledged."""
        books = Books.read(self.tables, self.users)
        booked = Counter(self.booked)
        assert Counter(row["transaction_id"]["S"] for row in books.payments) == booked, (
            "cash ledger: not as acknowledged"
        )
        assert Counter(row["Sk"]["S"] for row in books.postings) == booked, "postings: not as acknowledged"
        assert Counter(row["order_id"]["S"] for row in books.fills) == Counter(self.settled), (
            "fills: not as acknowledged"
        )
        completed = {order_id for order_id, status in books.orders.items() if status == "completed"}
        assert completed == self.settled, "orders: not as acknowledged"
        for name in self.users:
            cash = sum((Decimal(row["amount"]["N"]) for row in books.payments if row["username"]["S"] == name), CASH)
            assert books.cash[name] == cash, "cash is not its ledger"
            for asset in ASSETS:
                opening = _HELD if asset == "BTC" else Decimal(0)
                held = sum(
                    (
                        moved(row)
                        for row in books.fills
                        if (row["username"]["S"], row["asset_id"]["S"]) == (name, asset)
                    ),
                    opening,
                )
                assert books.held.get((name, asset), Decimal(0)) == held, "a holding is not its ledger"
        assert min([*books.cash.values(), *books.held.values(), self.lowest]) >= 0, "something is below zero"
        amounts = {str(one.transaction_id): one.amount for one in map(payment_of, self.work)}
        gone_in = sum((amounts[one] for one in self.booked), CASH * len(self.users))
        assert sum(books.cash.values()) == gone_in, "money came from nowhere or went there"
        assert self.settled, "nothing was settled"
        assert self.refused, "nothing was refused"
        assert all(available < required for available, required in self.refused), "refused although it was covered"


def payment_of(one: BalanceTransaction | Trade) -> BalanceTransaction:
    """What moves the cash."""
    return one.payment if isinstance(one, Trade) else one


def moved(fill: Item) -> Decimal:
    """How much a fill adds to a holding."""
    quantity = Decimal(fill["quantity"]["S"])
    return quantity if fill["transaction_type"]["S"] == "BUY" else -quantity


def one_outcome(tables: Tables, trades: Sequence[Trade], outcomes: Sequence[object]) -> str:
    """Assert that an order, settled or cancelled by many at once, ended in one way: its status.

    Args:
        tables: what is stored.
        trades: of one order, whose user began with cash and holding as in an exchange.
        outcomes: what the calls gave: a Settlement or an Order, or an error.
    """
    order = trades[0].order
    books = Books.read(tables, [order.username])
    status = books.orders[order.order_id]
    completed = status == "completed"
    assert status in {"completed", "cancelled"}, status
    assert {len(books.payments), len(books.postings), len(books.fills)} == {int(completed)}, (
        "moved not once, or not at all"
    )
    cash = CASH - order.total_amount if completed else CASH
    held = _HELD + order.quantity if completed else _HELD
    assert books.cash[order.username] == cash, "cash moved not once"
    assert books.held[order.username, order.asset_id] == held, "the holding moved not once"
    for outcome in outcomes:
        if isinstance(outcome, DataError):
            assert isinstance(outcome, OrderClosedError), outcome
        else:
            assert isinstance(outcome, Settlement if completed else Order), f"{status}, but told {outcome}"
            assert isinstance(outcome, Settlement) or outcome.status == "cancelled"
    assert not all(isinstance(outcome, DataError) for outcome in outcomes), "everybody was refused"
    return status
