"""`parity init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from parity.errors import ParityError
from parity.exits import clear_errors
from parity.start.classes import read_pair
from parity.start.project import MODULE, has_module, module_text, suite_file, toml_text
from parity.start.samples import FILL_IN
from parity.start.suite import NOT_COMPARED, suite_text

__all__ = ["init"]


def init(
    control: Annotated[str, typer.Option(help="module:Class of the DAO that is replaced.")],
    candidate: Annotated[str, typer.Option(help="module:Class of the one that replaces it.")],
    entity: Annotated[str | None, typer.Option(help="What they are about. Default: the class's name.")] = None,
    out: Annotated[Path, typer.Option(help="The directory in which both modules can be imported.")] = Path(),
) -> None:
    """Write a parity.toml, a connection and a first suite for two classes.

    No file is ever overwritten. Exit codes: 0 done; 3 a class cannot be imported, or a file is there already.
    """
    with clear_errors():
        sys.path.insert(0, str(out.resolve()))
        pair = read_pair(control, candidate, entity)
        files = {"parity.toml": toml_text(pair), suite_file(pair): suite_text(pair)}
        if has_module(pair):
            files[f"{MODULE}.py"] = module_text(pair)
        _write(out, files)
        console = Console()
        for name, text in files.items():
            found = text.count(FILL_IN)
            console.print(
                f"wrote {out / name}{f', where {found} places say {FILL_IN}' if found else ''}", highlight=False
            )
        for method in pair.methods:
            if method.kind is not None:
                console.print(
                    f"{method.name} is {method.kind}, {NOT_COMPARED}; the suite says {FILL_IN}", highlight=False
                )
        for name in pair.one_sided:
            console.print(
                f"only one of them has the method {name}: parity run will call that a difference of the surface"
            )
        console.print("next: parity run --no-faults", highlight=False)


def _write(out: Path, files: dict[str, str]) -> None:
    """Write all files, or none if one is there already."""
    there = [str(out / name) for name in files if (out / name).exists()]
    if there:
        raise ParityError(
            f"{_already(there)}; nothing is written: remove {'it' if len(there) == 1 else 'them'}, or name another --out"
        )
    for name, text in files.items():
        with (out / name).open("x", encoding="utf-8") as file:
            file.write(text)


def _already(there: list[str]) -> str:
    if len(there) == 1:
        return f"{there[0]} exists already and is left as it is"
    return f"{', '.join(there[:-1])} and {there[-1]} exist already and are left as they are"
