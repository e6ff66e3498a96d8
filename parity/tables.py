"""The tables of a run: made afresh under names of their own, seeded, compared with what they began with, and put back."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from parity.errors import ConfigError, ParityError
from parity.processes import interrupts_held
from parity.requests import TableNames
from parity.wire import Wire, WireError
from parity.wireform import Item, canonical_item, key_of, key_text, load_rows

__all__ = ["Changes", "Definitions", "TableSet", "Tables", "load_seeds"]

Definitions = Mapping[str, Mapping[str, Any]]
Changes = dict[str, dict[str, dict[str, Any] | None]]
"""Table -> key text -> the item as it is now; None for an item that is gone."""


def load_seeds(files: Mapping[str, Sequence[Path]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of seed files, by table.

    Raises:
        ConfigError: a file cannot be read, or a line of it is no row.
    """
    seeds: dict[str, list[dict[str, Any]]] = {}
    for table, paths in files.items():
        rows = seeds.setdefault(table, [])
        for path in paths:
            try:
                # Lines end with a line feed alone: JSON may hold whatever else splitlines ends one at.
                rows.extend(load_rows(path.read_text(encoding="utf-8-sig").split("\n")))
            except (OSError, ValueError) as error:
                raise ConfigError(f"cannot read the seeds {path}: {error}") from error
    return seeds


