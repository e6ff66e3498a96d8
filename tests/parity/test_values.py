from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from parity.differ import Rules, diff_values
from parity.redaction import Redactor
from parity.values import Encoder


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Box:
    name: str
    secret: str = ""


ALL_DIFFERENT: list[Any] = [
    *(None, True, 1, 1.0, "1", Decimal(1), Decimal("1.0"), Decimal("1.00"), b"1", Colour.RED, "red"),
    *(datetime.fromisoformat("2025-01-01"), datetime(2025, 1, 1, tzinfo=UTC), date(2025, 1, 1), UUID(int=1)),
    *([], (), {}, set(), [1], [1, 2], [2, 1], {"a": 1}, {"a": None}, {"a": 1, "b": 2}, {1}),
    *(Box("a"), Box("b"), Colour, Box),
]


@pytest.fixture
def redactor() -> Redactor:
    return Redactor({"secret"}, b"key")


def places(redactor: Redactor, one: object, other: object) -> list[str]:
    encoder = Encoder(redactor)
    return [path for path, _, _ in diff_values(encoder.value(one), encoder.value(other), Rules("run"))]


@pytest.mark.parametrize(("one", "other"), list(combinations(range(len(ALL_DIFFERENT)), 2)))
def test_values_of_other_type_or_value_differ(redactor: Redactor, one: int, other: int) -> None:
    assert places(redactor, ALL_DIFFERENT[one], ALL_DIFFERENT[other])
    assert places(redactor, [ALL_DIFFERENT[one]], [ALL_DIFFERENT[other]])


@pytest.mark.parametrize("value", ALL_DIFFERENT)
def test_a_value_equals_itself(redactor: Redactor, value: object) -> None:
    assert places(redactor, value, value) == []


def test_the_order_of_a_mapping_does_not_matter(redactor: Redactor) -> None:
    assert places(redactor, {"a": 1, "b": 2}, {"b": 2, "a": 1}) == []


def test_a_path_names_the_field_and_not_the_position(redactor: Redactor) -> None:
    assert places(redactor, [Box("a"), Box("b")], [Box("a"), Box("c")]) == ["[*].name"]


def test_a_missing_key_is_not_none(redactor: Redactor) -> None:
    assert places(redactor, {"a": None}, {}) == ["a"]


def test_secrets_are_compared_but_not_kept(redactor: Redactor) -> None:
    encoder = Encoder(redactor)
    assert places(redactor, Box("a", "hush-hush"), Box("a", "hush-hush")) == []
    assert places(redactor, Box("a", "hush-hush"), Box("a", "hush-hush!")) == ["secret"]
    assert "hush-hush" not in str(
        [
            encoder.value(Box("a", "hush-hush")),
            encoder.value(["it was hush-hush indeed"]),
            encoder.named("secret", "hush-hush"),
        ]
    )


def test_a_value_that_holds_itself_is_refused(redactor: Redactor) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="holds itself"):
        Encoder(redactor).value(loop)


@pytest.mark.parametrize("text", ['{"Passwörd": 1}', '{"Passw\\u00f6rd": 1}', '{"a": "$2b$12$"}', "{}"])
def test_a_request_that_may_hold_a_secret_is_known_by_its_text(text: str) -> None:
    assert Redactor({"Passwörd"}, b"key").may_hold_secrets(text) == (text != "{}")


def test_once_a_secret_was_seen_any_text_may_hold_it(redactor: Redactor) -> None:
    assert not redactor.may_hold_secrets("{}")
    redactor.token("hunter22")
    assert redactor.may_hold_secrets("{}")
    redactor.forget()
    assert not redactor.may_hold_secrets("{}")
