"""Source text of values to call a method with, found by the annotations of its parameters."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import inspect
import types
import typing
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from parity.start.classes import Method, Parameter

__all__ = ["FILL_IN", "Samples"]

FILL_IN = "FILL IN"
_SEQUENCES = (list, Sequence, Iterable, Collection, Iterator)
_PLAIN: Mapping[Any, tuple[str, str]] = {
    bool: ("True", ""),
    int: ("1", ""),
    float: ("1.5", ""),
    bytes: ('b"bytes"', ""),
    Decimal: ('Decimal("1.50")', "from decimal import Decimal"),
    datetime.datetime: ("clock.now()", ""),
    datetime.date: ("clock.now().date()", ""),
    datetime.timedelta: ("timedelta(days=1)", "from datetime import timedelta"),
    type(None): ("None", ""),
}


class Samples:
    """The values of one test: texts and uuids are shared by all parameters and fields of one name.

    Attributes:
        names: source text of the shared values, by the name of the variable that holds each.
        imports: the import lines that the values need.
        unknown: what no value was found for, as `name: annotation`.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = frozenset(taken)
        self.names: dict[str, str] = {}
        self.imports: set[str] = set()
        self.unknown: list[str] = []

    def arguments(self, method: Method) -> str:
        """The arguments of a call, with those left out that have a default."""
        return ", ".join(
            f"{parameter.name}={value}" if parameter.by_name else value
            for parameter in method.parameters
            if parameter.required
            for value in [self._of_parameter(parameter)]
        )

    def _of_parameter(self, parameter: Parameter) -> str:
        return self._value(parameter.name, parameter.annotation)

    def _value(self, name: str, annotation: Any) -> str:  # noqa: C901 - by type
        origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            return self._value(name, parts[0])
        if annotation is str:
            return self._shared(name, f'ids.name("{name}")')
        if annotation is uuid.UUID:
            return self._shared(name, "ids.uuid()")
        if annotation in _PLAIN:
            text, line = _PLAIN[annotation]
            self.imports |= {line} - {""}
            return text
        if origin is typing.Literal:
            return repr(parts[0])
        if origin in {typing.Union, types.UnionType}:
            return self._value(name, next(part for part in parts if part is not type(None)))
        if origin in _SEQUENCES and parts:
            return f"[{self._value(name, parts[0])}]"
        if origin in {set, frozenset} and parts:
            return f"{{{self._value(name, parts[0])}}}"
        if origin is tuple and parts:
            return f"({self._value(name, parts[0])},)"
        if origin in {dict, Mapping} and parts:
            return f'{{"key": {self._value(name, parts[1])}}}'
        if isinstance(annotation, type):
            return self._of_class(name, annotation)
        return self._nothing(name, annotation)

    def _of_class(self, name: str, cls: type[Any]) -> str:
        if issubclass(cls, enum.Enum):
            return f"{self._imported(cls)}.{next(iter(cls)).name}"
        fields = _fields(cls)
        if fields is None:
            return self._nothing(name, cls)
        values = ", ".join(f"{field}={self._value(field, annotation)}" for field, annotation in fields.items())
        return f"{self._imported(cls)}({values})"

    def _imported(self, cls: type[Any]) -> str:
        self.imports.add(f"from {cls.__module__} import {cls.__qualname__.partition('.')[0]}")
        return cls.__qualname__

    def _shared(self, name: str, text: str) -> str:
        variable = f"{name}_" if name in self._taken else name
        self.names[variable] = text
        return variable

    def _nothing(self, name: str, annotation: Any) -> str:
        self.unknown.append(name if annotation is inspect.Parameter.empty else f"{name}: {_shown(annotation)}")
        return "None"


def _fields(cls: type[Any]) -> dict[str, Any] | None:
    """The fields that a value of the class needs, of a dataclass or a pydantic model; None for any other class."""
    models = getattr(cls, "model_fields", None)
    if isinstance(models, Mapping):
        return {name: field.annotation for name, field in models.items() if field.is_required()}
    if not dataclasses.is_dataclass(cls):
        return None
    hints = typing.get_type_hints(cls)
    return {
        field.name: hints[field.name]
        for field in dataclasses.fields(cls)
        if field.init and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