def key_attributes(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """The hash key and, where there is one, the range key of a CreateTable definition."""
    order = {"HASH": 0, "RANGE": 1}
    return tuple(
        part["AttributeName"] for part in sorted(definition["KeySchema"], key=lambda part: order[part["KeyType"]])
    )


def _canonical(row: dict[str, Any]) -> dict[str, Any]:
    """The row itself if it is in canonical form, as most are: every process of a run holds all of them."""
    canonical = canonical_item(row)
    return row if row == canonical else canonical


class Tables:
    """What a test sees of a set of tables: seed and inspect rows, in DynamoDB's wire form and strongly consistent."""

    def __init__(self, owner: TableSet) -> None:
        self._owner = owner

    @property
    def owner(self) -> TableSet:
        """The physical tables behind this view."""
        return self._owner

    @property
    def names(self) -> Mapping[str, str]:
        """Physical names by logical name."""
        return self._owner.names

    def name(self, table: str) -> str:
        """The physical name of a table."""
        return self._owner.names[table]

    def put(self, table: str, item: Item) -> None:
        """Store a row as it is."""
        self._owner.touch(table, item)
        self._owner.wire.call("PutItem", {"TableName": self.name(table), "Item": item})

    def put_all(self, table: str, items: Sequence[Item]) -> None:
        """Store many rows as they are."""
        for item in items:
            self._owner.touch(table, item)
        self._owner.wire.put_items(self.name(table), [dict(item) for item in items])

    def get(self, table: str, key: Item) -> dict[str, Any] | None:
        """The row of a key, or None."""
        body = {"TableName": self.name(table), "Key": key, "ConsistentRead": True}
        item: dict[str, Any] | None = self._owner.wire.call("GetItem", body).get("Item")
        return item

    def delete(self, table: str, key: Item) -> None:
        """Remove a row, whether it is there or not."""
        self._owner.touch(table, key)
        self._owner.wire.call("DeleteItem", {"TableName": self.name(table), "Key": key})

    def items(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table."""
        return self._owner.wire.scan(self.name(table))

    def another(self) -> Tables:
        """A second set of tables, empty, gone at the end of the test."""
        return Tables(self._owner.another())

    def missing(self) -> Tables:
        """Names that no table has."""
        return Tables(self._owner.missing())


class TableSet:
    """A set of physical tables with a baseline of rows to which each test's changes are undone."""

    def __init__(self, wire: Wire, definitions: Definitions, prefix: str) -> None:
        self.wire = wire
        self._definitions = definitions
        self._prefix = prefix
        self._children: list[TableSet] = []
        self._numbers = itertools.count(1)
        self._baseline: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in definitions}
        self._seeds: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in definitions}
        self._touched: dict[tuple[str, str], dict[str, Any]] = {}
        self._created: list[str] = []
        self.names = {table: f"{prefix}-{table}" for table in definitions}
        self.table_names = TableNames(
            {physical: table for table, physical in self.names.items()},
            {table: key_attributes(definition) for table, definition in definitions.items()},
        )

    def create(self, seeds: Mapping[str, Sequence[dict[str, Any]]] | None = None) -> TableSet:
        """Make the tables and store the seeds. If that fails, or is interrupted, none of them stays.

        Raises:
            ParityError: a table of that name exists already; it is left as it is.
        """
        try:
            for table, definition in self._definitions.items():
                self._create_table(table, definition)
            for table, rows in (seeds or {}).items():
                self._store_seeds(table, rows)
        except BaseException:
            self.drop()
            raise
        return self

    def _create_table(self, table: str, definition: Mapping[str, Any]) -> None:
        name = self.names[table]
        self._created.append(table)
        try:
            self.wire.create_table(name, definition)
        except WireError as error:
            if error.code == "ResourceInUseException":
                self._created.remove(table)
                raise ParityError(
                    f"there is a table {name} already; it is left as it is: choose another --table-prefix"
                ) from error
            raise

    def _store_seeds(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        self.wire.put_items(self.names[table], rows)
        self._seeds[table] = {key_text(self._key(table, row)): row for row in rows}
        self._baseline[table] = {text: _canonical(row) for text, row in self._seeds[table].items()}

    def another(self) -> TableSet:
        """A second, empty set, dropped with `drop_children`."""
        # The first number is new, since dropping a table takes a while; the second is the same on both sides, whatever tests ran before.
        name = f"{self._prefix}-{next(self._numbers)}.{len(self._children) + 1}"
        child = TableSet(self.wire, self._definitions, name)
        with interrupts_held():
            self._children.append(child.create())
        return child

    def missing(self) -> TableSet:
        """A set that is never created."""
        return TableSet(self.wire, self._definitions, f"{self._prefix}-none")

    def drop_children(self) -> None:
        """Remove the sets made by `another`."""
        while self._children:
            self._children.pop().drop()

    def drop(self) -> None:
        """Remove the tables."""
        self.drop_children()
        while self._created:
            self.wire.delete_table(self.names[self._created.pop()])

    def _key(self, table: str, item: Item) -> dict[str, Any]:
        return key_of(item, self.table_names.keys[table])

    def read_keys(self, keys: Sequence[tuple[str, dict[str, Any]]]) -> Changes:
        """The items of some keys as they are now."""
        if not self._created:
            return {}
        wanted: dict[str, dict[str, dict[str, Any]]] = {}
        for table, key in keys:
            if table in self.names:
                wanted.setdefault(table, {})[key_text(key)] = key
        found: Changes = {}
        for table, by_text in wanted.items():
            items = self.wire.get_items(self.names[table], list(by_text.values()))
            present = {key_text(self._key(table, item)): canonical_item(item) for item in items}
            found[table] = {text: present.get(text) for text in by_text}
        return found

    def touch(self, table: str, item: Item) -> None:
        """Note that the row of this key may have changed."""
        key = self._key(table, item)
        self._touched[table, key_text(key)] = key

    def changes(self, *, whole: bool) -> Changes:
        """How the tables differ from the baseline: every row of them, or the rows that were touched."""
        if whole:
            now = {table: self._rows(table) for table in self.names}
            return {
                table: differing
                for table in now
                if (differing := self._differing(table, {**dict.fromkeys(self._baseline[table]), **now[table]}))
            }
        found = self.read_keys([(table, key) for (table, _), key in self._touched.items()])
        return {table: differing for table, rows in found.items() if (differing := self._differing(table, rows))}

    def _rows(self, table: str) -> dict[str, dict[str, Any] | None]:
        return {key_text(self._key(table, item)): canonical_item(item) for item in self.wire.scan(self.names[table])}

    def _differing(self, table: str, rows: Mapping[str, dict[str, Any] | None]) -> dict[str, dict[str, Any] | None]:
        baseline = self._baseline[table]
        return {text: row for text, row in sorted(rows.items()) if baseline.get(text) != row}

    @property
    def baseline(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """The rows that each table began with, by key text, in the form that DynamoDB stores."""
        return self._baseline

    def counts(self) -> dict[str, int]:
        """The number of rows each table began with."""
        return {table: len(rows) for table, rows in self._baseline.items()}

    def restore(self, changes: Changes) -> None:
        """Undo changes, so that the next test finds the baseline."""
        for table, rows in changes.items():
            seeds = self._seeds[table]
            new = [row for text, row in rows.items() if text not in seeds and row is not None]
            self.wire.delete_items(self.names[table], [self._key(table, row) for row in new])
            self.wire.put_items(self.names[table], [seeds[text] for text in rows if text in seeds])
        self._touched.clear()

    def put_back(self) -> None:
        """Undo what was done to the rows that were touched, without reading them."""
        changes: Changes = {}
        for (table, text), key in self._touched.items():
            changes.setdefault(table, {})[text] = key
        self.restore(changes)
