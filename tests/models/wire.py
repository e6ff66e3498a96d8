"""Attributes of a row in wire form, read strictly; the readers raise UnreadableError."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from tests.models.numbers import as_number

__all__ = [
    "INSTANT",
    "UnreadableError",
    "Wire",
    "choice",
    "flag",
    "instant",
    "made",
    "number",
    "optional_document",
    "optional_number",
    "optional_text",
    "optional_whole",
    "text",
    "text_number",
]

S = TypeVar("S", bound=StrEnum)
Wire = Mapping[str, Mapping[str, Any]]

INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


class UnreadableError(Exception):
    """An attribute is missing, of another type, or not of its form."""


def _is_absent(row: Wire, name: str) -> bool:
    return name not in row or "NULL" in row[name]


def _optional(row: Wire, name: str, kind: str, make: Any) -> Any:
    if _is_absent(row, name):
        return None
    if kind not in row[name]:
        raise UnreadableError
    return made(make, row[name][kind])


def made(make: Any, *arguments: Any) -> Any:
    """What a function makes of stored values; unreadable where it refuses them."""
    try:
        return make(*arguments)
    except (ValueError, ArithmeticError) as error:
        raise UnreadableError from error


def text(row: Wire, name: str) -> str:
    """Text that must be there."""
    found = optional_text(row, name)
    if found is None:
        raise UnreadableError
    return found


def optional_text(row: Wire, name: str) -> str | None:
    """Text, or None where there is none."""
    found: str | None = _optional(row, name, "S", str)
    return found


def optional_number(row: Wire, name: str) -> Decimal | None:
    """A number, digits as DynamoDB keeps them, or None where there is none."""
    found: Decimal | None = _optional(row, name, "N", lambda text: as_number(Decimal(text)))
    return found


def number(row: Wire, name: str) -> Decimal:
    """A number that must be there."""
    found = optional_number(row, name)
    if found is None:
        raise UnreadableError
    return found


def optional_whole(row: Wire, name: str) -> int | None:
    """A whole number, or None where there is none."""
    found: int | None = _optional(row, name, "N", _whole)
    return found


def optional_document(row: Wire, name: str) -> dict[str, Any] | None:
    """A map of JSON values, or None where there is none."""
    found: dict[str, Any] | None = _optional(row, name, "M", _document)
    return found


def text_number(row: Wire, name: str) -> Decimal:
    """A number kept as text, digits as written."""
    spelled = text(row, name)
    if not _NUMBER.fullmatch(spelled):
        raise UnreadableError
    return Decimal(spelled)


def instant(row: Wire, name: str = "created_at") -> datetime:
    """An instant in any old spelling."""
    spelled = text(row, name)
    if not INSTANT.fullmatch(spelled):
        raise UnreadableError
    found: datetime = made(datetime.fromisoformat, spelled)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else made(found.astimezone, UTC)


def choice(cls: type[S], row: Wire, name: str) -> S:
    """A member of an enumeration."""
    found: S = made(cls, text(row, name))
    return found


def flag(row: Wire, name: str, *, missing: bool) -> bool:
    """A BOOL, or what stands for a missing one."""
    found: bool | None = _optional(row, name, "BOOL", bool)
    return missing if found is None else found


def _whole(number: str) -> int:
    found = int(Decimal(number))
    if found != Decimal(number):
        raise ValueError
    return found


def _document(value: Mapping[str, Wire]) -> dict[str, Any]:
    return {name: _json(part) for name, part in sorted(value.items())}


def _json(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind == "N":
        return as_number(Decimal(content))
    if kind == "M":
        return _document(content)
    if kind == "L":
        return [_json(part) for part in content]
    if kind not in {"S", "BOOL", "NULL"}:
        raise ValueError
    return None if kind == "NULL" else content
