"""What is counted of seeded rows."""

from typing import Any

import pytest

from parity.old_rows import OldRows
from parity.report import read_report

from .reports import Reports

PLAIN = {"id": {"S": "plain"}, "text": {"S": "kept"}}
RICH = {"id": {"S": "rich"}, "text": {"S": "kept"}, "mfa_secret": {"S": "of old"}}


@pytest.fixture
def rows() -> OldRows:
    rows = OldRows()
    rows.begin("control-seeded", {"notes": {"plain": PLAIN, "rich": RICH}, "empty": {}})
    return rows


def of_notes(rows: OldRows, **strays: Any) -> dict[str, Any]:
    return rows.sums({"control-seeded": {"notes": strays}} if strays else {})["notes"]


def test_rows_that_nobody_changed_are_before_what_they_are_after(rows: OldRows) -> None:
    found = of_notes(rows)
    assert found["before"] == found["after"]
    assert (found["before"]["items"], found["before"]["attributes"]) == (2, 5)
    assert (found["lost_items"], found["lost_attributes"]) == (0, 0)


def test_a_table_without_old_rows_is_not_told(rows: OldRows) -> None:
    assert list(rows.sums({})) == ["notes"]


def test_a_row_that_is_gone_at_the_end_is_lost(rows: OldRows) -> None:
    found = of_notes(rows, plain=None)
    assert (found["lost_items"], found["after"]["items"]) == (1, 1)


@pytest.mark.parametrize(
    "row", [{"id": {"S": "rich"}, "text": {"S": "kept"}}, {**RICH, "mfa_secret": {"NULL": True}}], ids=["gone", "other"]
)
def test_an_attribute_that_is_gone_or_another_at_the_end_is_lost(rows: OldRows, row: Any) -> None:
    found = of_notes(rows, rich=row)
    assert (found["lost_items"], found["lost_attributes"]) == (0, 1)
    assert found["after"]["checksum"] != found["before"]["checksum"]


def test_what_differs_in_tables_of_another_case_is_not_of_these_rows(rows: OldRows) -> None:
    found = rows.sums({"control": {"notes": {"plain": None}}})["notes"]
    assert found["lost_items"] == 0


def test_what_tests_did_to_old_rows_is_counted_and_to_new_ones_is_not(rows: OldRows) -> None:
    rows.note({"notes": {"rich": {"id": {"S": "rich"}, "text": {"S": "changed"}}, "new": PLAIN}})
    rows.note({"notes": {"rich": {**RICH, "more": {"BOOL": True}}, "plain": None}, "empty": {"new": PLAIN}})
    found = of_notes(rows)
    assert (found["changed"], found["deleted"], found["attributes_taken"], found["attributes_changed"]) == (2, 1, 1, 1)


def test_an_attribute_of_another_type_is_changed_and_one_that_is_new_is_not(rows: OldRows) -> None:
    rows.note({"notes": {"plain": {"id": {"S": "plain"}, "text": {"NULL": True}, "more": {"S": "new"}}}})
    found = of_notes(rows)
    assert (found["attributes_taken"], found["attributes_changed"]) == (0, 1)


def test_a_run_tells_them_for_both_sides(reports: Reports) -> None:
    found = read_report(reports.right / "report.json").old_rows["notes"]
    assert found["control"] == found["candidate"]
    assert found["control"].before == found["control"].after
    assert (found["control"].before.items, found["control"].before.attributes) == (2, 9)
    assert (found["control"].changed, found["control"].attributes_taken) == (1, 0)
    assert "The seeded rows before the first test" in (reports.right / "report.html").read_text(encoding="utf-8")
