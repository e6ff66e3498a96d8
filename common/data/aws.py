"""The parts of botocore's client and boto3's Table that the data layer uses, as types.

boto3 makes these methods at run time, so no type checker knows them without generated stubs.
"""

from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from botocore.client import ClientMeta

__all__ = ["Client", "Resource", "Table", "send_plain_numbers"]


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


def send_plain_numbers(params: dict[str, Any], **_: object) -> None:
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
            number = Decimal(text).normalize()
            value["N"] = format(number, "f") if number else "0"
            return
        for part in value.values():
            _plain(part)
