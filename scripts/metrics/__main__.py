"""`make metrics`: what the migration promised, measured."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from parity.config import load_config
from parity.errors import ParityError
from parity.report import read_report
from scripts.metrics.code import ROOT, names_table, size_table, spent_table, types_table
from scripts.metrics.run import methods_table, old_rows_table, run_told
from scripts.metrics.table import Cell, Table

__all__ = ["app"]

app = typer.Typer(add_completion=False)


def mypy_says(root: Path) -> tuple[bool, str]:
    """Whether mypy, as pyproject.toml configures it, finds nothing; and its last line."""
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=root, capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines() or ["mypy said nothing"]
    return done.returncode == 0, lines[-1]


def run_tables(report: Path) -> list[Table]:
    """What a run of parity gives, and what run it was.

    Raises:
        ParityError: the file is no report, or parity.toml cannot be read.
    """
    found = read_report(report)
    told = run_told(found, list(load_config(ROOT / "parity.toml").entities))
    return [replace(table, note=f"{told} {table.note}") for table in (old_rows_table(found), methods_table(found))]


def no_run(report: Path) -> Table:
    """Stands for what no run gave."""
    return Table("Old rows, requests and units", ("what",), [], f"NOT RUN: there is no {report}; make parity writes it")


def store(tables: Sequence[Table], out: Path) -> None:
    """Write the figures as JSON.

    Raises:
        ParityError: the file cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps([table.plain() for table in tables], indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ParityError(f"cannot write {out}: {error.strerror or error}") from error


def print_table(table: Table, console: Console) -> None:
    """A table as text."""
    shown = RichTable(title=table.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(table.columns):
        is_number = any(isinstance(row[at], int | float) for row in table.rows)
        shown.add_column(column, justify="right" if is_number else "left")
    for row in table.rows:
        shown.add_row(*map(_text, row))
    if table.rows:
        console.print(shown)
    console.print(Text(table.note), soft_wrap=True)
    console.print()


def _text(cell: Cell) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


@app.command()
def measure(
    report: Annotated[Path, typer.Option(help="The report.json of a run of parity.")] = Path(
        "build/parity/report.json"
    ),
    out: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = Path("build/metrics.json"),
    types: Annotated[bool, typer.Option(help="Run mypy.")] = True,  # noqa: FBT002 - a flag
) -> None:
    """Print the figures, and store them.

    Exit codes: 0 they are printed, whatever they are; 1 mypy found something, there is no report, or a file cannot be read or written.
    """
    sound, said = mypy_says(ROOT) if types else (True, "NOT RUN: mypy, with --no-types")
    checked = types_table(ROOT)
    console = Console(width=None if sys.stdout.isatty() else 200)
    try:
        tables = [
            names_table(ROOT),
            size_table(ROOT),
            spent_table(ROOT),
            replace(checked, note=f"{checked.note} {said}"),
            *(run_tables(report) if report.exists() else [no_run(report)]),
        ]
        for table in tables:
            print_table(table, console)
        store(tables, out)
    except ParityError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    console.print(f"as JSON in {out}", soft_wrap=True)
    raise typer.Exit(0 if sound and report.exists() else 1)


if __name__ == "__main__":
    app()
