"""Another writer's change between two requests of one call: planned, made on both sides, compared and counted."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from parity.fault_plan import FaultCase
from parity.interleaving import plan_interleavings
from parity.transcript import read_transcript

from .harness import NOTES, Result, parity_run

SIDES = """
from boto3.dynamodb.conditions import Attr
from notes import NoteDAO


class Old(NoteDAO):
    _lost_race = False

    def discard(self, id: str) -> bool:
        item = self._table.get_item(Key={"id": id}).get("Item")
        if item is None:
            return False
        try:
            self._table.delete_item(Key={"id": id}, ConditionExpression=CONDITION)
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return self._lost_race
        return True


class New(Old):
    _lost_race = True
"""
ALWAYS = 'Attr("id").exists() | Attr("id").not_exists()'
DISCARDS = "test_notes.py::test_discards_what_is_there_and_keeps_what_comes_later"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))


def run(project: Path, condition: str, *arguments: str) -> Result:
    (project / "sides.py").write_text(SIDES.replace("CONDITION", condition), encoding="utf-8")
    sides = ("--entity", "note", "--control", "sides:Old", "--candidate", "sides:New", "--test", DISCARDS)
    return parity_run(project / "out", *sides, *arguments, cwd=project)


def test_what_shows_only_when_another_writer_comes_between_is_found(project: Path) -> None:
    # Whoever sends a delete again, after an answer was lost, finds nothing: that is no other writer's doing.
    same = 'Attr("text").eq(item["text"]) & Attr("another_writers_attribute").not_exists()'
    condition = f'Attr("id").not_exists() | ({same})'
    assert run(project, condition, "--no-faults").report["interleavings"] == {}
    result = run(project, condition)
    assert result.exit_code == 1, result.output
    assert result.places() == {("discard", "return", "(value)")}
    (difference,) = result.report["differences"]
    assert difference["count"] == 2  # the text updated, an attribute added


def test_changes_are_counted_by_their_kind(project: Path) -> None:
    report = run(project, ALWAYS).report
    assert report["verdict"] == "parity"
    assert report["interleavings"] == {"other-attribute": 1, "other-delete": 1, "other-update": 6}


def test_a_planned_change_that_was_never_made_is_no_parity(project: Path) -> None:
    suite = project / "test_notes.py"
    text = suite.read_text(encoding="utf-8").replace(
        "keeps_what_comes_later(note_dao: Any, ids: Any, tables: Any) -> None:\n",
        "keeps_what_comes_later(note_dao: Any, ids: Any, tables: Any, request: Any) -> None:\n"
        '    if "interleaving" in request.node.name:\n        return\n',
    )
    suite.write_text(text, encoding="utf-8")
    result = run(project, ALWAYS)
    assert result.exit_code == 3, result.output
    assert "8 planned faults or changes of another writer met no request" in " ".join(result.report["reasons"])


KEY = {"id": {"S": "a"}}
ROW = {
    **KEY,
    "amount": {"N": "1.50"},
    "made": {"S": "2024-01-01T00:00:59Z"},
    "price": {"S": "1.50"},
    "state": {"S": "open"},
    "flag": {"BOOL": True},
    "gone": {"NULL": True},
    "tags": {"SS": ["x"]},
}


def planned(tmp_path: Path, operations: list[str], *seen: dict[str, Any], **call: Any) -> list[FaultCase]:
    """What is planned for a test with a call for each of what was seen, and again with the same calls."""
    made = {
        "entity": "note",
        "method": "do",
        "requests": [{"operation": operation} for operation in operations],
        "outcome": ["return", []],
        "injected": [],
        "items": {"notes": {"other": {"state": {"S": "closed"}}}},
        **call,
    }
    calls = [{**made, "neighbours": neighbours} for neighbours in seen]
    record = {"kind": "test", "variant": "", "phases": [["call", "passed", ""]], "calls": calls}
    lines = [json.dumps({**record, "test": test}) for test in ("test_a.py::test", "test_a.py::again")]
    (tmp_path / "control.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return plan_interleavings(read_transcript(tmp_path / "control.jsonl"))


def test_each_attribute_of_a_row_that_is_there_is_changed_by_its_kind(tmp_path: Path) -> None:
    cases = planned(tmp_path, ["GetItem", "UpdateItem"], {"1": [["notes", KEY, ROW]]})
    changes = [case.change for case in cases if case.change is not None]
    assert [(case.kind, case.test, case.call, case.request) for case in cases] == [
        (f"other-{kind}", "test_a.py::test", 0, 1) for kind in ("delete", "attribute", *["update"] * 6)
    ]
    assert len({case.id for case in cases}) == len(cases)
    names = [change["body"]["ExpressionAttributeNames"]["#name"] for change in changes[1:]]
    values = [change["body"]["ExpressionAttributeValues"][":value"] for change in changes[1:]]
    assert dict(zip(names, values, strict=True)) == {
        "another_writers_attribute": {"S": "another writer's"},
        "amount": {"N": "2.5"},
        "made": {"S": "2024-01-01T00:00:50Z"},
        "price": {"S": "2.50"},
        "state": {"S": "closed"},
        "flag": {"BOOL": False},
        "gone": {"S": "another writer's"},
    }


def test_of_a_row_that_is_read_one_number_is_changed(tmp_path: Path) -> None:
    cases = planned(tmp_path, ["GetItem", "GetItem"], {"1": [["notes", KEY, ROW]]})
    assert [case.kind for case in cases] == ["other-delete", "other-attribute", "other-update"]
    assert cases[-1].change is not None
    assert cases[-1].change["body"]["ExpressionAttributeNames"] == {"#name": "amount"}


def test_a_row_that_is_not_there_is_created_as_the_call_leaves_it(tmp_path: Path) -> None:
    left = {"notes": {'{"id": {"S": "a"}}': ROW}}
    neighbours = {"1": [["notes", KEY, None]]}
    (case,) = planned(tmp_path, ["GetItem", "PutItem"], neighbours, items=left)
    assert case.kind == "other-create"
    assert case.change == {"table": "notes", "operation": "PutItem", "body": {"Item": ROW}}
    (bare,) = planned(tmp_path, ["GetItem", "GetItem"], neighbours)
    assert bare.change == {"table": "notes", "operation": "PutItem", "body": {"Item": KEY}}


def test_a_call_that_finds_other_rows_there_has_changes_of_its_own(tmp_path: Path) -> None:
    gone, there = {"1": [["notes", KEY, None]]}, {"1": [["notes", KEY, {**KEY, "tags": {"SS": ["x"]}}]]}
    cases = planned(tmp_path, ["GetItem", "TransactWriteItems"], gone, gone, there, there)
    assert [(case.call, case.kind) for case in cases] == [
        (0, "other-create"),
        (2, "other-delete"),
        (2, "other-attribute"),
    ]


def test_of_many_pages_the_first_two_and_the_last_two_have_a_change_between_them(tmp_path: Path) -> None:
    neighbours = {str(page): [["notes", KEY, None]] for page in range(1, 6)}
    cases = planned(tmp_path, ["Query"] * 6, neighbours)
    assert [case.request for case in cases] == [1, 5]


def test_a_call_that_met_a_fault_or_sent_one_request_is_left_alone(tmp_path: Path) -> None:
    neighbours = {"1": [["notes", KEY, None]]}
    assert planned(tmp_path, ["GetItem", "PutItem"], neighbours, injected=["throttle"]) == []
    assert planned(tmp_path, ["GetItem"], {}) == []


def test_a_long_text_is_left_alone(tmp_path: Path) -> None:
    cases = planned(tmp_path, ["GetItem", "UpdateItem"], {"1": [["notes", KEY, {**KEY, "text": {"S": "x" * 2000}}]]})
    assert [case.kind for case in cases] == ["other-delete", "other-attribute"]
