"""Nothing is green that was not looked at: baseline, coverage, known differences and rules, on a little project of its own."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parity.baseline import read_baseline
from parity.compare import compare
from parity.config import Config, load_config
from parity.coverage import contract_of
from parity.differ import Rules
from parity.errors import ConfigError
from parity.transcript import Transcript
from parity.verdict import Judgement, judge

from .harness import NOTES, Result, parity_run

CANDIDATE = """from notes import *


class Candidate(NoteDAO):
    def get(self, id):
        return replace(super().get(id), text="other")
"""
LOSING = """from notes import *
from parity.wire import Wire, local_session


class Losing(NoteDAO):
    def get(self, id):
        note = super().get(id)
        if id == "old-2":
            Wire(self._table.meta.client.meta.endpoint_url, local_session()).delete_items(self._table.name, [{"id": {"S": id}}])
        return note
"""
KNOWN = """
[[known]]
id = "other-text"
entity = "note"
method = "get"
observable = "return"
path = "{path}"
reason = "meant so"
since = 2025-01-01
expires = {expires}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("notes.py", "notes.jsonl", "parity.toml"):
        (tmp_path / name).write_text((NOTES / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_notes.py").write_text(
        """from decimal import Decimal
import pytest
import notes

def test_all(note_dao, ids):
    name = ids.name()
    note_dao.add(name, "x", Decimal(1))
    note_dao.get(name)
    note_dao.rename(name, "y")
    with pytest.raises(notes.NoteExistsError):
        note_dao.add(name, "x", Decimal(1))
    for call in (note_dao.get, lambda id: note_dao.rename(id, "z")):
        with pytest.raises(notes.NoteNotFoundError):
            call("nobody")
    note_dao.discard(name)

def test_again(note_dao):
    with pytest.raises(notes.NoteNotFoundError):
        note_dao.get("nobody")
""",
        encoding="utf-8",
    )
    (tmp_path / "candidates.py").write_text(f"from dataclasses import replace\n{CANDIDATE}", encoding="utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> Result:
    return parity_run(project / "out", "--no-faults", *arguments, cwd=project)


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_fewer_comparisons_than_before_are_not_green(project: Path) -> None:
    assert run(project, "--accept-baseline").exit_code == 0
    assert run(project).exit_code == 0
    suite = project / "test_notes.py"
    suite.write_text(suite.read_text(encoding="utf-8").partition("def test_again")[0], encoding="utf-8")
    result = run(project)
    assert result.exit_code == 3
    assert "parity.lock" in result.output


def test_a_baseline_is_not_accepted_with_differences(project: Path) -> None:
    result = run(project, "--accept-baseline", "--entity", "note", "--candidate", "candidates:Candidate")
    assert result.exit_code == 3
    assert "the baseline is not accepted" in result.output
    assert not (project / "parity.lock").exists()


def test_a_broken_baseline_is_told(project: Path) -> None:
    (project / "parity.lock").write_text("[", encoding="utf-8")
    result = run(project)
    assert result.exit_code == 3
    assert "cannot be read" in result.output


def test_a_declared_outcome_that_nobody_saw_is_not_green(project: Path) -> None:
    suite = project / "test_notes.py"
    suite.write_text(suite.read_text(encoding="utf-8").replace('lambda id: note_dao.rename(id, "z")', "note_dao.get"))
    result = run(project)
    assert result.exit_code == 3
    assert "no test saw note.rename: NoteNotFoundError" in result.output
    append(project / "parity.toml", _unreachable("rename", "NoteNotFoundError"))
    assert run(project).exit_code == 0


def test_an_outcome_that_too_few_tests_saw_is_not_green(project: Path) -> None:
    config, suite = project / "parity.toml", project / "test_notes.py"
    config.write_text(f"least_tests = 2\n{config.read_text(encoding='utf-8')}", encoding="utf-8")
    result = run(project)
    assert result.exit_code == 3
    told = "fewer than 2 tests saw note.add: ok, note.add: NoteExistsError, note.discard: ok, note.get: ok, "
    assert told + "note.rename: ok, note.rename: NoteNotFoundError" in " ".join(result.output.split())
    all_once_more = suite.read_text(encoding="utf-8").partition("def test_all")[2].partition("def test_again")[0]
    append(suite, f"\ndef test_all_once_more{all_once_more}")
    assert run(project).exit_code == 0


def _unreachable(method: str, outcome: str) -> str:
    return f'\n[[unreachable]]\nentity = "note"\nmethod = "{method}"\noutcome = "{outcome}"\nreason = "shown nowhere"\n'


def test_what_is_declared_unreachable_must_be(project: Path) -> None:
    append(project / "parity.toml", _unreachable("get", "NoteNotFoundError"))
    result = run(project)
    assert result.exit_code == 3
    assert "is declared unreachable, and was seen" in result.output


def test_a_known_difference_is_counted_and_lets_pass(project: Path) -> None:
    arguments = ("--entity", "note", "--candidate", "candidates:Candidate")
    assert run(project, *arguments).exit_code == 1
    for path in ("text", "(cross-read old to new) text", "(cross-read new to new) text", "(mixed fleet) text"):
        entry = KNOWN.format(path=path, expires="2999-01-01").replace("other-text", path)
        append(project / "parity.toml", entry)
    result = run(project, *arguments)
    assert result.places() <= {("get", "surface", "signature"), ("get", "return", "(cross-read new to old) text")}
    assert result.report["known"]["text"] > 0


@pytest.mark.parametrize(("expires", "told"), [("2999-01-01", "was not met"), ("2025-06-01", "expired")])
def test_a_known_difference_that_is_none_is_not_green(project: Path, expires: str, told: str) -> None:
    append(project / "parity.toml", KNOWN.format(path="text", expires=expires))
    result = run(project)
    assert result.exit_code == 3
    assert f"the known difference other-text {told}" in result.output


def test_a_rule_that_makes_nothing_equal_is_not_green(project: Path) -> None:
    append(project / "parity.toml", '\n[[rules]]\nid = "salt"\nentity = "note"\nkind = "bcrypt"\nreason = "random"\n')
    result = run(project)
    assert result.exit_code == 3
    assert "the rule salt made no pair equal" in result.output


def transcript(lost_items: int = 0, lost_attributes: int = 0) -> Transcript:
    """Of a side that lost so much of what was seeded, and did nothing else."""
    strays = {"seeded": {"notes": {"plain": None}}} if lost_items else {}
    return Transcript(strays=strays, old_rows={"notes": {"lost_items": lost_items, "lost_attributes": lost_attributes}})


def judgement_of(config: Config, transcripts: dict[str, Transcript]) -> Judgement:
    comparison = compare(transcripts, {"note": ["test_notes.py"]}, Rules("parity", ()))
    comparison.calls["note"].add(("test", "", "get", "", ""))
    today = datetime.now(UTC).date()
    return judge(comparison, config, {}, read_baseline(config.root), "moto", whole=False, today=today)


def test_an_unreachable_outcome_that_no_contract_declares_is_not_green(project: Path) -> None:
    append(project / "parity.toml", _unreachable("gte", "NoteNotFoundError"))
    config = load_config(project / "parity.toml")
    comparison = compare({"control": Transcript(), "candidate": Transcript()}, {"note": ["test_notes.py"]}, Rules("x"))
    comparison.calls["note"].add(("test", "", "get", "", ""))
    coverage = {"note": {"get": {"NoteNotFoundError": 1}}}
    found = judge(
        comparison, config, coverage, read_baseline(config.root), "moto", whole=True, today=datetime.now(UTC).date()
    )
    assert found.reasons == [
        "note.gte: NoteNotFoundError is declared unreachable, and no contract declares it: take it out of parity.toml"
    ]


@pytest.mark.parametrize(("contract", "told"), [("TABLES", "is no class"), ("Note", "declares no public method")])
def test_a_contract_that_declares_nothing_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, contract: str, told: str
) -> None:
    config = load_config(project / "parity.toml")
    monkeypatch.syspath_prepend(NOTES)
    entity = replace(config.entities["note"], contract=f"notes:{contract}")
    with pytest.raises(ConfigError, match=told):
        contract_of(entity)


def test_old_rows_that_both_sides_lost_alike_are_not_green(project: Path) -> None:
    config = load_config(project / "parity.toml")
    assert judgement_of(config, {"control": transcript(), "candidate": transcript()}).verdict == "parity"
    found = judgement_of(config, {"control": transcript(1, 2), "candidate": transcript(1, 2)})
    assert found.verdict == "not-judged"
    assert found.reasons == [
        f"the {side} lost old rows of notes (items: 1, attributes: 2), and no call was seen to write them"
        for side in ("control", "candidate")
    ]


def test_old_rows_that_one_side_lost_are_told_beside_the_difference(project: Path) -> None:
    config = load_config(project / "parity.toml")
    found = judgement_of(config, {"control": transcript(), "candidate": transcript(1)})
    assert (found.verdict, len(found.reasons)) == ("differences", 1)


def test_old_rows_that_the_mixed_fleet_lost_are_not_green(project: Path) -> None:
    config = load_config(project / "parity.toml")
    fleets = {"control": transcript(), "candidate": transcript(), "mixed": transcript(0, 1)}
    found = judgement_of(config, fleets)
    assert (found.verdict, len(found.reasons)) == ("not-judged", 1)
    assert "the mixed fleet lost old rows of notes (items: 0, attributes: 1)" in found.reasons[0]


def test_a_run_of_two_sides_that_lose_the_same_old_row_where_nobody_sees_it_is_not_green(project: Path) -> None:
    (project / "losing.py").write_text(LOSING, encoding="utf-8")
    append(
        project / "test_notes.py",
        """
@pytest.mark.seeded
def test_old(note_dao):
    note_dao.get("old-2")
""",
    )
    result = run(project, "--entity", "note", "--control", "losing:Losing", "--candidate", "losing:Losing")
    assert result.exit_code == 1
    told = "lost old rows of notes (items: 1, attributes: 0), and no call was seen to write them"
    assert result.report["reasons"] == [f"the {fleet} {told}" for fleet in ("control", "candidate", "mixed fleet")]
    assert {(place[0], place[1]) for place in result.places()} == {("(no call)", "items")}
