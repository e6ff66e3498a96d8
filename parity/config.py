"""parity.toml: which classes are compared, by which suite, on which tables and rows."""

from __future__ import annotations

import importlib
import keyword
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from parity.errors import ConfigError
from parity.toml_reader import TomlReader

__all__ = [
    "OBSERVABLES",
    "SIDES",
    "Config",
    "Entity",
    "Known",
    "Read",
    "Rule",
    "Unreachable",
    "load_config",
    "load_object",
]

SIDES = ("control", "candidate")
OBSERVABLES = ("return", "exception", "items", "requests", "cost", "surface", "logs")
_TOP = {
    "connect",
    "tables",
    "secrets",
    "loggers",
    "least_tests",
    "metrics",
    "rules",
    "known",
    "unreachable",
    "entities",
    "selfcheck",
}
_ENTITY = {"control", "candidate", "suite", "seeds", "contract", "faults_every", "reads", "model", "strategies"}
_RULE_KINDS = ("bcrypt",)
_ALWAYS = ("table-names", "request-ids")  # the ids of rules that hold without being declared


@dataclass(frozen=True)
class Read:
    """How `parity read-check` has a row read: for rows of `table` whose attributes fully match the patterns of `rows`, it makes `call`.

    `arguments` are texts in which `{name}` stands for an attribute of the row or a named group of a pattern.
    """

    table: str
    call: str
    arguments: Mapping[str, str]
    rows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entity:
    """One pair of DAO classes and what they are compared by.

    `faults_every` injects only every Nth fault; `model` is an in-memory class for the fuzzer, `strategies` a function that draws
    arguments for it where types do not suffice.
    """

    name: str
    control: str
    candidate: str
    suite: tuple[str, ...]
    contract: str | None = None
    seeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults_every: int = 1
    reads: tuple[Read, ...] = ()
    model: str | None = None
    strategies: str | None = None


