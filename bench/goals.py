"""What the new DAOs shall cost at most, and whether they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

__all__ = ["RATIOS", "Goal", "goals"]

RATIOS: Mapping[str, float] = MappingProxyType(
    {
        "get": 0.70,
        "put": 0.70,
        "update": 0.75,
        "query of 100": 0.25,
        "batch get of 100": 0.30,
        "scan of 1000": 0.25,
        "transaction": 0.80,
        "other": 1.00,
    }
)
"""CPU time of the new side by that of the archived, at most, by the kind of a case."""

FIRST_CALL = 0.60
IMPORT = 1.25
MEMORY = 2_000_000  # bytes


@dataclass(frozen=True)
class Goal:
    """A bound on one figure; `where` says which of several it is, the worst of them."""

    name: str
    bound: float
    figure: float
    where: str = ""

    @property
    def reached(self) -> bool:
        """Whether the figure keeps the bound, as it is printed."""
        return round(self.figure, 2) <= self.bound

    def line(self) -> str:
        """For a person."""
        where = f"  ({self.where})" if self.where else ""
        return f"{'reached' if self.reached else 'MISSED ':8} {self.name:34} at most {self.bound:.2f}: {self.figure:.2f}{where}"


def goals(figures: Mapping[str, Any]) -> Sequence[Goal]:
    """The goals, by the figures of a run as its JSON has them."""
    found = []
    for kind, bound in RATIOS.items():
        ratios = {case["name"]: case["ratio"] for case in figures["cases"] if case["kind"] == kind}
        worst = max(ratios, key=lambda name: ratios[name])
        found.append(Goal(f"{kind}, new by archived", bound, ratios[worst], worst))
    whole = figures["whole"]
    first = whole["first call, s"]
    found.append(Goal("first call, new by archived", FIRST_CALL, first["new"] / first["archived"]))
    imports = whole["import, s"]
    found.append(Goal("import, by the libraries alone", IMPORT, imports["common.data.dao"] / imports["libraries"]))
    found.append(Goal("a further connection, MB", MEMORY / 1e6, whole["a further connection, bytes"]["new"] / 1e6))
    return found
