import pytest

from scripts.rollback_drill import DrillError, same


def test_the_first_answer_that_differs_is_shown_on_both_sides() -> None:
    before = {"GET /me": (200, {"phone": "1"}), "GET /balance": (200, {"current_balance": "1.5"})}
    assert same("rolled back", before, dict(before)) == 2
    with pytest.raises(DrillError, match=r"rolled back: GET /balance\n  before: .*'1.5'.*\n  after:  .*'1.50'"):
        same("rolled back", before, before | {"GET /balance": (200, {"current_balance": "1.50"})})


@pytest.mark.parametrize("after", [{}, {"GET /me": (200, None), "GET /orders": (404, None)}])
def test_an_answer_that_is_gone_or_new_differs(after: dict[str, tuple[int, None]]) -> None:
    with pytest.raises(DrillError, match=r"GET /orders|GET /me"):
        same("rolled back", {"GET /me": (200, None)}, after)
