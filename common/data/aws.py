"""The parts of botocore's client and boto3's Table that the data layer uses, as types.

boto3 makes these methods at run time, so no type checker knows them without generated stubs.
"""

import decimal
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Protocol, runtime_checkable

from boto3.dynamodb.transform import TransformationInjector
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.client import ClientMeta
from botocore.hooks import BaseEventHooks

__all__ = ["Client", "ExactDeserializer", "Resource", "Table", "keep_digits"]

_DIGITS: Final = 38  # that DynamoDB keeps; the models count their own, on purpose


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


class _ExactSerializer(TypeSerializer):
    """Python values to wire form, every number digit by digit in DynamoDB's own form.

    boto3's context ends at 1E-165, where numbers of 38 digits begin to lack some, and its text at `1E-8`, where DynamoDB keeps `0.00000001`.
    """

    def serialize(self, value: object) -> Mapping[str, object]:  # type: ignore[override] # its TypedDict is private
        """One value; boto3 comes here for those in lists and maps too."""
        if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
            number = Decimal(value).normalize(_digits())
            return {"N": format(number, "f") if number else "0"}
        return super().serialize(value)


class ExactDeserializer(TypeDeserializer):
    """Wire form to Python values, every number digit by digit.

    boto3's context refuses those smaller than 1E-165 in their last digit, and counts the zeros of `1000...` among 38 digits.
    """

    def deserialize(self, value: Mapping[str, object]) -> object:
        """One value; boto3 comes here for those in lists and maps too."""
        match value:
            case {"N": str(number)}:
                return Decimal(number)
            case {"NS": list(numbers)}:
                return set(map(Decimal, numbers))
        return super().deserialize(value)  # type: ignore[arg-type] # the same


def keep_digits(events: BaseEventHooks) -> None:
    """Let boto3's resource send and read every number that DynamoDB holds."""
    injector = TransformationInjector(serializer=_ExactSerializer(), deserializer=ExactDeserializer())
    for event, handler, unique_id in (
        ("before-parameter-build.dynamodb", injector.inject_attribute_value_input, "dynamodb-attr-value-input"),
        ("after-call.dynamodb", injector.inject_attribute_value_output, "dynamodb-attr-value-output"),
    ):
        events.unregister(event, unique_id=unique_id)
        events.register(event, handler, unique_id=unique_id)


def _digits() -> decimal.Context:
    """DynamoDB's 38 digits, and no rounding; Python's default context would round to 28."""
    return decimal.Context(prec=_DIGITS, traps=[decimal.Inexact, decimal.InvalidOperation])
