"""Engines, as they really start, answer and stop."""

import os
import select
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from parity.engines import (
    FEATURES,
    GAPS,
    Engine,
    EngineError,
    Gap,
    engine_lacks,
    gaps_of,
    installed_engines,
    open_engine,
)
from parity.engines.base import free_port
from parity.engines.local import DynamoDBLocal, Dynoxide
from parity.engines.probes import Scratch
from parity.engines.process import ProcessEngine
from parity.wire import Wire, WireUnreachableError

INSTALLED = tuple(installed_engines())
PROCESSES: dict[str, Callable[..., ProcessEngine]] = {"dynoxide": Dynoxide, "dynamodb-local": DynamoDBLocal}
INSTALLED_PROCESSES = tuple(name for name in INSTALLED if name in PROCESSES)
DEFINITION = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def tables(engine: Engine) -> list[str]:
    with Wire(engine.endpoint, engine.session()) as wire:
        names: list[str] = wire.call("ListTables", {})["TableNames"]
        return names


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def running() -> Iterator[Callable[[str], Engine]]:
    started: dict[str, Engine] = {}

    def engine(name: str) -> Engine:
        if name not in started:
            started[name] = open_engine(name)
        return started[name]

    yield engine
    for each in started.values():
        each.stop()


@pytest.mark.parametrize("name", INSTALLED)
def test_a_started_engine_is_empty_and_knows_its_version(name: str, running: Callable[[str], Engine]) -> None:
    engine = running(name)
    assert engine.name == name
    assert engine.endpoint.startswith("http://127.0.0.1:")
    assert engine.version[0].isdigit()
    assert not [table for table in tables(engine) if table.startswith("parity-ready")]


@pytest.mark.parametrize("name", INSTALLED)
def test_two_engines_side_by_side_share_nothing(name: str, running: Callable[[str], Engine]) -> None:
    first = running(name)
    with open_engine(name) as second, Wire(second.endpoint, second.session()) as wire:
        wire.create_table("only-here", DEFINITION)
        assert tables(second) == ["only-here"]
        assert "only-here" not in tables(first)


@pytest.mark.parametrize("name", INSTALLED)
def test_a_stopped_engine_no_longer_answers_and_may_be_stopped_again(name: str) -> None:
    engine = open_engine(name)
    endpoint, session = engine.endpoint, engine.session()
    engine.stop()
    engine.stop()
    with Wire(endpoint, session) as wire, pytest.raises(WireUnreachableError):
        wire.call("ListTables", {})
    with pytest.raises(EngineError, match="not started"):
        _ = engine.endpoint


def test_a_moto_engine_started_anew_has_forgotten_its_tables() -> None:
    engine = open_engine("moto")
    with Wire(engine.endpoint, engine.session()) as wire:
        wire.create_table("gone", DEFINITION)
    engine.stop()
    with engine.start():
        assert tables(engine) == []


