"""`parity selfcheck` on a little project, and what this project's own list holds."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from parity.config import OBSERVABLES, load_config
from parity.selfcheck import make_checks
from tests.selfcheck import CANDIDATES

from .harness import NOTES, ROOT, Result, parity

TEST = "test_notes.py::test_adds_and_reads"
WRONG = f"""
from dataclasses import replace

from notes import Note, NoteDAO
from parity.selfcheck import WrongCandidate


class Shouts(NoteDAO):
    '''Shouts.'''

    def get(self, id: str) -> Note:
        note = super().get(id)
        return replace(note, text=note.text.upper())


class ShoutsEverywhere(Shouts):
    '''Shouts wherever it can.'''

    def add(self, *args, **kwargs) -> Note:
        return replace(super().add(*args, **kwargs), text="HELLO")


class Right(NoteDAO):
    '''Does nothing wrong.'''


class TriesTwice(NoteDAO):
    '''Gives up once later.'''

    def get(self, id: str) -> Note:
        try:
            return super().get(id)
        except Exception:
            return super().get(id)


def wrong(candidate, observable="return", faults=False, also=()):
    return WrongCandidate(candidate, "note", "get", observable, ["{TEST}"], faults=faults, also=also)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    directory = Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))
    config = directory / "parity.toml"
    config.write_text(f'selfcheck = "wrongs:WRONGS"\n{config.read_text(encoding="utf-8")}', encoding="utf-8")
    return directory


def check(project: Path, wrongs: str, *arguments: str) -> Result:
    (project / "wrongs.py").write_text(f"{WRONG}\n\nWRONGS = [{wrongs}]\n", encoding="utf-8")
    return parity(project / "out", "selfcheck", *arguments, cwd=project)


def test_what_is_found_and_named_right_is_good_and_the_control_is_silent(project: Path) -> None:
    wrongs = "wrong(Shouts), wrong(TriesTwice, 'requests', faults=True), wrong(ShoutsEverywhere, also=['add'])"
    result = check(project, wrongs, "--jobs", "2")
    assert result.exit_code == 0, result.output
    assert "3 found, 1 silent" in result.output
    assert (project / "out" / "note-control" / "report.html").is_file()
    stored = json.loads((project / "out" / "selfcheck.json").read_text(encoding="utf-8"))
    assert (stored["exit_code"], Counter(one["result"] for one in stored["checks"])) == (0, {"found": 3, "silent": 1})


@pytest.mark.parametrize(
    ("wrongs", "told"),
    [
        pytest.param("wrong(Right)", "Right: missed: no difference at all", id="nothing-found"),
        pytest.param("wrong(Shouts, 'items')", "Shouts: missed: get return", id="another-observable"),
        pytest.param("wrong(ShoutsEverywhere)", "ShoutsEverywhere: misattributed: add return", id="another-method"),
        pytest.param(
            "wrong(TriesTwice, 'requests')", "TriesTwice: missed: no difference at all", id="faults-not-asked-for"
        ),
    ],
)
def test_what_is_missed_or_named_wrong_fails(project: Path, wrongs: str, told: str) -> None:
    result = check(project, wrongs, "--only", wrongs.partition("(")[2].rstrip(")").partition(",")[0])
    assert result.exit_code == 1, result.output
    assert told in " ".join(result.output.split())


def test_a_control_that_is_not_silent_fails(project: Path) -> None:
    module = project / "notes.py"
    text = module.read_text(encoding="utf-8").replace("import logging\n", "import logging\nimport os\n")
    text = text.replace("return self._note(item)", "return self._note({**item, 'text': os.urandom(8).hex()})")
    module.write_text(text, encoding="utf-8")
    result = check(project, "wrong(Shouts)", "--only", "note control")
    assert result.exit_code == 1, result.output
    assert "note control: not silent: get return" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("wrongs", "told"),
    [
        pytest.param("", "0 of", id="none"),
        pytest.param("wrong(Shouts, 'smell')", "which is none of return, exception", id="observable"),
        pytest.param("wrong(Shouts), wrong(Shouts)", "names Shouts twice", id="twice"),
        pytest.param("Shouts", "is no sequence of WrongCandidate", id="class-alone"),
        pytest.param("WrongCandidate(Shouts, 'note', 'get', 'return', [])", "names no test", id="no-test"),
        pytest.param("WrongCandidate(Shouts, 'nota', 'get', 'return', [''])", "there is no entity 'nota'", id="entity"),
    ],
)
def test_a_list_that_is_none_is_told(project: Path, wrongs: str, told: str) -> None:
    result = check(project, wrongs, *([] if wrongs else ["--only", "Nobody"]))
    assert result.exit_code == 3, result.output
    assert (told if wrongs else "selfcheck names no 'Nobody'") in " ".join(result.output.split())


def test_a_project_without_a_list_is_told(project: Path) -> None:
    config = project / "parity.toml"
    config.write_text(config.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8")
    result = check(project, "")
    assert result.exit_code == 3
    assert "has no key 'selfcheck'" in " ".join(result.output.split())


def test_a_test_that_is_not_there_is_no_judgement(project: Path) -> None:
    wrongs = "WrongCandidate(Shouts, 'note', 'get', 'return', ['test_notes.py::test_nothing'])"
    result = check(project, wrongs, "--only", "Shouts")
    assert result.exit_code == 3, result.output
    assert "Shouts: not judged: not-judged: no call of note was compared" in " ".join(result.output.split())


def test_every_nth_is_checked() -> None:
    config = load_config(ROOT / "parity.toml")
    whole = make_checks(config)
    wrongs = [one for one in whole if one.wrong is not None]
    assert make_checks(config, every=10) == wrongs[::10] + whole[len(wrongs) :: 10]


def test_the_projects_own_wrong_candidates_are_spread_over_all_that_is_compared() -> None:
    config = load_config(ROOT / "parity.toml")
    wrongs = [one.wrong for one in make_checks(config) if one.wrong is not None]
    entities, observables = Counter(one.entity for one in wrongs), Counter(one.observable for one in wrongs)
    assert len(wrongs) >= 60
    assert set(entities) == set(config.entities) - {"http"}
    assert set(observables) == set(OBSERVABLES)
    assert min(*entities.values()) >= 10
    assert all(one.what.endswith(".") for one in make_checks(config) if one.wrong is not None)


def test_the_tests_that_the_projects_wrong_candidates_are_tried_with_are_there() -> None:
    missing = {
        test
        for wrong in CANDIDATES
        for test in wrong.tests
        if f"def {test.partition('::')[2].partition('[')[0]}("
        not in (ROOT / test.partition("::")[0]).read_text("utf-8")
    }
    assert missing == set()
