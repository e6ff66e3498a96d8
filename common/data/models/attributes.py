"""Attribute types: what is stored is what the boto3 code stored, and decoding is strict.

`deserialize` raises ValueError for text that is not of the attribute's form.
"""

import decimal
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final, Generic, Self, TypeVar, overload
from uuid import UUID, SafeUUID

from pynamodb.attributes import Attribute
from pynamodb.constants import BOOLEAN, LIST, MAP, NULL, NUMBER, STRING
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import RemoveAction, SetAction

from common.data.fastpath.rows import Together

__all__ = [
    "AnyAttribute",
    "DateAttribute",
    "DecimalAttribute",
    "DecimalTextAttribute",
    "DocumentAttribute",
    "EnumAttribute",
    "FlagAttribute",
    "IntegerAttribute",
    "OffsetTimestampAttribute",
    "TextAttribute",
    "UtcTimestampAttribute",
    "UuidAttribute",
]

C = TypeVar("C", bound=StrEnum)
T = TypeVar("T")

_INSTANT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
_TIMESTAMP: Final = re.compile(rf"{_INSTANT}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]{1,4})?"
_DECIMAL: Final = re.compile(_NUMBER)
_PLAIN: Final = r"(?:-?(?:[1-9][0-9]*+(?:\.[0-9]*(?<=[1-9]))?|0\.[0-9]*(?<=[1-9]))|0)"
_UUID: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_WHOLE: Final = r"(?:0|-?[1-9][0-9]*+)"
_UTC_OFFSET: Final = "+00:00"


def _all_of(form: str) -> Callable[[str], object]:
    """What matches values of this form with a blank between them: compiled at its first use, so that imports are quick."""

    @cache
    def pattern() -> re.Pattern[str]:
        return re.compile(f"{form}(?: {form})*+")

    return lambda joined: pattern().fullmatch(joined)


_are_uuids = _all_of(_UUID)
_are_numbers = _all_of(_NUMBER)
_are_plain_numbers = _all_of(_PLAIN)
_are_whole_numbers = _all_of(_WHOLE)
_are_naive_instants = _all_of(_INSTANT)
_are_offset_instants = _all_of(rf"{_INSTANT}\+00:00")
_DIGITS: Final = 38
_MAGNITUDE: Final = range(-130, 126)  # exponents of the leading digit


def plain_text(number: Decimal) -> str:
    """Plain notation, digits as they are: `1.50` stays so, `1E+2` is `100`."""
    return format(number, "f")


def canonical_text(number: Decimal) -> str:
    """DynamoDB's own form of a number: plain notation, no trailing zeros, no `-0`.

    Raises:
        ValueError: DynamoDB cannot hold it; nothing is ever rounded.
    """
    if not number:
        return "0"
    context = decimal.Context(prec=_DIGITS, traps=[decimal.Inexact, decimal.InvalidOperation])
    try:
        normal = number.normalize(context)
    except ArithmeticError:
        raise ValueError("more digits than DynamoDB holds, or no number") from None
    if not normal.is_finite() or normal.adjusted() not in _MAGNITUDE:
        raise ValueError("beyond the magnitude that DynamoDB holds")
    return plain_text(normal)


def _instant(text: str) -> datetime:
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError("not a date and time")
    if found[1] is None:
        return _from_naive(text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range in UTC") from None


def _from_naive(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}{_UTC_OFFSET}")  # ten times as fast as to replace its time zone


def _all_from_naive(texts: list[str]) -> Iterable[datetime]:
    return map(datetime.fromisoformat, f"{f'{_UTC_OFFSET} '.join(texts)}{_UTC_OFFSET}".split(" "))


def _uuid(text: str) -> UUID:
    """What UUID(text) gives for one of the usual form, without a look at the other forms that it takes."""
    made = UUID.__new__(UUID)
    object.__setattr__(made, "int", int(text.replace("-", ""), 16))
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def _encodable(text: str) -> str:
    str.encode(text)
    return text


class RowAttribute(Attribute[T]):
    """An attribute of a model, and of no map: so that PynamoDB need not look which of them it is, at each access."""

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[object]) -> T: ...

    def __get__(self, instance: object, owner: type[object]) -> Self | T:
        """The attribute itself, asked of its class; else its value."""
        return self if instance is None else super().__get__(instance, owner)


class TextAttribute(RowAttribute[str]):
    """Text."""

    attr_type = STRING
    together = Together(usual=str.encode, decode=iter)

    def deserialize(self, value: str) -> str:
        """The text, if it is one and has a UTF-8 form (an engine may hand out text that has none)."""
        str.encode(value)
        return value


class UuidAttribute(RowAttribute[UUID]):
    """A UUID, as its text."""

    attr_type = STRING
    together = Together(usual=_are_uuids, decode=partial(map, _uuid))

    def serialize(self, value: UUID) -> str:
        """Its canonical text."""
        return str(value)

    def deserialize(self, value: str) -> UUID:
        """The UUID."""
        if _are_uuids(value) is None:
            raise ValueError("not a UUID")
        return UUID(value)


class FlagAttribute(RowAttribute[bool]):
    """A BOOL."""

    attr_type = BOOLEAN

    def deserialize(self, value: bool) -> bool:  # noqa: FBT001 - PynamoDB's signature
        """The same, if it is one (a broken engine may send text)."""
        if type(value) is not bool:
            raise TypeError("not a BOOL")
        return value


class EnumAttribute(RowAttribute[C], Generic[C]):
    """The text of a StrEnum."""

    attr_type = STRING

    def __init__(self, choices: type[C], *, attr_name: str, null: bool = False) -> None:
        super().__init__(attr_name=attr_name, null=null)
        self.choices = choices
        self._members = {member.value: member for member in choices}
        self.together = Together(usual=None, decode=partial(map, self._members.__getitem__))

    def serialize(self, value: C) -> str:
        """Its text."""
        return self.choices(value).value

    def deserialize(self, value: str) -> C:
        """The member of that text."""
        return self._members.get(value) or self.choices(value)


class DateAttribute(RowAttribute[date]):
    """A day, as `YYYY-MM-DD`."""

    attr_type = STRING

    def serialize(self, value: date) -> str:
        """`YYYY-MM-DD`."""
        return value.isoformat()

    def deserialize(self, value: str) -> date:
        """The day."""
        if _DAY.fullmatch(value) is None:
            raise ValueError("not a day")
        return date.fromisoformat(value)


class UtcTimestampAttribute(RowAttribute[datetime]):
    """An instant, stored as naive UTC; every old spelling (`Z`, offset, milliseconds) is read."""

    attr_type = STRING
    form = _TIMESTAMP
    together = Together(usual=_are_naive_instants, decode=_all_from_naive)

    @staticmethod
    def has_form(text: str) -> bool:
        """Whether text looks like a date and time, even if the calendar has no such day."""
        return _TIMESTAMP.fullmatch(text) is not None

    def serialize(self, value: datetime) -> str:
        """Naive ISO text in UTC, without a fraction of zero."""
        return value.astimezone(UTC).isoformat().removesuffix("+00:00")

    def deserialize(self, value: str) -> datetime:
        """The instant, aware, in UTC."""
        return _instant(value)


class OffsetTimestampAttribute(RowAttribute[datetime]):
    """An instant, stored in UTC with its offset, as orders have it."""

    attr_type = STRING
    together = Together(usual=_are_offset_instants, decode=partial(map, datetime.fromisoformat))

    def serialize(self, value: datetime) -> str:
        """ISO text that ends in `+00:00`."""
        return value.astimezone(UTC).isoformat()

    def deserialize(self, value: str) -> datetime:
        """The instant, aware, in UTC."""
        return _instant(value)


class DecimalAttribute(RowAttribute[Decimal]):
    """A number, sent in DynamoDB's own form and read digit by digit."""

    attr_type = NUMBER
    together = Together(usual=_are_plain_numbers, decode=partial(map, Decimal))

    def serialize(self, value: Decimal) -> str:
        """Canonical text; a ValueError where DynamoDB could not hold it."""
        return canonical_text(value)

    def deserialize(self, value: str) -> Decimal:
        """The number, digits as DynamoDB keeps them: an engine may hand out `2.00`, or a sum as `0.0`."""
        return _kept(_number(value))


class IntegerAttribute(RowAttribute[int]):
    """A whole number."""

    attr_type = NUMBER
    together = Together(usual=_are_whole_numbers, decode=partial(map, int))

    def serialize(self, value: int) -> str:
        """Canonical text; a ValueError where DynamoDB could not hold it."""
        return canonical_text(Decimal(value))

    def deserialize(self, value: str) -> int:
        """The number, if it has no fraction."""
        number = _number(value)
        whole = int(number)
        if whole != number:
            raise ValueError("not a whole number")
        return whole


class DecimalTextAttribute(RowAttribute[Decimal]):
    """A number stored as text, digits as written."""

    attr_type = STRING
    together = Together(usual=_are_numbers, decode=partial(map, Decimal))

    def serialize(self, value: Decimal) -> str:
        """Plain notation."""
        return plain_text(value)

    def deserialize(self, value: str) -> Decimal:
        """The number, trailing zeros kept."""
        return _number(value)


def _number(text: str) -> Decimal:
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError("not a number")
    return Decimal(text)


def _kept(number: Decimal) -> Decimal:
    """A number with the digits that DynamoDB keeps: no exponent, no zeros at its end, no `-0`."""
    text = plain_text(number)
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text) if number else Decimal(0)


