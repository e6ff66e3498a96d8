"""`parity read-check` and `parity anonymise`."""

from __future__ import annotations

import json
import secrets as random_secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.session import Session
from rich.console import Console
from rich.text import Text

from parity.config import SIDES, Config, Read, load_config
from parity.differ import Rules
from parity.engines import open_engine
from parity.errors import ConfigError
from parity.exits import clear_errors
from parity.loopback import is_loopback
from parity.observer import Observer
from parity.outputs import written_whole
from parity.redaction import Redactor
from parity.report.leaves import lines, printable
from parity.rows.anonymise import Anonymiser, anonymised
from parity.rows.check import Checked, check_rows
from parity.rows.source import SourceRow, file_rows, table_rows
from parity.sides import Connector, SideConnection
from parity.tables import TableSet
from parity.values import Encoder
from parity.wire import Wire, local_session

__all__ = ["anonymise", "read_check"]

_STEP = 100


def read_check(
    files: Annotated[list[Path] | None, typer.Argument(help="Export files, plain or gzip.", metavar="FILE...")] = None,
    table: Annotated[str | None, typer.Option(help="Which table of parity.toml the rows are of.")] = None,
    scan: Annotated[str | None, typer.Option(help="Read this table, by its real name, in place of files.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Where the table to scan is, a URL.")] = None,
    allow_remote: Annotated[bool, typer.Option(help="Let --endpoint be beyond loopback; only Scan is sent.")] = False,
    engine: Annotated[str, typer.Option(help="The local engine on which copies of the rows are read.")] = "moto",
    config: Annotated[Path, typer.Option(help="The project's configuration.")] = Path("parity.toml"),
    listing: Annotated[
        Path | None, typer.Option("--list", help="Write every row that stands out to this file, a JSON line each.")
    ] = None,
) -> None:
    """Let control and candidate read a team's own rows, and tell which rows either cannot read or reads differently.

    Rows are copied to a local engine, a few at a time; nothing is written to where they come from. Which call reads which rows stands in
    parity.toml, under `reads` of an entity.

    Exit codes: 0 both read all rows alike, 1 rows stand out, 3 it could not be judged.
    """
    console = Console()
    checked = Checked()
    with clear_errors(), ExitStack() as stack:
        project = load_config(config)
        project.import_from_root()
        chosen = _table(project, table)
        reads = _reads(project, chosen)
        rows = _rows(files, scan, endpoint, allow_remote=allow_remote, stack=stack)
        inputs = [config, *(files or ())]
        out = stack.enter_context(written_whole(listing, inputs)) if listing is not None else None
        with console.status("starting") as status:
            for row, key, problem in _checking(rows, chosen, project, reads, engine, checked, stack):
                if checked.rows % _STEP == 0:
                    status.update(f"{checked.rows} rows")
                if out is not None:
                    out.write(json.dumps({"row": row.where, "key": json.loads(key), "problem": problem}) + "\n")
        if not checked.rows:
            raise ConfigError("there is no row to read")
        if checked.unread == checked.rows:
            raise ConfigError(
                f"no [[entities.NAME.reads]] in {project.path.name} is for any of the {checked.rows} rows"
            )
        _print(checked, console)
    raise typer.Exit(1 if checked.causes else 0)


def _table(project: Config, table: str | None) -> str:
    names = list(project.definitions())
    if table is None and len(names) == 1:
        return names[0]
    if table not in names:
        told = "which table are the rows of?" if table is None else f"there is no table {table!r}."
        raise ConfigError(f"{told} Say --table {'|'.join(names)}")
    return table


def _reads(project: Config, table: str) -> dict[str, tuple[Read, ...]]:
    reads = {name: entity.reads for name, entity in project.entities.items()}
    if not any(read.table == table for declared in reads.values() for read in declared):
        raise ConfigError(
            f"{project.path.name} does not say how rows of {table} are read: add [[entities.NAME.reads]] with table, call and arguments"
        )
    return reads


