"""A report as a short summary on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from parity.report.leaves import lines
from parity.report.model import DifferenceEntry, Report

__all__ = ["VERDICTS", "print_summary"]

VERDICTS = {
    "parity": "PARITY: the candidate does what the control does",
    "differences": "DIFFERENCES: the candidate is not the control",
    "suite-failed": "SUITE FAILED: the suite's own assertions do not hold",
    "not-judged": "NOT JUDGED: the run could not be judged",
}
"""A line for each verdict."""

_STYLES = {
    "parity": "bold green",
    "differences": "bold red",
    "suite-failed": "bold yellow",
    "not-judged": "bold magenta",
}
_MOST = 20
_MOST_LINES = 8


def print_summary(report: Report, where: str, console: Console) -> None:
    """The verdict, a line an entity, and the differences with how to see each again; `where` is what stands in which place."""
    console.print(Text(VERDICTS[report.verdict], style=_STYLES[report.verdict]))
    for reason in report.reasons:
        console.print(Text(f"- {reason}"), soft_wrap=True)
    console.print(_entities(report))
    for difference in report.differences[:_MOST]:
        _print_difference(difference, console)
    if len(report.differences) > _MOST:
        console.print(f"... and {len(report.differences) - _MOST} more in the report")
    for test, text in list(report.failures.items())[:10]:
        console.print(Text(f"\nfailed: {test}", style="bold"))
        console.print(Text("\n".join(f"  {line}" for line in text.splitlines()[-12:])))
    for gap in report.closed_gaps:
        console.print(Text(f"the gap {gap} has closed: take it out of parity/engines/gaps.py"))
    name, engine_version = report.engine.name, report.engine.version
    if report.not_run:
        console.print(Text(f"not run: {len(report.not_run)} tests that {name} cannot show (the report names them)"))
    console.print(Text(f"{name} {engine_version}, seed {report.seed}, {report.seconds:.1f} s; {where}"), soft_wrap=True)


def _entities(report: Report) -> Table:
    table = Table(
        "entity", "compared calls", "comparisons", "differences", "cross-read", "mixed fleet", box=None, pad_edge=False
    )
    for name, counts in report.entities.items():
        sums = {direction: sum(found.values()) for direction, found in report.cross_read.get(name, {}).items()}
        mixed = sums.pop("mixed", 0)
        numbers = (counts.calls, counts.comparisons, counts.differences, sum(sums.values()), mixed)
        table.add_row(name, *map(str, numbers))
    return table


def _print_difference(difference: DifferenceEntry, console: Console) -> None:
    place = f"{difference.entity}.{difference.method}  {difference.observable}  {difference.path}"
    console.print(Text(f"\n{place}  ({difference.count} x)", style="bold"), soft_wrap=True)
    for side, value in (("control", difference.control), ("candidate", difference.candidate)):
        found = lines(value, difference.path)
        cut = [*found[:_MOST_LINES], "..."] if len(found) > _MOST_LINES else found
        console.print(Text(f"  {side:<9}  " + "\n             ".join(cut)), soft_wrap=True)
    console.print(Text(f"  {difference.rerun}", style="dim"), soft_wrap=True)
