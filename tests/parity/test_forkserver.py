"""Fleets are forked from a process that has imported the suites: what that import started or made must not be shared by what is forked."""

import shutil
from pathlib import Path

import pytest

from .harness import NOTES, Result, parity_run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the run and its processes make their temporary files."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    return scratch


def run(project: Path, suite: str, *arguments: str) -> Result:
    (project / "test_notes.py").write_text(suite, encoding="utf-8")
    return parity_run(project / "out", "--no-faults", "--entity", "note", *arguments, cwd=project)


POOL = """
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

POOL = ThreadPoolExecutor(1)
POOL.submit(int).result()


def test_uses_the_pool(note_dao, ids):
    note_dao.add(ids.name("note"), POOL.submit(str, 5).result(), Decimal(3))
"""


def test_a_suite_that_starts_a_thread_while_it_is_imported_has_it_in_every_fleet(project: Path) -> None:
    result = run(project, POOL, "--test", "test_notes.py::test_uses_the_pool")
    assert result.exit_code == 0, result.output


DIRECTORIES = """
import atexit
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

ONE = tempfile.TemporaryDirectory()
OTHER = tempfile.mkdtemp()
atexit.register(shutil.rmtree, OTHER)


def test_uses_both(note_dao, ids):
    name = ids.name("note")
    note_dao.add(name, "hello", Decimal(3))
    assert note_dao.get(name).text == "hello"
    for directory in (ONE.name, OTHER):
        (Path(directory) / "file").write_text("x")
"""


def test_what_a_suite_removes_at_exit_is_there_until_the_run_ends(project: Path, scratch: Path) -> None:
    result = run(project, DIRECTORIES, "--test", "test_notes.py::test_uses_both")
    assert result.exit_code == 0, result.output
    assert list(scratch.iterdir()) == []


EARLY = """
from decimal import Decimal

import early


def test_reads(note_dao, ids):
    name = ids.name("note")
    note_dao.add(name, "hello", Decimal(3))
    assert note_dao.get(name).text == "hello"
"""
EARLY_SESSION = """
import boto3
from parity.wire import local_session
from notes import Note, NoteDAO

SESSION = boto3.Session(botocore_session=local_session())


class LooksTwice(NoteDAO):
    def get(self, id: str) -> Note:
        client = SESSION.client("dynamodb", endpoint_url=self._table.meta.client.meta.endpoint_url)
        client.get_item(TableName=self._table.name, Key={"id": {"S": id}}, ConsistentRead=True)
        return super().get(id)
"""


def test_requests_of_a_session_that_is_made_while_a_suite_is_imported_are_seen(project: Path) -> None:
    (project / "early.py").write_text(EARLY_SESSION, encoding="utf-8")
    result = run(project, EARLY, "--candidate", "early:LooksTwice", "--test", "test_notes.py::test_reads")
    assert result.exit_code == 1, result.output
    assert ("get", "requests", "count") in result.places()


LINGERS = """
import multiprocessing
import time
from decimal import Decimal


def test_leaves_a_process(note_dao, ids):
    name = ids.name("note")
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,), daemon=True).start()
    note_dao.add(name, "hello", Decimal(3))
    assert note_dao.get(name).text == "hello"
"""


def test_a_process_that_a_test_leaves_running_holds_up_no_run(project: Path) -> None:
    result = run(project, LINGERS, "--test", "test_notes.py::test_leaves_a_process")
    assert result.exit_code == 0, result.output
