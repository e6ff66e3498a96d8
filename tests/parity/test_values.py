import json
import logging
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, SecretStr

from parity.differ import Rules, diff_exceptions, diff_values
from parity.outcomes import encode_exception
from parity.recorder import plain_log
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


class Money:
    def __init__(self, amount: int) -> None:
        self._amount = amount

    @cached_property
    def printed(self) -> str:
        return str(self._amount)


class Row(BaseModel):
    model_config = ConfigDict(extra="allow")


class Page(list[int]):
    def __init__(self, cursor: str) -> None:
        super().__init__([1])
        self.cursor = cursor


class Both:
    __slots__ = ("__dict__", "__own")

    def __init__(self, own: int) -> None:
        self.__own = own


class Login:
    def __init__(self, secret: str) -> None:
        self._secret = secret


class Whole:
    def __init__(self) -> None:
        self._parts = [self]


PAIRS: dict[str, tuple[Any, Any]] = {
    "timedelta": (timedelta(1), timedelta(2)),
    "deque": (deque([1]), deque([2])),
    "fraction": (Fraction(1, 2), Fraction(1, 3)),
    "complex": (1j, 2j),
    "range": (range(3), range(9)),
    "memoryview": (memoryview(b"a"), memoryview(b"b")),
    "path": (Path("a"), Path("b")),
    "address": (ip_address("127.0.0.1"), ip_address("127.0.0.2")),
    "keys": ({1: 1}.keys(), {2: 1}.keys()),
    "values": ({1: 1}.values(), {1: 2}.values()),
    "private field": (Money(1), Money(2)),
    "extra of pydantic": (Row.model_validate({"b": 1}), Row.model_validate({"b": 2})),
    "attribute of a list": (Page("a"), Page("b")),
    "slots beside __dict__": (Both(1), Both(2)),
    "named zone": (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=ZoneInfo("Africa/Abidjan"))),
    "fold": (datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2020-01-01").replace(fold=1)),
    "exception": (ValueError("a"), ValueError("b")),
    "zone": (ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")),
    "default": (defaultdict(int), defaultdict(list)),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_values_of_one_type_are_told_apart(redactor: Redactor, kind: str) -> None:
    one, other = PAIRS[kind]
    assert places(redactor, one, other)
    assert places(redactor, {"a": [one]}, {"a": [other]})
    assert places(redactor, one, one) == []


def test_what_a_cached_property_holds_is_no_difference(redactor: Redactor) -> None:
    looked_at = Money(1)
    assert looked_at.printed
    assert places(redactor, Money(1), looked_at) == []


def test_a_private_field_of_a_secret_name_is_secret(redactor: Redactor) -> None:
    encoder = Encoder(redactor)
    assert places(redactor, Login("hush-hush"), Login("hush-hush!")) == ["_secret"]
    assert "hush" not in str([encoder.value(Login("hush-hush")), encoder.value(SecretStr("hush-hush"))])


def test_a_part_that_knows_its_whole_is_written_once(redactor: Redactor) -> None:
    assert places(redactor, Whole(), Whole()) == []


def test_what_cannot_be_compared_is_never_equal(redactor: Redactor) -> None:
    lines = (line for line in "a")
    assert places(redactor, [lines], [lines]) == ["[*]"]
    assert "its items are not read" in str(Encoder(redactor).value([lines]))


class KeyedError(Exception):
    def __init__(self, key: object) -> None:
        super().__init__("m", key)
        self._key = key

    def __str__(self) -> str:
        return "m"

    @property
    def key(self) -> object:
        return self._key


class LengthError(Exception):
    @property
    def length(self) -> int:
        return len(self.args[0])

    def __str__(self) -> str:
        return "m"


class SlotError(Exception):
    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        super().__init__("m")
        self.code = code


def noted(note: str) -> Exception:
    error = ValueError("m")
    error.add_note(note)
    return error


def error_places(redactor: Redactor, one: Exception, other: Exception) -> list[str]:
    encoder = Encoder(redactor)
    sides = [encode_exception(error, encoder) for error in (one, other)]
    return [path for path, _, _ in diff_exceptions(sides[0], sides[1], Rules("run"))]


ERRORS: dict[str, tuple[Exception, Exception, list[str]]] = {
    "private field": (KeyedError(1), KeyedError(2), ["attributes._key"]),
    "slot": (SlotError(1), SlotError(2), ["attributes.code"]),
    "note": (noted("a"), noted("b"), ["attributes.__notes__[*]"]),
    "message alone": (ValueError("a"), ValueError("b"), ["message"]),
    "key": (KeyError("a"), KeyError("b"), ["message"]),
    "argument and property": (
        LengthError(["a"]),
        LengthError(["a", "b"]),
        ["attributes.args[*](length)", "attributes.length"],
    ),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_errors_of_one_class_are_told_apart_once(redactor: Redactor, kind: str) -> None:
    one, other, expected = ERRORS[kind]
    assert error_places(redactor, one, other) == expected
    assert error_places(redactor, one, one) == []


def test_what_is_of_one_answer_alone_is_no_difference_between_errors(redactor: Redactor) -> None:
    def refused(request_id: str, status: int = 400) -> ClientError:
        metadata = {"RequestId": request_id, "HTTPStatusCode": status, "HTTPHeaders": {"date": request_id}}
        return ClientError({"Error": {"Code": "X", "Message": "m"}, "ResponseMetadata": metadata}, "GetItem")  # type: ignore[typeddict-item] # RetryAttempts is left out

    assert error_places(redactor, refused("a"), refused("b")) == []
    assert places(redactor, refused("a"), refused("b")) == []
    assert error_places(redactor, refused("a"), refused("a", 500)) == [
        "attributes.response.ResponseMetadata.HTTPStatusCode"
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


def test_a_class_not_written_in_python_is_one_value(redactor: Redactor) -> None:
    assert places(redactor, {"a": timedelta(1)}, {"a": timedelta(2)}) == ["a"]


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


@pytest.mark.parametrize(
    "secret",
    [
        Decimal("8312345678.5"),
        83123456785,
        ["hush-hush-1", "hush-hush-2"],
        {"hush-hush-1": {"hush-hush-2"}},
        bytearray(b"hush-hush-1"),
        Box("hush-hush-1"),
        UUID(int=83123456785),
    ],
)
def test_a_secret_of_any_type_is_hidden_and_compared(redactor: Redactor, secret: object) -> None:
    encoder = Encoder(redactor)
    encoded = [encoder.named("secret", secret), encoder.value({"secret": secret}), encoder.value(f"it was {secret!r}")]
    assert not any(part in str(encoded) for part in ("hush-hush", "aHVzaC", "83123456", "e5-"))
    assert places(redactor, {"secret": secret}, {"secret": secret}) == []
    assert places(redactor, {"secret": secret}, {"secret": type(secret)}) == ["secret"]


@pytest.mark.parametrize(
    "secret", ['hu"sh\\hush\té', "first of lines\nand another one", "x1y2z3" + "hush" * 40 + "a9b8c7d6e5"]
)
def test_a_secret_is_found_however_a_tool_prints_it(redactor: Redactor, secret: str) -> None:
    redactor.token(secret)
    printed = [repr(secret), json.dumps(secret), *secret.splitlines(), f"'{secret[:40]}...{secret[-40:]}'"]
    for text in printed:
        assert "<secret " in redactor.text(text)
        assert not any(part in redactor.text(text) for part in ("hush", "first", "another"))


def test_what_shares_little_with_a_secret_is_left_as_it_is(redactor: Redactor) -> None:
    redactor.token("a long secret of many words")
    text = "many words, a long secr"
    assert redactor.text(text) == text


def record(**given: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "n", "levelname": "INFO", "msg": "failed", **given})


def test_a_secret_in_a_traceback_or_in_what_a_log_record_carries_is_told(redactor: Redactor) -> None:
    redactor.token("hush-hush")
    error = ValueError("bad hush-hush")
    told = [record(exc_info=(ValueError, error, None)), record(pw="hush-hush"), record(secret="other")]
    assert [plain_log(found, redactor)[3:] for found in told] == [["secret"]] * 3
    assert plain_log(record(key="a"), redactor) == ["n", "INFO", "failed"]
