"""Python values as JSON, with their types, so that two of them can be compared without the objects.

A value is a list that begins with its type: `["Decimal", "1.50"]`, `["none"]`, `["list", [...]]`, `["object", "module.Class", {...}]`.
"""

from __future__ import annotations

import base64
import datetime
import enum
import functools
import types
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from uuid import UUID

from parity.fields import error_fields, extra_fields, fields_of
from parity.redaction import Redactor

__all__ = ["Encoded", "Encoder", "class_name"]

Encoded = list[Any]
_DEEPEST = 40
_SHALLOW = 3  # above it, nobody looks whether an object holds itself
_PLAIN = frozenset({list, dict, tuple, set, frozenset})
_BUILT_IN = (list, dict, tuple, set, frozenset, deque)
_SEQUENCES: tuple[type[Collection[Any]], ...] = (
    list,
    tuple,
    deque,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)
_FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)


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
        self._open: set[int] = set()  # the objects that are being encoded, of those that lie deep

    def named(self, name: object, value: object, depth: int = 0) -> Encoded:
        """Encode a value that stands under a name (an argument, a field, a mapping's key)."""
        if self._redactor.is_secret(name):
            return self._secret(value, depth)
        return self.value(value, depth)

    def _secret(self, value: object, depth: int) -> Encoded:
        """A secret of whatever type: its form stays, each text and number in it becomes a token."""
        if isinstance(value, (str, bytes)):
            text = value if isinstance(value, str) else value.decode("latin-1")
            return [type(value).__name__, self._redactor.token(text) if value else ""]
        return _hidden(Encoder(_NOTHING_SECRET).value(value, depth), self._redactor)

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
        content = self._container(value, depth)
        if content is None:
            return self._object(value, depth)
        if cls in _PLAIN or not isinstance(value, _BUILT_IN):
            return content
        extra = extra_fields(value)
        return ["object", content[1], {"(items)": content, **self.fields(extra, depth)}] if extra else content

    def _container(self, value: object, depth: int) -> Encoded | None:
        kind = class_name(type(value))
        if isinstance(value, Mapping):
            pairs = [[self.value(key, depth + 1), self.named(key, item, depth + 1)] for key, item in value.items()]
            return ["mapping", kind, pairs]
        if isinstance(value, (set, frozenset)):
            return ["set", kind, sorted((self.value(part, depth + 1) for part in value), key=repr)]
        if isinstance(value, _SEQUENCES):
            return ["sequence", kind, [self.value(part, depth + 1) for part in value]]
        return None

    def _object(self, value: object, depth: int) -> Encoded:
        kind = class_name(type(value))
        if isinstance(value, _FUNCTIONS):
            return ["function", getattr(value, "__qualname__", kind)]
        if isinstance(value, PurePath):
            return [kind, str(value)]
        if isinstance(value, Iterator):
            return ["incomparable", kind, "an iterator inside a value: its items are not read"]
        if depth < _SHALLOW:
            return self._object_of(value, kind, depth)
        if id(value) in self._open:  # a part that knows its whole
            return ["again", kind]
        self._open.add(id(value))
        try:
            return self._object_of(value, kind, depth)
        finally:
            self._open.remove(id(value))

    def _object_of(self, value: object, kind: str, depth: int) -> Encoded:
        fields = error_fields(value) if isinstance(value, BaseException) else fields_of(value)
        if fields is None:
            return ["incomparable", kind, "nothing is known of its objects: no fields and no __repr__ of its own"]
        if fields.keys() == {"(repr)"}:
            return [kind, self._redactor.text(str(fields["(repr)"]))]
        if isinstance(value, BaseException):
            fields["(message)"] = str(value)
        return ["object", kind, self.fields(fields, depth)]

    def fields(self, fields: Mapping[str, object], depth: int = 0) -> dict[str, Encoded]:
        """Encode what stands under the names of an object's fields."""
        return {
            name: self.named(name, part, depth + 1) if name[:1] != "_" else self._private(name, part, depth + 1)
            for name, part in fields.items()
        }

    def _private(self, name: str, value: object, depth: int) -> Encoded:
        """A field that is as secret as its public name; `_secret_value` is where pydantic's secrets stand."""
        public = name.lstrip("_") if "__" not in name else name.rpartition("__")[2]
        if name == "_secret_value":
            return self._secret(value, depth)
        return self.named(public, value, depth)

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
            return [kind, value.isoformat(timespec="microseconds"), _zone(value)]
        if isinstance(value, (datetime.date, datetime.time)):
            return [kind, value.isoformat()]
        if isinstance(value, (bytes, bytearray, memoryview)):
            return [kind, base64.b64encode(value).decode()]
        return None


_NOTHING_SECRET = Redactor((), b"")


def _hidden(encoded: Encoded, redactor: Redactor) -> Encoded:
    """An encoded value with tokens in place of what it tells, keys too."""
    match encoded:
        case ["none"] | ["again", _]:
            return encoded
        case ["object", kind, dict(fields)]:
            return ["object", kind, {name: _hidden(part, redactor) for name, part in fields.items()}]
        case ["mapping", kind, pairs]:
            return ["mapping", kind, [[_hidden(part, redactor) for part in pair] for pair in pairs]]
        case ["sequence" | "set" as form, kind, parts]:
            hidden = [_hidden(part, redactor) for part in parts]
            return [form, kind, sorted(hidden, key=repr) if form == "set" else hidden]
        case ["bytes" | "bytearray" | "memoryview" as kind, str(text)] if text:
            redactor.token(text)
            return [kind, redactor.token(base64.b64decode(text).decode("latin-1"))]
        case [*kinds, str(text), "naive" | "aware" as zone]:
            return [*kinds, redactor.token(text, in_part=False), zone]
        case [*kinds, text]:
            return [*kinds, redactor.token(str(text), in_part=kinds == ["str"]) if text else text]
    return encoded


def _zone(value: datetime.datetime) -> str:
    """Whether it is aware, of which named zone, and which of two instants it is where clocks are put back."""
    zone = value.tzinfo
    if zone is None:
        return "naive" if not value.fold else "naive, fold 1"
    if zone is datetime.UTC:
        return "aware"
    name = getattr(zone, "key", None)
    return "aware" if name is None else f"aware, {name}, fold {value.fold}"
