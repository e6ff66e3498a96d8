"""Numbers, texts and pages as they go over the wire: numbers are text, so that no client makes a float of them."""

import base64
import binascii
import json
import re
from decimal import Decimal
from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from common.data import InvalidCursorError

__all__ = [
    "Amount",
    "AssetId",
    "Body",
    "Figure",
    "Limit",
    "Number",
    "View",
    "decode_cursor",
    "encode_cursor",
    "plain",
]

LARGEST_PAGE: Final = 100
_AMOUNT: Final = r"^[0-9]{1,15}(\.[0-9]{1,8})?$"
_FIGURE: Final = r"^-?[0-9]{1,25}(\.[0-9]{1,13})?$"
_NUMBER: Final = r"^-?[0-9]+(\.[0-9]+)?$"


def plain(number: Decimal) -> str:
    """A number without an exponent, digits as they are."""
    return format(number, "f")


def _text(value: object) -> object:
    if isinstance(value, Decimal) or (isinstance(value, str) and re.fullmatch(_NUMBER, value)):
        return value
    raise ValueError("must be a number as text")


def _figure(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_FIGURE, value):
        return value
    raise ValueError("must be a number as text, with at most 25 digits before the point and 13 after it")


def _amount(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_AMOUNT, value):
        return value
    raise ValueError("must be a number as text, with at most 15 digits before the point and 8 after it")


def _above_zero(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be above zero")
    return value


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Number = Annotated[
    Decimal, BeforeValidator(_text), PlainSerializer(plain, return_type=str), _schema(_NUMBER, "64250.10")
]
"""A number in an answer."""

Figure = Annotated[Decimal, BeforeValidator(_figure), _schema(_FIGURE, "64250.10")]
"""Any number in a request: at most the 38 digits that are stored."""

Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    AfterValidator(_above_zero),
    PlainSerializer(plain, return_type=str),
    _schema(_AMOUNT, "250.50"),
]
"""Cash, a quantity or a price in a request: above zero."""

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.", examples=[50])]
"""The size of a page."""

AssetId = Annotated[str, Path(min_length=1, max_length=64, description="The id of an asset.", examples=["BTC"])]
"""The id of an asset in a path."""


class Body(BaseModel):
    """What a client sends: nothing that is not known, and no error that quotes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class View(BaseModel):
    """What a client is shown of an entity."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def encode_cursor(cursor: dict[str, str] | None) -> str | None:
    """A cursor of the data layer as text without meaning."""
    return None if cursor is None else base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")


def decode_cursor(text: str | None) -> dict[str, str] | None:
    """The cursor that `encode_cursor` was given.

    Raises:
        InvalidCursorError: it never gave such a text.
    """
    if text is None:
        return None
    try:
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidCursorError from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidCursorError
    return found
