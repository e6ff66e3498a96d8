"""Draws the arguments of a call by their annotations, from everyday values, edges, and what the program has met."""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
import typing
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from parity.fuzz.choices import Choices
from parity.fuzz.memory import Memory, fields_of, is_entity_class
from parity.fuzz.plain import BAD, EDGES, PLAIN, WORDS
from parity.wireform import Item

__all__ = ["Drawing", "Field", "entity_fields", "stripped"]

E = TypeVar("E")

_BAD_ONE_IN = 25
_WAYS = 16
_DEEPEST = 3
_REPAIRS = 4


@dataclasses.dataclass(frozen=True)
class Field:
    """A field of an entity: its annotation, and whether it must be given. One with `makes` has a default that depends on when it is made."""

    name: str
    annotation: Any
    required: bool
    makes: bool


def entity_fields(cls: type) -> tuple[Field, ...]:
    """The fields of a pydantic model or a dataclass."""
    return _fields(cls)


@functools.cache
def _fields(cls: Any) -> tuple[Field, ...]:
    if issubclass(cls, BaseModel):
        hints = typing.get_type_hints(cls)
        return tuple(
            Field(name, hints[name], info.is_required(), info.default_factory is not None)
            for name, info in cls.model_fields.items()
        )
    hints, missing = typing.get_type_hints(cls), dataclasses.MISSING
    return tuple(
        Field(
            field.name,
            hints[field.name],
            field.default is missing and field.default_factory is missing,
            field.default_factory is not missing,
        )
        for field in dataclasses.fields(cls)
        if field.init
    )


