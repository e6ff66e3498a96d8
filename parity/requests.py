"""Requests as they went over the wire, and their canonical form.

Everything in a request's body is compared, but for two parameters: the client token, which both libraries draw at random, and the consumed capacity,
which the harness asks for on both sides. A parameter that states DynamoDB's default counts as absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.expressions import parse_condition, parse_projection, parse_update
from parity.wireform import canonical_item, key_of

__all__ = ["READS", "Attempt", "Request", "TableNames", "written_keys"]

READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_UNCOMPARED = frozenset({"ClientRequestToken", "ReturnConsumedCapacity"})
_EXPRESSION_PARTS = frozenset({"ExpressionAttributeNames", "ExpressionAttributeValues"})
_CONDITIONS = frozenset({"ConditionExpression", "FilterExpression", "KeyConditionExpression"})
_DEFAULTS: Mapping[str, object] = {
    "ConsistentRead": False,
    "ReturnItemCollectionMetrics": "NONE",
    "ReturnValues": "NONE",
    "ReturnValuesOnConditionCheckFailure": "NONE",
    "ScanIndexForward": True,
}


@dataclass(frozen=True)
class TableNames:
    """The logical names of physical tables, and their key attributes."""

    logical: Mapping[str, str]
    keys: Mapping[str, Sequence[str]]

    def of(self, physical: str) -> str:
        """The logical name; an unknown table keeps its own."""
        return self.logical.get(physical.rpartition("/")[2], physical)

    def key_of(self, physical: str, item: Mapping[str, Any]) -> dict[str, Any] | None:
        """The primary key of an item of that table; None where the table is unknown or the item has none."""
        attributes = self.keys.get(self.of(physical))
        if attributes is None or any(name not in item for name in attributes):
            return None
        return key_of(item, attributes)


@dataclass
class Attempt:
    """One time a request was sent: `ok`, an AWS error code, or the name of the exception that ended it."""

    outcome: str = "unanswered"


@dataclass(eq=False)
class Request:
    """One logical request; the AWS client may have sent it several times. `text` is its body as it is sent."""

    operation: str
    body: Mapping[str, Any]
    table: str | None
    text: str
    attempts_made: list[Attempt] = field(default_factory=list)
    capacity: list[Mapping[str, Any]] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    injected: list[str] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        """How often it was sent."""
        return len(self.attempts_made)

    @property
    def index(self) -> str | None:
        """The secondary index that it reads, if any."""
        name = self.body.get("IndexName")
        return None if name is None else str(name)

    @property
    def is_write(self) -> bool:
        """Whether it may change an item."""
        return self.operation not in READS

    def canonical(self, names: TableNames) -> dict[str, Any]:
        """The request as a canonical tree: two requests with equal trees mean the same."""
        return {"operation": self.operation, **_canonical(self.body, names)}


def _canonical(body: Mapping[str, Any], names: TableNames) -> dict[str, Any]:
    placeholders = body.get("ExpressionAttributeNames") or {}
    operands = {k: _value(v) for k, v in (body.get("ExpressionAttributeValues") or {}).items()}
    tree: dict[str, Any] = {}
    for name, content in body.items():
        if name in _UNCOMPARED or name in _EXPRESSION_PARTS or content is None or _DEFAULTS.get(name) == content:
            continue
        if name == "TableName":
            tree["table"] = names.of(content)
        elif name in _CONDITIONS:
            tree[name] = parse_condition(content, placeholders, operands)
        elif name == "UpdateExpression":
            tree[name] = parse_update(content, placeholders, operands)
        elif name == "ProjectionExpression":
            tree[name] = parse_projection(content, placeholders)
        elif name in {"Item", "Key", "ExclusiveStartKey"}:
            tree[name] = canonical_item(content, numbers=False)
        elif name == "TransactItems":
            tree[name] = [{kind: _canonical(part, names) for kind, part in action.items()} for action in content]
        elif name == "RequestItems":
            tree[name] = {names.of(table): _batch(part, names) for table, part in content.items()}
        else:
            tree[name] = content
    return tree


def _value(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return canonical_item({"": value}, numbers=False)[""]  # type: ignore[no-any-return]


def _batch(part: Any, names: TableNames) -> Any:
    if isinstance(part, list):
        return sorted(({kind: _canonical(write, names) for kind, write in entry.items()} for entry in part), key=_order)
    tree = _canonical({name: content for name, content in part.items() if name != "Keys"}, names)
    return {**tree, "Keys": sorted((canonical_item(key, numbers=False) for key in part.get("Keys", [])), key=_order)}


def _order(tree: object) -> str:
    return json.dumps(tree, sort_keys=True)


def written_keys(request: Request, names: TableNames) -> list[tuple[str, dict[str, Any]]]:  # noqa: C901 - by operation
    """The logical table and key of each item that a request may have written, in the order of the request."""
    found: list[tuple[str, dict[str, Any] | None]] = []
    body = request.body
    if request.operation == "PutItem":
        found.append((body["TableName"], names.key_of(body["TableName"], body["Item"])))
    elif request.operation in {"UpdateItem", "DeleteItem"}:
        found.append((body["TableName"], body["Key"]))
    elif request.operation == "TransactWriteItems":
        for action in body["TransactItems"]:
            for kind, part in action.items():
                if kind == "Put":
                    found.append((part["TableName"], names.key_of(part["TableName"], part["Item"])))
                elif kind in {"Update", "Delete"}:
                    found.append((part["TableName"], part["Key"]))
    elif request.operation == "BatchWriteItem":
        for table, entries in body["RequestItems"].items():
            for entry in entries:
                if "PutRequest" in entry:
                    found.append((table, names.key_of(table, entry["PutRequest"]["Item"])))
                else:
                    found.append((table, entry["DeleteRequest"]["Key"]))
    return [(names.of(table), key) for table, key in found if key is not None]
