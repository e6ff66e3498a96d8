import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from botocore.session import Session

from bench.cases import CASES
from bench.goals import RATIOS, goals
from bench.measure import Timing, interleaved, ratio
from bench.page import SHOWN, chart, page
from bench.server import running
from bench.sides import archived_daos, new_daos
from common.data import Connection, Settings
from common.data.dao import protocols


def some_figures(case_ratio: float, first: float = 0.1) -> dict[str, Any]:
    timing = {"median, us": 10.0, "low, us": 9.0, "high, us": 11.0}
    times = {"archived": timing, "new": timing, "lean": timing}
    one = {"CPU, us": 1.0, "calls/s": 2.0}
    return {
        "python": "3",
        "rounds": 3,
        "cases": [{"name": case.name, "kind": case.kind, "ratio": case_ratio, **times} for case in CASES],
        "threads": [{"threads": 1, "archived": one, "new": one}],
        "whole": {
            "import, s": {"libraries": 1.0, "common.data.dao": 1.1},
            "first call, s": {"archived": 0.2, "new": first},
            "a further connection, bytes": {"archived": 1e6, "new": 1e6},
        },
    }


def test_every_method_of_every_dao_is_measured() -> None:
    methods = {
        name
        for protocol in protocols.__all__
        for name in vars(getattr(protocols, protocol))
        if not name.startswith("_")
    }
    assert {case.name.partition(" ")[0] for case in CASES} == methods
    assert {case.kind for case in CASES} == set(RATIOS)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_both_sides_give_the_same_over_the_canned_server() -> None:
    session = Session()
    session.set_credentials("AKID", "secret")
    cases = [case for case in CASES if case.same and case.name not in {"authenticate_user", "change_password"}]
    with running({case.name: case.answers for case in cases}) as server:
        settings = Settings(endpoint_url=server.url, aws_region="eu-central-1", bcrypt_rounds=4)
        with Connection(settings, session=session) as connection:
            archived, new = archived_daos(connection), new_daos(connection)
            for case in cases:
                server.use(case.name)
                assert case.call(archived) == case.call(new), case.name
        with pytest.raises(ValueError, match="no case 'nothing'"):
            server.use("nothing")


def test_sides_are_timed_in_turn() -> None:
    called: list[str] = []
    found = interleaved({"one": lambda: called.append("one"), "other": lambda: called.append("other")}, 3)
    assert {name: len(timing.rounds) for name, timing in found.items()} == {"one": 3, "other": 3}
    assert set(called) == {"one", "other"}


def test_the_ratio_is_of_rounds_not_of_sums() -> None:
    assert ratio(Timing((1.0, 10.0, 1.0)), Timing((2.0, 20.0, 100.0))) == 0.5


def test_goals_tell_the_worst_of_a_kind_and_whether_it_is_reached() -> None:
    assert all(goal.reached for goal in goals(some_figures(0.25)))
    missed = [goal.name for goal in goals(some_figures(0.26, first=0.13)) if not goal.reached]
    assert missed == ["query of 100, new by archived", "scan of 1000, new by archived", "first call, new by archived"]


def test_the_page_and_the_chart_show_the_figures() -> None:
    figures = json.loads(json.dumps(some_figures(0.26)))
    text = page(figures)
    assert "| query of 100, new by archived | 0.25 | 0.26 | missed |" in text
    assert all(f"| {case.name} | 10 | 10 | 10 | 0.26 | 9-11 |" in text for case in CASES)
    assert len(ET.fromstring(chart(figures["cases"])).findall("{*}rect")) == 1 + 2 * len(SHOWN)  # noqa: S314 - our own
