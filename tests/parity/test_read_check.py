"""`parity read-check` and `parity anonymise` on a little project of its own and on the platform's old rows."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from parity.engines import Engine, open_engine
from parity.errors import ParityError
from parity.rows import file_rows
from parity.tables import TableSet, load_seeds
from parity.wire import Wire, local_session

from .harness import NOTES, ROOT

CANDIDATES = """

class Candidate(NoteDAO):
    def get(self, id: str) -> Note:
        note = super().get(id)
        if note.text == "mine":
            raise NoteError("cannot read it", id)
        return replace(note, rank=float(note.rank)) if note.rank == 7 else note
"""


def row(name: str, text: str = "x", rank: str = "1") -> dict[str, Any]:
    return {"id": {"S": name}, "text": {"S": text}, "rank": {"N": rank}}


@dataclass
class Project:
    directory: Path

    def rows(self, *items: dict[str, Any], name: str = "export.json") -> Path:
        path = self.directory / name
        path.write_text("".join(json.dumps({"Item": item}) + "\n" for item in items), encoding="utf-8")
        return path

    def parity(self, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "parity", *arguments],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    directory = Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))
    module, configuration = directory / "notes.py", directory / "parity.toml"
    text = module.read_text(encoding="utf-8").replace("import dataclass", "import dataclass, replace")
    module.write_text(text + CANDIDATES, encoding="utf-8")
    toml = configuration.read_text(encoding="utf-8")
    configuration.write_text(toml.replace('candidate = "notes:NoteDAO"', 'candidate = "notes:Candidate"'), "utf-8")
    return Project(directory)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = open_engine("moto")
    yield engine
    engine.stop()


def test_rows_that_stand_out_are_grouped_by_cause_and_listed(project: Project) -> None:
    file = project.rows(
        *(row(f"good-{at}") for at in range(30)),
        *(row(f"rank-{at}", rank="7") for at in range(3)),
        row("mine", text="mine"),
        {"id": {"S": "bare"}},
        {"name": {"S": "stranger"}},
        {"id": {"S": "big"}, "text": {"S": "x"}, "rank": {"N": "1"}, "blob": {"B": "AAE="}},
    )
    done = project.parity("read-check", str(file), "--list", "list.jsonl")
    assert done.returncode == 1, done.stderr
    found = [line for line in done.stdout.splitlines() if line.endswith("x)")]
    assert sorted(found) == [
        "note.get  neither can read it: KeyError  (1 x)",
        "note.get  only the candidate cannot read it: notes.NoteError  (1 x)",
        "note.get  reads differently: rank  (3 x)",
        "notes  the row has no key attribute id: it is of another table  (1 x)",
    ]
    assert 'control    decimal.Decimal "7"' in done.stdout
    assert 'candidate  float "7.0"' in done.stdout
    assert f'{file}:31  {{"id": {{"S": "rank-0"}}}}' in done.stdout
    assert "37 rows" in done.stdout
    listed = [json.loads(line) for line in (project.directory / "list.jsonl").read_text("utf-8").splitlines()]
    assert [entry["row"].rpartition(":")[2] for entry in listed] == ["36", "31", "32", "33", "34", "35"]
    assert listed[1]["key"] == {"id": {"S": "rank-0"}}


def test_rows_that_both_read_alike_are_silent(project: Project) -> None:
    done = project.parity("read-check", str(project.rows(row("a"), row("b"), row("a"))))
    assert (done.returncode, done.stdout) == (
        0,
        "3 rows, 0 that no declared read is for: both sides read every row alike\n",
    ), done.stderr


def test_a_table_is_read_and_nothing_is_written_to_it(project: Project, engine: Engine) -> None:
    with Wire(engine.endpoint, local_session()) as wire:
        definition = {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        tables = TableSet(wire, {"live": definition}, "team").create(
            {"live": [row(f"rank-{at}", text="x" * 100_000, rank="7") for at in range(12)]}
        )
        before = wire.scan("team-live")
        done = project.parity("read-check", "--scan", "team-live", "--endpoint", engine.endpoint)
        assert done.returncode == 1, done.stderr
        assert "reads differently: rank  (12 x)" in done.stdout
        assert wire.scan("team-live") == before
        assert wire.call("ListTables", {})["TableNames"] == ["team-live"]
        tables.drop()


def test_plain_and_gzip_are_read_alike(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"Item": row(f"note-{at}", text="grüße")}) + "\n\n" for at in range(50))
    plain, packed = tmp_path / "plain.json", tmp_path / "packed.json.gz"
    plain.write_text(lines, encoding="utf-8")
    packed.write_bytes(gzip.compress(lines.encode()))
    assert [found.item for found in file_rows([plain])] == [found.item for found in file_rows([packed])]
    assert [found.where for found in file_rows([plain])][-1] == f"{plain}:99"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "export"
    file.write_text(json.dumps({"Item": row("a")}), encoding="utf-8-sig")
    assert [found.item for found in file_rows([file])] == [row("a")]
    assert load_seeds({"notes": [file]}) == {"notes": [row("a")]}


def test_a_seed_may_hold_what_other_programs_end_lines_at(tmp_path: Path) -> None:
    file = tmp_path / "seeds"
    file.write_text(json.dumps({"Item": row("a", text="a\u2028b\x85c")}, ensure_ascii=False), encoding="utf-8")
    assert load_seeds({"notes": [file]}) == {"notes": [row("a", text="a\u2028b\x85c")]}


def test_a_file_is_never_held_whole(tmp_path: Path) -> None:
    file = tmp_path / "large.json.gz"
    with gzip.open(file, "wt", compresslevel=1) as out:
        for at in range(3000):
            out.write(json.dumps({"Item": row(f"note-{at}", text="x" * 10_000)}) + "\n")
    tracemalloc.start()
    try:
        assert sum(1 for _ in file_rows([file])) == 3000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut in half, gzip": (lambda data: gzip.compress(data)[:-40], "is cut short"),
    "cut in half, plain": (lambda data: data[:-20], ", line 3, is no row in DynamoDB's export form"),
    "no rows": (lambda _: b"[1, 2]\n", ", line 1, is no row"),
    "not text": (lambda _: b"\xff\xfe\n", ", line 1, "),
    "UTF-16": (lambda data: data.decode().encode("utf-16"), ", line 1, is text in UTF-16"),
    "deep": (lambda _: b'{"Item": ' + b'{"L": [' * 9000, ", line 1, is no row"),
    "binary that is none": (lambda _: b'{"Item": {"id": {"B": "?"}}}\n', ", line 1, is no row"),
    "one endless line": (lambda _: b"x" * 17_000_000, ", line 1, is longer than any row can be"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    spoil, told = BROKEN[case]
    file = tmp_path / "export"
    good = "".join(json.dumps({"Item": row(f"note-{at}", text=os.urandom(40).hex())}) + "\n" for at in range(3))
    file.write_bytes(spoil(good.encode()))
    with pytest.raises(ParityError) as caught:
        list(file_rows([file]))
    assert f"{file}" in str(caught.value)
    assert told in str(caught.value)


BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "no file": (("gone.json",), "cannot read gone.json"),
    "nothing to read": ((), "name export files, or a table with --scan TABLE --endpoint URL"),
    "an empty file": (("empty.json",), "there is no row to read"),
    "an unknown table": (("empty.json", "--table", "gone"), "there is no table 'gone'"),
    "a table far away": (
        ("--scan", "live", "--endpoint", "https://dynamodb.eu-west-1.amazonaws.com"),
        "--allow-remote",
    ),
    "nobody there": (("--scan", "live", "--endpoint", "http://127.0.0.1:9"), "127.0.0.1"),
    "a directory": ((".",), "cannot read ."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_3(project: Project, case: str) -> None:
    arguments, told = BAD[case]
    (project.directory / "empty.json").touch()
    done = project.parity("read-check", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert told in done.stderr


def test_a_project_that_declares_no_reads_is_told_how(project: Project) -> None:
    toml = project.directory / "parity.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('call = "get"\n', "").replace("[[entities.note.reads]]", "[ignored]"), "utf-8")
    assert "unknown key 'ignored'" in project.parity("read-check", "x.json").stderr
    start, end = text.index("[[entities.note.reads]]"), text.index("[entities.note.seeds]")
    toml.write_text(text[:start] + text[end:], encoding="utf-8")
    assert "add [[entities.NAME.reads]]" in project.parity("read-check", "x.json").stderr


def test_anonymised_rows_are_seeds_again(project: Project) -> None:
    file = project.rows(row("alice", text="see you at 2024-05-06T07:08:09Z", rank="12.34"))
    done = project.parity("anonymise", str(file), "--out", "seeds.jsonl", PARITY_ANONYMISE_KEY="secret")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (found,) = file_rows([project.directory / "seeds.jsonl"])
    assert found.item["id"] != {"S": "alice"}
    again = project.parity("anonymise", str(file), "--key", "secret", "--keep", "id").stdout
    assert json.loads(again)["Item"]["rank"] == found.item["rank"]
    assert json.loads(again)["Item"]["id"] == {"S": "alice"}
    assert project.parity("read-check", "seeds.jsonl").returncode == 0


@pytest.mark.parametrize("table", ["users", "orders", "inventory"])
def test_both_implementations_read_all_old_rows_of_the_platform_alike(table: str, tmp_path: Path) -> None:
    files = [str(ROOT / "tests" / "data" / kind / f"{table}.jsonl") for kind in ("legacy", "rules")]
    done = Project(ROOT).parity("read-check", *files, "--table", table, "--list", str(tmp_path / "list"))
    assert done.returncode == 1, done.stderr
    listed = [json.loads(line)["problem"] for line in (tmp_path / "list").read_text("utf-8").splitlines()]
    assert listed
    assert all(problem.startswith("neither can read it: common.data.errors.") for problem in listed)