@dataclass(frozen=True)
class Rule:
    """Values that differ at random and are equal by a declared rule; so far `bcrypt`: hashes of one version and cost.

    It holds wherever they stand, as entities share tables; a whole run of `entity` has to make use of it.
    """

    id: str
    entity: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Known:
    """A difference that is intended: found again in every run until it expires."""

    id: str
    entity: str
    method: str
    observable: str
    path: str
    reason: str
    since: date
    expires: date

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What tells a difference from others."""
        return self.entity, self.method, self.observable, self.path


@dataclass(frozen=True)
class Unreachable:
    """A declared outcome that no test can see, on one engine or on any."""

    entity: str
    method: str
    outcome: str
    reason: str
    engine: str | None = None

    @property
    def text(self) -> str:
        """The cell as coverage names it."""
        return f"{self.entity}.{self.method}: {self.outcome}"

    def is_seen(self, coverage: Mapping[str, Mapping[str, Mapping[str, int]]]) -> bool:
        """Whether a test saw it after all."""
        return coverage.get(self.entity, {}).get(self.method, {}).get(self.outcome, 0) > 0


@dataclass(frozen=True)
class Config:
    """A project's parity.toml.

    Attributes:
        least_tests: in how many tests each declared outcome must be seen.
        selfcheck: the sequence of `WrongCandidate` that `parity selfcheck` runs, as module:name.
        metrics: a function of the project that gives tables for the report.
    """

    path: Path
    connect: str
    tables: str
    entities: Mapping[str, Entity]
    secrets: tuple[str, ...] = ()
    loggers: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    known: tuple[Known, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()
    least_tests: int = 1
    selfcheck: str | None = None
    metrics: str | None = None

    @property
    def root(self) -> Path:
        """The directory that parity.toml stands in; its modules can be imported."""
        return self.path.parent

    def import_from_root(self) -> None:
        """Let modules of the project be imported."""
        if str(self.root) not in sys.path:
            sys.path.insert(0, str(self.root))

    def entity(self, name: str) -> Entity:
        """The entity of that name.

        Raises:
            ConfigError: there is none.
        """
        if name not in self.entities:
            raise ConfigError(f"there is no entity {name!r} in {self.path}; there are: {', '.join(self.entities)}")
        return self.entities[name]

    def only(self, names: Sequence[str]) -> Config:
        """A copy with these entities alone.

        Raises:
            ConfigError: there is no such entity.
        """
        return replace(self, entities={name: self.entity(name) for name in names})

    def with_classes(self, name: str, control: str | None, candidate: str | None) -> Config:
        """A copy in which other classes stand for one entity."""
        entity = self.entity(name)
        changed = replace(entity, control=control or entity.control, candidate=candidate or entity.candidate)
        return replace(self, entities={**self.entities, name: changed})

    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """The CreateTable arguments of each table by its logical name.

        Raises:
            ConfigError: `tables` names no such mapping, or there are seeds for a table that is not in it.
        """
        found = load_object(self.tables, "tables")
        if not isinstance(found, Mapping):
            raise ConfigError(
                f"tables = {self.tables!r} in {self.path} is no mapping of table names to CreateTable arguments"
            )
        for name, definition in found.items():
            keys = definition.get("KeySchema", []) if isinstance(definition, Mapping) else []
            if not any(part.get("KeyType") == "HASH" for part in keys):
                raise ConfigError(f"{name} in {self.tables} has no 'KeySchema' with a HASH key")
        for entity in self.entities.values():
            for table in entity.seeds.keys() - found.keys():
                raise ConfigError(
                    f"[entities.{entity.name}] has seeds for a table {table!r}, which is not among: {', '.join(found)}"
                )
        return found

    def suite_files(self, name: str) -> list[str]:
        """The files of an entity's suite, relative to the root; patterns are expanded.

        Raises:
            ConfigError: a pattern matches no file.
        """
        found: dict[str, None] = {}
        for pattern in self.entity(name).suite:
            matches = sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(pattern))
            if not matches:
                raise ConfigError(f"the suite of {name} is not there: no file matches {self.root / pattern}")
            found.update(dict.fromkeys(matches))
        return list(found)

    def seed_files(self) -> dict[str, list[Path]]:
        """The seed files of all entities by table, each once."""
        files: dict[str, dict[Path, None]] = {}
        for entity in self.entities.values():
            for table, names in entity.seeds.items():
                files.setdefault(table, {}).update(dict.fromkeys(self.root / name for name in names))
        return {table: list(paths) for table, paths in files.items()}


def load_object(reference: str, role: str) -> Any:
    """What `module:name` names.

    Raises:
        ConfigError: the module cannot be imported, or has no such name.
    """
    module_name, _, name = reference.partition(":")
    if not module_name or not name:
        raise ConfigError(f"{role} = {reference!r} is not of the form module:name")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:  # whatever a project's module may raise while it is imported
        told = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
        raise ConfigError(f"{role} = {reference!r}: cannot import {module_name}: {told}") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise ConfigError(f"{role} = {reference!r}: {module_name} has no {name}")
        found = getattr(found, part)
    return found


def load_config(path: Path) -> Config:
    """Read parity.toml.

    Raises:
        ConfigError: the file is missing, is no TOML, lacks a key, or has one that is not known.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no {path}: run in the project's directory, or name the file with --config"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    reader = TomlReader(path)
    reader.only(data, _TOP, "the top level")
    entities = {
        name: _entity(reader, name, table) for name, table in reader.mapping(data, "entities", "the top level").items()
    }
    if not entities:
        raise ConfigError(f"{path} names no entity: add a table [entities.NAME]")
    config = Config(
        path=path.resolve(),
        connect=reader.text(data, "connect", "the top level"),
        tables=reader.text(data, "tables", "the top level"),
        entities=entities,
        secrets=reader.texts(data, "secrets", "the top level"),
        loggers=reader.texts(data, "loggers", "the top level"),
        rules=tuple(_rule(reader, rule) for rule in reader.tables(data, "rules")),
        known=tuple(_known(reader, entry) for entry in reader.tables(data, "known")),
        unreachable=tuple(_unreachable(reader, entry) for entry in reader.tables(data, "unreachable")),
        least_tests=reader.count(data, "least_tests", "the top level", default=1),
        selfcheck=reader.text(data, "selfcheck", "the top level") if "selfcheck" in data else None,
        metrics=reader.text(data, "metrics", "the top level") if "metrics" in data else None,
    )
    _check_declared(config)
    return config


