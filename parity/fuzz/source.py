"""Python source of the values of a program, and the imports that it needs."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from parity.fuzz.drawing import entity_fields
from parity.fuzz.memory import fields_of

__all__ = ["Source"]

_LONG = 40
_BUILTINS = "builtins"


class Source:
    """Renders values, and collects what must be imported to read them."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}

    def name(self, cls: type) -> str:
        """A class, imported from where it is defined."""
        if cls.__module__ == _BUILTINS:
            return cls.__qualname__
        self.imports.setdefault(cls.__module__, set()).add(cls.__qualname__.partition(".")[0])
        return cls.__qualname__

    def import_lines(self) -> list[str]:
        """The imports, in order."""
        return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self.imports.items())]

    def value(self, value: Any) -> str:
        """Source that makes an equal value.

        Raises:
            TypeError: there is no source for a value of this type.
        """
        if isinstance(value, enum.Enum):
            return f"{self.name(type(value))}.{value.name}"
        if isinstance(value, (BaseModel,)) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
            return self._entity(value)
        if value is None or isinstance(value, (bool, int, float)):
            return repr(value)
        if isinstance(value, type):
            return self.name(value)
        if isinstance(value, (str, bytes)):
            return _text(value)
        if isinstance(value, (Decimal, UUID)):
            self.name(type(value))
            return f"{type(value).__name__}({str(value)!r})"
        if isinstance(value, datetime.date):
            return self._date(value)
        if isinstance(value, Mapping):
            parts = ", ".join(f"{self.value(key)}: {self.value(part)}" for key, part in value.items())
            return f"{{{parts}}}"
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._several(value)
        raise TypeError(f"there is no source for a {type(value).__name__}")

    def _date(self, value: datetime.date) -> str:
        self.name(type(value))
        if not isinstance(value, datetime.datetime):
            return f"date({value.year}, {value.month}, {value.day})"
        parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
        while len(parts) > len(("year", "month", "day")) and not parts[-1]:
            parts.pop()
        numbers = ", ".join(map(str, parts))
        if value.tzinfo is None:
            return f"datetime({numbers})"
        offset = value.utcoffset() or datetime.timedelta()
        if not offset:
            self.imports.setdefault("datetime", set()).add("UTC")
            return f"datetime({numbers}, tzinfo=UTC)"
        self.imports.setdefault("datetime", set()).update(("timedelta", "timezone"))
        return f"datetime({numbers}, tzinfo=timezone(timedelta(seconds={int(offset.total_seconds())})))"

    def _several(self, values: Any) -> str:
        parts = [self.value(part) for part in (values if isinstance(values, (list, tuple)) else sorted(values))]
        if isinstance(values, list):
            return f"[{', '.join(parts)}]"
        if isinstance(values, tuple):
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return f"{type(values).__name__}([{', '.join(parts)}])"

    def _entity(self, entity: Any) -> str:
        cls = type(entity)
        values = fields_of(entity)
        given = {field.name: values[field.name] for field in entity_fields(cls) if field.name in values}
        if isinstance(entity, BaseModel):
            given = {
                name: value
                for name, value in given.items()
                if not _is_default(cls.model_fields[name].default, value) or cls.model_fields[name].is_required()
            }
        fields = ", ".join(f"{name}={self.value(value)}" for name, value in given.items())
        make = ".model_construct" if isinstance(entity, BaseModel) and not _is_valid(entity, given) else ""
        return f"{self.name(cls)}{make}({fields})"


def _is_default(default: object, value: object) -> bool:
    return type(default) is type(value) and repr(default) == repr(value)


def _is_valid(entity: BaseModel, given: Mapping[str, Any]) -> bool:
    """Whether its class makes it of these values, and nothing else of them."""
    try:
        return repr(fields_of(type(entity)(**given))) == repr(fields_of(entity))
    except (ValidationError, TypeError, ValueError):
        return False


def _text(text: str | bytes) -> str:
    if len(text) > _LONG and len(set(text)) == 1:
        return f"{text[:1]!r} * {len(text)}"
    return repr(text)
