"""A little domain of its own: notes with a rank, on plain boto3, and candidates that are wrong on purpose."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import uuid4

import boto3
from boto3.dynamodb.conditions import Attr
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

TABLES: dict[str, dict[str, Any]] = {
    "notes": {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
}
logger = logging.getLogger("notes")


class NoteError(Exception):
    """Base of the domain's errors."""

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


class NoteNotFoundError(NoteError):
    """There is no such note."""


class NoteExistsError(NoteError):
    """The note is there already."""


@dataclass(frozen=True)
class Note:
    """A note; `made` is aware and in UTC."""

    id: str
    text: str
    rank: Decimal
    colour: str | None
    made: datetime
    token: str


class NoteDAOProtocol(Protocol):
    """What a notes DAO does."""

    def add(self, id: str, text: str, rank: Decimal, secret: str = "") -> Note:
        """Store a note.

        Raises:
            NoteExistsError: the id is taken.
        """
        ...

    def get(self, id: str) -> Note:
        """Read a note.

        Raises:
            NoteNotFoundError: there is none.
        """
        ...

    def rename(self, id: str, text: str) -> Note:
        """Change the text of a note.

        Raises:
            NoteNotFoundError: there is none.
        """
        ...

    def discard(self, id: str) -> bool:
        """Remove a note that is there; False if it is not."""
        ...


class NoteDAO:
    """Notes over a boto3 table."""

    def __init__(self, connection: Any) -> None:
        self._table = connection

    def add(self, id: str, text: str, rank: Decimal, secret: str = "") -> Note:
        """Store a note."""
        note = Note(id, text, rank, None, self._now(), str(uuid4()))
        try:
            self._table.put_item(
                Item={**self._item(note), "secret": secret}, ConditionExpression=Attr("id").not_exists()
            )
        except ClientError as error:
            raise NoteExistsError(f"note {id} exists", id) from error
        logger.info("added %s", id)
        return note

    def get(self, id: str) -> Note:
        """Read a note."""
        item = self._table.get_item(Key={"id": id}, ConsistentRead=True).get("Item")
        if item is None:
            raise NoteNotFoundError(f"no note {id}", id)
        return self._note(item)

    def rename(self, id: str, text: str) -> Note:
        """Change the text of a note."""
        try:
            answer = self._table.update_item(
                Key={"id": id},
                UpdateExpression="SET #t = :t",
                ConditionExpression="attribute_exists(id) AND attribute_exists(#t)",
                ExpressionAttributeNames={"#t": "text"},
                ExpressionAttributeValues={":t": text},
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            raise NoteNotFoundError(f"no note {id}", id) from error
        return self._note(answer["Attributes"])

    def discard(self, id: str) -> bool:
        """Remove a note that is there."""
        if "Item" not in self._table.get_item(Key={"id": id}):
            return False
        self._table.delete_item(Key={"id": id})
        return True

    def _now(self) -> datetime:
        return datetime.now(UTC)

    def _item(self, note: Note) -> dict[str, Any]:
        return {**vars(note), "made": note.made.isoformat()}

    def _note(self, item: Mapping[str, Any]) -> Note:
        made = datetime.fromisoformat(item["made"]) if "made" in item else datetime(2020, 1, 1, tzinfo=UTC)
        return Note(item["id"], item["text"], item["rank"], item.get("colour"), made, item.get("token", ""))


def connect(endpoint: str, tables: Mapping[str, str], session: Session) -> Any:
    """A boto3 table at an endpoint."""
    resource = boto3.Session(botocore_session=session).resource(
        "dynamodb", endpoint_url=endpoint, config=Config(retries={"mode": "standard"})
    )
    return resource.Table(tables["notes"])
