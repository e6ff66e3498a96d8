"""The matrix of a report says "not run", and why, where nothing was compared with nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parity.compare import Comparison, compare_call
from parity.config import load_config
from parity.differ import Rules
from parity.report import Run, Told, build_report
from parity.report.model import MatrixCell
from parity.verdict import Judgement

from .harness import NOTES


def matrix(cost: dict[str, str], loggers: tuple[str, ...]) -> dict[str, MatrixCell]:
    call: dict[str, Any] = {"entity": "note", "method": "get", "digest": "", "outcome": ["return", ["none"]]}
    call |= {"requests": [], "attempts": [], "waits": [], "items": {}, "cost": cost, "logs": [], "request_ids": []}
    comparison = Comparison(Rules("run"))
    compare_call(comparison, call, call, "test_notes.py::test")
    run = Run(
        judgement=Judgement("parity", "moto", whole=True),
        engine=("moto", "1"),
        seed="0",
        seconds=1.0,
        comparison=comparison,
        coverage={},
        told=Told(frozenset(), {}, {}, {}, {}),
        entities=["note"],
        rerun=[],
        config=replace(load_config(Path(NOTES / "parity.toml")), loggers=loggers),
    )
    return build_report(run).matrix["note"]


def test_logs_of_no_loggers_are_not_run() -> None:
    assert matrix({"notes": "1"}, ())["logs"] == MatrixCell(
        compared=0, different=0, not_run="parity.toml names no loggers"
    )
    assert matrix({"notes": "1"}, ("notes",))["logs"] == MatrixCell(compared=1, different=0)


@pytest.mark.parametrize(
    ("cost", "cell"),
    [
        ({}, MatrixCell(compared=0, different=0, not_run="the engine told no consumed capacity")),
        ({"read": "1"}, MatrixCell(compared=1, different=0)),
    ],
)
def test_a_cost_that_the_engine_does_not_tell_is_not_run(cost: dict[str, str], cell: MatrixCell) -> None:
    assert matrix(cost, ())["cost"] == cell
