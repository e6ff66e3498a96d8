"""The report of a run: files that machines and people can rely on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from parity.errors import ParityError
from parity.report import Report, as_html, read_report
from parity.report.leaves import lines, side_by_side
from parity.report.schema import SCHEMA_FILE, schema_text

from .harness import ROOT
from .reports import Reports


def show(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "parity", "show", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_every_report_keeps_to_the_published_schema(reports: Reports) -> None:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for report in (reports.wrong, reports.right):
        validator.validate(json.loads((report / "report.json").read_text(encoding="utf-8")))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"verdict": "parity"})


def test_a_report_says_what_run_it_is_of(reports: Reports) -> None:
    assert (read(reports.right).kind, read(reports.right).whole) == ("moto", True)


def test_the_actions_that_the_new_side_needs_more_are_told(reports: Reports) -> None:
    iam = read(reports.wrong).iam["note"]["rename"]["notes"]
    assert (iam.control, iam.more) == (["dynamodb:UpdateItem"], ["dynamodb:GetItem"])
    assert read(reports.right).iam["note"]["rename"]["notes"].more == []


def test_equal_sides_leave_equal_checksums_and_unequal_ones_do_not(reports: Reports) -> None:
    same, different = read(reports.right).tables["notes"], read(reports.wrong).tables["notes"]
    assert same.control == same.candidate
    assert same.control.items > 0
    assert different.control.checksum != different.candidate.checksum


def test_secrets_of_the_environment_are_redacted(reports: Reports) -> None:
    environment = read(reports.right).environment
    assert environment["AWS_SECRET_ACCESS_KEY"] == "(redacted)"
    assert environment["AWS_REGION"] == "eu-west-1"
    assert all("hush" not in file.read_text(encoding="utf-8") for file in reports.right.iterdir())


def test_show_prints_the_report_again_and_writes_the_same_page(reports: Reports, tmp_path: Path) -> None:
    done = show(str(reports.wrong / "report.json"), "--html", str(tmp_path / "again.html"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("DIFFERENCES: the candidate is not the control\n")
    assert "note.rename  requests  count" in done.stdout
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == (reports.wrong / "report.html").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot read"),
        ("<html>", "is no JSON file"),
        ('{"verdict": "perfect"}', "verdict: Input should be"),
        ("[]", "is no report of parity run"),
        ("[" * 9000, "is no JSON file"),
    ],
    ids=["missing", "no JSON", "no verdict", "no object", "too deep"],
)
def test_show_refuses_what_is_no_report(tmp_path: Path, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content, encoding="utf-8")
    done = show(str(tmp_path / "report.json"))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert told in done.stderr


def test_a_matrix_of_an_entity_that_is_not_there_is_no_report(reports: Reports, tmp_path: Path) -> None:
    content = json.loads((reports.right / "report.json").read_text(encoding="utf-8"))
    content["matrix"]["gone"] = content["matrix"]["note"]
    (tmp_path / "report.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ParityError, match="the matrix has an entity 'gone'"):
        read(tmp_path)


def test_a_page_of_very_many_differences_stays_small(reports: Reports) -> None:
    report = read(reports.wrong)
    long = ["sequence", "list", [["str", "x" * 5000]] * 500]
    many = [report.differences[0].model_copy(update={"id": f"{at:010x}", "control": long}) for at in range(1000)]
    page = as_html(report.model_copy(update={"differences": many, "failures": {"a": "b\n" * 100_000}}))
    assert len(page.encode()) < 1_000_000
    assert f"{1000 - page.count('<article')} more stand in" in page


ENCODED: dict[str, tuple[Any, list[str]]] = {
    "none": (["none"], ["None"]),
    "number": (["decimal.Decimal", "1.50"], ['decimal.Decimal "1.50"']),
    "time": (["datetime.datetime", "2025-01-01T00:00:00.000000", "naive"], ["datetime.datetime 2025-01-01T00:00:00.000000 (naive)"]),
    "object": (
        ["object", "a.B", {"x": ["none"], "y": ["sequence", "list", [["int", "1"]]]}],
        ["a.B(", "  x = None", "  y = list of 1", '    int "1"', ")"],
    ),
    "mapping": (["mapping", "dict", [[["str", "k"], ["bool", "True"]]]], ["dict {", '  str "k": bool "True"', "}"]),
    "item": ({"S": "x"}, ['{"S": "x"}']),
    "unprintable": ("a\x1b[31m\u202eb\ud800", ["a\\x1b[31m\\u202eb\\ud800"]),
    "returned": (["returns", ["str", "x"]], ['returns str "x"']),
}  # fmt: skip


@pytest.mark.parametrize("case", ENCODED)
def test_values_are_shown_with_their_types(case: str) -> None:
    value, shown = ENCODED[case]
    assert lines(value) == shown


def test_only_the_lines_that_changed_are_marked() -> None:
    one, other = ({"a": "x" * 80, "b": b, "c": "y" * 80} for b in ("old", "new"))
    rows = side_by_side(one, other)
    assert [row.control for row in rows if row.changed] == ['  "b": "old",']
    assert [row.candidate for row in rows if row.changed] == ['  "b": "new",']
    assert len(rows) == 5


def read(directory: Path) -> Report:
    return read_report(directory / "report.json")
