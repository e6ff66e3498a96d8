"""`make wheel-check`: builds the wheel, installs it into an empty environment, and uses it there, outside the repository, as a team of its own would."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

__all__ = ["app"]

app = typer.Typer(add_completion=False)

# What the example's own DAOs stand on; the wheel has to bring everything else.
_EXAMPLE: Final = Path("examples") / "own_dao"
_PIP: Final = ("-m", "pip", "--quiet", "--disable-pip-version-check")
_PUBLISHED: Final = ("parity/", "dao_parity-")
_DIFFERENCES: Final = 1


class WheelError(Exception):
    """The wheel is not what it should be."""


@app.command()
def check() -> None:
    """Build, install and use the wheel."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="wheel-check-") as scratch:
        try:
            _check(root, Path(scratch))
        except WheelError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None


def _check(root: Path, scratch: Path) -> None:
    wheel = _build(root, scratch / "wheel")
    _see_what_is_in(wheel)
    typer.echo(f"built {wheel.name}, {wheel.stat().st_size // 1024} KB")

    python = scratch / "venv" / "bin" / "python"
    _run([sys.executable, "-m", "venv", str(scratch / "venv")], scratch)
    _run([str(python), *_PIP, "install", str(wheel), "-r", str(root / _EXAMPLE / "requirements.txt")], scratch)
    typer.echo("installed it into an empty environment")

    project = scratch / "project"
    shutil.copytree(root / _EXAMPLE / "library", project / "library", ignore=shutil.ignore_patterns("__pycache__"))
    parity = str(python.with_name("parity"))
    if "read-check" not in _run([parity, "--help"], project):
        raise WheelError("parity --help does not list its commands")
    classes = ["--control", "library.boto3_loans:LoanDAO", "--candidate"]
    _run([parity, "init", *classes, "library.pynamodb_loans:LoanDAO"], project)
    typer.echo("parity init wrote a project")
    found = _run([parity, "run", "--no-faults"], project, exits=_DIFFERENCES)
    if "loans.remark" not in found:
        raise WheelError(f"parity run did not find the difference in loans.remark:\n{found}")
    mended = ["--entity", "loan", "--candidate", "library.mended_loans:LoanDAO"]
    _run([parity, "run", "--no-faults", *mended], project)
    typer.echo("parity run on moto found the differences of the flawed port, and none in the mended one")
    _run([str(python), "-m", "pytest", "-q"], project)
    typer.echo("the plugin gives its fixtures under plain pytest")


def _build(root: Path, into: Path) -> Path:
    """Of a copy of what is published, so that nothing of an earlier build gets in."""
    source = into / "source"
    source.mkdir(parents=True)
    shutil.copytree(root / "parity", source / "parity", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(root / name, source)
    _run([sys.executable, *_PIP, "wheel", "--no-deps", "--wheel-dir", str(into), str(source)], into)
    (wheel,) = into.glob("dao_parity-*.whl")
    return wheel


def _see_what_is_in(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    strange = [name for name in names if not name.startswith(_PUBLISHED)]
    if strange:
        raise WheelError(f"{strange[0]} is in the wheel, which holds the harness alone")
    for needed in ("parity/py.typed", "parity/report/report.html", "parity/report/report.schema.json"):
        if needed not in names:
            raise WheelError(f"{needed} is not in the wheel")


def _run(command: Sequence[str], directory: Path, *, exits: int = 0) -> str:
    """What a command prints, with nothing of this environment's Python in its own.

    Raises:
        WheelError: it ends otherwise than by `exits`.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command,
        cwd=directory,
        env={**kept, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != exits:
        raise WheelError(f"{' '.join(command)} exits with {done.returncode}, not {exits}:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    app()
