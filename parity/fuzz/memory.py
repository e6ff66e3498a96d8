"""What a program has met so far: keys, instants, entities and cursors that later arguments are drawn from, so that calls meet."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from parity.wireform import Item

__all__ = ["Memory", "fields_of", "is_entity_class"]

_MOST = 5
_MOST_ROWS = 12
_SHORTEST_INSTANT = len("2025-01-01T00:00:00")
_LONGEST_TEXT = 300


def is_entity_class(cls: object) -> bool:
    """Whether a class is a value made of fields: a pydantic model or a dataclass."""
    return isinstance(cls, type) and (issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls))


def fields_of(entity: object) -> dict[str, Any]:
    """The fields of an entity and their values."""
    if isinstance(entity, BaseModel):
        return {name: value for name, value in vars(entity).items() if name in type(entity).model_fields}
    return {field.name: getattr(entity, field.name) for field in dataclasses.fields(entity)}  # type: ignore[arg-type]


class Memory:
    """Values by the name that they stood under and by their type; of each the latest few.

    `rows` are those that stand in tables, `records` the values by name of one row or entity each.
    """

    def __init__(self) -> None:
        self._named: dict[tuple[str, type], list[Any]] = {}
        self._of_type: dict[type, list[Any]] = {}
        self._instant_texts: list[str] = []
        self.cursors: list[dict[str, str]] = []
        self.rows: list[tuple[str, Item]] = []
        self.records: list[dict[str, Any]] = []

    def named(self, name: str, kind: type) -> list[Any]:
        """Values of a type that stood under a name, or under one that is much alike: `asset_ids`, `current_password`."""
        for alike in (name, name.removesuffix("s"), name.rpartition("_")[2]):
            if found := self._named.get((alike, kind)):
                return found
        return []

    def of_type(self, kind: type) -> list[Any]:
        """Values of a type, whatever they stood under."""
        return self._of_type.get(kind, [])

    @property
    def instant_texts(self) -> list[str]:
        """Texts that are an instant, as rows spell it."""
        return self._instant_texts

    def see(self, name: str, value: object, *, entities_alone: bool = False) -> None:
        """Remember a value, and what is in it."""
        if is_entity_class(type(value)):
            _add(self._of_type.setdefault(type(value), []), value)
        if entities_alone:
            return
        if is_entity_class(type(value)):
            _add(self.records, fields_of(value))
            for field, part in fields_of(value).items():
                self.see(field, part)
        elif isinstance(value, Mapping):
            if value and all(isinstance(part, str) for pair in value.items() for part in pair):
                _add(self.cursors, dict(value))
        elif isinstance(value, (list, tuple)):
            for part in value[:_MOST]:
                self.see(name, part)
        elif isinstance(value, (str, UUID, datetime, Decimal)):
            self._see_plain(name, value)

    def _see_plain(self, name: str, value: str | UUID | datetime | Decimal) -> None:
        if isinstance(value, str):
            value = str(value) if type(value) is not str else value
            if not value or len(value) > _LONGEST_TEXT:
                return
        _add(self._named.setdefault((name, type(value)), []), value)
        if isinstance(value, (UUID, datetime)):
            _add(self._of_type.setdefault(type(value), []), value)

    def see_row(self, table: str, row: Item) -> None:
        """Remember a row that stands in a table, and what is in it."""
        _add(self.rows, (table, row), _MOST_ROWS)
        _add(self.records, {name: value["S"] for name, value in row.items() if "S" in value})
        for name, typed in row.items():
            text = typed.get("S")
            if text is None:
                continue
            if (instant := _instant(text)) is not None:
                _add(self._instant_texts, text)
                self.see(name, instant)
            elif (number := _uuid(text)) is not None:
                self.see(name, number)
            self.see(name, text)


def _add(values: list[Any], value: Any, most: int = _MOST) -> None:
    """The latest stands last."""
    for at, known in enumerate(values):
        if _is_same(known, value):
            del values[at]
            break
    values.append(value)
    if len(values) > most:
        del values[0]


def _is_same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except ArithmeticError:  # a signalling NaN can be compared with nothing
        return False


def _instant(text: str) -> datetime | None:
    if len(text) < _SHORTEST_INSTANT or not text[:4].isdigit():
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == len(str(UUID(int=0))) else None
    except ValueError:
        return None
