"""`make services-unchanged`: proof that over the six cut-overs nothing changed but one line each.

The diff over the range is those lines, and the services' own tests pass, as they are, before the first and after each.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.cut_overs import CutOver, HistoryError, Worktree, end_in_order, entities, find_cut_overs, git, worktree

__all__ = ["app", "check_range"]

app = typer.Typer(add_completion=False)

_TESTS: Final = ("tests/services/test_live.py",)
"""The services' tests that are about what is live."""


def check_range(root: Path, cut_overs: Sequence[CutOver]) -> None:
    """See that the diff from before the first to the last is one line of each `_live` file.

    Raises:
        HistoryError: anything else changed in between.
    """
    changes = git(root, "diff", "--numstat", f"{cut_overs[0].commit}^", cut_overs[-1].commit).splitlines()
    expected = [f"1\t1\t{cut_over.path}" for cut_over in sorted(cut_overs, key=lambda each: each.path)]
    others = [line.rpartition("\t")[2] for line in changes if line not in expected]
    if others:
        raise HistoryError(f"between the cut-overs something else changed: {', '.join(others)}")
    if sorted(changes) != sorted(expected):
        raise HistoryError("the diff over the cut-overs is not one line for each of them")


def _test(tree: Worktree, what: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        *_TESTS,
    ]
    done = subprocess.run(command, cwd=tree.path, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        typer.echo(done.stdout)
        raise HistoryError(f"the services' tests fail {what}")
    typer.echo(f"{what}: {done.stdout.strip().splitlines()[-1]}")


@app.command()
def check(
    tests: Annotated[bool, typer.Option(help="Run the services' tests at each of the seven states.")] = True,  # noqa: FBT002 - a flag
) -> None:
    """Check the cut-overs in the history of HEAD."""
    root = Path.cwd()
    try:
        cut_overs = find_cut_overs(root, entities(root))
        check_range(root, cut_overs)
        typer.echo(f"{len(cut_overs)} cut-overs, one line each, and nothing else between them")
        if tests:
            with worktree(root, f"{cut_overs[0].commit}^") as tree:
                _test(tree, "before the first")
                for cut_over in cut_overs:
                    tree.git("checkout", "--detach", cut_over.commit)
                    _test(tree, f"after {cut_over.entity}")
    except HistoryError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    end_in_order()
    app()
