"""The figures that a run of parity gives: what became of old rows, and what each method costs; and what run it was."""

from collections.abc import Mapping, Sequence
from typing import Final

from parity.report.model import OldRows, Report
from scripts.metrics.table import Cell, Table

__all__ = ["methods_table", "old_rows_table", "run_told"]

_COLUMNS: Final = (
    "table",
    "side",
    "items before",
    "after",
    "attributes before",
    "after",
    "checksum before",
    "after",
    "lost",
    "rows changed",
    "deleted",
    "attributes taken out",
    "changed",
)


def run_told(report: Report, entities: Sequence[str]) -> str:
    """What run a report is of, and that it is no full one, if it is not: parity of all these entities, their whole suites, with every fault."""
    every = f"all {len(entities)} entities"
    ran = (
        every
        if set(entities) <= report.entities.keys()
        else f"of {len(entities)} entities {', '.join(report.entities)}"
    )
    _, injected, one_of = report.kind.partition("+faults")
    faults = "no faults" if not injected else f"one fault of {one_of[1:]}" if one_of else "every fault"
    suites = "whole suites" if report.whole else "single tests"
    is_full = (report.verdict, ran, faults, report.whole) == ("parity", every, "every fault", True)
    told = f"verdict {report.verdict}, {ran}, {suites}, {faults}, {report.engine.name} {report.engine.version}."
    return f"{'A full run' if is_full else 'NOT A FULL RUN'}: {told}"


def old_rows_table(report: Report) -> Table:
    """The seeded rows before and after the run, and what the tests' calls did to them."""
    title = "Old rows before and after the run"
    if not report.old_rows:
        return Table(title, _COLUMNS, [], "Promised: none lost. Found: nothing, since no test ran on old rows.")
    rows: list[list[Cell]] = [
        [
            table,
            side,
            found.before.items,
            found.after.items,
            found.before.attributes,
            found.after.attributes,
            found.before.checksum,
            found.after.checksum,
            found.lost_items + found.lost_attributes,
            *_met(found),
        ]
        for table, sides in report.old_rows.items()
        for side, found in sides.items()
    ]
    lost = sum(
        found.lost_items + found.lost_attributes for sides in report.old_rows.values() for found in sides.values()
    )
    beyond = (_beyond(sides) for sides in report.old_rows.values())
    deleted, taken, changed = (sum(figures) for figures in zip(*beyond, strict=True))
    return Table(
        title=title,
        columns=_COLUMNS,
        rows=rows,
        note=f"Promised: none lost. Found: {lost + deleted + taken + changed}: for good {lost}; by calls of the new DAOs, beyond what the archived ones did: "
        f"rows deleted {deleted}, attributes taken out {taken}, changed {changed}. "
        "After is once each test's writes were undone: what calls did stands in the last four columns. docs/metrics.md says more.",
    )


def _met(found: OldRows) -> tuple[int, int, int, int]:
    return found.changed, found.deleted, found.attributes_taken, found.attributes_changed


def _beyond(sides: Mapping[str, OldRows]) -> list[int]:
    """Rows deleted, attributes taken out and changed by the new side more than by the archived one; a row that only got one more lost nothing."""
    old, new = _met(sides["control"]), _met(sides["candidate"])
    return [max(0, theirs - ours) for ours, theirs in zip(old[1:], new[1:], strict=True)]


def methods_table(report: Report) -> Table:
    """Requests and units a call, method by method."""
    rows: list[list[Cell]] = []
    for entity, methods in report.methods.items():
        for method, sides in methods.items():
            if {"control", "candidate"} <= sides.keys():
                old, new = sides["control"], sides["candidate"]
                pairs = (
                    (old.requests, new.requests),
                    (old.read_units, new.read_units),
                    (old.write_units, new.write_units),
                )
                figures = [
                    figure for one, other in pairs for figure in (_each(one, old.calls), _each(other, new.calls))
                ]
                more = "more" if any(other > one for one, other in pairs) else ""
                rows.append([f"{entity}.{method}", old.calls, *figures, more])
    return Table(
        title=f"Requests and units of each call, archived and new, on {report.engine.name} {report.engine.version}",
        columns=("method", "calls", "requests", "new", "read units", "new", "write units", "new", "new needs"),
        rows=rows,
        note="Means over the compared calls on empty tables, refusals and lost races among them.",
    )


def _each(total: float, calls: int) -> float:
    return round(total / calls, 2) if calls else 0.0
