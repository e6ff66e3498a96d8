"""Checks of what must hold however many writers there are: each raises AssertionError on a DAO that does not hold it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import pytest

from common.data import DataError

__all__ = ["THREADS", "Creates", "at_once", "one_winner"]

THREADS = 8

T = TypeVar("T")


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


@dataclass(frozen=True)
class Creates:
    """A create that many call at once for one key, each with values of its own, told apart by a number from 1."""

    create: Callable[[int], object]
    refusal: type[DataError]
    stored: Callable[[], object]
    """Reads what has the key."""
    remove: Callable[[], object]
    """Makes the key free, behind the DAO's back."""

    def check(self) -> None:
        """Assert that one wins, and that what is stored is what it was told."""
        outcomes = at_once([partial(self.create, number) for number in range(1, THREADS + 1)])
        one_winner(outcomes, self.refusal)
        (winner,) = (outcome for outcome in outcomes if not isinstance(outcome, DataError))
        assert self.stored() == winner, "what is stored is not the winner's"

    def check_can_fail(self) -> None:
        """Assert that the check fails on a create that puts without a condition, and on one that puts before it looks."""

        def puts_over(number: int) -> object:
            while True:
                try:
                    return self.create(number)
                except self.refusal:
                    self.remove()

        def looks_too_late(number: int) -> object:
            try:
                return self.create(number)
            except self.refusal:
                self.remove()
                with suppress(self.refusal):
                    self.create(number)
                raise

        with pytest.raises(AssertionError, match="beside"):
            replace(self, create=puts_over).check()
        self.remove()
        with pytest.raises(AssertionError, match=r"beside|not the winner's"):
            replace(self, create=looks_too_late).check()
