"""What becomes of the seeded rows in a run: counted, with a checksum, before the first test and after the last."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["OldRows"]

_Rows = Mapping[str, Mapping[str, Any] | None]
"""By key text a row as it is; None for one that is gone."""
_MET: Final = ("changed", "deleted", "attributes_taken", "attributes_changed")


class OldRows:
    """The rows that the seeded tables of one process began with."""

    def __init__(self) -> None:
        self._case = ""
        self._before: Mapping[str, _Rows] = {}
        self._met: dict[str, Counter[str]] = {}

    def begin(self, case: str, rows: Mapping[str, _Rows]) -> None:
        """Take these for the old rows, by table: those of the seeds, in the form that DynamoDB stores."""
        self._case = case
        self._before = {table: dict(found) for table, found in rows.items() if found}
        self._met = {table: Counter() for table in self._before}

    def note(self, changes: Mapping[str, _Rows]) -> None:
        """Count the old rows that a test left changed or deleted, and the attributes that it took out of those changed, or changed in value or type."""
        for table, rows in changes.items():
            for text, row in rows.items():
                before = self._before.get(table, {}).get(text)
                if before is None:
                    continue
                self._met[table]["changed" if row is not None else "deleted"] += 1
                if row is not None:
                    self._met[table]["attributes_taken"] += len(before.keys() - row.keys())
                    self._met[table]["attributes_changed"] += sum(
                        row[name] != before[name] for name in before.keys() & row.keys()
                    )

    def sums(self, strays: Mapping[str, Mapping[str, _Rows]]) -> dict[str, dict[str, Any]]:
        """By table the rows as they were and as they are, where `strays` is what differs at the end, by case and table."""
        return {table: self._sums(table, strays.get(self._case, {}).get(table, {})) for table in self._before}

    def _sums(self, table: str, differing: _Rows) -> dict[str, Any]:
        before = self._before[table]
        after = {text: differing.get(text, row) for text, row in before.items()}
        lost = [text for text, row in after.items() if row is None]
        attributes = [
            name
            for text, row in after.items()
            if row is not None
            for name, value in (before[text] or {}).items()
            if row.get(name) != value
        ]
        met = self._met[table]
        return {
            "before": _sum(before),
            "after": _sum(after),
            "lost_items": len(lost),
            "lost_attributes": len(attributes),
            **{what: met[what] for what in _MET},
        }


def _sum(rows: _Rows) -> dict[str, Any]:
    present = {text: row for text, row in rows.items() if row is not None}
    text = json.dumps(present, sort_keys=True, ensure_ascii=False)
    return {
        "items": len(present),
        "attributes": sum(map(len, present.values())),
        "checksum": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
    }
