"""`parity run` on a little project of its own, as a team with other DAOs uses it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .harness import NOTES, Result, parity_run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))


def run(project: Path, *arguments: str) -> Result:
    return parity_run(project / "out", *arguments, cwd=project)


def add_candidate(project: Path, body: str) -> tuple[str, ...]:
    (project / "candidates.py").write_text(
        f"import threading\nfrom botocore.exceptions import BotoCoreError\nfrom notes import *\n\n\nclass Candidate(NoteDAO):\n{body}",
        encoding="utf-8",
    )
    return ("--entity", "note", "--candidate", "candidates:Candidate")


def test_control_against_control_is_silent_again_and_again(project: Path) -> None:
    for _ in range(10):
        result = run(project, "--no-faults")
        assert (result.exit_code, result.report["verdict"], result.places()) == (0, "parity", set()), result.output


def test_the_report_counts_what_was_compared(project: Path) -> None:
    report = run(project).report
    assert report["entities"]["note"]["calls"] > 100
    assert report["entities"]["note"]["differences"] == 0
    seen = report["coverage"]["note"]
    assert (seen["add"]["ok"], seen["get"]["ok"], seen["rename"]["ok"]) == (6, 2, 3)
    assert (
        min(seen["add"]["NoteExistsError"], seen["get"]["NoteNotFoundError"], seen["rename"]["NoteNotFoundError"]) > 0
    )
    assert report["uncovered"] == []
    assert report["engine"]["name"] == "moto"
    assert all(count > 0 for count in report["faults"].values())
    assert {"throttle", "lost-answer", "refused", "no-credentials"} <= set(report["faults"])
    assert {direction for direction, counts in report["cross_read"]["note"].items() if counts["equal"]} == {
        "old to old",
        "old to new",
        "new to old",
        "new to new",
        "mixed",
    }
    assert report["matrix"]["note"]["items"]["compared"] > 0
    assert report["rules"]["table-names"] == 0


def test_a_call_that_only_read_is_not_repeated_where_it_would_write(project: Path) -> None:
    result = run(
        project, "--no-faults", "--test", "test_notes.py::test_discards_what_is_there_and_keeps_what_comes_later"
    )
    assert result.exit_code == 0, result.output
    counts = result.report["cross_read"]["note"]
    assert all(counts[direction]["not run"] == 1 for direction in counts if direction != "mixed")


def test_a_run_with_nothing_to_do_twice_is_judged(project: Path) -> None:
    result = run(project, "--no-faults", "--test", "test_notes.py::test_tries_again_when_throttled")
    assert (result.exit_code, result.report["verdict"]) == (0, "parity"), result.output


def test_what_threads_leave_is_compared(project: Path) -> None:
    body = """
    def add(self, id, text, rank, secret=""):
        note = super().add(id, text, rank, secret)
        if threading.current_thread() is not threading.main_thread() and int(id[-1], 16) % 2:
            self._table.delete_item(Key={"id": id})
        return note
"""
    result = run(project, "--no-faults", *add_candidate(project, body))
    assert result.exit_code == 1, result.output
    assert {path for _, observable, path in result.places() if observable == "items"} == {
        "(final items)",
        "(mixed fleet) (final items)",
    }


def test_junit_is_written(project: Path) -> None:
    run(project, "--no-faults", *add_candidate(project, "    def get(self, id): return None\n"))
    suite = ElementTree.parse(project / "out" / "junit.xml").getroot()  # noqa: S314 - our own file
    assert int(suite.attrib["tests"]) > int(suite.attrib["failures"]) > 0


FAULTS = {
    "retries once more": (
        """
    def get(self, id):
        try:
            return super().get(id)
        except ClientError:
            return super().get(id)
""",
        ("get", "requests", "count"),
    ),
    "gives up earlier": (
        """
    def __init__(self, connection):
        session = boto3.Session("parity", "parity", region_name="us-east-1")
        config = Config(retries={"mode": "standard", "total_max_attempts": 2})
        url = connection.meta.client.meta.endpoint_url
        super().__init__(session.resource("dynamodb", endpoint_url=url, config=config).Table(connection.name))
""",
        ("get", "requests", "attempts"),
    ),
    "sleeps twice as long": (
        """
    def get(self, id):
        import time
        real = time.sleep
        time.sleep = lambda seconds: real(2 * seconds)
        try:
            return super().get(id)
        finally:
            time.sleep = real
