"""Old rows for a program: the entity's seeds, some of them changed as another writer, or years of use, may have changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from parity.fuzz.choices import Choices
from parity.fuzz.memory import Memory
from parity.fuzz.plain import WORDS
from parity.wireform import Item

__all__ = ["OldRows"]

_RELATED = (2, 4, 6, 0)
_SHORTEST_PART = 3
_VALUES: tuple[Mapping[str, Any], ...] = (
    {"NULL": True},
    {"S": ""},
    {"S": "rubbish"},
    {"S": "2023-02-03T04:05:06Z"},
    {"S": "1.50"},
    {"N": "7"},
    {"N": "-1"},
    {"BOOL": True},
    {"SS": ["a", "b"]},
    {"NS": ["1", "2.5"]},
    {"B": "AAE="},
    {"L": [{"N": "1"}, {"NULL": True}]},
    {"M": {"deep": {"M": {"deeper": {"BS": ["AAE="]}}}}},
)


class OldRows:
    """The seeds of an entity, by table, and which of them belong together."""

    def __init__(self, seeds: Mapping[str, Sequence[Item]], keys: Mapping[str, Sequence[str]]) -> None:
        """Take the rows.

        Args:
            seeds: rows by logical table.
            keys: the key attributes of each table.
        """
        self._seeds, self._keys = seeds, keys
        self.rows = [(table, row) for table, rows in seeds.items() for row in rows]
        self._names = tuple(sorted({name for table, row in self.rows for name in row if name not in keys[table]}))
        self._by_part: dict[str, list[int]] = {}
        self._by_shape = self._shapes(range(len(self.rows)))
        for at, (table, row) in enumerate(self.rows):
            for part in self._hash_key(table, row).split("#"):
                self._by_part.setdefault(part, []).append(at)

    def of(self, tables: Collection[str]) -> OldRows:
        """The rows of these tables alone."""
        return OldRows({table: rows for table, rows in self._seeds.items() if table in tables}, self._keys)

    def _hash_key(self, table: str, row: Item) -> str:
        return str(row[self._keys[table][0]].get("S", ""))

    def _shapes(self, rows: Iterable[int]) -> list[list[int]]:
        """Rows by table and attributes, so that kinds of which there are few are drawn as often as those of which there are many."""
        found: dict[tuple[str, frozenset[str]], list[int]] = {}
        for at in rows:
            table, row = self.rows[at]
            found.setdefault((table, frozenset(row)), []).append(at)
        return list(found.values())

    def some(self, choices: Choices) -> list[tuple[str, Item]]:
        """A row and a few others that have to do with it: whose hash key names what it holds."""
        if not self.rows:
            return []
        anchor = choices.pick(choices.pick(self._by_shape))
        texts = {value["S"] for value in self.rows[anchor][1].values() if "S" in value}
        texts |= {part for text in texts for part in text.split("#")}
        related = sorted({at for text in texts if len(text) >= _SHORTEST_PART for at in self._by_part.get(text, ())})
        shapes, found = self._shapes(related), {anchor: None}
        for _ in range(choices.pick(_RELATED) if shapes else 0):
            found[choices.pick(choices.pick(shapes))] = None
        renaming = self._renaming(choices, *self.rows[anchor])
        return [(table, _renamed(row, renaming)) for table, row in (self.rows[at] for at in found)]

    def _renaming(self, choices: Choices, table: str, row: Item) -> Mapping[str, str]:
        """Which name becomes one that the program's calls use."""
        if choices.chance(4):
            return {}
        held = {value["S"] for name, value in row.items() if "S" in value and name not in self._keys[table]}
        parts = [part for part in self._hash_key(table, row).split("#") if part in held]
        return {choices.pick(parts): choices.pick(WORDS)} if parts else {}

    def changed(self, choices: Choices, memory: Memory) -> tuple[str, Item] | None:
        """A row that stands in a table, with an attribute gone, changed or added; None where no row is known."""
        if not memory.rows:
            return None
        table, row = choices.pick(memory.rows)
        keys = self._keys[table]
        own = [name for name in sorted(row) if name not in keys]
        way = choices.below(4)
        if way == 0 and own:
            gone = choices.pick(own)
            return table, {name: value for name, value in row.items() if name != gone}
        name = choices.pick(own) if own and way > 1 else choices.pick(self._names or ("unknown",))
        return table, {**row, name: dict(choices.pick(_VALUES))} if name not in keys else row


def _renamed(row: Item, renaming: Mapping[str, str]) -> Item:
    if not renaming:
        return row
    return {name: {"S": _rename(value["S"], renaming)} if "S" in value else value for name, value in row.items()}


def _rename(text: str, renaming: Mapping[str, str]) -> str:
    return "#".join(renaming.get(part, part) for part in text.split("#"))
