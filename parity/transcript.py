"""What one fleet's pass over the suites left behind.

It stays in its file, a line for each test, and a test's record is read when it is asked for: all of them at once would be gigabytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

__all__ = ["PLAIN_VARIANTS", "TestRecord", "Transcript", "read_transcript"]

PLAIN_VARIANTS = ("", "seeded")
"""Tables that began empty, and tables seeded with old rows; any other variant is a fault."""


Key = tuple[str, str]
"""A test and its variant."""
# How the plugin begins the line of a test: enough to find it by, and all that is read of it then.
_TEST = re.compile(rb'\{("kind": "test", "test": "(?:[^"\\]|\\.)*", "variant": "(?:[^"\\]|\\.)*"), ')


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
    tests: Mapping[Key, TestRecord] = field(default_factory=dict)
    strays: Mapping[str, Any] = field(default_factory=dict)
    old_rows: Mapping[str, Any] = field(default_factory=dict)
    not_run: Mapping[str, str] = field(default_factory=dict)
    for_seeds: Sequence[str] = ()
    finished: bool = False

    def add(self, other: Transcript) -> None:
        """Take in a second pass of the same fleet."""
        self.tests = _Joined(self.tests, other.tests)
        self.strays = {**self.strays, **other.strays}
        self.old_rows = {**self.old_rows, **other.old_rows}
        self.not_run = {**self.not_run, **other.not_run}


class _Joined(Mapping[Key, TestRecord]):
    """The tests of two passes; what both have is the second's."""

    def __init__(self, first: Mapping[Key, TestRecord], second: Mapping[Key, TestRecord]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, key: Key) -> TestRecord:
        return self._second[key] if key in self._second else self._first[key]

    def __contains__(self, key: object) -> bool:
        return key in self._second or key in self._first

    def __iter__(self) -> Iterator[Key]:
        return iter(dict.fromkeys(chain(self._first, self._second)))

    def __len__(self) -> int:
        return len(dict.fromkeys(self))


class _Lines(Mapping[Key, TestRecord]):
    """The tests of a file, by where their lines begin."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begins: dict[Key, int] = {}

    def add(self, key: Key, begin: int) -> None:
        self._begins[key] = begin

    def __getitem__(self, key: Key) -> TestRecord:
        begin = self._begins[key]
        with self._path.open("rb") as file:
            file.seek(begin)
            record = json.loads(file.readline())
        return TestRecord(
            test=record["test"],
            variant=record["variant"],
            phases=record["phases"],
            concurrent=record.get("concurrent", False),
            open_outcome=record.get("open_outcome", False),
            calls=record.get("calls", []),
            tables=record.get("tables", {}),
            cross_read=record.get("cross_read", []),
        )

    def __contains__(self, key: object) -> bool:
        return key in self._begins

    def __iter__(self) -> Iterator[Key]:
        return iter(self._begins)

    def __len__(self) -> int:
        return len(self._begins)


def read_transcript(path: Path) -> Transcript:
    """Read a transcript; one that was cut short is not `finished`. The file must stay while its tests are asked for."""
    tests = _Lines(path)
    found = Transcript(tests=tests)
    if not path.is_file():
        return found
    begin = 0
    with path.open("rb") as file:
        for line in file:
            head = _TEST.match(line)
            record = json.loads(line if head is None else b"{%b}" % head[1])
            if record["kind"] == "test":
                tests.add((record["test"], record["variant"]), begin)
            else:
                _take(found, record)
            begin += len(line)
    return found


def _take(found: Transcript, record: Mapping[str, Any]) -> None:
    if record["kind"] == "header":
        found.surface = record["surface"]
        return
    found.strays = record["strays"]
    found.old_rows = record["old_rows"]
    found.not_run = record["not_run"]
    found.for_seeds = record["for_seeds"]
    found.finished = True
