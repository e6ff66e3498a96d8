"""A report as one HTML file that opens from disk: no script, no network, everything escaped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined

from parity.compare import DIRECTIONS
from parity.config import OBSERVABLES
from parity.report.leaves import printable, side_by_side
from parity.report.model import DifferenceEntry, Report
from parity.report.terminal import VERDICTS

__all__ = ["as_html"]

_SIZES = (150, 50, 15, 5)
_LARGEST_PAGE = 1_000_000
_MOST_FAILURES = 20
_LONGEST_FAILURE = 4000


def as_html(report: Report) -> str:
    """The whole page. Of very many differences it shows the first that fit into a megabyte; the rest is in report.json."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_template),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    template = environment.get_template("report.html")
    page = ""
    for most in _SIZES:
        page = template.render(_content(report, most))
        if len(page) < _LARGEST_PAGE:
            break
    return page


def _content(report: Report, most: int) -> dict[str, object]:
    return {
        "report": report,
        "verdict": VERDICTS[report.verdict],
        "observables": OBSERVABLES,
        "directions": DIRECTIONS,
        "outcomes": _outcomes(report),
        "differences": _grouped(report.differences[:most]),
        "left_out": max(0, len(report.differences) - most),
        "failures": {
            test: text[-_LONGEST_FAILURE:].splitlines() for test, text in list(report.failures.items())[:_MOST_FAILURES]
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
