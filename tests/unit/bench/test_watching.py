import sys
from pathlib import Path

import pytest
from botocore.session import Session

from bench.cases import CASES
from bench.server import running
from bench.sides import new_daos
from bench.watching import Watching, peak_megabytes
from common.data import Connection, Settings
from parity.config import load_config
from parity.observer import Observer
from parity.wire import Wire, local_session

ROOT = Path(__file__).resolve().parents[3]
HOLDS = "import hashlib; held = b'x' * 80_000_000; [hashlib.sha256(held) for _ in range(8)]"


def test_what_is_measured_as_watched_is_really_recorded() -> None:
    case = next(case for case in CASES if case.name == "get_balance")
    observer = Observer(lambda physical: physical)
    observer.start()
    session = Session()
    observer.stop()
    session.set_credentials("AKID", "secret")
    with running({case.name: case.answers}) as server, Wire(server.url, local_session()) as wire:
        server.use(case.name)
        watching = Watching.of(load_config(ROOT / "parity.toml"), observer, wire)
        settings = Settings(endpoint_url=server.url, aws_region="eu-central-1")
        with Connection(settings, session=session) as connection, watching.recorder.listening():
            case.call(watching.recorded(new_daos(connection)))
    (call,) = watching.recorder.calls
    assert (call.entity, call.method, call.outcome[0]) == ("balances", "get_balance", "return")
    assert [request["operation"] for request in call.requests] == ["GetItem"]
    assert call.logs


def test_the_memory_of_all_processes_of_a_command_counts() -> None:
    alone = peak_megabytes([sys.executable, "-c", HOLDS])
    twice = f"import subprocess, sys; held = b'x' * 80_000_000; subprocess.run([sys.executable, '-c', {HOLDS!r}], check=True)"
    assert 80 < alone < 150
    assert alone + 70 < peak_megabytes([sys.executable, "-c", twice])


def test_a_command_that_fails_gives_no_figure() -> None:
    with pytest.raises(SystemExit, match="exits with 3"):
        peak_megabytes([sys.executable, "-c", "raise SystemExit(3)"])
