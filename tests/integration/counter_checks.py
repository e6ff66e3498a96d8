"""A holding that many add to at once: each check raises AssertionError on a DAO that does not hold what it checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from common.data import AssetBalance, DatabaseUnavailableError, DataError
from parity.tables import Tables

from .asset_balance_rows import stored
from .money_checks import THREADS, at_once

__all__ = ["COUNTING_THREADS", "Upsert", "check_lost_answers", "check_many_additions"]

COUNTING_THREADS = 16
STEP = Decimal("0.01")

Upsert = Callable[[str, str, Decimal], AssetBalance]


def check_count(outcomes: Sequence[object], begin: Decimal, end: Decimal, step: Decimal) -> int:
    """Assert that a holding holds what was acknowledged, and of what has an unknown outcome no more than there was.

    Returns:
        how many outcomes are unknown.
    """
    acknowledged = sum(isinstance(one, AssetBalance) for one in outcomes)
    unknown = sum(isinstance(one, DatabaseUnavailableError) for one in outcomes)
    failed = [one for one in outcomes if isinstance(one, DataError) and not isinstance(one, DatabaseUnavailableError)]
    assert end >= begin + acknowledged * step, "an acknowledged addition is missing"
    assert end <= begin + (acknowledged + unknown) * step, "more was added than anybody was told"
    assert not failed, f"refused for no reason: {failed[0]!r}"
    return unknown


def check_many_additions(upserts: Sequence[Upsert], tables: Tables, name: str, begin: Decimal, each: int) -> None:
    """Assert that all additions of 16 threads count, each once, and that each was told what it made."""

    def add(upsert: Upsert) -> Callable[[], list[AssetBalance]]:
        return lambda: [upsert(name, "BTC", STEP) for _ in range(each)]

    per_thread = at_once([add(upserts[number % len(upserts)]) for number in range(COUNTING_THREADS)])
    outcomes = [one for made in per_thread for one in (made if isinstance(made, list) else [made])]
    end = Decimal(stored(tables, name)["quantity"]["S"])
    assert check_count(outcomes, begin, end, STEP) == 0, "an outcome is unknown although every answer came"
    told = sorted(one.quantity for one in outcomes if isinstance(one, AssetBalance))
    assert told == [begin + STEP * count for count in range(1, each * COUNTING_THREADS + 1)], "told another quantity"


def check_lost_answers(upsert: Upsert, tables: Tables, name: str, others: Sequence[AssetBalance]) -> int:
    """Assert that all count once where answers of writes that were made are lost.

    Args:
        upsert: adds.
        tables: what is stored.
        name: whose holding.
        others: additions of 1 that others make meanwhile.

    Returns:
        how many outcomes are unknown.
    """
    outcomes = at_once([lambda: upsert(name, "BTC", Decimal(1))] * THREADS)
    end = Decimal(stored(tables, name)["quantity"]["S"]) - len(others)
    unknown = check_count(outcomes, Decimal(0), end, Decimal(1))
    assert end == THREADS, "not each write was made once"
    return unknown
