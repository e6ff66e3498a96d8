"""Reading and writing of items as boto3's Table has them: dicts of Python values, numbers as Decimal."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from botocore.exceptions import ClientError

from common.data.aws import ExactDeserializer
from common.data.errors import CorruptItemError

__all__ = [
    "TIMESTAMP",
    "Item",
    "Row",
    "as_stored",
    "offset_timestamp",
    "quantity",
    "rejected_item",
    "utc_timestamp",
]

Item = dict[str, Any]
E = TypeVar("E", bound=StrEnum)

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


def utc_timestamp(value: datetime) -> str:
    """`2025-10-02T23:47:15.123456`: what every row but an order has."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat()


def offset_timestamp(value: datetime) -> str:
    """`2025-10-02T23:47:15.123456+00:00`: what an order has."""
    return value.astimezone(UTC).isoformat()


def quantity(value: Decimal) -> str:
    """A quantity that is kept as text, digits as written."""
    return format(value, "f")


def as_stored(value: Decimal) -> Decimal:
    """A number as it comes back from an N: digits as DynamoDB keeps them."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Decimal(text) if value else Decimal(0)


def rejected_item(error: ClientError) -> Item | None:
    """The stored item that came with a failed condition; boto3 leaves it in wire form."""
    response: dict[str, Any] = vars(error)["response"]
    item = response.get("Item")
    if not item:
        return None
    return {name: ExactDeserializer().deserialize(value) for name, value in item.items()}


class Row:
    """An item that is being decoded: each method reads one attribute or raises CorruptItemError."""

    def __init__(self, item: Item, key: tuple[str, ...]) -> None:
        self.item = item
        self._key = key

    def corrupt(self, name: str) -> CorruptItemError:
        """The error that names the attribute."""
        return CorruptItemError(attribute=name, key={part: str(self.item[part]) for part in self._key})

    def text(self, name: str) -> str:
        """A required S."""
        value = self.optional_text(name)
        if value is None:
            raise self.corrupt(name)
        return value

    def optional_text(self, name: str) -> str | None:
        """An S, or None for NULL and for nothing."""
        value = self.item.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.corrupt(name)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.corrupt(name) from None
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """A BOOL; the default for NULL and for nothing."""
        value = self.item.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.corrupt(name)
        return value

    def choice(self, name: str, choices: type[E]) -> E:
        """A required S that is one of the choices."""
        text = self.text(name)
        if text not in set(choices):
            raise self.corrupt(name)
        return choices(text)

    def timestamp(self, name: str) -> datetime:
        """A required instant in any spelling there ever was; without an offset it is UTC."""
        text = self.text(name)
        if not TIMESTAMP.fullmatch(text):
            raise self.corrupt(name)
        try:
            value = datetime.fromisoformat(text)
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise self.corrupt(name) from None

    def optional_date(self, name: str) -> date | None:
        """A day as `YYYY-MM-DD`, or None for NULL and for nothing."""
        text = self.optional_text(name)
        if text is None:
            return None
        try:
            if not DATE.fullmatch(text):
                raise self.corrupt(name)
            return date.fromisoformat(text)
        except ValueError:
            raise self.corrupt(name) from None

    def uuid(self, name: str) -> UUID:
        """A required S that is a UUID."""
        text = self.text(name)
        if not UUID_TEXT.fullmatch(text):
            raise self.corrupt(name)
        return UUID(text)

    def number(self, name: str) -> Decimal:
        """A required N."""
        value = self.optional_number(name)
        if value is None:
            raise self.corrupt(name)
        return value

    def optional_number(self, name: str) -> Decimal | None:
        """An N, or None for NULL and for nothing."""
        value = self.item.get(name)
        if value is not None and not isinstance(value, Decimal):
            raise self.corrupt(name)
        return None if value is None else as_stored(value)

    def optional_integer(self, name: str) -> int | None:
        """A whole N, or None for NULL and for nothing."""
        number = self.optional_number(name)
        if number is None:
            return None
        if number != int(number):
            raise self.corrupt(name)
        return int(number)

    def optional_document(self, name: str) -> dict[str, Any] | None:
        """An M of JSON values with Decimal numbers, or None for NULL and for nothing."""
        value = self.item.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.corrupt(name)
        try:
            return {str(_json(part)): _json(content) for part, content in value.items()}
        except ValueError:
            raise self.corrupt(name) from None

    def quantity(self, name: str) -> Decimal:
        """A required number that is kept as text."""
        text = self.text(name)
        if not DECIMAL.fullmatch(text):
            raise self.corrupt(name)
        return Decimal(text)


def _json(value: object) -> object:
    """A JSON value, numbers as DynamoDB keeps them; a ValueError for a set, for binary, and for text that has no UTF-8 form."""
    if isinstance(value, dict):
        return {_json(name): _json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    if isinstance(value, Decimal):
        return as_stored(value)
    if isinstance(value, str):
        value.encode()
    elif value is not None and not isinstance(value, bool):
        raise ValueError("no JSON value")
    return value