class DocumentAttribute(RowAttribute[dict[str, Any]]):
    """A map of text to JSON values whose numbers are Decimals."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Wire form, numbers in DynamoDB's own form."""
        return {name: _wire(part) for name, part in value.items()}

    def deserialize(self, value: dict[str, Any]) -> dict[str, Any]:
        """Plain dicts, lists and Decimals; names in order, as the entity has them."""
        return {_encodable(name): _value(value[name]) for name in sorted(value)}

    def set(self, value: object) -> SetAction | RemoveAction:
        """SET to a document; in wire form, or PynamoDB would take `{"S": ...}` for a string."""
        return Path(self).set({MAP: self.serialize(value)} if isinstance(value, Mapping) else value)


def _wire(value: object) -> dict[str, Any]:
    """A JSON value in wire form, numbers in DynamoDB's own form."""
    wire: dict[str, Any]
    if value is None:
        wire = {NULL: True}
    elif isinstance(value, bool):
        wire = {BOOLEAN: value}
    elif isinstance(value, (Decimal, int)):
        wire = {NUMBER: canonical_text(Decimal(value))}
    elif isinstance(value, str):
        wire = {STRING: value}
    elif isinstance(value, Mapping):
        wire = {MAP: {name: _wire(part) for name, part in value.items()}}
    elif isinstance(value, (list, tuple)):
        wire = {LIST: [_wire(part) for part in value]}
    else:
        raise TypeError(f"{type(value).__name__} is no JSON value")
    return wire


