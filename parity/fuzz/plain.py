"""Values of plain types: everyday ones, the edges, and ones that no method takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

__all__ = ["BAD", "EDGES", "PLAIN", "WORDS"]

WORDS = ("ann", "bob", "cyd")
"""Names and keys that every program knows, so that calls meet."""

_NOON = datetime(2025, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)

PLAIN: dict[type, tuple[Any, ...]] = {
    bool: (False, True),
    int: (1, 2, 3, 10, 50, 1000),
    float: (0.0, 1.5),
    bytes: (b"", b"\x00\xff"),
    Decimal: tuple(map(Decimal, ("1", "10", "2.50", "0", "100", "0.1", "1000.00", "-1", "-2.50", "-10"))),
    str: WORDS,
    datetime: tuple(_NOON + timedelta(seconds=step) for step in range(4)),
    date: (date(1990, 1, 2), date(2000, 2, 29)),
    UUID: tuple(UUID(int=(4 << 76) | (2 << 62) | number) for number in range(1, 4)),
}
"""By type; the first is the simplest."""

EDGES: dict[type, tuple[Any, ...]] = {
    bool: (False, True),
    int: (999, 0, 2**31, -1),
    float: (-0.0, 1e300),
    bytes: (b"x" * 100,),
    Decimal: (
        *map(Decimal, ("9" * 38, "-" + "9" * 38, "0." + "9" * 38, "5E+37", "1E+38", "1E-130", "-1E-130", "9.99E+125")),
        *map(Decimal, ("-0", "0.00", "0E-130", "0E+5", "1.000", "1E+2", "1.5E-7", "100." + "0" * 40, "1E-40")),
        *map(Decimal, ("12345678901234567890123456789", "0.00000000000000000000000000001", "-" + "5" * 38)),
    ),
    str: (
        *("é" * 15, "日本語", "a b", "naïve 🙂", "A_b-9", "0", "<b>&amp;</b>", "' OR 1=1 --", "{}", " ", "\n", "null"),
        *("x" * length for length in (15, 16, 20, 21, 30, 31, 50, 51, 72, 73, 100, 101, 128, 129, 255, 256, 500, 501)),
        *("é" * 36 + "tail", "é" * 37, "x" * 1000, "x" * 1018, "x" * 1019, "x" * 2041, "x" * 2048),
    ),
    datetime: (
        _NOON.replace(microsecond=0),
        _NOON.replace(tzinfo=None),
        _NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ),
    date: (date(1, 1, 1), date(9999, 12, 31)),
    UUID: (UUID(int=0), UUID(int=2**128 - 1)),
}
"""By type: what is valid, or nearly so, and seldom tried."""

BAD: tuple[Any, ...] = (
    *(None, "", 0, -1, 1.5, True, "a#b", "\ud800", "x" * 3000, [], {}, ("ann",), b"ann", 2**40, 1001, "1", object),
    *map(Decimal, ("NaN", "-Infinity", "sNaN", "1" * 39, "1E-131", "1E+126", "-1")),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    "[HASHED]",
    {"Pk": "ann"},
)
"""What some method or other must refuse."""