def stripped(annotation: Any) -> Any:
    """An annotation without `Annotated`."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    return annotation


class Drawing:
    """The choices of one step and the memory of its program; a project's own strategies get one too."""

    def __init__(self, choices: Choices, memory: Memory) -> None:
        self.choices, self.memory = choices, memory
        self._record: Mapping[str, Any] = {}
        self.rows: list[tuple[str, Item]] = []

    def put(self, table: str, row: Item) -> None:
        """Let another writer store a row before the call, so that it comes to something."""
        self.rows.append((table, row))

    def about_one_record(self) -> None:
        """Let the arguments of this call be, as far as they have its names, those of one row or entity that the program has met."""
        if self.memory.records and self.choices.below(3):
            self._record = self.choices.pick(self.memory.records[::-1])

    # -- by annotation

    def argument(self, name: str, annotation: Any) -> Any:
        """An argument: now and then one that no method takes."""
        return self.bad() if self.choices.chance(_BAD_ONE_IN) else self.value(name, annotation)

    def bad(self) -> Any:
        """A value that most methods must refuse."""
        return self.choices.pick(BAD)

    def value(self, name: str, annotation: Any, depth: int = 0) -> Any:
        """A value of an annotation for an argument or a field of that name."""
        annotation = stripped(annotation)
        origin = typing.get_origin(annotation)
        if origin in {typing.Union, types.UnionType}:
            return self._member(name, typing.get_args(annotation), depth)
        if origin is typing.Literal:
            return self.choices.pick(typing.get_args(annotation))
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            return self.choices.pick(list(annotation))
        if origin is None and is_entity_class(annotation):
            return self.entity(annotation)
        kind = origin or annotation
        if isinstance(kind, type) and issubclass(kind, Mapping):
            return self._mapping(typing.get_args(annotation), depth)
        if kind in PLAIN:
            return self._plain(name, kind)
        if isinstance(kind, type) and issubclass(kind, Collection | Iterable):
            return self._several(name, kind, typing.get_args(annotation), depth)
        return self._anything(depth)

    def _member(self, name: str, members: tuple[Any, ...], depth: int) -> Any:
        present = [stripped(member) for member in members if member is not types.NoneType]
        if len(present) < len(members) and not self.choices.chance(2):
            return None
        member = self.choices.pick(present)
        if member is not str:
            return self.value(name, member, depth)
        if type(self._record.get(name)) is str:
            return self._record[name]
        others = [other for other in present if other is not str]
        if datetime in others and self.memory.instant_texts and not self.choices.chance(8):
            return self.choices.pick(self.memory.instant_texts)
        return _text(self.value(name, self.choices.pick(others), depth)) if others else self.value(name, str, depth)

    def _plain(self, name: str, kind: Any) -> Any:
        if type(self._record.get(name)) is kind:
            return self._record[name]
        known = self.memory.named(name, kind) or (self.memory.of_type(kind) if kind in {UUID, datetime} else [])
        way = self.choices.below(_WAYS)
        if way == _WAYS - 1:
            return self.choices.pick(EDGES[kind])
        if known and way >= _WAYS // 2 and kind is not Decimal:
            return known[-1 - self.choices.below(len(known))]
        return self.choices.pick(PLAIN[kind])

    def _mapping(self, of: tuple[Any, ...], depth: int) -> dict[str, Any]:
        if of and stripped(of[-1]) is str and self.memory.cursors and not self.choices.chance(4):
            return dict(self.choices.pick(self.memory.cursors))
        names = WORDS[: self.choices.below(len(WORDS) + 1)]
        return {name: self.value(name, of[-1] if of else Any, depth + 1) for name in names}

    def _several(self, name: str, kind: type, of: tuple[Any, ...], depth: int) -> Any:
        part = of[0] if of else Any
        found = [self.value(name, part, depth + 1) for _ in range(self.choices.pick((1, 2, 3, 0)))]
        return kind(found) if kind in {tuple, set, frozenset} else found

    def _anything(self, depth: int) -> Any:
        kinds: tuple[Any, ...] = (str, Decimal, bool, types.NoneType, list, dict)
        kind = self.choices.pick(kinds if depth < _DEEPEST else kinds[:4])
        if kind is types.NoneType:
            return None
        return self.value("", kind, depth) if kind is not list else self._several("", list, (), depth)

    # -- entities

    def entity(self, cls: type[E], **fixed: object) -> E:
        """An entity: one that the program has met, perhaps with a field changed, or a new one.

        Args:
            cls: its class.
            fixed: fields that must have these values.
        """
        self._record = {}  # an entity has more names than a key, and shall not be the row that it came from again
        met: list[E] = self.memory.of_type(cls)
        if met and self.choices.chance(3):
            known = self.choices.pick(met)
            changes = dict(fixed)
            if self.choices.chance(2):
                field = self.choices.pick(entity_fields(cls))
                changes.setdefault(field.name, self.value(field.name, field.annotation))
            return self.build(cls, {**fields_of(known), **changes}) if changes else known
        values: dict[str, Any] = {}
        fields = entity_fields(cls)
        for field in fields:
            if field.required or field.makes:
                values[field.name] = self.value(field.name, field.annotation)
        optional = [field for field in fields if field.name not in values]
        for _ in range(self.choices.below(4) if optional else 0):
            field = self.choices.pick(optional)
            values[field.name] = self.value(field.name, field.annotation)
        values.update(fixed)
        if self.choices.chance(_BAD_ONE_IN):
            values[self.choices.pick(fields).name] = self.bad()
            return _unchecked(cls, values)
        return self.build(cls, values)

    def build(self, cls: type[E], values: Mapping[str, Any]) -> E:
        """An entity of these values: made to fit where its class refuses them, and built past its checks where that is no use."""
        trial = dict(values)
        for repair in range(_REPAIRS):
            try:
                return cls(**trial)
            except ValidationError as error:
                wrong = {str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["loc"]}
            except (TypeError, ValueError):
                break
            for name in wrong & trial.keys():
                trial[name] = _repaired(trial[name], repair)
        return _unchecked(cls, values)


def _text(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.replace(tzinfo=None).isoformat() if isinstance(value, datetime) else value.isoformat()
    return str(value.value if isinstance(value, enum.Enum) else value)


def _repaired(value: object, repair: int) -> object:
    """Something like the value that stands a better chance, tried in turn."""
    if isinstance(value, Decimal):
        return value.copy_abs() if repair == 0 else Decimal(1)
    if isinstance(value, str):
        return [value[:30], value[:15], WORDS[0]][min(repair, 2)]
    return next((plain[0] for kind, plain in PLAIN.items() if type(value) is kind), value)


def _unchecked(cls: type[E], values: Mapping[str, Any]) -> E:
    """An entity that was never validated."""
    if issubclass(cls, BaseModel):
        return cls.model_construct(**values)
    made: E = object.__new__(cls)
    for field in entity_fields(cls):
        object.__setattr__(made, field.name, values.get(field.name))
    return made