def _rows(
    files: list[Path] | None, scan: str | None, endpoint: str | None, *, allow_remote: bool, stack: ExitStack
) -> Iterator[SourceRow]:
    if files and not scan:
        return file_rows(files)
    if not scan or files or endpoint is None:
        raise ConfigError("name export files, or a table with --scan TABLE --endpoint URL")
    if not is_loopback(endpoint) and not allow_remote:
        raise ConfigError(f"{endpoint} is beyond this machine: say --allow-remote if it may be read")
    session = local_session() if is_loopback(endpoint) else Session()
    return table_rows(stack.enter_context(Wire(endpoint, session)), scan)


def _checking(
    rows: Iterator[SourceRow],
    table: str,
    project: Config,
    reads: Mapping[str, tuple[Read, ...]],
    engine: str,
    checked: Checked,
    stack: ExitStack,
) -> Iterator[tuple[SourceRow, str, str]]:
    opened = open_engine(engine)
    stack.callback(opened.stop)
    wire = stack.enter_context(Wire(opened.endpoint, local_session()))
    prefix = f"parity-{random_secrets.token_hex(4)}"
    tables = TableSet(wire, project.definitions(), prefix).create()
    stack.callback(tables.drop)
    observer = Observer(lambda physical: physical)
    observer.start()
    stack.callback(observer.stop)
    connections: dict[str, SideConnection] = {}
    for side in SIDES:
        connections[side] = Connector(project, side, opened.endpoint).open(tables.names, local_session())
        stack.callback(connections[side].close)
    encoder = Encoder(Redactor(project.secrets, random_secrets.token_bytes(16)))
    yield from check_rows(
        rows, table, reads, tables, connections, encoder, observer, Rules(prefix, project.rules), checked
    )


def _print(checked: Checked, console: Console) -> None:
    for cause in sorted(checked.causes.values(), key=lambda cause: -cause.count):
        console.print(
            Text(f"{cause.read}  {printable(cause.problem)}  ({cause.count} x)", style="bold"), soft_wrap=True
        )
        console.print(Text(f"  first      {cause.where}  {printable(cause.key)}"), soft_wrap=True)
        for side, value in (("control", cause.control), ("candidate", cause.candidate)):
            if value is not None:
                console.print(Text(f"  {side:<9}  " + "\n             ".join(lines(value))), soft_wrap=True)
    verdict = "some rows stand out" if checked.causes else "both sides read every row alike"
    console.print(
        Text(f"{checked.rows} rows, {checked.unread} that no declared read is for: {verdict}"), soft_wrap=True
    )


def anonymise(
    files: Annotated[list[Path], typer.Argument(help="Export files, plain or gzip.", metavar="FILE...")],
    out: Annotated[Path | None, typer.Option(help="Where the seeds go. Default: standard output.")] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="An attribute whose values stay, such as a status; may be given again.")
    ] = None,
    word: Annotated[
        list[str] | None, typer.Option(help="A word that stays wherever it stands, such as USER; may be given again.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            envvar="PARITY_ANONYMISE_KEY", help="A secret, to have equal replacements in several runs. Default: random."
        ),
    ] = None,
) -> None:
    """Turn a team's own rows into seeds: other words and digits, but the same types, lengths, digits and spellings.

    Equal values become equal ones, so that keys and references hold. Names of attributes stay, and so do keys of maps that are identifiers, such
    as first_name or alice; other keys of maps, such as ann@example.org, are replaced. Lengths and patterns stay, by intent: judge whether that may
    leave your house.
    Words in the patterns under `reads` of an entity need --word. Exit codes: 0 done, 3 a file cannot be read.
    """
    with clear_errors(), ExitStack() as stack:
        known = key.encode() if key is not None else random_secrets.token_bytes(32)
        anonymiser = Anonymiser(known, keep or (), word or ())
        file: Any = sys.stdout if out is None else stack.enter_context(written_whole(out, files))
        for seed in anonymised(file_rows(files), anonymiser):
            file.write(json.dumps(seed, ensure_ascii=False) + "\n")
