import json
from pathlib import Path
from typing import Any

from scripts.proof import page

REPORT = {
    "verdict": "differences",
    "engine": {"name": "dynoxide", "version": "1.2.1"},
    "environment": {"python": "3.11.7"},
    "seconds": 61.4,
    "faults": {"throttle": 40, "timeout": 2},
    "entities": {"user": {"calls": 1315, "comparisons": 12194, "differences": 3}},
}
CHECKS = [
    {"entity": "user", "result": "found"},
    {"entity": "user", "result": "found"},
    {"entity": "order", "result": "missed"},
]
FUZZED = {
    "entity": "balance",
    "seed": 7,
    "steps": 20000,
    "seconds": 100.0,
    "digest": "abc",
    "model": {"compared": {"get_balance": 5, "create_balance": 6}},
    "difference": {"method": "get_balance", "observable": "return"},
}


def store(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_page_has_the_figures_of_each_part(tmp_path: Path) -> None:
    store(tmp_path / "dynoxide" / "report.json", REPORT)
    store(tmp_path / "selfcheck" / "selfcheck.json", {"engine": "dynoxide", "exit_code": 1, "checks": CHECKS})
    store(tmp_path / "dynoxide" / "fuzz.json", [FUZZED])

    text = page(tmp_path)

    assert "Verdict: differences, on dynoxide 1.2.1 and Python 3.11.7, in 61 s." in text
    assert "Faults injected: 42, of 2 kinds." in text
    assert "| user | 1315 | 12194 | 3 |" in text
    assert "On dynoxide: 2 found, 1 missed." in text
    assert "| order | missed | 1 |" in text
    assert "| balance | 7 | 20000 | 200 | 11 | get_balance return | abc |" in text


def test_a_part_that_left_nothing_was_not_run(tmp_path: Path) -> None:
    store(tmp_path / "dynoxide" / "report.json", REPORT)

    sections = page(tmp_path).split("\n## ")

    assert [section.splitlines()[0] for section in sections if "Not run." in section] == [
        "Parity on moto",
        "Parity on dynamodb-local",
        "Selfcheck",
        "Fuzzing on dynoxide",
        "Fuzzing on dynamodb-local",
    ]
