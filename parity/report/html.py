"""A report as one HTML file that opens from disk: no script, no network, everything escaped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from parity.compare import DIRECTIONS
from parity.config import OBSERVABLES
from parity.report.leaves import printable, side_by_side
from parity.report.model import DifferenceEntry, Report
from parity.report.terminal import VERDICTS

__all__ = ["as_html"]

_LARGEST_PAGE = 1_000_000
_MOST_FAILURES = 20


@dataclass(frozen=True)
class _Size:
    """How much a page shows: differences, entries of each list, and characters of a text."""

    differences: int
    entries: int
    characters: int

    def shown(self, entries: Iterable[Any]) -> list[Any]:
        """The first entries of a list."""
        return list(islice(entries, self.entries))

    def text(self, text: str) -> str:
        """The printable form of a text, or of its beginning."""
        cut = printable(text[: self.characters])
        return cut if len(text) <= self.characters else f"{cut}... and more in report.json"


_SIZES = (_Size(150, 1000, 4000), _Size(50, 300, 2000), _Size(15, 60, 1000), _Size(5, 5, 200))


def as_html(report: Report) -> str:
    """The whole page. Of very long lists and texts it shows the first that fit into a megabyte; the rest is in report.json."""
    page = ""
    for size in _SIZES:
        page = _environment(size).get_template("report.html").render(_content(report, size))
        if len(page.encode()) < _LARGEST_PAGE:
            break
    return page


def _environment(size: _Size) -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_template),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: size.text(value) if type(value) is str else value,
    )
    environment.filters["shown"] = size.shown
    environment.filters["left"] = lambda entries: max(0, len(entries) - size.entries)
    return environment


def _content(report: Report, size: _Size) -> dict[str, object]:
    return {
        "report": report,
        "verdict": VERDICTS[report.verdict],
        "observables": OBSERVABLES,
        "directions": DIRECTIONS,
        "outcomes": _outcomes(report),
        "differences": _grouped(report.differences[: size.differences]),
        "left_out": max(0, len(report.differences) - size.differences),
        "failures": {
            test: text[-size.characters :].splitlines() for test, text in list(report.failures.items())[:_MOST_FAILURES]
        },
        "not_run": _by_reason(report),
        "side_by_side": side_by_side,
    }


def _template(name: str) -> str:
    return resources.files("parity.report").joinpath(name).read_text(encoding="utf-8")


def _outcomes(report: Report) -> dict[str, list[str]]:
    """The outcomes of each entity, in the order in which its methods declare them."""
    return {
        entity: list(dict.fromkeys(outcome for seen in methods.values() for outcome in seen))
        for entity, methods in report.coverage.items()
    }


def _grouped(differences: Sequence[DifferenceEntry]) -> dict[tuple[str, str, str], list[DifferenceEntry]]:
    """Differences by entity, method and observable."""
    groups: dict[tuple[str, str, str], list[DifferenceEntry]] = defaultdict(list)
    for difference in differences:
        groups[difference.entity, difference.method, difference.observable].append(difference)
    return groups


def _by_reason(report: Report) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for test, reason in report.not_run.items():
        groups[reason].append(test)
    return groups
