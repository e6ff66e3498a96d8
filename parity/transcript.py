"""What one fleet's pass over the suites left behind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["PLAIN_VARIANTS", "TestRecord", "Transcript", "read_transcript"]

PLAIN_VARIANTS = ("", "seeded")
"""Tables that began empty, and tables seeded with old rows; any other variant is a fault."""


@dataclass(frozen=True)
class TestRecord:
    """One test on one variant (empty tables: `""`, `seeded`, or a fault): how its phases ended, its calls and what it left in the tables."""

    __test__ = False

    test: str
    variant: str
    phases: list[list[str]]
    concurrent: bool
    open_outcome: bool
    calls: list[dict[str, Any]]
    tables: Mapping[str, Any]
    cross_read: list[dict[str, Any]]

    @property
    def passed(self) -> bool:
        """Whether every phase passed."""
        return all(outcome == "passed" for _, outcome, _ in self.phases)

    @property
    def is_plain(self) -> bool:
        """Whether it passed on empty tables, call by call, with no fault in its way: so that faults can be planned from it."""
        untroubled = not any(call["injected"] for call in self.calls)
        return not self.variant and not self.concurrent and self.passed and untroubled

    @property
    def failure(self) -> str:
        """The text of the first failure."""
        return next((text for _, outcome, text in self.phases if outcome != "passed"), "")


@dataclass
class Transcript:
    """All tests of one fleet."""

    surface: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tests: dict[tuple[str, str], TestRecord] = field(default_factory=dict)
    strays: Mapping[str, Any] = field(default_factory=dict)
    old_rows: Mapping[str, Any] = field(default_factory=dict)
    not_run: Mapping[str, str] = field(default_factory=dict)
    for_seeds: Sequence[str] = ()
    finished: bool = False

    def add(self, other: Transcript) -> None:
        """Take in a second pass of the same fleet."""
        self.tests.update(other.tests)
        self.strays = {**self.strays, **other.strays}
        self.old_rows = {**self.old_rows, **other.old_rows}
        self.not_run = {**self.not_run, **other.not_run}


def read_transcript(path: Path) -> Transcript:
    """Read a transcript; one that was cut short is not `finished`."""
    found = Transcript()
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        kind = record["kind"]
        if kind == "header":
            found.surface = record["surface"]
        elif kind == "test":
            found.tests[record["test"], record["variant"]] = TestRecord(
                test=record["test"],
                variant=record["variant"],
                phases=record["phases"],
                concurrent=record.get("concurrent", False),
                open_outcome=record.get("open_outcome", False),
                calls=record.get("calls", []),
                tables=record.get("tables", {}),
                cross_read=record.get("cross_read", []),
            )
        else:
            found.strays = record["strays"]
            found.old_rows = record["old_rows"]
            found.not_run = record["not_run"]
            found.for_seeds = record["for_seeds"]
            found.finished = True
    return found
