"""Python values as JSON, with their types, so that two of them can be compared without the objects.

A value is a list that begins with its type: `["Decimal", "1.50"]`, `["none"]`, `["list", [...]]`, `["object", "module.Class", {...}]`.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import functools
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from parity.redaction import Redactor

__all__ = ["Encoded", "Encoder", "class_name"]

Encoded = list[Any]
_DEEPEST = 40


def class_name(cls: type) -> str:
    """`module.Class` of a class; builtins by their bare name."""
    known: Any = cls  # any class can be hashed, which mypy does not believe of `type`
    return _class_name(known)


@functools.lru_cache(maxsize=4096)
def _class_name(cls: Any) -> str:
    return str(cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}")


_PRINTED = {cls: class_name(cls) for cls in (bool, int, Decimal, UUID)}
"""Whose `str` says all, and the names of these classes."""


class Encoder:
    """Encodes values; what stands under a secret name becomes a token."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def named(self, name: object, value: object, depth: int = 0) -> Encoded:
        """Encode a value that stands under a name (an argument, a field, a mapping's key)."""
        if self._redactor.is_secret(name) and isinstance(value, (str, bytes)) and value:
            text = value if isinstance(value, str) else value.decode("latin-1")
            return [type(value).__name__, self._redactor.token(text)]
        return self.value(value, depth)

    def value(self, value: object, depth: int = 0) -> Encoded:
        """Encode any value.

        Raises:
            ValueError: the value is nested deeper than 40 levels, or holds itself.
        """
        if depth > _DEEPEST:
            raise ValueError("a value is nested deeper than 40 levels, or holds itself")
        cls = type(value)
        if cls is str:  # by far the most, and the rest is mostly these
            return ["str", self._redactor.text(value)]  # type: ignore[arg-type] # as its class says
        if cls in _PRINTED:
            return [_PRINTED[cls], str(value)]
        scalar = self._scalar(value)
        if scalar is not None:
            return scalar
        kind = class_name(type(value))
        if isinstance(value, Mapping):
            pairs = [[self.value(key, depth + 1), self.named(key, item, depth + 1)] for key, item in value.items()]
            return ["mapping", kind, pairs]
        if isinstance(value, (set, frozenset)):
            return ["set", kind, sorted((self.value(part, depth + 1) for part in value), key=repr)]
        if isinstance(value, (list, tuple)):
            return ["sequence", kind, [self.value(part, depth + 1) for part in value]]
        if isinstance(value, Iterator):
            return ["iterator", kind]
        return ["object", kind, {name: self.named(name, part, depth + 1) for name, part in _public_fields(value)}]

    def _scalar(self, value: object) -> Encoded | None:
        if value is None:
            return ["none"]
        if isinstance(value, enum.Enum):
            return ["enum", class_name(type(value)), self.value(value.value)[-1]]
        if isinstance(value, type):
            return ["class", class_name(value)]
        kind = class_name(type(value))
        if isinstance(value, str):
            return [kind, self._redactor.text(value)]
        if isinstance(value, tuple(_PRINTED)):
            return [kind, str(value)]
        if isinstance(value, float):
            return [kind, repr(value)]
        if isinstance(value, datetime.datetime):
            return [kind, value.isoformat(timespec="microseconds"), "naive" if value.tzinfo is None else "aware"]
        if isinstance(value, (datetime.date, datetime.time)):
            return [kind, value.isoformat()]
        if isinstance(value, (bytes, bytearray)):
            return [kind, base64.b64encode(value).decode()]
        return None


def _public_fields(value: object) -> Iterable[tuple[str, object]]:
    cls: Any = type(value)
    names = _dataclass_fields(cls)
    if names is not None:
        return [(name, getattr(value, name)) for name in names]
    fields = getattr(value, "__dict__", None)
    if isinstance(fields, dict):
        return [(name, part) for name, part in fields.items() if not name.startswith("_")]
    slots = [name for base in cls.__mro__ for name in getattr(base, "__slots__", ())]
    return [(name, getattr(value, name)) for name in slots if not name.startswith("_") and hasattr(value, name)]


@functools.lru_cache(maxsize=4096)
def _dataclass_fields(cls: Any) -> tuple[str, ...] | None:
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else None
