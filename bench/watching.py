"""`python -m bench.watching`: what watching costs a suite: CPU of its calls with the recorder on and off, and memory of a whole run."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from botocore.session import Session

from bench.cases import CASES, Case
from bench.measure import Timing, interleaved, ratio
from bench.rows import without_bcrypt
from bench.server import CannedServer, running
from bench.sides import Daos, archived_daos, new_daos
from common.data import Connection, Settings
from common.data.tables import DEFINITIONS
from parity.clock import Clock
from parity.config import Config, load_config
from parity.faults import Faults
from parity.observer import Observer
from parity.recorder import RecordedDao, Recorder
from parity.redaction import Redactor
from parity.tables import TableSet
from parity.wire import Wire, local_session

__all__ = ["Watching", "peak_megabytes"]

app = typer.Typer(add_completion=False)

_MOST_ADDED: Final = 0.25
_MOST_MEGABYTES: Final = 500.0
# Of which a suite has a few, and this table so many that they would decide the sum.
_LONG: Final = re.compile(r" of 1000?$")
_SIDES: Final[Mapping[str, Callable[[Connection], Daos]]] = {"archived": archived_daos, "new": new_daos}


@dataclass(frozen=True)
class Watching:
    """A connection whose session the observer reaches, and the recorder of its calls. Nothing is read back: no table is ever made."""

    recorder: Recorder
    tables: TableSet

    @classmethod
    def of(cls, config: Config, observer: Observer, wire: Wire) -> "Watching":
        """As a test of the project has it."""
        redactor = Redactor(config.secrets, os.urandom(16))
        recorder = Recorder(observer, redactor, Clock(), Faults(wire), "seed", config.loggers)
        return cls(
            recorder, TableSet(wire, {str(table): definition for table, definition in DEFINITIONS.items()}, "bench")
        )

    def recorded(self, daos: Daos) -> Daos:
        """The same DAOs, recorded."""
        return Daos(
            **{
                field.name: RecordedDao(self.recorder, field.name, self.tables, [getattr(daos, field.name)])
                for field in fields(daos)
            }
        )

    def call(self, case: Case, daos: Daos) -> None:
        """Make a call, and write down what was seen of it, as is done at a test's end."""
        case.call(daos)
        json.dumps([call.plain() for call in self.recorder.calls])
        self.recorder.calls.clear()
        self.recorder.redactor.forget()


def costs(rounds: int) -> dict[str, dict[str, tuple[Timing, Timing]]]:
    """CPU time per call, off and on, by case and side."""
    with running({case.name: case.answers for case in CASES}) as server:
        plain = _session()
        observer = Observer(lambda physical: physical)
        observer.start()
        watched = _session()
        observer.stop()
        with Wire(server.url, local_session()) as wire:
            watching = Watching.of(load_config(Path("parity.toml")), observer, wire)
            settings = Settings(
                endpoint_url=server.url,
                aws_region="eu-central-1",
                users_table=watching.tables.names["users"],
                orders_table=watching.tables.names["orders"],
                inventory_table=watching.tables.names["inventory"],
            )
            with (
                Connection(settings, session=plain) as off,
                Connection(settings, session=watched) as on,
                watching.recorder.listening(),
            ):
                return {case.name: _of_case(server, case, off, on, watching, rounds) for case in CASES}


def _session() -> Session:
    session = Session()
    session.set_credentials("AKID", "secret")
    return session


def _of_case(
    server: CannedServer, case: Case, off: Connection, on: Connection, watching: Watching, rounds: int
) -> dict[str, tuple[Timing, Timing]]:
    server.use(case.name)
    calls: dict[str, Callable[[], object]] = {}
    for side, daos in _SIDES.items():
        calls[f"{side} off"] = partial(case.call, daos(off))
        calls[f"{side} on"] = partial(watching.call, case, watching.recorded(daos(on)))
    timings = interleaved(calls, rounds)
    return {side: (timings[f"{side} off"], timings[f"{side} on"]) for side in _SIDES}


def peak_megabytes(command: list[str]) -> float:
    """The most memory that a command and all processes it started held at one time; a page that n of them share counts 1/n for each."""
    done = threading.Event()
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.1):
                peak = max(peak, sum(map(_proportional_kb, _descendants(process.pid))) / 1024)

        thread = threading.Thread(target=watch)
        thread.start()
        process.wait()
        done.set()
        thread.join()
    if process.returncode != 0:
        raise SystemExit(f"error: {' '.join(command)} exits with {process.returncode}")
    return peak


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        try:
            children = Path(f"/proc/{each}/task/{each}/children").read_text(encoding="ascii")
        except OSError:  # it ended meanwhile
            continue
        found.extend(int(child) for child in children.split())
    return found


def _proportional_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:  # it ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


@app.command()
def watch(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each case.")] = 15,
    memory: Annotated[bool, typer.Option(help="Measure a whole run's memory too, which takes some minutes.")] = True,  # noqa: FBT002 - typer makes an option of it
) -> None:
    """Measure, print, and exit with 1 if a goal is missed."""
    without_bcrypt()
    found = costs(rounds)
    typer.echo(
        f"{'CPU time per call, us':52}{'archived':>10}{'watched':>10}{'added':>8}{'new':>10}{'watched':>10}{'added':>8}"
    )
    for name, sides in found.items():
        typer.echo(f"{name:52}{''.join(_columns(*sides[side]) for side in _SIDES)}")
    added = _added({name: sides for name, sides in found.items() if not _LONG.search(name)})
    reached = [added <= _MOST_ADDED]
    typer.echo(
        f"{_mark(reached[-1])} recording adds {added:.0%} CPU to calls that answer with few rows (at most {_MOST_ADDED:.0%})"
    )
    typer.echo(
        f"     and {_added(found):.0%} to all of these, nearly all of whose time is that of lists of 100 and 1,000 rows"
    )
    if memory:
        with tempfile.TemporaryDirectory(prefix="watching-") as scratch:
            run = [sys.executable, "-m", "parity", "run", "--engine", "auto", "--faults-every", "10", "--out", scratch]
            peak = peak_megabytes(run)
        reached.append(peak <= _MOST_MEGABYTES)
        typer.echo(
            f"{_mark(reached[-1])} all processes of a run of all entities held {peak:.0f} MB (at most {_MOST_MEGABYTES:.0f})"
        )
    raise typer.Exit(0 if all(reached) else 1)


def _columns(off: Timing, on: Timing) -> str:
    return f"{off.median:10.0f}{on.median:10.0f}{ratio(on, off) - 1:8.0%}"


def _added(found: Mapping[str, Mapping[str, tuple[Timing, Timing]]]) -> float:
    """Over some cases and both sides, each case once."""
    pairs = [sides[side] for sides in found.values() for side in _SIDES]
    return sum(on.median for _, on in pairs) / sum(off.median for off, _ in pairs) - 1


def _mark(reached: bool) -> str:  # noqa: FBT001 - the only thing it tells
    return "ok  " if reached else "MISS"


if __name__ == "__main__":
    app()
