"""`parity init` on classes of many kinds, and what it writes put to work."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .harness import NOTES, ROOT, parity_run

LIBRARY = ROOT / "examples" / "own_dao" / "library"
SHELVES = """
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import boto3


class Kind(Enum):
    OAK = "oak"
    ASH = "ash"


@dataclass(frozen=True)
class Shelf:
    id: str
    kind: Kind
    width: Decimal
    number: UUID
    built: datetime
    checked: date
    tags: list[str]
    sizes: dict[str, int]
    owner: str | None
    warranty: timedelta
    lit: bool
    grade: Literal["a", "b"]
    colour: str = "brown"


class OldShelfDAO:
    def __init__(self, table: Any) -> None:
        self._table = table

    def add(self, shelf: Shelf, *, by: str) -> None:
        days = shelf.warranty.days + len(shelf.tags) + shelf.sizes["key"]
        item = {"id": shelf.id, "kind": shelf.kind.value, "width": shelf.width, "number": str(shelf.number)}
        item |= {"built": shelf.built.isoformat(), "checked": shelf.checked.isoformat(), "days": days}
        self._table.put_item(Item={**item, "owner": shelf.owner, "lit": shelf.lit, "grade": shelf.grade, "by": by})

    def width(self, id: str) -> Decimal:
        return self._table.get_item(Key={"id": id})["Item"]["width"]

    def remove(self, id: str) -> bool:
        return "Attributes" in self._table.delete_item(Key={"id": id}, ReturnValues="ALL_OLD")


class NewShelfDAO(OldShelfDAO):
    def __init__(self, table_name: str, session: boto3.Session, endpoint_url: str | None = None) -> None:
        super().__init__(session.resource("dynamodb", endpoint_url=endpoint_url).Table(table_name))

    def tidy(self) -> None:
        pass


class StrangeShelfDAO(OldShelfDAO):
    def __init__(self, hub: Any) -> None:
        super().__init__(hub.table)


class LonelyShelfDAO(OldShelfDAO):
    def __init__(self) -> None:
        super().__init__(boto3.resource("dynamodb").Table("shelves"))


class Unlike:
    def other(self) -> None:
        pass
