"""`python -m scripts.documents FILE...`: runs the commands that Markdown documents show, and checks what they say about them.

A block fenced as `sh` holds commands, a line each (a backslash goes on). They run one after the other from the directory in which this was started,
each document in a shell of its own that keeps its directory and exported variables from one command to the next. A command has to succeed, unless a
comment at its end says otherwise: `# exits with 1`. A block fenced as `text` right after says what the commands before it print: its lines, in this
order, blanks aside; `...` stands for anything, in a line or for lines. A block fenced as `sh not-run: REASON` is shown and not run.

Exit codes: 0 all is as the documents say, 1 it is not, 2 a document cannot be read or shows no command.
"""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_FENCE: Final = re.compile(r"^ {0,3}```(?P<info>.*)$")
_EXITS: Final = re.compile(r"#\s*exits with (?P<code>\d+)\s*$")
_NOT_RUN: Final = "sh not-run:"
_LONGEST_SECONDS: Final = 1800
_TIMED_OUT: Final = 124
# The state of a shell goes to the next by way of two files.
_SHELL: Final = """
cd "$(cat "$1/directory")" || exit 125
[ ! -f "$1/variables" ] || . "$1/variables"
{command}
status=$?
pwd > "$1/directory"
export -p > "$1/variables"
exit "$status"
"""


class DocumentError(Exception):
    """What a document says is not so, or the document says nothing."""


@dataclass(frozen=True)
class Command:
    """A command, where it stands, and how it has to end."""

    line: int
    text: str
    exit_code: int = 0


@dataclass
class Step:
    """The commands of a block, and what the block after it says they print."""

    commands: list[Command]
    output: list[str] = field(default_factory=list)
    output_line: int = 0


@dataclass
class Document:
    """What a document shows: steps to run, and blocks that are not run, each with its reason."""

    path: Path
    steps: list[Step] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)


def read_document(path: Path) -> Document:
    """Take the commands out of a document.

    Raises:
        DocumentError: it cannot be read, has no end to a block, or shows no command.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot read {path}: {error}") from error
    document = Document(path)
    previous = ""
    for line, info, block in _blocks(path, text.splitlines()):
        if info == "sh":
            document.steps.append(Step(list(_commands(line, block))))
        elif info.startswith("sh"):
            reason = info.removeprefix(_NOT_RUN).strip()
            if not info.startswith(_NOT_RUN) or not reason:
                raise DocumentError(f"{path}:{line}: say `sh`, or `{_NOT_RUN} REASON`, and not `{info}`")
            document.not_run.append(f"{path}:{line}: not run: {reason}")
        elif info == "text" and previous == "sh":
            document.steps[-1].output, document.steps[-1].output_line = block, line
        previous = info
    if not document.steps and not document.not_run:
        raise DocumentError(f"{path} shows no command: fence them as `sh`")
    return document


def _blocks(path: Path, lines: Sequence[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Number of the first line, info string and lines of each fenced block."""
    start, info, block = 0, "", list[str]()
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence is None:
            if start:
                block.append(line)
        elif not start:
            start, info, block = number + 1, fence["info"].strip(), []
        else:
            yield start, info, block
            start = 0
    if start:
        raise DocumentError(f"{path}:{start}: this block has no end")


def _commands(start: int, block: Sequence[str]) -> Iterator[Command]:
    text, first = "", 0
    for number, line in enumerate(block, start):
        first = first if text else number
        text += line.strip()
        if text.endswith("\\"):
            text = text[:-1]
        elif text and not text.startswith("#"):
            exits = _EXITS.search(text)
            yield Command(first, text, int(exits["code"]) if exits else 0)
            text = ""
        else:
            text = ""


def check(document: Document) -> Iterator[str]:
    """Run a document's commands; gives a line for each command that did as the document says.

    Raises:
        DocumentError: one did not.
    """
    with tempfile.TemporaryDirectory(prefix="document-") as state:
        (Path(state) / "directory").write_text(str(Path.cwd()), encoding="utf-8")
        for step in document.steps:
            printed = ""
            for command in step.commands:
                where = f"{document.path}:{command.line}"
                code, output = _run(command.text, state)
                if code != command.exit_code:
                    raise DocumentError(
                        f"{where}: {command.text}\n  exits with {code}, not {command.exit_code}; it printed:\n{output}"
                    )
                printed += output
                yield f"{where}: {command.text}"
            missing = _missing(step.output, printed)
            if missing is not None:
                raise DocumentError(
                    f"{document.path}:{step.output_line + missing}: not printed: {step.output[missing]}\n  but:\n{printed}"
                )
    yield from document.not_run


def _run(command: str, state: str) -> tuple[int, str]:
    process = subprocess.Popen(
        ["/bin/bash", "-c", _SHELL.format(command=command), "bash", state],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    try:
        output, _ = process.communicate(timeout=_LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        return _TIMED_OUT, f"{_ended(process)}\nnot done after {_LONGEST_SECONDS} s"
    except BaseException:
        _ended(process)
        raise
    return process.returncode, output


def _ended(process: "subprocess.Popen[str]") -> str:
    """End a command with all that it started; gives what it printed."""
    os.killpg(process.pid, signal.SIGTERM)
    return process.communicate()[0]


def _missing(wanted: Sequence[str], printed: str) -> int | None:
    """Which line of what a document says was not printed after those before it."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for at, line in enumerate(wanted):
        words = " ".join(line.split())
        if words in {"", "..."}:
            continue
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in words.split("...")))
        if not any(pattern.search(found) for found in lines):
            return at
    return None


@app.command()
def documents(files: Annotated[list[Path], typer.Argument(help="Markdown documents.", metavar="FILE...")]) -> None:
    """Run the commands that documents show, and check what they say about them."""
    try:
        read = [read_document(path) for path in files]
    except DocumentError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    for document in read:
        try:
            for line in check(document):
                typer.echo(line)
        except DocumentError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