def _check_declared(config: Config) -> None:
    """See that what is declared is about entities that there are, and that each hit is counted for one entry."""
    lists: tuple[tuple[str, Sequence[Known | Rule | Unreachable]], ...] = (
        ("known", config.known),
        ("rules", config.rules),
        ("unreachable", config.unreachable),
    )
    for key, entries in lists:
        for entry in entries:
            if entry.entity not in config.entities:
                raise ConfigError(
                    f"{config.path}: [[{key}]] has an entity {entry.entity!r}; there are: {', '.join(config.entities)}"
                )
    for key, ids in (
        ("known", [entry.id for entry in config.known]),
        ("rules", [*_ALWAYS, *(rule.id for rule in config.rules)]),
    ):
        if twice := [each for each in ids if ids.count(each) > 1]:
            raise ConfigError(f"{config.path}: [[{key}]] has the id {twice[0]!r} twice, or it is one of the harness")
    for entry in config.known:
        if entry.observable not in OBSERVABLES:
            raise ConfigError(
                f"{config.path}: [[known]] {entry.id!r} has an observable {entry.observable!r}; there are: {', '.join(OBSERVABLES)}"
            )


def _entity(reader: TomlReader, name: str, table: Any) -> Entity:
    where = f"[entities.{name}]"
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ConfigError(f"{reader.path}: {name!r} is no name for an entity: take small letters, digits and _")
    reader.only(table, _ENTITY, where)
    seeds = reader.mapping(table, "seeds", where)
    contract = reader.text(table, "contract", where) if "contract" in table else None
    return Entity(
        name=name,
        control=reader.text(table, "control", where),
        candidate=reader.text(table, "candidate", where),
        suite=reader.patterns(table, "suite", where),
        contract=contract,
        seeds={key: reader.texts(seeds, key, f"{where} seeds") for key in seeds},
        faults_every=reader.count(table, "faults_every", where, default=1),
        reads=tuple(_read(reader, entry, f"[[entities.{name}.reads]]") for entry in reader.tables(table, "reads")),
        model=reader.text(table, "model", where) if "model" in table else None,
        strategies=reader.text(table, "strategies", where) if "strategies" in table else None,
    )


def _read(reader: TomlReader, table: Any, where: str) -> Read:
    reader.only(table, {"table", "call", "arguments", "rows"}, where)
    rows, arguments = (reader.mapping(table, key, where) for key in ("rows", "arguments"))
    patterns = {name: reader.text(rows, name, f"{where} rows") for name in rows}
    for name, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigError(f"{reader.path}: {where} rows {name!r} is no regular expression: {error}") from error
    return Read(
        table=reader.text(table, "table", where),
        call=reader.text(table, "call", where),
        arguments={name: reader.text(arguments, name, f"{where} arguments") for name in arguments},
        rows=patterns,
    )


def _rule(reader: TomlReader, table: Any) -> Rule:
    keys = ("id", "entity", "kind", "reason")
    reader.only(table, set(keys), "[[rules]]")
    rule = Rule(*(reader.text(table, key, "[[rules]]") for key in keys))
    if rule.kind not in _RULE_KINDS:
        raise ConfigError(
            f"{reader.path}: the rule {rule.id!r} is of the kind {rule.kind!r}; there is: {', '.join(_RULE_KINDS)}"
        )
    return rule


def _known(reader: TomlReader, table: Any) -> Known:
    where = "[[known]]"
    reader.only(table, {"id", "entity", "method", "observable", "path", "reason", "since", "expires"}, where)
    return Known(
        id=reader.text(table, "id", where),
        entity=reader.text(table, "entity", where),
        method=reader.text(table, "method", where),
        observable=reader.text(table, "observable", where),
        path=reader.text(table, "path", where),
        reason=reader.text(table, "reason", where),
        since=reader.day(table, "since", where),
        expires=reader.day(table, "expires", where),
    )


def _unreachable(reader: TomlReader, table: Any) -> Unreachable:
    where = "[[unreachable]]"
    reader.only(table, {"entity", "method", "outcome", "reason", "engine"}, where)
    return Unreachable(
        entity=reader.text(table, "entity", where),
        method=reader.text(table, "method", where),
        outcome=reader.text(table, "outcome", where),
        reason=reader.text(table, "reason", where),
        engine=reader.text(table, "engine", where) if "engine" in table else None,
    )