@pytest.mark.parametrize("name", INSTALLED_PROCESSES)
def test_stop_leaves_no_process_and_no_log(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with PROCESSES[name]().start() as engine:
        assert isinstance(engine, ProcessEngine)
        pid = engine.pid
        assert pid is not None
        assert is_running(pid)
        assert list(tmp_path.iterdir()) != []
    assert not is_running(pid)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", INSTALLED_PROCESSES)
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT], ids=lambda each: signal.Signals(each).name
)
def test_a_parent_that_dies_takes_its_engine_along(name: str, number: signal.Signals) -> None:
    script = (
        "import sys; from parity.engines import open_engine\n"
        f"with open_engine({name!r}) as engine:\n"
        "    print(engine.pid, engine.endpoint, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        assert is_running(pid)
        os.kill(parent.pid, number)
        parent.wait(30)
        wait_until_gone(pid)


def wait_until_gone(pid: int) -> None:
    """Wait for the end of a process that is no child of this one."""
    if is_running(pid):
        handle = os.pidfd_open(pid)
        ready, _, _ = select.select([handle], [], [], 30)
        os.close(handle)
        assert ready, f"process {pid} is still there"


@pytest.mark.parametrize("name", INSTALLED_PROCESSES)
def test_a_port_taken_meanwhile_is_passed_over(name: str, taken_port: int) -> None:
    ports = iter([taken_port, free_port()])
    with PROCESSES[name](choose_port=lambda: next(ports)).start() as engine:
        assert not engine.endpoint.endswith(f":{taken_port}")


@pytest.mark.parametrize("name", INSTALLED_PROCESSES)
def test_a_port_taken_while_the_engine_starts_is_passed_over(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as thief:
        engine = PROCESSES[name]()
        command_of = engine.command

        def steal_the_first(port: int) -> Sequence[str]:
            if thief.getsockname()[1] == 0:
                thief.bind(("127.0.0.1", port))
                thief.listen(0)
            return command_of(port)

        monkeypatch.setattr(engine, "command", steal_the_first)
        with engine.start():
            assert not engine.endpoint.endswith(f":{thief.getsockname()[1]}")


@pytest.mark.parametrize("name", INSTALLED_PROCESSES)
def test_a_port_that_stays_taken_is_an_error(name: str, taken_port: int) -> None:
    engine = PROCESSES[name](choose_port=lambda: taken_port)
    with pytest.raises(EngineError, match="no free port"):
        engine.start()
    assert engine.pid is None


def test_a_missing_binary_is_told_with_what_to_do(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "PARITY_CACHE": str(tmp_path)}
    with pytest.raises(EngineError, match="run 'make engines'"):
        open_engine("dynoxide", environ=environ)
    with pytest.raises(EngineError, match="run 'make engines'"):
        open_engine("dynamodb-local", environ=environ)
    assert list(installed_engines(environ)) == ["moto"]


def test_a_setting_that_names_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="DYNOXIDE_BIN names no program"):
        open_engine("dynoxide", environ={"DYNOXIDE_BIN": str(tmp_path / "nothing")})
    with pytest.raises(EngineError, match="DYNAMODB_LOCAL_HOME holds no DynamoDBLocal jar"):
        open_engine("dynamodb-local", environ={"DYNAMODB_LOCAL_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2", "is Java 11; DynamoDB Local needs Java 17"),
        ("echo 'java version \"1.8.0_392\"' >&2", "is Java 8; DynamoDB Local needs Java 17"),
        ("echo 'no java here' >&2; exit 1", "says no version but: no java here"),
    ],
)
def test_a_java_that_will_not_do_is_told(tmp_path: Path, script: str, told: str) -> None:
    (tmp_path / "DynamoDBLocal-3.1.0.jar").touch()
    program(tmp_path / "java", script)
    with pytest.raises(EngineError, match=told):
        open_engine("dynamodb-local", environ={"DYNAMODB_LOCAL_HOME": str(tmp_path), "PATH": str(tmp_path)})


def test_a_missing_java_is_told(tmp_path: Path) -> None:
    (tmp_path / "DynamoDBLocal-3.1.0.jar").touch()
    with pytest.raises(EngineError, match="there is no java on the PATH"):
        open_engine("dynamodb-local", environ={"DYNAMODB_LOCAL_HOME": str(tmp_path), "PATH": str(tmp_path)})


def test_an_engine_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    script = 'case "$1" in --version) echo dynoxide 9.9.9;; *) echo the disk is on fire; exit 7;; esac'
    binary = program(tmp_path / "dynoxide", script)
    with pytest.raises(EngineError) as caught:
        open_engine("dynoxide", environ={"DYNOXIDE_BIN": str(binary), "PATH": os.environ["PATH"]})
    first, *rest = str(caught.value).splitlines()
    assert "ended at once with status 7" in first
    assert rest == ["the disk is on fire"]


def test_no_container_engine_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(EngineError) as caught:
        open_engine("docker")
    assert str(caught.value).startswith("there is no container engine")
    assert "\n" not in str(caught.value)


