"""What two DAO classes tell about themselves: how they are made, and what their methods take."""

from __future__ import annotations

import inspect
import keyword
import re
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parity.config import load_object
from parity.errors import ConfigError

__all__ = ["Method", "Pair", "Parameter", "entity_name", "read_pair"]

_SUFFIX = re.compile(r"(_?(dao|data_access|repository|repo|store|gateway))+$", re.IGNORECASE)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method; `annotation` is `inspect.Parameter.empty` where there is none."""

    name: str
    annotation: Any
    required: bool
    by_name: bool


@dataclass(frozen=True)
class Method:
    """A public method and its parameters without self; `signature` is its text.

    `kind` says of one whose call does nothing yet what it is, such as `async`: to compare it would compare nothing.
    """

    name: str
    parameters: tuple[Parameter, ...]
    signature: str
    kind: str | None = None


@dataclass(frozen=True)
class Pair:
    """Two classes that are to be compared, under the name of an entity.

    Attributes:
        control: the reference `module:Class` of the one that is replaced.
        candidate: that of the one that replaces it.
        constructors: what each needs to be made, by side.
        methods: the public methods that both have, as the control has them.
        one_sided: the names of those that only one has.
        connect: a function of the project that looks like `connect`, as `module:name`, if there is one.
        tables: a mapping of the project that looks like CreateTable arguments by table, as `module:name`, if there is one.
        table_names: the logical names in it.
    """

    entity: str
    control: str
    candidate: str
    constructors: Mapping[str, tuple[Parameter, ...]]
    methods: tuple[Method, ...]
    one_sided: tuple[str, ...]
    connect: str | None
    tables: str | None
    table_names: tuple[str, ...]


def entity_name(control: str) -> str:
    """What `module:NoteDAO` is about: `note`."""
    name = _SUFFIX.sub("", control.rpartition(":")[2].rpartition(".")[2])
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).strip("_").lower() or "dao"


def read_pair(control: str, candidate: str, entity: str | None) -> Pair:
    """Import both classes and look at them.

    Raises:
        ConfigError: a class cannot be imported, is none, or both have no method in common.
    """
    name = entity or entity_name(control)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ConfigError(f"{name!r} is no name for an entity: take small letters, digits and _, with --entity")
    old, new = _load(control, "--control"), _load(candidate, "--candidate")
    methods = {method.name: method for method in _methods(old)}
    others = {method.name for method in _methods(new)}
    common = tuple(method for method in methods.values() if method.name in others)
    if not common:
        raise ConfigError(f"{control} and {candidate} have no public method in common: there is nothing to compare")
    modules = _modules(control, candidate)
    tables = _find(modules, _is_definitions)
    return Pair(
        entity=name,
        control=control,
        candidate=candidate,
        constructors={"control": _constructor(old), "candidate": _constructor(new)},
        methods=common,
        one_sided=tuple(sorted(set(methods) ^ others)),
        connect=_find(modules, _is_connect),
        tables=tables,
        table_names=tuple(load_object(tables, "tables")) if tables else (),
    )


def _load(reference: str, role: str) -> type[Any]:
    found = load_object(reference, role)
    if not isinstance(found, type):
        raise ConfigError(f"{role} = {reference!r} is no class")
    return found


def _methods(cls: type[Any]) -> Iterator[Method]:
    """In the order in which they are written, those of base classes first."""
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base) if not name.startswith("_"))
    for name in names:
        found = inspect.getattr_static(cls, name)
        if inspect.isfunction(found):
            yield Method(name, _parameters(found)[1:], f"{name}{inspect.signature(found)}", _kind(found))


def _kind(function: Callable[..., Any]) -> str | None:
    inner = inspect.unwrap(function)
    if inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner):
        return "async"
    return "a generator" if inspect.isgeneratorfunction(inner) else None


def _constructor(cls: type[Any]) -> tuple[Parameter, ...]:
    made = cls.__init__
    return _parameters(made)[1:] if inspect.isfunction(made) else ()


def _parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):
        hints = {}
    return tuple(
        Parameter(
            name=name,
            annotation=hints.get(name, parameter.annotation),
            required=parameter.default is parameter.empty,
            by_name=parameter.kind is parameter.KEYWORD_ONLY,
        )
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    )


def _modules(*references: str) -> list[str]:
    """The modules of the classes, and what else of their packages has been imported with them."""
    named = dict.fromkeys(reference.partition(":")[0] for reference in references)
    packages = tuple(f"{name.partition('.')[0]}." for name in named)
    return [*named, *(name for name in sorted(sys.modules) if name.startswith(packages) and name not in named)]


def _find(modules: Sequence[str], wanted: Callable[[str, object], bool]) -> str | None:
    """The first thing that is wanted in the modules, as `module:name`."""
    for module in modules:
        for name, value in vars(sys.modules[module]).items():
            if not name.startswith("_") and wanted(name, value):
                return f"{module}:{name}"
    return None


def _is_definitions(_name: str, value: object) -> bool:
    parts = list(value.values()) if isinstance(value, Mapping) else []
    return bool(parts) and all(isinstance(part, Mapping) and "KeySchema" in part for part in parts)


def _is_connect(name: str, value: object) -> bool:
    takes = 3  # endpoint, table names, session
    return name == "connect" and inspect.isfunction(value) and len(inspect.signature(value).parameters) == takes
