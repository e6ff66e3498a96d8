"""Another writer's change between two requests of one call.

In the control's first pass an onlooker notes, just before each later request of a call goes out, the rows that it is about. The changes are planned of
these: one attribute updated, the row deleted, an attribute added that nobody knows, or a row created where there is none. Both sides then meet the same
change at the same place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from parity.fault_plan import FaultCase, way_of
from parity.requests import READS, Request
from parity.tables import TableSet
from parity.transcript import TestRecord, Transcript
from parity.wireform import canonical_number, key_text

__all__ = ["Neighbour", "Onlooker", "make_change", "plan_interleavings"]

Neighbour = list[Any]
"""`[table, key, row]`: a row that a request is about as it was before it, or None where there was none; plain JSON."""

_UNKNOWN: Final = "another_writers_attribute"
_ANOTHER: Final = "another writer's"
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d)(\d)(.*)", re.DOTALL)
_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?")
_FEW: Final = 12
_LONGEST: Final = 1000
_PAGES: Final = frozenset({"Query", "Scan"})


@dataclass
class Onlooker:
    """Notes the rows that the later requests of one call are about."""

    tables: TableSet
    rows: dict[int, list[Neighbour]] = field(default_factory=dict)

    def look(self, request: Request, position: int) -> None:
        """A request of the call, by its position, is about to go out."""
        if position == 0 or position in self.rows:
            return
        keys = {(table, key_text(key)): (table, key) for table, key in self._keys(request)}
        found = self.tables.read_keys(list(keys.values()))
        self.rows[position] = [[table, key, found[table][text]] for (table, text), (_, key) in keys.items()]

    def _keys(self, request: Request) -> Iterator[tuple[str, dict[str, Any]]]:
        names = self.tables.table_names
        for physical, item in [*_named(request.body), *self._next_row(request)]:
            key = names.key_of(physical, item)
            if key is not None and names.of(physical) in self.tables.names:
                yield names.of(physical), key

    def _next_row(self, request: Request) -> Iterator[tuple[str, dict[str, Any]]]:
        """The first row of a page."""
        if request.operation in _PAGES:
            status, answer = self.tables.wire.send(request.operation, {**request.body, "Limit": 1})
            if status == 200:  # noqa: PLR2004 - HTTP
                yield from ((request.body["TableName"], item) for item in answer.get("Items", ()))


def _named(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The keys, or whole items, that a request names, with the physical table; of a batch the first and the last."""
    for part in ("Key", "Item", "ExclusiveStartKey"):
        if part in body:
            yield body["TableName"], body[part]
    for action in body.get("TransactItems", ()):
        for inner in action.values():
            yield from _named(inner)
    for table, batch in body.get("RequestItems", {}).items():
        entries = batch["Keys"] if isinstance(batch, dict) else [next(iter(write.values())) for write in batch]
        for entry in (entries[0], entries[-1]):
            yield table, entry.get("Key", entry.get("Item", entry))


def make_change(tables: TableSet, change: Mapping[str, Any]) -> None:
    """Make a planned change, as another writer would."""
    table, body = change["table"], change["body"]
    tables.touch(table, body.get("Key") or body["Item"])
    tables.wire.call(change["operation"], {"TableName": tables.names[table], **body})


def plan_interleavings(control: Transcript, every: Mapping[str, int] | None = None) -> list[FaultCase]:
    """The changes for what the control did without faults, as a kind of fault each.

    Of all calls of a method that sent the same operations, pages beyond the second aside, found the same rows there and ended alike, the first stands for
    them. Of an entity that has a number in `every` only every so many cases are taken.
    """
    values = _values(control)
    planned: dict[str, int] = defaultdict(int)
    seen: set[tuple[Any, ...]] = set()
    cases: list[FaultCase] = []
    for record in control.tests.values():
        if not record.is_plain:
            continue
        for at, call in enumerate(record.calls):
            way = (*way_of(call, pages=2), _there(call))
            if way in seen or not call["neighbours"]:
                continue
            seen.add(way)
            for number, (position, what, change) in enumerate(_of_call(record, call, values)):
                if planned[call["entity"]] % (every or {}).get(call["entity"], 1) == 0:
                    cases.append(FaultCase(record.test, at, position, f"other-{what}", 1, number, change))
                planned[call["entity"]] += 1
    return cases