def test_an_unknown_engine_is_told_with_those_there_are() -> None:
    with pytest.raises(EngineError, match="no engine 'oracle'; choose one of moto, dynoxide"):
        open_engine("oracle")


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:8000",
        "https://dynamodb.us-east-1.amazonaws.com",
        "http://localhost.example.com:8000",
        "http://0.0.0.0:8000",
        "http://[2001:db8::1]:8000",
    ],
)
@pytest.mark.parametrize(("allow_remote", "table_prefix"), [(False, None), (True, None), (False, "mine-"), (True, "")])
def test_an_endpoint_beyond_this_machine_is_refused(url: str, allow_remote: bool, table_prefix: str | None) -> None:  # noqa: FBT001 - a parameter of the test
    with pytest.raises(EngineError, match="is not this machine; give --allow-remote and --table-prefix"):
        open_engine(url, allow_remote=allow_remote, table_prefix=table_prefix)


@pytest.mark.parametrize(
    "url", ["http://", "http://127.0.0.1:port", "http://u:secret@127.0.0.1", "http://127.0.0.1/?a=b"]
)
def test_a_url_that_is_no_endpoint_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(EngineError, match="is no endpoint") as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_an_endpoint_on_this_machine_is_used_and_left_running(running: Callable[[str], Engine]) -> None:
    moto = running("moto")
    with open_engine(moto.endpoint, table_prefix="mine-") as engine:
        assert (engine.name, engine.endpoint, engine.table_prefix) == ("endpoint", moto.endpoint, "mine-")
    assert isinstance(tables(moto), list)


def test_an_endpoint_where_nothing_listens_is_an_error() -> None:
    with pytest.raises(EngineError, match="nothing answers at"):
        open_engine(f"http://127.0.0.1:{free_port()}")


def test_auto_takes_what_is_there_and_says_what_it_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    said: list[str] = []
    with open_engine("auto", environ={"PARITY_CACHE": str(tmp_path)}, reporter=said.append) as engine:
        assert engine.name == "moto"
        assert [line.partition(":")[0] for line in said] == ["dynoxide", "dynamodb-local", "docker", "engine"]
        assert said[-1] == f"engine: {engine}"


@pytest.mark.parametrize("name", INSTALLED_PROCESSES[:1])
def test_auto_takes_the_best_there_is(name: str) -> None:
    with open_engine("auto") as engine:
        assert engine.name == name


@pytest.mark.parametrize("gap", [gap for gap in GAPS if gap.engine in INSTALLED], ids=lambda gap: gap.id)
def test_each_gap_still_holds(gap: Gap, running: Callable[[str], Engine]) -> None:
    engine = running(gap.engine)
    with Wire(engine.endpoint, engine.session()) as wire, Scratch(wire) as scratch:
        assert gap.probe(scratch), f"{engine} no longer does this: {gap.what}"


@pytest.mark.parametrize("name", INSTALLED)
def test_an_engine_has_what_its_table_does_not_say_it_lacks(name: str, running: Callable[[str], Engine]) -> None:
    engine = running(name)
    for feature in FEATURES:
        if engine_lacks(name, feature):
            continue
        for probe in {gap.probe for gap in GAPS if gap.feature == feature}:
            with Wire(engine.endpoint, engine.session()) as wire, Scratch(wire) as scratch:
                assert not probe(scratch), f"{engine} lacks {feature}: {probe.__doc__}"


def test_gaps_are_named_once_and_each_feature_is_explained() -> None:
    assert len({gap.id for gap in GAPS}) == len(GAPS)
    assert {gap.feature for gap in GAPS} == set(FEATURES)


def test_a_container_lacks_what_dynamodb_local_lacks() -> None:
    assert gaps_of("docker") == gaps_of("dynamodb-local") != ()
    assert engine_lacks("moto", "transactions-atomic")
    assert not engine_lacks("docker", "transactions-atomic")


def test_a_feature_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="no feature 'speed'"):
        engine_lacks("moto", "speed")