def _value(wire: Mapping[str, Any]) -> object:
    """A JSON value from its wire form; a set or binary is none."""
    ((kind, content),) = wire.items()
    value: object
    if kind == NULL:
        value = None
    elif kind == NUMBER:
        value = _kept(_number(content))
    elif kind == MAP:
        value = {_encodable(name): _value(content[name]) for name in sorted(content)}
    elif kind == LIST:
        value = _numbers(content) or [_value(part) for part in content]
    elif kind == STRING:
        value = _encodable(content)
    elif kind == BOOLEAN:
        value = content
    else:
        raise ValueError(f"{kind} is no JSON value")
    return value


def _numbers(parts: list[Mapping[str, Any]]) -> list[Decimal] | None:
    """A list of nothing but numbers as DynamoDB sends them, as most lists are; None of any other."""
    try:
        texts = [part[NUMBER] for part in parts]
    except KeyError:
        return None
    # Of no more kinds than that one.
    plain = sum(map(len, parts)) == len(parts) and _are_plain_numbers(" ".join(texts)) is not None
    return list(map(Decimal, texts)) if plain else None


class AnyAttribute(RowAttribute[Any]):
    """An attribute of which only the presence counts: it is never decoded."""

    attr_type = STRING
    null = True

    def get_value(self, value: dict[str, Any]) -> object:
        """The value in wire form, whatever its type."""
        return value