def _there(call: Mapping[str, Any]) -> tuple[Any, ...]:
    """Which of the rows that the later requests name were there; pages always have some."""
    return tuple(
        tuple(row is not None for _, _, row in rows)
        for position, rows in call["neighbours"].items()
        if call["requests"][int(position)]["operation"] not in _PAGES
    )


_Values = Mapping[tuple[str, str], Sequence[str]]


def _values(control: Transcript) -> _Values:
    """The texts that an attribute of a table had in the rows that were seen."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in control.tests.values():
        for call in record.calls:
            for table, rows in call["items"].items():
                for row in filter(None, rows.values()):
                    for name, value in row.items():
                        if "S" in value:
                            found[table, name].add(value["S"])
    return {place: sorted(texts) for place, texts in found.items()}


def _of_call(
    record: TestRecord, call: Mapping[str, Any], values: _Values
) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    operations = [request["operation"] for request in call["requests"]]
    for text, neighbours in call["neighbours"].items():
        position = int(text)
        pages = operations[position - 1 : position + 2] if operations[position] in _PAGES else []
        if len(pages) == 3 and len(set(pages)) == 1 and position > 1:  # noqa: PLR2004 - neither the first pair of pages nor the last
            continue
        for table, key, row in neighbours:
            if row is None:
                yield position, "create", _change(table, "PutItem", Item=_left(record, call, table, key) or key)
                continue
            yield position, "delete", _change(table, "DeleteItem", Key=key)
            yield position, "attribute", _set(table, key, _UNKNOWN, {"S": _ANOTHER})
            updates = _updates(table, key, row, values)
            # What a read meets is read once: which attribute has changed matters to conditions alone.
            wanted = 1 if operations[position] in READS else None
            yield from ((position, "update", update) for update in islice(updates, wanted))


def _updates(
    table: str, key: Mapping[str, Any], row: Mapping[str, Any], values: _Values
) -> Iterator[Mapping[str, Any]]:
    """An update of each attribute that can have another value, numbers first."""
    for name, value in sorted(row.items(), key=lambda one: ("N" not in one[1], one[0])):
        other = None if name in key else _other(value, values.get((table, name), ()))
        if other is not None:
            yield _set(table, key, name, other)


def _left(record: TestRecord, call: Mapping[str, Any], table: str, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The row that a call, or its test, left under a key."""
    for rows in (call["items"].get(table, {}), record.tables.get(table, {})):
        row: Mapping[str, Any] | None = rows.get(key_text(key))
        if row is not None:
            return row
    return None


def _change(table: str, operation: str, **body: Any) -> Mapping[str, Any]:
    return {"table": table, "operation": operation, "body": body}


def _set(table: str, key: Mapping[str, Any], name: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    return _change(
        table,
        "UpdateItem",
        Key=key,
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )


def _other(value: Mapping[str, Any], known: Sequence[str]) -> Mapping[str, Any] | None:
    """Another value of the same kind; None for kinds that are left alone."""
    ((kind, content),) = value.items()
    if kind == "N":
        return {"N": canonical_number(str(Decimal(content) + 1))}
    if kind == "BOOL":
        return {"BOOL": not content}
    if (
        kind == "S" and len(content) <= _LONGEST
    ):  # of rows that are near the limit of an item moto counts what is set twice
        return {"S": _other_text(content, known)}
    return {"S": _ANOTHER} if kind == "NULL" else None


def _other_text(text: str, known: Sequence[str]) -> str:
    """Another instant, another decimal, another of few texts that are known, else any other."""
    if instant := _INSTANT.fullmatch(text):
        begin, second, rest = instant.groups()
        return f"{begin}{(int(second) + 1) % 10}{rest}"
    if _DECIMAL.fullmatch(text):
        return str(Decimal(text) + 1)
    others = [other for other in known if other != text]
    return others[0] if others and len(known) <= _FEW else f"{text} ({_ANOTHER})"
