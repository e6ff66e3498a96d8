"""Which method a difference is put down to where the two sides made different calls."""

from typing import Any

import pytest

from parity.compare import compare
from parity.differ import Rules
from parity.transcript import TestRecord, Transcript

TEST = "test_notes.py::test"


def call(method: str) -> dict[str, Any]:
    alike = {"entity": "note", "method": method, "digest": method, "outcome": ["return", ["none"]], "requests": []}
    return alike | {"attempts": [], "waits": [], "items": {}, "cost": {}, "logs": [], "request_ids": [], "wrote": False}


def side(methods: list[str], outcome: str) -> Transcript:
    record = TestRecord(
        test=TEST,
        variant="",
        phases=[["call", outcome, ""]],
        concurrent=False,
        open_outcome=False,
        calls=[call(method) for method in methods],
        tables={},
        cross_read=[],
    )
    return Transcript(tests={(TEST, ""): record})


@pytest.mark.parametrize(
    ("methods", "blamed"),
    [
        pytest.param(["add", "get"], "get", id="after-a-call"),
        pytest.param([], "(test)", id="before-the-first"),
    ],
)
def test_a_test_that_ends_early_is_put_down_to_the_last_call_that_it_made(methods: list[str], blamed: str) -> None:
    transcripts = {"control": side(["add", "get", "rename"], "passed"), "candidate": side(methods, "failed")}
    found = compare(transcripts, {"note": ["test_notes.py"]}, Rules("run")).differences
    assert list(found) == [("note", blamed, "return", "(calls)")]
