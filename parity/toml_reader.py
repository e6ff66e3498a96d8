"""Reading a parsed TOML file, with errors that say where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from parity.errors import ConfigError

__all__ = ["TomlReader"]


class TomlReader:
    """Takes values out of parsed TOML.

    Each method raises a ConfigError that says where something is missing or of another type.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def only(self, table: Any, known: set[str], where: str) -> None:
        """A table of no keys but these."""
        if not isinstance(table, dict):
            raise ConfigError(f"{self.path}: {where} is no table")
        unknown = sorted(set(table) - known)
        if unknown:
            raise ConfigError(
                f"{self.path}: {where} has an unknown key {unknown[0]!r}; known are: {', '.join(sorted(known))}"
            )

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        """A text that must be there."""
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{self.path}: {where} needs {key!r}, a text")
        return value

    def texts(self, table: Mapping[str, Any], key: str, where: str, *, required: bool = False) -> tuple[str, ...]:
        """A text or a list of them; nothing where there is none, unless it is required."""
        value: Sequence[Any] | Any = table.get(key, [])
        values = [value] if isinstance(value, str) else value
        if (
            not isinstance(values, list)
            or not all(isinstance(part, str) for part in values)
            or (required and not values)
        ):
            raise ConfigError(f"{self.path}: {where} needs {key!r}, a text or a list of texts")
        return tuple(values)

    def patterns(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        """Files, or patterns of them, relative to the directory of the TOML file; at least one."""
        values = self.texts(table, key, where, required=True)
        for value in values:
            try:
                fits = bool(PurePath(value).parts) and not PurePath(value).is_absolute()
                next(self.path.parent.glob(value), None) if fits else None
            except ValueError:
                fits = False
            if not fits:
                raise ConfigError(
                    f"{self.path}: {where} has {key!r} = {value!r}, which is no file, and no pattern of files, relative to {self.path.name}"
                )
        return values

    def count(self, table: Mapping[str, Any], key: str, where: str, *, default: int) -> int:
        """A whole number from 1."""
        value = table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError(f"{self.path}: {where} has {key!r} = {value!r}, which is no number from 1")
        return value

    def day(self, table: Mapping[str, Any], key: str, where: str) -> date:
        """A date that must be there."""
        value = table.get(key)
        if type(value) is not date:  # a datetime is one too, and cannot be compared with one
            raise ConfigError(f"{self.path}: {where} needs {key!r}, a date such as 2026-01-31")
        return value

    def tables(self, data: Mapping[str, Any], key: str) -> list[Any]:
        """A list of tables, `[[key]]`."""
        value = data.get(key, [])
        if not isinstance(value, list):
            raise ConfigError(f"{self.path}: {key!r} is no list of tables [[{key}]]")
        return value

    def mapping(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        """A table; an empty one where there is none."""
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise ConfigError(f"{self.path}: {key!r} at {where} is no table")
        return value
