"""The three tables: their definitions, and a command that creates, drops and describes them.

`python -m common.data.tables create|drop|describe` works on the tables that the settings name.
"""

import ipaddress
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, NoReturn, get_args
from urllib.parse import urlsplit

import typer
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from common.data.aws import Client
from common.data.aws_errors import aws_code
from common.data.connection import Connection
from common.data.errors import DataError
from common.data.settings import Settings, TableName

__all__ = ["DEFINITIONS", "app", "make_table"]

PATIENCE = 300.0  # seconds until a table has to be ACTIVE, or gone


def _keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def _definition(keys: tuple[str, ...], indexes: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Arguments of CreateTable: every key is text, every index projects all, billing is on demand."""
    names = [*keys, *(name for index in indexes.values() for name in index)]
    definition: dict[str, Any] = {
        "KeySchema": _keys(*keys),
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if indexes:
        definition["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _keys(*names), "Projection": {"ProjectionType": "ALL"}}
            for index, names in indexes.items()
        ]
    return definition


DEFINITIONS: Mapping[TableName, dict[str, Any]] = MappingProxyType(
    {
        "users": _definition(("Pk", "Sk"), {"EmailIndex": ("email",)}),
        "orders": _definition(("Pk", "Sk"), {"UserOrdersIndex": ("GSI-PK", "GSI-SK")}),
        "inventory": _definition(("product_id",), {}),
    }
)
"""By logical name: the arguments of CreateTable but for the name."""

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The tables of the data layer.")


def _fail(message: object) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(1)


def _connection() -> Connection:
    try:
        return Connection(Settings())
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
        _fail(f"the settings are not valid: {fields}")


def _client(connection: Connection) -> Client:
    try:
        return connection.calls.run("tables", lambda: connection.client)
    except DataError as error:
        _fail(error)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _describe(client: Client, name: str) -> dict[str, Any] | None:
    try:
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if aws_code(error) == "ResourceNotFoundException":
            return None
        raise
    return table


def _until(name: str, state: str) -> Iterator[None]:
    """Times at which to look whether a table is in a state; fails when it is never."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.5)
    _fail(f"{name}: still not {state} after {PATIENCE:.0f} s")


def _is_active(table: Mapping[str, Any]) -> bool:
    parts = [table["TableStatus"], *(each.get("IndexStatus") for each in _indexes(table))]
    return all(status in {"ACTIVE", None} for status in parts)


def _indexes(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(table.get("GlobalSecondaryIndexes") or [])


def _shape(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Keys of the table and of its indexes, by name of the index."""
    schemas = {"": table["KeySchema"]} | {each["IndexName"]: each["KeySchema"] for each in _indexes(table)}
    return {name: tuple(key["AttributeName"] for key in schema) for name, schema in schemas.items()}


def _create_missing(client: Client, name: str, definition: dict[str, Any]) -> bool:
    """Create the table; False if another was faster."""
    try:
        client.create_table(TableName=name, **definition)
    except ClientError as error:
        if aws_code(error) == "ResourceInUseException":
            return False
        raise
    return True


def make_table(client: Client, name: str, definition: dict[str, Any]) -> str:
    """Create the table where there is none, also once one that is being deleted is gone, and wait until it is ACTIVE."""
    created = False
    for _ in _until(name, "active"):
        table = _describe(client, name)
        if table is None:
            created = _create_missing(client, name, definition)
            table = _describe(client, name)
        if table is None or table["TableStatus"] == "DELETING":
            continue
        if _shape(table) != _shape(definition):
            _fail(f"{name}: exists with other keys or indexes")
        if _is_active(table):
            break
    return "created" if created else "exists"


def _drop(client: Client, name: str) -> str:
    if _describe(client, name) is None:
        return "is not there"
    client.delete_table(TableName=name)
    for _ in _until(name, "gone"):
        if _describe(client, name) is None:
            break
    return "dropped"


def _status(client: Client, name: str) -> str:
    table = _describe(client, name)
    if table is None:
        return "is not there"
    indexes = ", ".join(each["IndexName"] for each in _indexes(table)) or "no index"
    return f"{table['TableStatus']}, about {table.get('ItemCount', 0)} items, {indexes}"


def _on_each(command: str, connection: Connection) -> None:
    client = _client(connection)
    for table in get_args(TableName):
        name = connection.settings.table_name(table)
        try:
            match command:
                case "create":
                    outcome = make_table(client, name, DEFINITIONS[table])
                case "drop":
                    outcome = _drop(client, name)
                case _:
                    outcome = _status(client, name)
        except (BotoCoreError, ClientError) as error:
            _fail(f"{name}: {error}")
        typer.echo(f"{name}: {outcome}")


@app.command()
def create() -> None:
    """Create the tables that are missing, and wait until all are ACTIVE."""
    with _connection() as connection:
        _on_each("create", connection)


@app.command()
def drop(
    yes: Annotated[bool, typer.Option("--yes", help="Needed for tables on another machine.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Delete the tables with everything in them, and wait until they are gone."""
    with _connection() as connection:
        endpoint = _client(connection).meta.endpoint_url
        if not yes and not _is_loopback(endpoint):
            _fail(f"will not drop tables on {endpoint} without --yes")
        _on_each("drop", connection)


@app.command()
def describe() -> None:
    """Show status, size and indexes of the tables."""
    with _connection() as connection:
        _on_each("describe", connection)


if __name__ == "__main__":
    app()
