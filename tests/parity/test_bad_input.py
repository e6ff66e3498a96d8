"""What is wrong is told in one clear message with exit code 3, and nothing of a run stays behind: no table, no process, no file."""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parity.engines import Engine, open_engine
from parity.errors import ParityError
from parity.tables import TableSet
from parity.wire import Wire, local_session

from .harness import NOTES, ROOT, Result, parity_run

MARK = "PARITY_TEST_MARK"
RUN = [sys.executable, "-m", "parity", "run", "--engine"]
DEFINITION = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def engine() -> Iterator[Engine]:
    with open_engine("moto") as engine:
        yield engine


def tables(engine: Engine) -> list[str]:
    with Wire(engine.endpoint, local_session()) as wire:
        names: list[str] = wire.call("ListTables", {})["TableNames"]
        return names


def run(project: Path, *arguments: str) -> Result:
    return parity_run(project / "out", "--no-faults", *arguments, cwd=project)


def replace(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def toml(old: str, new: str) -> Callable[[Path], None]:
    return lambda project: replace(project, "parity.toml", old, new)


def code(old: str, new: str) -> Callable[[Path], None]:
    return lambda project: replace(project, "notes.py", old, new)


CONFIGURATION: dict[str, tuple[Callable[[Path], None], str]] = {
    "broken syntax": (toml("[entities.note]", "[entities.note"), "at line 5, column 15"),
    "unknown key": (toml("secrets", "sekrets"), "the top level has an unknown key 'sekrets'; known are: connect, "),
    "unknown key of an entity": (toml("contract =", "kontract ="), "[entities.note] has an unknown key 'kontract'"),
    "wrong type": (toml('"notes:connect"', "7"), "the top level needs 'connect', a text"),
    "wrong type of a list": (
        toml('["test_notes.py"]', "[1]"),
        "[entities.note] needs 'suite', a text or a list of texts",
    ),
    "missing key": (toml('control = "notes:NoteDAO"\n', ""), "[entities.note] needs 'control', a text"),
    "an entity that is none": (
        toml("[entities.note]", "[entities]\nother = 3\n[entities.note]"),
        "[entities.other] is no table",
    ),
    "seeds that are none": (
        toml("[entities.note.seeds]", "[entities.note.seeds.x]"),
        "[entities.note] seeds needs 'x'",
    ),
    "seeds of no table": (
        toml('notes = ["notes.jsonl"]', 'nodes = ["notes.jsonl"]'),
        "has seeds for a table 'nodes', which is not among: notes",
    ),
    "a missing seed file": (toml("notes.jsonl", "gone.jsonl"), "cannot read the seeds"),
    "no such contract": (toml("NoteDAOProtocol", "Gone"), "notes has no Gone"),
    "tables that are none": (toml('"notes:TABLES"', '"notes:connect"'), "is no mapping of table names"),
    "a table that is no definition": (code('"KeySchema"', '"KeySkema"'), "notes in notes:TABLES has no 'KeySchema'"),
    "a module that breaks": (
        code("import logging\n", "import logging\n1 / 0\n"),
        "cannot import notes: ZeroDivisionError",
    ),
    "a connection that cannot be made": (
        code("resource = boto3", "1 / 0\n    resource = boto3"),
        "connect = 'notes:connect' cannot be made: ZeroDivisionError",
    ),
    "a DAO that cannot be made": (
        code("self._table = connection", "1 / 0"),
        " of note cannot be made: ZeroDivisionError",
    ),
    "a table without a hash key": (
        code('"KeyType": "HASH"', '"KeyType": "RANGE"'),
        "notes in notes:TABLES has no 'KeySchema' with a HASH key",
    ),
    "a suite with an error in it": (
        lambda project: replace(project, "test_notes.py", "import pytest", "import gone"),
        "No module named 'gone'",
    ),
}


@pytest.mark.parametrize("case", CONFIGURATION)
def test_a_project_that_is_wrong_is_told_where_and_leaves_no_table(project: Path, engine: Engine, case: str) -> None:
    spoil, told = CONFIGURATION[case]
    spoil(project)
    result = run(project, "--engine", engine.endpoint)
    assert result.exit_code == 3, result.output
    assert told in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert tables(engine) == []


def test_a_broken_suite_is_told_once(project: Path) -> None:
    replace(project, "test_notes.py", "import pytest", "import gone")
    assert run(project).output.count("No module named 'gone'") == 1


def test_a_report_that_may_not_be_written_is_told_before_the_run(project: Path) -> None:
    (project / "out").write_text("a file", encoding="utf-8")
    result = run(project)
    assert result.exit_code == 3
    assert "cannot write the report to" in result.output


def test_candidates_with_other_signatures_differ_in_their_surface(project: Path) -> None:
    (project / "other.py").write_text(
        "from notes import NoteDAO\n\nclass Other(NoteDAO):\n    def discard(self, id: str, *, hard: bool) -> bool:\n"
        "        return super().discard(id)\n",
        encoding="utf-8",
    )
    result = run(project, "--entity", "note", "--candidate", "other:Other")
    assert result.exit_code == 1, result.output
    assert ("discard", "surface", "signature") in result.places()


def test_a_table_that_is_there_already_is_left_as_it_is_and_the_others_are_dropped(engine: Engine) -> None:
    with Wire(engine.endpoint, local_session()) as wire:
        wire.create_table("team-second", DEFINITION)
        wire.put_items("team-second", [{"id": {"S": "precious"}}])
        wanted = TableSet(wire, {"first": DEFINITION, "second": DEFINITION}, "team")
        with pytest.raises(ParityError, match="there is a table team-second already; it is left as it is"):
            wanted.create()
        assert tables(engine) == ["team-second"]
        assert wire.scan("team-second") == [{"id": {"S": "precious"}}]


WAITS = """
def test_waits(note_dao: Any, ids: Any) -> None:
    import signal
    from pathlib import Path
    note_dao.add(ids.name("note"), "hello", Decimal(3))
    Path("here").write_text("it runs")
    signal.pause()
"""


def alive(mark: str) -> list[str]:
    """The command lines of processes that have a mark in their environment."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it ended meanwhile, or is another user's
            continue
    return found


@contextmanager
def running(project: Path, text: str, *command: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command on a suite with an addition that tells that it runs, and the mark in the environment of all its processes."""
    suite = project / "test_notes.py"
    suite.write_text(f"{suite.read_text(encoding='utf-8')}{text}", encoding="utf-8")
    os.mkfifo(project / "here")
    mark = uuid.uuid4().hex
    with subprocess.Popen(
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), MARK: mark, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert (project / "here").read_text(encoding="utf-8").startswith("it runs")
        yield process, mark


def ended(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """What a process says that is signalled, to its end."""
    assert process.stdout is not None
    process.send_signal(number)
    return process.stdout.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: signal.Signals(each).name)
@pytest.mark.parametrize("local", [True, False], ids=["engine of its own", "endpoint"])
def test_an_interrupted_run_leaves_no_table_and_no_process(
    project: Path, tmp_path: Path, engine: Engine, number: signal.Signals, *, local: bool
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [*RUN, "auto" if local else engine.endpoint]
    with running(project, WAITS, *command, TMPDIR=str(scratch)) as (process, mark):
        assert len(alive(mark)) >= 3
        assert local or tables(engine)
        output = ended(process, number)
    assert process.returncode == 3, output
    assert "interrupted; the tables are dropped and the engine is stopped" in output
    assert "Traceback" not in output
    assert alive(mark) == []
    assert tables(engine) == []
    assert list(scratch.iterdir()) == []


def test_a_run_in_a_shells_background_where_ctrl_c_is_ignored_ends_in_order(project: Path, engine: Engine) -> None:
    command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *RUN, engine.endpoint]
    with running(project, WAITS, *command) as (process, mark):
        output = ended(process, signal.SIGTERM)
    assert process.returncode == 3, output
    assert alive(mark) == []
    assert tables(engine) == []


HANGS = """
import signal
from pathlib import Path
Path("here").write_text("it runs")
signal.pause()
"""


@pytest.mark.parametrize("text", [WAITS, HANGS], ids=["in a test", "while a suite is imported"])
def test_what_a_killed_run_started_ends_by_itself_and_drops_its_tables(
    project: Path, engine: Engine, text: str
) -> None:
    with running(project, text, *RUN, engine.endpoint) as (process, mark):
        process.kill()
    for _ in range(300):
        if not alive(mark):
            break
        time.sleep(0.1)
    assert alive(mark) == []
    assert tables(engine) == []


def test_a_suite_that_hangs_while_it_is_imported_can_be_interrupted(project: Path, engine: Engine) -> None:
    with running(project, HANGS, *RUN, engine.endpoint) as (process, mark):
        output = ended(process, signal.SIGINT)
    assert process.returncode == 3, output
    assert "interrupted" in output
    assert alive(mark) == []


@pytest.mark.parametrize("test", [True, False], ids=["in a test", "while a suite is imported"])
def test_a_side_whose_process_is_killed_is_told(project: Path, *, test: bool) -> None:
    suite = project / "test_notes.py"
    end = "import os\n{}os.kill(os.getpid(), 9)\n"
    text = f"def test_ends(note_dao: Any) -> None:\n    {end.format('    ')}" if test else end.format("")
    suite.write_text(f"{suite.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
    result = run(project)
    assert result.exit_code == 3, result.output
    assert (
        "the control's process" if test else "the process that starts the sides"
    ) + " ended with -9" in result.output
    assert "Traceback" not in result.output


INTERRUPTED_EARLY = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_sessionstart():
    raise KeyboardInterrupt
"""


def test_a_side_that_is_interrupted_before_its_session_has_begun_leaves_no_table(project: Path, engine: Engine) -> None:
    (project / "conftest.py").write_text(INTERRUPTED_EARLY, encoding="utf-8")
    result = run(project, "--engine", engine.endpoint)
    assert result.exit_code == 3, result.output
    assert "the control's process ended with 2" in result.output
    assert tables(engine) == []
