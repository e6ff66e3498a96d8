"""The parts of botocore's client and boto3's Table that the data layer uses, as types.

boto3 makes these methods at run time, so no type checker knows them without generated stubs.
"""

import decimal
from decimal import Decimal
from typing import Any, Final, Protocol, runtime_checkable

from botocore.client import ClientMeta
from botocore.hooks import BaseEventHooks

__all__ = ["Client", "Resource", "Table", "shorten_numbers", "watch_numbers"]

DIGITS: Final = 38
"""How many significant digits DynamoDB keeps."""


@runtime_checkable
class Client(Protocol):
    """A botocore client of DynamoDB: values in wire form, as `{"S": "alice"}`."""

    @property
    def meta(self) -> ClientMeta:
        """Endpoint, region and events of the client."""
        ...

    def close(self) -> None:
        """Close its connections."""
        ...

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """Keys, indexes and status of a table."""
        ...

    def transact_write_items(self, **arguments: object) -> dict[str, Any]:
        """Carry out several writes, or none."""
        ...

    def batch_get_item(self, **arguments: object) -> dict[str, Any]:
        """Read up to 100 items; some may stay unprocessed."""
        ...

    def create_table(self, **arguments: object) -> dict[str, Any]:
        """Begin to create a table."""
        ...

    def delete_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """Begin to delete a table."""
        ...


class ResourceMeta(Protocol):
    """What a boto3 resource knows of itself."""

    @property
    def client(self) -> Client:
        """Its client, which takes and gives Python values."""
        ...


class Table(Protocol):
    """A boto3 Table: values as Python ones, numbers as Decimal."""

    @property
    def name(self) -> str:
        """The physical name."""
        ...

    @property
    def meta(self) -> ResourceMeta:
        """What it knows of itself, its client among it."""
        ...

    def get_item(self, **arguments: object) -> dict[str, Any]:
        """Read one item."""
        ...

    def put_item(self, **arguments: object) -> dict[str, Any]:
        """Write a whole item."""
        ...

    def update_item(self, **arguments: object) -> dict[str, Any]:
        """Change some attributes of an item."""
        ...

    def delete_item(self, **arguments: object) -> dict[str, Any]:
        """Remove an item."""
        ...

    def query(self, **arguments: object) -> dict[str, Any]:
        """Read a page of one partition."""
        ...

    def scan(self, **arguments: object) -> dict[str, Any]:
        """Read a page of the table."""
        ...


class Resource(Protocol):
    """boto3's DynamoDB resource."""

    @property
    def meta(self) -> ResourceMeta:
        """What it knows of itself."""
        ...

    def Table(self, name: str) -> Table:  # noqa: N802 - boto3's name
        """The table of that physical name; nothing is sent."""
        ...


def watch_numbers(events: BaseEventHooks) -> None:
    """Let boto3's resource send and read every number that DynamoDB holds, digit by digit."""
    events.register_first("before-parameter-build.dynamodb", _send_short_numbers)
    events.register_last("before-parameter-build.dynamodb", _send_plain_numbers)
    events.register_first("after-call.dynamodb", _read_short_numbers)


def shorten_numbers(wire: object) -> None:
    """Put an exponent in place of trailing zeros in each long N, in place.

    boto3 counts those zeros among the 38 digits that it reads, DynamoDB does not.
    """
    if isinstance(wire, list):
        for part in wire:
            shorten_numbers(part)
    elif isinstance(wire, dict):
        number = wire.get("N")
        if not isinstance(number, str):
            shorten_numbers(list(wire.values()))
        elif len(number) > DIGITS:
            wire["N"] = str(Decimal(number).normalize(_digits()))


def _shortened(value: object) -> object:
    """A Python value whose Decimals have exponents in place of trailing zeros; maps and lists are changed in place."""
    if isinstance(value, list):
        value[:] = [_shortened(part) for part in value]
    elif isinstance(value, dict):
        value.update({name: _shortened(part) for name, part in value.items()})
    elif isinstance(value, Decimal):
        return value.normalize(_digits())
    return value


def _digits() -> decimal.Context:
    """DynamoDB's 38 digits, and no rounding; Python's default context would round to 28."""
    return decimal.Context(prec=DIGITS, traps=[decimal.Inexact, decimal.InvalidOperation])


def _send_short_numbers(params: dict[str, Any], **_: object) -> None:
    for name in ("Item", "Key", "ExpressionAttributeValues", "TransactItems", "RequestItems"):
        if name in params:
            _shortened(params[name])


def _read_short_numbers(parsed: dict[str, Any], **_: object) -> None:
    for name in ("Item", "Items", "Attributes", "Responses"):
        if name in parsed:
            shorten_numbers(parsed[name])


def _send_plain_numbers(params: dict[str, Any], **_: object) -> None:
    """Rewrite each N of a request in DynamoDB's own form, in place.

    boto3 turns a Decimal into text with `str`, which gives `1E-8` where DynamoDB keeps `0.00000001`.
    """
    _plain(params)


def _plain(value: object) -> None:
    if isinstance(value, list):
        for part in value:
            _plain(part)
    elif isinstance(value, dict):
        if len(value) == 1 and isinstance(text := value.get("N"), str):
            number = Decimal(text).normalize(_digits())
            value["N"] = format(number, "f") if number else "0"
            return
        for part in value.values():
            _plain(part)
