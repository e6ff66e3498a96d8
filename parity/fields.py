"""What an object is made of, whatever its class: the state that tells it from others of its class."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic

__all__ = ["error_fields", "extra_fields", "fields_of"]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_OF_THE_MACHINERY = frozenset(
    {"_thread", "asyncio", "boto3", "botocore", "concurrent", "logging", "queue", "socket", "ssl", "threading"}
    | {"urllib3"}
)
"""Packages whose objects are how a value was come by, and no part of it."""
_NOT_OF_THE_PROJECT = _OF_THE_MACHINERY | {"builtins", "pydantic", "pydantic_core", "pynamodb"}
_HEAP_TYPE, _IMMUTABLE_TYPE = 1 << 9, 1 << 8  # of CPython's tp_flags
_ANSWERED = "ResponseMetadata"
_OF_ONE_ANSWER = frozenset({"HTTPHeaders", "RequestId", "HostId"})


@dataclass(frozen=True)
class _Shape:
    """Where the instances of a class keep their state."""

    machinery: bool
    named: tuple[str, ...]  # fields of a dataclass, and slots
    simple: (
        int | None
    )  # the size of a `__dict__` that holds the fields of a dataclass and nothing else; -1 for a pydantic model
    cached: frozenset[str]
    pydantic: bool
    foreign: type | None  # the first base that is not written in Python
    properties: tuple[str, ...]


def _shape_of(value: object) -> _Shape:
    cls: Any = type(value)  # any class can be hashed, which mypy does not believe of `type`
    return _shape(cls)


@functools.lru_cache(maxsize=4096)
def _shape(cls: Any) -> _Shape:
    bases: list[type] = [base for base in cls.__mro__ if base not in (object, Generic)]
    declared = [field.name for field in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
    slots = [name for base in bases for name in _slots(base)]
    pydantic = hasattr(cls, "__pydantic_fields__") and hasattr(cls, "__pydantic_extra__")
    cached = [
        name for base in bases for name, member in vars(base).items() if isinstance(member, functools.cached_property)
    ]
    foreign = next(
        (base for base in bases if not base.__flags__ & _HEAP_TYPE or base.__flags__ & _IMMUTABLE_TYPE), None
    )
    return _Shape(
        machinery=_package(cls) in _OF_THE_MACHINERY,
        named=tuple(dict.fromkeys([*declared, *slots])),
        simple=None if slots or cached or foreign else -1 if pydantic else len(declared) or None,
        cached=frozenset(cached),
        pydantic=pydantic,
        foreign=foreign,
        properties=tuple(
            name
            for name in sorted(
                {name for base in bases if _package(base) not in _NOT_OF_THE_PROJECT for name in vars(base)}
            )
            if not name.startswith("_") and isinstance(getattr(cls, name, None), property)
        ),
    )


def _slots(base: type) -> Iterator[str]:
    own: str | Iterable[str] = vars(base).get("__slots__", ())
    for name in (own,) if isinstance(own, str) else own:
        if not _is_dunder(name):
            yield f"_{base.__name__.lstrip('_')}{name}" if name.startswith("__") else name


def _package(cls: type) -> str:
    return str(cls.__module__).partition(".")[0]


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name != "__notes__"


def fields_of(value: object) -> dict[str, object] | None:
    """The fields of an object, private ones included: declared, in slots, in `__dict__`, and those that pydantic keeps apart.

    What a cached property holds is left out: it is there once somebody looked. None if nothing is known of the object but its class.
    """
    shape = _shape_of(value)
    if shape.machinery:
        return _printed(value) or {}
    if shape.simple is not None:
        state: dict[str, object] = value.__dict__
        if (not _kept_apart(value)) if shape.pydantic else len(state) == shape.simple:
            return state
    found = _own(value, shape)
    if shape.foreign is not None:
        found.update(_printed(value))
        return found or None
    return found


def extra_fields(value: object) -> dict[str, object]:
    """What an instance of a subclass of a built-in class has beside its content."""
    found = _own(value, _shape_of(value))
    if isinstance(value, defaultdict):
        found["default_factory"] = value.default_factory
    return found


def error_fields(error: BaseException, *, properties: bool = False) -> dict[str, object]:
    """The fields of an exception; of an answer of DynamoDB's without what is of that one answer alone.

    `args` is among them where it holds more than the message and the fields, and a property of the project's own classes where it gives what no field is.
    """
    shape = _shape_of(error)
    found = {name: _without_ids(value) for name, value in _own(error, shape).items()}
    message = str(error)
    untold = [
        arg
        for arg in error.args
        if not _is_told(arg, message) and all(arg is not part for part in vars(error).values())
    ]
    if untold:
        found["args"] = untold
    for name in shape.properties if properties else ():
        try:
            value = getattr(error, name)
        except Exception as raised:  # noqa: BLE001 - what a caller would meet
            value = raised
        if all(value is not part for part in found.values()):
            found[name] = value
    return found


def _own(value: object, shape: _Shape) -> dict[str, object]:
    found: dict[str, object] = {}
    if shape.named:
        found = {name: getattr(value, name) for name in shape.named if hasattr(value, name)}
    state = getattr(value, "__dict__", None)
    if isinstance(state, dict):
        hidden = shape.cached
        found |= {
            name: part
            for name, part in state.items()
            if name not in hidden and (name[:2] != "__" or not _is_dunder(name))
        }
    if shape.pydantic:
        found.update(_kept_apart(value))
    return found


def _kept_apart(model: object) -> Mapping[str, object]:
    """What pydantic keeps beside the fields of a model."""
    extra, private = getattr(model, "__pydantic_extra__", None), getattr(model, "__pydantic_private__", None)
    return {**(extra or {}), **(private or {})} if extra or private else {}


def _printed(value: object) -> dict[str, object]:
    """What a class that is not written in Python tells of an instance."""
    if type(value).__repr__ is object.__repr__:
        return {}
    return {"(repr)": _ADDRESS.sub("0x", repr(value))}


def _is_told(arg: object, message: str) -> bool:
    return isinstance(arg, (str, int)) and (str(arg) in message or repr(arg) in message)


def _without_ids(value: object) -> object:
    metadata = value.get(_ANSWERED) if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(metadata, Mapping):
        return value
    kept = {name: part for name, part in metadata.items() if name not in _OF_ONE_ANSWER}
    return {**value, _ANSWERED: kept}
