"""What all entities have in common."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

__all__ = ["LENIENT", "Day", "Entity", "Number", "Text", "Timestamp", "is_lenient", "length", "matches_strictly"]

LENIENT: Final[Mapping[str, bool]] = MappingProxyType({"lenient": True})
"""Validation context that waives lengths and patterns: rows written by the old code may break them."""


_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


class Entity(BaseModel):
    """A frozen value of the domain. Its validation errors do not print what they were given."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def is_lenient(info: ValidationInfo) -> bool:
    """Whether lengths and patterns are waived in this validation."""
    return isinstance(info.context, Mapping) and info.context.get("lenient") is True


def length(maximum: int, minimum: int = 0) -> AfterValidator:
    """Text that UTF-8 can encode, with a bound on its characters; the bound is waived in a lenient validation."""

    def check(value: str, info: ValidationInfo) -> str:
        _encodable(value)
        if not is_lenient(info) and not minimum <= len(value) <= maximum:
            bounds = f"{minimum} to {maximum}" if minimum else f"at most {maximum}"
            raise ValueError(f"must have {bounds} characters")
        return value

    return AfterValidator(check)


def matches_strictly(check: Callable[[str], bool], message: str) -> AfterValidator:
    """A test of the text, waived in a lenient validation."""

    def run(value: str, info: ValidationInfo) -> str:
        if not is_lenient(info) and not check(value):
            raise ValueError(message)
        return value

    return AfterValidator(run)


def _no_number(value: object) -> object:
    if isinstance(value, (bool, int, float)):
        raise ValueError("must not be a number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _exact(value: object) -> object:
    if isinstance(value, (bool, float)):
        raise ValueError("must be a Decimal")  # noqa: TRY004 - pydantic wants a ValueError
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        raise ValueError("must be a decimal number")
    return value


def _encodable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be text that UTF-8 can encode") from None  # the cause would quote it
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range in UTC") from None


Timestamp = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_in_utc)]
"""An instant, held as an aware datetime in UTC; a naive one is UTC."""

Day = Annotated[date, BeforeValidator(_no_number)]
"""A day of the calendar."""

Number = Annotated[Decimal, BeforeValidator(_exact)]
"""An exact number: a Decimal or an int (or a Decimal's text, as JSON has it), never a float."""

Text = Annotated[str, AfterValidator(_encodable)]
"""Text of any length that UTF-8 can encode."""
