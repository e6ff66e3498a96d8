"""The figures that a run of parity gives: what became of old rows, and what each method costs."""

from parity.report.model import Report
from scripts.metrics.table import Cell, Table

__all__ = ["methods_table", "old_rows_table"]


def old_rows_table(report: Report) -> Table:
    """The seeded rows before and after the run."""
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
            found.changed,
            found.deleted,
            found.attributes_taken,
        ]
        for table, sides in report.old_rows.items()
        for side, found in sides.items()
    ]
    lost = sum(
        found.lost_items + found.lost_attributes for sides in report.old_rows.values() for found in sides.values()
    )
    return Table(
        title="Old rows before and after the run",
        columns=(
            "table",
            "side",
            "items before",
            "after",
            "attributes before",
            "after",
            "checksum before",
            "after",
            "lost",
            "changed",
            "deleted",
            "taken out",
        ),
        rows=rows,
        note=f"Promised: none lost. Found: {lost}. Changed, deleted: how often a test left an old row so; taken out: attributes that a changed row lacked. "
        "Each test's writes are compared side by side, and undone.",
    )


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
