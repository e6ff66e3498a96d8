"""Checks of what must hold however many writers there are: each raises AssertionError on a DAO that does not hold it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from common.data import DataError

__all__ = ["THREADS", "at_once", "one_winner"]

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
