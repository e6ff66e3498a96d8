"""The page stays under a megabyte whatever the report holds, and says what it leaves out."""

from typing import Any

import pytest

from parity.compare import Comparison
from parity.differ import Rules
from parity.report import Report, Run, Told, as_html, build_report
from parity.report.model import ProjectTable
from parity.verdict import Judgement

MEGABYTE = 1_000_000


def report(**changed: Any) -> Report:
    run = Run(
        judgement=Judgement("parity", "moto", whole=True),
        engine=("moto", "1"),
        seed="0",
        seconds=1.0,
        comparison=Comparison(Rules("run")),
        coverage={},
        told=Told(frozenset(), {}, {}, {}, {}),
        entities=[],
        rerun=[],
    )
    return build_report(run).model_copy(update=changed)


LONG: dict[str, dict[str, Any]] = {
    "tests not run": {"not_run": {f"tests/test_notes.py::test_{at}{'x' * 90}": "the engine lacks it" for at in range(9000)}},
    "reasons not to run": {"not_run": {f"test_{at}": f"reason {at} {'x' * 900}" for at in range(3000)}},
    "a reason": {"reasons": ["x" * 1_200_000]},
    "reasons": {"reasons": [f"{at} {'x' * 300}" for at in range(9000)]},
    "a table of the project": {
        "project": [ProjectTable(title="t" * 9000, columns=["a", "b"], rows=[["x" * 400, at] for at in range(9000)])]
    },
    "tables of the project": {"project": [ProjectTable(title="t", columns=["a"], rows=[["x" * 400]])] * 9000},
    "what no test saw": {"uncovered": [f"note.get: Error{at}{'x' * 200}" for at in range(9000)]},
    "a text of wide letters": {"reasons": ["\N{SNOWMAN}" * 3000] * 200},
    "a text of what is not printed": {"reasons": ["\x00&" * 2000] * 100},
    "failures": {"failures": {f"test_{at}": "\x00<" * 9000 for at in range(99)}},
}  # fmt: skip


@pytest.mark.parametrize("what", LONG)
def test_a_page_stays_under_a_megabyte(what: str) -> None:
    page = as_html(report(**LONG[what]))
    assert len(page.encode()) < MEGABYTE
    assert what == "failures" or "report.json" in page


def test_what_is_left_out_is_counted() -> None:
    page = as_html(report(**LONG["tests not run"]))
    assert "Not run: 9000 tests" in page
    assert f"{9000 - page.count('tests/test_notes.py::')} more stand in" in page


def test_nothing_is_left_out_of_a_page_that_is_short_enough() -> None:
    page = as_html(report(reasons=[f"reason {at}" for at in range(90)]))
    assert page.count("<li>reason ") == 90
    assert "report.json" not in page
