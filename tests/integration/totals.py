"""What the rows of the money tables sum up to, exactly, by kind of row and attribute: worked out without the code under test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from parity.tables import Tables

from .user_rows import Item

__all__ = ["totals"]

SUMMED = ("current_balance", "amount", "quantity", "total_amount")


def totals(tables: Tables) -> Mapping[tuple[str, ...], Fraction]:
    """The sums over balances, holdings, orders and both ledgers, over rows of unknown kinds too."""
    found: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for table in ("users", "orders"):
        for row in tables.items(table):
            for name in SUMMED:
                value = row.get(name, {})
                if "N" in value or "S" in value:
                    found[(table, *_kind(row), name)] += Fraction(value.get("N") or value["S"])
    return found


def _kind(row: Item) -> tuple[str, str]:
    sort_key = row["Sk"]["S"].partition("#")[0]
    dated = sort_key[:1].isdigit()
    return row["Pk"]["S"].partition("#")[0] if dated else "", "" if dated else sort_key
