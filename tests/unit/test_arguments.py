from decimal import Decimal

import pytest

from common.data import InvalidArgumentError
from common.data.arguments import check_count, check_key, check_new_password, check_number, exact_sum


@pytest.mark.parametrize("value", [None, 5, b"x", "", "a#b", "\ud800", "x" * 2049, "é" * 1025])
def test_what_is_no_key_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError):
        check_key("username", value)


def test_a_key_may_have_as_many_bytes_as_dynamodb_allows() -> None:
    assert check_key("username", "é" * 1024) == "é" * 1024


@pytest.mark.parametrize("value", [None, "", "[HASHED]", "x" * 129, "\udfff"])
def test_what_is_no_new_password_is_refused_without_being_quoted(value: object) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        check_new_password("new_password", value)
    assert "x" * 10 not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [None, True, 1.5, "1", *map(Decimal, ("NaN", "sNaN", "Infinity", "1E+126", "1E-131", "1" * 39, "1." + "1" * 38))],
)
def test_what_is_no_number_of_dynamodb_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError):
        check_number("amount", value)


@pytest.mark.parametrize("text", ["0E-131", "-0E-400", "0E-999999999", "1." + "0" * 168])
def test_zeros_without_end_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError):
        check_number("quantity", Decimal(text))


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "0.00",
        "0E-130",
        "0E+999999",
        "1." + "0" * 167,
        "1.50",
        "1E+125",
        "9.99E+125",
        "1E-130",
        "9" * 38,
        "1" + "0" * 60,
    ],
)
def test_what_dynamodb_holds_is_a_number(text: str) -> None:
    assert str(check_number("amount", Decimal(text))) == str(Decimal(text))


def test_a_sum_of_nothing_keeps_no_more_zeros_than_a_zero_may_have() -> None:
    assert str(exact_sum("quantity", Decimal("0E-400"), Decimal(0))) == "0E-130"
    assert str(exact_sum("quantity", Decimal("0.00"), Decimal(0))) == "0.00"


def test_an_int_is_a_number() -> None:
    assert check_number("amount", 5) == Decimal(5)


@pytest.mark.parametrize("value", [0, 1001, True, 2.0, None, "5"])
def test_a_limit_is_an_int_within_bounds(value: object) -> None:
    with pytest.raises(InvalidArgumentError):
        check_count("limit", value, minimum=1, maximum=1000)