"""


def init(directory: Path, control: str, candidate: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "parity", "init", "--control", control, "--candidate", candidate, *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def shelves(tmp_path: Path) -> Path:
    (tmp_path / "shelves.py").write_text(SHELVES, encoding="utf-8")
    return tmp_path


def test_what_it_writes_runs_as_it_is_and_finds_the_first_differences(tmp_path: Path) -> None:
    shutil.copytree(LIBRARY, tmp_path / "library", ignore=shutil.ignore_patterns("__pycache__"))
    done = init(tmp_path, "library.boto3_loans:LoanDAO", "library.pynamodb_loans:LoanDAO")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"library", "parity.toml", "test_loan_parity.py"}
    result = parity_run(tmp_path / "out", "--no-faults", cwd=tmp_path)
    assert result.exit_code == 1, result.output
    assert {("lend", "items", "loans.remark"), ("lend", "items", "loans.due")} <= result.places()


def test_a_project_that_has_a_connection_and_tables_keeps_them(tmp_path: Path) -> None:
    shutil.copy(NOTES / "notes.py", tmp_path)
    done = init(tmp_path, "notes:NoteDAO", "notes:NoteDAO", "--entity", "memo")
    assert done.returncode == 0, done.stderr
    toml = (tmp_path / "parity.toml").read_text(encoding="utf-8")
    for line in ('connect = "notes:connect"', 'tables = "notes:TABLES"', 'secrets = ["secret"]', "[entities.memo]"):
        assert line in toml
    result = parity_run(tmp_path / "out", "--no-faults", cwd=tmp_path)
    assert (result.exit_code, result.places()) == (0, set()), result.output
    assert set(result.report["coverage"]["memo"]["get"]) == {"ok", "NoteNotFoundError"}


def test_classes_that_are_made_differently_get_a_connection_for_both(shelves: Path) -> None:
    done = init(shelves, "shelves:OldShelfDAO", "shelves:NewShelfDAO", "--entity", "shelf")
    assert done.returncode == 0, done.stderr
    assert "only one of them has the method tidy" in done.stdout
    assert "FILL IN" in (shelves / "parity_project.py").read_text(encoding="utf-8").partition("TABLES")[0]
    result = parity_run(shelves / "out", "--no-faults", cwd=shelves)
    assert result.exit_code == 1, result.output
    assert result.places() == {("tidy", "surface", "signature")}
    assert result.report["coverage"]["shelf"]["add"] == {"ok": 2}
    assert result.report["coverage"]["shelf"]["remove"]["ok"] == 2


@pytest.mark.parametrize(
    ("candidate", "told"),
    [
        ("StrangeShelfDAO", "cannot be made: NotImplementedError: parity_project.py says FILL IN: it needs hub"),
        ("LonelyShelfDAO", "parity_project.py says FILL IN: it takes neither an endpoint nor a table"),
    ],
)
def test_what_has_to_be_filled_in_is_told_by_the_run(shelves: Path, candidate: str, told: str) -> None:
    assert init(shelves, "shelves:OldShelfDAO", f"shelves:{candidate}").returncode == 0
    result = parity_run(shelves / "out", "--no-faults", cwd=shelves)
    assert result.exit_code == 3, result.output
    assert told in " ".join(result.output.split())


def test_an_argument_that_it_knows_no_value_for_is_marked(shelves: Path) -> None:
    module = shelves / "shelves.py"
    module.write_text(
        f"{SHELVES}\nclass OddDAO:\n    def __init__(self, table): pass\n    def weigh(self, x, y: complex): pass\n"
    )
    assert init(shelves, "shelves:OddDAO", "shelves:OddDAO").returncode == 0
    suite = (shelves / "test_odd_parity.py").read_text(encoding="utf-8")
    assert "outcome(odd_dao.weigh, None, None)  # FILL IN: x, y: complex" in suite


def test_a_method_whose_call_would_compare_nothing_is_told_and_no_test_of_it_passes(shelves: Path) -> None:
    (shelves / "shelves.py").write_text(
        f"{SHELVES}\nclass LazyDAO:\n    def __init__(self, table): pass\n    async def get(self, id: str): pass\n"
        "    def all(self):\n        yield 1\n    def put(self, id: str): pass\n"
    )
    done = init(shelves, "shelves:LazyDAO", "shelves:LazyDAO")
    assert done.returncode == 0, done.stderr
    assert "get is async, which parity does not compare" in done.stdout
    assert "all is a generator, which parity does not compare" in done.stdout
    suite = (shelves / "test_lazy_parity.py").read_text(encoding="utf-8")
    assert "lazy_dao.put" in suite
    assert "lazy_dao.get" not in suite
    assert "lazy_dao.all" not in suite
    found = runpy.run_path(str(shelves / "test_lazy_parity.py"))
    for name in ("get", "all"):
        with pytest.raises(NotImplementedError, match="FILL IN"):
            found[f"test_{name}_is_compared"](None)


@pytest.mark.parametrize("name", ["parity.toml", "test_shelf_parity.py", "parity_project.py"])
def test_nothing_is_ever_overwritten(shelves: Path, name: str) -> None:
    (shelves / name).write_text("mine", encoding="utf-8")
    before = {path.name for path in shelves.iterdir()}
    done = init(shelves, "shelves:OldShelfDAO", "shelves:NewShelfDAO", "--entity", "shelf")
    assert done.returncode == 3
    assert f"{name} exists already and is left as it is" in done.stderr
    assert (shelves / name).read_text(encoding="utf-8") == "mine"
    assert {path.name for path in shelves.iterdir()} - {"__pycache__"} == before


def test_a_second_time_says_of_all_files_that_they_are_there(shelves: Path) -> None:
    arguments = ("shelves:OldShelfDAO", "shelves:NewShelfDAO", "--entity", "shelf")
    assert init(shelves, *arguments).returncode == 0
    told = " ".join(init(shelves, *arguments).stderr.split())
    assert "test_shelf_parity.py and " in told
    assert "parity_project.py exist already and are left as they are; nothing is written: remove them, or name" in told


BAD = {
    "a missing module": (("gone:X", "shelves:Unlike"), "cannot import gone"),
    "a module that breaks": (("broken:X", "shelves:Unlike"), "cannot import broken: ZeroDivisionError"),
    "a missing class": (("shelves:Gone", "shelves:Unlike"), "shelves has no Gone"),
    "no class": (("shelves:SIZE", "shelves:Unlike"), "'shelves:SIZE' is no class"),
    "nothing in common": (("shelves:OldShelfDAO", "shelves:Unlike"), "have no public method in common"),
    "a bad entity": (("shelves:Unlike", "shelves:Unlike", "--entity", "9 lives"), "is no name for an entity"),
    "a keyword": (("shelves:Unlike", "shelves:Unlike", "--entity", "class"), "is no name for an entity"),
    "a missing directory": (("shelves:Unlike", "shelves:Unlike", "--out", "gone"), "gone"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_3(shelves: Path, case: str) -> None:
    (shelves / "shelves.py").write_text(f"{SHELVES}\nSIZE = 3\n", encoding="utf-8")
    (shelves / "broken.py").write_text("1 / 0", encoding="utf-8")
    arguments, told = BAD[case]
    done = init(shelves, *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert told in done.stderr
    assert not list(shelves.glob("*.toml"))
