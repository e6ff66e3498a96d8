"""A table of figures, as it is printed, stored, and shown by parity's report."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Cell", "Table"]

Cell = str | int | float


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, the rows, and what has to be said to them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def plain(self) -> dict[str, object]:
        """As JSON has it, and as `metrics` of parity.toml gives it."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "note": self.note,
        }
