"""CPU time per call: interleaved, many rounds, medians."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Timing", "interleaved", "ratio"]

ROUND = 0.02  # seconds that one side shall take in a round


@dataclass(frozen=True)
class Timing:
    """Microseconds per call, one figure a round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one to quote."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles."""
        low, _, high = statistics.quantiles(self.rounds, n=4)
        return low, high


def interleaved(sides: Mapping[str, Callable[[], object]], rounds: int, *, wall: bool = False) -> dict[str, Timing]:
    """Time the sides in turn, each round in another order, so that a drift of the machine meets all alike.

    CPU time of this process, or wall time.
    """
    clock = time.perf_counter_ns if wall else time.process_time_ns
    names = list(sides)
    counts = {name: _count(call, clock) for name, call in sides.items()}
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            found[name].append(_timed(sides[name], counts[name], clock))
    return {name: Timing(tuple(figures)) for name, figures in found.items()}


def ratio(new: Timing, old: Timing) -> float:
    """The median of the rounds' ratios: both sides of a round met the same machine."""
    return statistics.median(one / other for one, other in zip(new.rounds, old.rounds, strict=True))


def _count(call: Callable[[], object], clock: Callable[[], int]) -> int:
    """How many calls make a round; what is made once is made here."""
    for _ in range(3):
        call()
    return max(1, int(ROUND / (_timed(call, 3, clock) / 1_000_000)))


def _timed(call: Callable[[], object], count: int, clock: Callable[[], int]) -> float:
    gc.collect()
    begin = clock()
    for _ in range(count):
        call()
    return (clock() - begin) / count / 1000
