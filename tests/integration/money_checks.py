"""Checks of what must hold however many writers there are: each raises AssertionError on a DAO that does not hold it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TypeVar
from uuid import UUID

from common.data import Balance, BalanceTransaction, DataError, InsufficientBalanceError
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import balance_row, cash, ledger, transaction

__all__ = ["OPENING", "THREADS", "Bank", "at_once", "one_winner"]

THREADS = 8
OPENING = Decimal(100)

T = TypeVar("T")
Post = Callable[[BalanceTransaction], Balance]


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | DataError]:
    """Make all calls at the same time; what each returned, or the error of ours that it raised."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | DataError:
        barrier.wait(30)
        try:
            return call()
        except DataError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def one_winner(outcomes: Iterable[object], refusal: type[DataError]) -> None:
    """Assert that one call succeeded and that all others were told that they came too late."""
    seen = Counter(type(outcome) for outcome in outcomes)
    refused = seen.pop(refusal, 0)
    assert sum(seen.values()) == 1, f"{seen} beside {refused} times {refusal.__name__}"
    assert not any(issubclass(kind, DataError) for kind in seen), seen
    assert refused > 0


@dataclass
class Bank:
    """Some users, and postings that 8 threads make at once: some of them without cover, some by two threads."""

    tables: Tables
    users: list[str]
    postings: list[BalanceTransaction]
    acknowledged: set[UUID] = field(default_factory=set)
    refusals: list[tuple[Decimal, Decimal, Decimal]] = field(default_factory=list)
    lowest: Decimal = OPENING

    @classmethod
    def opened(cls, tables: Tables, ids: Ids, *, users: int, postings: int) -> Bank:
        """A bank of users who have 100 each, and what they are going to post."""
        names = [ids.name() for _ in range(users)]
        tables.put_all("users", [balance_row(name, str(OPENING)) for name in names])
        dice = random.Random(5)  # noqa: S311 - the same plan each time
        plan = []
        for _ in range(postings):
            cents = dice.choice([-1, -1, 1]) * dice.randint(1, 6000)
            plan.append(transaction(dice.choice(names), ids.uuid(), str(Decimal(cents) / 100)))
        return cls(tables, names, plan)

    def run(self, post: Post) -> None:
        """Make the postings, each tenth of them by two threads, and check the books."""
        work = [*self.postings, *self.postings[::10]]
        shares = [work[at::THREADS] for at in range(THREADS)]
        lock = threading.Lock()

        def serve(share: list[BalanceTransaction]) -> None:
            for entry in share:
                try:
                    result = post(entry)
                except InsufficientBalanceError as error:
                    with lock:
                        self.refusals.append((error.available, error.required, entry.amount))
                    continue
                with lock:
                    self.acknowledged.add(entry.transaction_id)
                    self.lowest = min(self.lowest, result.current_balance)

        for outcome in at_once([partial(serve, share) for share in shares]):
            if isinstance(outcome, DataError):
                raise outcome
        assert all(available < required == -amount for available, required, amount in self.refusals)
        assert self.refusals, "nothing was refused"
        self.check()

    def check(self) -> None:
        """Assert that the cash of each user agrees with the ledger, and the ledger with what was acknowledged."""
        total = Decimal(0)
        for name in self.users:
            rows = ledger(self.tables, name)
            entries = [row for row in rows if row["Pk"]["S"].startswith("TRANS#")]
            postings = [row["Sk"]["S"] for row in rows if row["Pk"]["S"].startswith("POSTED#")]
            mine = [str(each.transaction_id) for each in self.postings if each.username == name]
            wanted = Counter(each for each in mine if UUID(each) in self.acknowledged)
            assert Counter(row["transaction_id"]["S"] for row in entries) == wanted, (
                "acknowledged is not what is booked"
            )
            assert Counter(postings) == wanted, "acknowledged is not what is posted"
            amount = cash(self.tables, name)
            assert amount == OPENING + sum(Decimal(row["amount"]["N"]) for row in entries), "cash is not the ledger"
            assert amount >= 0, "cash is below zero"
            total += amount
        moved = sum(each.amount for each in self.postings if each.transaction_id in self.acknowledged)
        assert total == OPENING * len(self.users) + moved, "money came from nowhere or went there"
        assert self.lowest >= 0, "cash was below zero"
        assert self.acknowledged, "nothing was posted"
