"""UserDAOs that are wrong on purpose, on the engine that needs nothing: the rest of `tests/selfcheck` runs with `make selfcheck`."""

from pathlib import Path

import pytest

from parity.config import load_config
from parity.selfcheck import make_checks, run_checks

from .harness import ROOT

WRONG = (
    *("EmptyPhone", "LoudNames"),  # values
    *("AnotherError", "NoKey"),  # exceptions
    *("LeavesOutNull", "LosesUnknown"),  # stored items
    *("ReadsFirst", "DropsACondition"),  # requests
    *("NaiveTimestamps", "ShiftedTimestamps"),
    *("RetriesOnceMore", "GivesUpEarlier", "SleepsTwiceAsLong", "LostAnswerIsADuplicate"),  # what only faults show
)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_dao_is_found_and_named_right(name: str, tmp_path: Path) -> None:
    config = load_config(ROOT / "parity.toml")
    checks = make_checks(config, only=[name])
    (finding,) = run_checks(config, checks, "moto", tmp_path, jobs=1)
    assert (finding.check.name, finding.result) == (name, "found"), finding.detail
