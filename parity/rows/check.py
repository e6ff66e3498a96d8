"""Both sides decode a team's own rows: which of them either cannot read, or reads differently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from parity.clock import START
from parity.config import SIDES, Read
from parity.differ import Rules, diff_exceptions, diff_values
from parity.observer import Observer
from parity.peer import ReadCall, make_read
from parity.recorder import Outcome
from parity.rows.source import SourceRow
from parity.sides import SideConnection
from parity.tables import TableSet
from parity.values import Encoder
from parity.wire import WireError
from parity.wireform import key_of, key_text

__all__ = ["Cause", "Checked", "check_rows"]

_BATCH = 25
_FIELD = re.compile(r"\{([^{}]+)\}")


@dataclass
class Cause:
    """Why rows stand out: what was read, what is wrong, how often, and the first row that shows it."""

    read: str
    problem: str
    where: str
    key: str
    control: Any
    candidate: Any
    count: int = 0


@dataclass
class Checked:
    """What came of reading rows: how many there were, how many no declared read is for, and what is wrong with which."""

    rows: int = 0
    unread: int = 0
    causes: dict[tuple[str, str], Cause] = field(default_factory=dict)

    def add(self, read: str, problem: str, row: SourceRow, key: str, control: Any = None, candidate: Any = None) -> str:
        """Note a row that stands out, and give the problem."""
        cause = self.causes.setdefault((read, problem), Cause(read, problem, row.where, key, control, candidate))
        cause.count += 1
        return problem


@dataclass(frozen=True)
class _Place:
    """Where rows are decoded: tables of our own on a local engine, and both sides connected to them."""

    tables: TableSet
    connections: Mapping[str, SideConnection]
    encoder: Encoder
    observer: Observer
    rules: Rules


def check_rows(
    rows: Iterable[SourceRow],
    table: str,
    reads: Mapping[str, Sequence[Read]],
    tables: TableSet,
    connections: Mapping[str, SideConnection],
    encoder: Encoder,
    observer: Observer,
    rules: Rules,
    checked: Checked,
) -> Iterator[tuple[SourceRow, str, str]]:
    """Store rows in a local table, a few at a time, and let both sides read them.

    Args:
        rows: the rows, wherever they come from.
        table: the logical name of their table.
        reads: by entity, the calls that read a row.
        tables: tables of our own on a local engine, which begin and end empty.
        connections: by side.
        encoder: what makes secrets into tokens.
        observer: sees the requests of the connections, and keeps them from writing.
        rules: what makes unequal texts equal.
        checked: takes the counts.

    Yields:
        Each row that stands out: the row, its key and its problem.
    """
    place = _Place(tables, connections, encoder, observer, rules)
    here = [(entity, read) for entity, declared in reads.items() for read in declared if read.table == table]
    for batch in _batches(rows, lambda row: _key_text(tables, table, row)):
        stored = []
        for row in batch:
            checked.rows += 1
            refusal = _store(tables, table, row)
            if refusal is None:
                stored.append(row)
            else:
                yield (
                    row,
                    _key_text(tables, table, row),
                    checked.add(table, refusal, row, _key_text(tables, table, row)),
                )
        for row in stored:
            yield from _check(row, here, place, table, checked)
        for row in stored:
            key = key_of(row.item, tables.table_names.keys[table])
            tables.wire.call("DeleteItem", {"TableName": tables.names[table], "Key": key})


def _batches(rows: Iterable[SourceRow], key: Any) -> Iterator[list[SourceRow]]:
    """A few rows at a time, none of which replaces another of them."""
    batch: dict[str, SourceRow] = {}
    for row in rows:
        if len(batch) == _BATCH or key(row) in batch:
            yield list(batch.values())
            batch = {}
        batch[key(row)] = row
    if batch:
        yield list(batch.values())


def _key_text(tables: TableSet, table: str, row: SourceRow) -> str:
    names = tables.table_names.keys[table]
    return key_text({name: row.item[name] for name in names if name in row.item})


def _store(tables: TableSet, table: str, row: SourceRow) -> str | None:
    """Store a row; what the engine says against it, if anything."""
    missing = [name for name in tables.table_names.keys[table] if name not in row.item]
    if missing:
        return f"the row has no key attribute {missing[0]}: it is of another table"
    try:
        tables.wire.call("PutItem", {"TableName": tables.names[table], "Item": row.item})
    except WireError as error:
        if not error.status:
            raise
        return f"the engine refuses the row: {error.message}"
    return None


def _check(
    row: SourceRow, reads: Sequence[tuple[str, Read]], place: _Place, table: str, checked: Checked
) -> Iterator[tuple[SourceRow, str, str]]:
    key = _key_text(place.tables, table, row)
    calls = [(entity, read, kwargs) for entity, read in reads if (kwargs := _arguments(read, row.item)) is not None]
    checked.unread += not calls
    for entity, read, kwargs in calls:
        call = ReadCall(entity, read.call, (), kwargs, dict(place.tables.names), START)
        control, candidate = (make_read(call, place.connections[side], place.encoder, place.observer) for side in SIDES)
        if control is None or candidate is None:
            yield row, key, checked.add(f"{entity}.{read.call}", "the call would write: it is no read", row, key)
            continue
        for problem, ours, theirs in _problems(control, candidate, place.rules):
            yield row, key, checked.add(f"{entity}.{read.call}", problem, row, key, ours, theirs)


def _arguments(read: Read, item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The arguments of a read for a row; None where the read is not for such rows."""
    fields: dict[str, Any] = {}
    for name, value in item.items():
        ((kind, content),) = value.items()
        if kind in {"S", "N"}:
            fields[name] = content if kind == "S" else Decimal(content)
    for name, pattern in read.rows.items():
        match = re.fullmatch(pattern, str(fields.get(name, "")), re.DOTALL)
        if match is None:
            return None
        fields.update(match.groupdict())
    found: dict[str, Any] = {}
    for name, template in read.arguments.items():
        wanted = _FIELD.findall(template)
        if any(part not in fields for part in wanted):
            return None
        whole = _FIELD.fullmatch(template)
        found[name] = fields[whole[1]] if whole else _FIELD.sub(lambda match: str(fields[match[1]]), template)
    return found


def _problems(control: Outcome, candidate: Outcome, rules: Rules) -> Iterator[tuple[str, Any, Any]]:
    """What is wrong with how both sides read a row, and what each gave: nothing where both read the same."""
    (one, ours), (other, theirs) = control, candidate
    if one == other == "return":
        for path, left, right in diff_values(ours, theirs, rules):
            yield f"reads differently: {path}", left, right
    elif one == other:
        places = list(diff_exceptions(ours, theirs, rules))
        yield f"neither can read it: {ours['class']}", ours["message"], theirs["message"]
        for path, left, right in places:
            yield f"the errors differ: {path}", left, right
    else:
        side, error = ("control", ours) if one == "raise" else ("candidate", theirs)
        shown = f"{error['class']}: {error['message']}"
        yield f"only the {side} cannot read it: {error['class']}", *_pair(side, shown)


def _pair(side: str, shown: str) -> tuple[str, str]:
    return (shown, "(read)") if side == "control" else ("(read)", shown)
