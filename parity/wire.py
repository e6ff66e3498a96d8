"""A plain DynamoDB client: signed JSON over a kept-alive connection, and nothing else.

The harness prepares tables and reads them back with it.  It is not a botocore client on purpose: it fires no
botocore events, so the recorder never sees it; it adds no retries that could hide what an engine answered; and it walks
no service model, so it costs little beside a fast engine.
It reads the wall clock once, when it is made, so that a test's clock that ticks at each
reading never ticks for it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any, Final, Self, TypeAlias

from botocore.config import Config
from botocore.configprovider import (
    BOTOCORE_DEFAUT_SESSION_VARIABLES,
    ChainProvider,
    ConfigValueStore,
    ConstantProvider,
    InstanceVarProvider,
)
from botocore.session import Session

from parity.http import HttpUnreachableError, open_http
from parity.signing import Signer

__all__ = ["Document", "Item", "Wire", "WireError", "WireUnreachableError", "local_session"]

# DynamoDB's JSON has no schema here: what an operation answers is for its caller to know.
Document: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, dict[str, Any]]

LOCAL_REGION: Final = "us-east-1"
# Letters and digits only: DynamoDB Local refuses any other access key.
_LOCAL_ACCESS_KEY: Final = "parity"
_LOCAL_SECRET_KEY: Final = "parity"  # noqa: S105 - a dummy: no local engine checks it

_CONTENT_TYPE: Final = "application/x-amz-json-1.0"
_TARGET: Final = "DynamoDB_20120810."
_OK: Final = 200
_MAX_BATCH_WRITE: Final = 25
_MAX_BATCH_GET: Final = 100
_MAX_BATCH_TRIES: Final = 12
_READ_SECONDS: Final = 60.0


class WireError(Exception):
    """DynamoDB answered with an error.

    ``code`` is the error's short name (``ResourceNotFoundException``), ``message`` its text, ``status`` the HTTP status
    and ``body`` the whole decoded answer, cancellation reasons included.
    """

    def __init__(self, code: str, message: str, status: int, body: Document) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.status = status
        self.body = body


class WireUnreachableError(WireError):
    """No answer came at all: nothing listens there, or the connection broke.  ``status`` is 0."""

    def __init__(self, message: str) -> None:
        super().__init__("Unreachable", message, 0, {})


class Wire:
    """One endpoint, spoken to as one set of credentials.  Threads may share one; a forked process makes its own."""

    def __init__(self, endpoint: str, session: Session, *, read_seconds: float = _READ_SECONDS) -> None:
        """Make a client of ``endpoint`` (a URL) with the credentials and the region of ``session``.

        An answer that takes longer than ``read_seconds`` counts as none.

        :raises WireError: the session has no credentials or no region.
        """
        region = session.get_config_variable("region")
        credentials = session.get_credentials()
        if region is None:
            raise WireError("NoRegion", "the session names no region; set AWS_DEFAULT_REGION", 0, {})
        if credentials is None:
            raise WireError("NoCredentials", "the session has no credentials", 0, {})
        self.endpoint = endpoint.rstrip("/") + "/"
        self._signer = Signer(self.endpoint, region)
        self._credentials = credentials
        self._made = datetime.now(UTC), time.monotonic()
        self._http = open_http(self.endpoint, read_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def send(self, operation: str, body: Mapping[str, Any]) -> tuple[int, Document]:
        """Send one request and give the HTTP status and the decoded answer, whatever it says.

        :raises WireUnreachableError: no answer came.
        :raises WireError: it is a success that is not a JSON object.
        """
        data = json.dumps(body).encode()
        headers = {"Content-Type": _CONTENT_TYPE, "X-Amz-Target": _TARGET + operation}
        made_at, made_ticks = self._made
        now = made_at + timedelta(seconds=time.monotonic() - made_ticks)
        try:
            signed = self._signer.headers(self._credentials.get_frozen_credentials(), now, headers, data)
            code, answer = self._http.post(signed, data)
        except HttpUnreachableError as error:
            raise WireUnreachableError(str(error)) from error
        try:
            document = json.loads(answer or b"{}")
        except ValueError:
            document = None
        if isinstance(document, dict):
            return code, document
        if code == _OK:
            raise WireError("NotDynamoDB", "the answer is not DynamoDB's JSON", code, {})
        # A server that breaks answers in words of its own.
        return code, {}

    def call(self, operation: str, body: Mapping[str, Any]) -> Document:
        """Send one request and give the decoded answer.

        :raises WireError: the answer is an error.
        :raises WireUnreachableError: no answer came.
        """
        status, document = self.send(operation, body)
        if status != _OK:
            code = str(document.get("__type", f"Http{status}")).rpartition("#")[2]
            message = document.get("message", document.get("Message", ""))
            raise WireError(code, str(message), status, document)
        return document

    def put_items(self, table: str, items: Iterable[Item]) -> None:
        """Write every item, batch by batch; keys must be distinct.

        :raises WireError: an error came, or items stayed unprocessed after many tries.
        """
        self._write(table, ({"PutRequest": {"Item": item}} for item in items))

    def delete_items(self, table: str, keys: Iterable[Item]) -> None:
        """Remove the items with these keys, which must be distinct, batch by batch; missing ones are left so.

        :raises WireError: an error came, or keys stayed unprocessed after many tries.
        """
        self._write(table, ({"DeleteRequest": {"Key": key}} for key in keys))

    def _write(self, table: str, requests: Iterable[Document]) -> None:
        for batch in _batches(requests, _MAX_BATCH_WRITE):
            left: Document = {table: batch}
            for _ in _tries(most=_MAX_BATCH_TRIES):
                left = self.call("BatchWriteItem", {"RequestItems": left}).get("UnprocessedItems") or {}
                if not left:
                    break
            else:
                raise WireError("Unprocessed", f"{table} took only a part of a batch, again and again", 200, left)

    def get_items(self, table: str, keys: Sequence[Item]) -> list[Item]:
        """Read the items with these keys, strongly consistent, in no particular order; missing ones are left out.

        :raises WireError: an error came, or keys stayed unprocessed after many tries.
        """
        distinct = {json.dumps(key, sort_keys=True): key for key in keys}
        items: list[Item] = []
        for batch in _batches(distinct.values(), _MAX_BATCH_GET):
            left: Document = {table: {"Keys": batch, "ConsistentRead": True}}
            for _ in _tries(most=_MAX_BATCH_TRIES):
                answer = self.call("BatchGetItem", {"RequestItems": left})
                items += answer["Responses"].get(table, [])
                left = answer.get("UnprocessedKeys") or {}
                if not left:
                    break
            else:
                raise WireError("Unprocessed", f"{table} answered only a part of a batch, again and again", 200, left)
        return items

    def scan(self, table: str) -> list[Item]:
        """Read the whole table, all pages, strongly consistent, in the engine's order.

        :raises WireError: an error came.
        """
        request: Document = {"TableName": table, "ConsistentRead": True}
        items: list[Item] = []
        while True:
            answer = self.call("Scan", request)
            items += answer["Items"]
            if not answer.get("LastEvaluatedKey"):
                return items
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def create_table(self, name: str, definition: Mapping[str, Any], *, timeout: float = 120.0) -> None:
        """Create a table and wait until it and its indexes are active.

        ``definition`` is CreateTable's arguments without the name.

        :raises WireError: it exists already, is defined wrongly, or is not active after ``timeout`` seconds.
        """
        self.call("CreateTable", {**definition, "TableName": name})
        for _ in _tries(seconds=timeout):
            table = self.call("DescribeTable", {"TableName": name})["Table"]
            indexes = table.get("GlobalSecondaryIndexes") or []
            if table["TableStatus"] == "ACTIVE" and all(index["IndexStatus"] == "ACTIVE" for index in indexes):
                return
        raise WireError("NotActive", f"table {name} is not active after {timeout:g} s", 200, {})

    def delete_table(self, name: str, *, timeout: float = 120.0) -> None:
        """Delete a table and wait until it is gone; one that does not exist is left so.

        :raises WireError: it may not be deleted, or is still there after ``timeout`` seconds.
        """
        try:
            self.call("DeleteTable", {"TableName": name})
            for _ in _tries(seconds=timeout):
                self.call("DescribeTable", {"TableName": name})
        except WireError as error:
            if error.code == "ResourceNotFoundException":
                return
            raise
        raise WireError("NotDeleted", f"table {name} is still there after {timeout:g} s", 200, {})


def local_session() -> Session:
    """Make a botocore session for an engine on this machine: dummy credentials, a fixed region, no proxy.

    Nothing of the environment, of a profile or of a shared file reaches it, so a developer's own AWS settings never
    change a run and never leak into one.
    """
    session = Session()
    session.register_component(
        "config_store",
        ConfigValueStore(
            {
                name: ChainProvider([InstanceVarProvider(name, session), ConstantProvider(default)])
                for name, (_config, _env, default, _convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
            }
        ),
    )
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    session.set_config_variable("region", LOCAL_REGION)
    session.set_config_variable("ignore_configured_endpoint_urls", True)  # noqa: FBT003 - botocore's signature
    session.set_credentials(_LOCAL_ACCESS_KEY, _LOCAL_SECRET_KEY)
    # An empty mapping, unlike none, keeps the environment's proxies away from loopback.
    session.set_default_client_config(Config(proxies={}))
    return session


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _tries(*, most: int | None = None, seconds: float = float("inf")) -> Iterator[int]:
    """Count tries, pausing longer before each next one, until there were ``most`` or the time is up."""
    deadline = time.monotonic() + seconds
    for number in count(1):
        yield number
        if number == most or time.monotonic() >= deadline:
            return
        # An event and not time.sleep, which a test may have replaced to record a client's waits.
        threading.Event().wait(min(0.002 * 2**number, 1.0))