""",
        ("get", "requests", "waits"),
    ),
    "turns a lost answer into a duplicate": (
        """
    def add(self, id, text, rank, secret=""):
        try:
            return super().add(id, text, rank, secret)
        except BotoCoreError as error:
            raise NoteExistsError(f"note {id} exists", id) from error
""",
        ("add", "exception", "class"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_only_shows_under_faults_is_found(project: Path, fault: str) -> None:
    body, place = FAULTS[fault]
    result = run(project, *add_candidate(project, body))
    assert result.exit_code == 1, result.output
    assert place in result.places()


def test_a_secret_appears_in_no_file_and_no_output(project: Path) -> None:
    body = "    def add(self, id, text, rank, secret=''): raise NoteError(f'it was {secret}', id)\n"
    suite = project / "test_notes.py"
    failing = """def test_fails(note_dao: Any) -> None:
    note_dao.add("x", "y", Decimal(1), secret="hush-hush-hush")
    assert note_dao.get("x") == "hush-hush-hush"
"""
    suite.write_text(f"{suite.read_text(encoding='utf-8')}\n\n{failing}", encoding="utf-8")
    result = run(project, "--no-faults", *add_candidate(project, body))
    assert result.exit_code == 1
    written = [file.read_text(encoding="utf-8") for file in (project / "out").iterdir()]
    assert "hush-hush-hush" not in "".join([result.output, *written])


def test_a_suite_that_fails_on_both_sides_is_told(project: Path) -> None:
    suite = project / "test_notes.py"
    suite.write_text(
        f"{suite.read_text(encoding='utf-8')}\n\ndef test_fails(note_dao: Any) -> None:\n    assert note_dao.get('old-9')\n",
        encoding="utf-8",
    )
    result = run(project, "--no-faults")
    assert result.exit_code == 2, result.output
    assert "test_fails" in result.output


def test_a_fault_that_met_no_request_fails_the_suite(project: Path) -> None:
    suite = project / "test_notes.py"
    suite.write_text(
        f"{suite.read_text(encoding='utf-8')}\n\ndef test_plans(faults: Any) -> None:\n    faults.add('throttle', 'Scan')\n",
        encoding="utf-8",
    )
    result = run(project, "--no-faults")
    assert result.exit_code == 2, result.output
    assert "a planned fault met no request: throttle at Scan" in result.output


BAD_INPUT: dict[str, tuple[tuple[str, ...], Callable[[Path], object] | None, str]] = {
    "no configuration": ((), lambda project: (project / "parity.toml").unlink(), "there is no parity.toml"),
    "broken configuration": ((), lambda project: (project / "parity.toml").write_text("x ="), "is not valid TOML"),
    "unknown entity": (("--entity", "nobody"), None, "there is no entity 'nobody'"),
    "missing class": (("--entity", "note", "--candidate", "notes:Gone"), None, "notes has no Gone"),
    "missing module": (("--entity", "note", "--candidate", "gone:Gone"), None, "cannot import gone"),
    "no class at all": (("--entity", "note", "--candidate", "gone"), None, "is not of the form module:name"),
    "candidate without entity": (("--candidate", "notes:NoteDAO"), None, "need exactly one --entity"),
    "missing suite": ((), lambda project: (project / "test_notes.py").unlink(), "the suite of note is not there"),
    "suite without a DAO": (
        (),
        lambda project: (project / "test_notes.py").write_text("def test_x(tables): pass\n"),
        "no call of note was compared",
    ),
    "bad seeds": ((), lambda project: (project / "notes.jsonl").write_text("{"), "line 1 is no row"),
    "unknown engine": (("--engine", "oracle"), None, "oracle"),
    "remote endpoint": (("--engine", "https://dynamodb.eu-west-1.amazonaws.com"), None, "--allow-remote"),
    "nobody there": (("--engine", "http://127.0.0.1:9"), None, "127.0.0.1:9"),
    "unknown test": (("--test", "test_notes.py::test_gone"), None, "no call of note was compared"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_one_clear_message_and_exit_code_3(project: Path, case: str) -> None:
    arguments, spoil, message = BAD_INPUT[case]
    if spoil is not None:
        spoil(project)
    result = run(project, "--no-faults", *arguments)
    assert result.exit_code == 3, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_the_report_tells_what_each_method_needs(project: Path) -> None:
    report = run(project, "--no-faults").report
    rename = report["methods"]["note"]["rename"]
    assert rename["control"]["actions"] == rename["candidate"]["actions"] == ["dynamodb:UpdateItem notes"]
    assert rename["control"]["requests"] == rename["control"]["calls"] == 3
    assert rename["control"]["write_units"] > 0
    assert report["closed_gaps"] == []
