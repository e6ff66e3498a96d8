"""Every DAO call of a test goes through here: what it was given, what came of it, what it sent and what it left in the tables."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from parity.clock import Clock
from parity.errors import ParityError
from parity.faults import Faults
from parity.interleaving import Neighbour, Onlooker
from parity.observer import Observer
from parity.outcomes import Outcome, bound, drained, encode_outcome, is_property, refuse_async
from parity.redaction import Redactor
from parity.requests import Request, written_keys
from parity.tables import Changes, TableSet
from parity.values import Encoded, Encoder

__all__ = ["Call", "Outcome", "RecordedDao", "Recorder", "encode_arguments", "plain_log"]


@dataclass
class Call:
    """One recorded call; everything in it but `made`, `tables` and `replay` is plain JSON."""

    entity: str
    method: str
    arguments: Encoded
    changed: Encoded | None  # the arguments after the call, where it changed one
    outcome: Outcome
    requests: list[dict[str, Any]]
    attempts: list[list[str]]
    injected: list[str]
    waits: list[float]
    items: Changes
    cost: dict[str, str]
    logs: list[list[str]]
    milliseconds: float
    wrote: bool
    request_ids: list[str]
    neighbours: dict[str, list[Neighbour]]
    made: tuple[Request, ...] = ()
    tables: TableSet | None = None
    replay: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})

    def digest(self) -> str:
        """The same for calls with equal method and arguments."""
        text = json.dumps([self.entity, self.method, self.arguments], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def plain(self) -> dict[str, Any]:
        """The call as JSON for the transcript."""
        hidden = {"made", "replay", "tables"}
        return {"digest": self.digest(), **{name: value for name, value in vars(self).items() if name not in hidden}}


class _LogCapture(logging.Handler):
    """Collects what the project's loggers are told."""

    def __init__(self, told: list[logging.LogRecord]) -> None:
        super().__init__(logging.DEBUG)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        self._told.append(record)


_FIXED = frozenset({bool, bytes, datetime, Decimal, float, int, str, type(None), UUID})
"""Classes of arguments that no call can change."""
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def plain_log(record: logging.LogRecord, redactor: Redactor) -> list[str]:
    """Logger, level, event and, where the text, the traceback or what was given as `extra` holds a secret, `secret`."""
    texts = [record.getMessage()]
    if record.exc_info or record.stack_info:
        texts.append(logging.Formatter().format(record))
    extra = {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
    texts += map(str, extra.values())
    leaks = any(value and redactor.is_secret(name) for name, value in extra.items()) or any(
        redactor.text(text) != text for text in texts
    )
    return [record.name, record.levelname, redactor.text(str(record.msg)), *(["secret"] if leaks else [])]


@dataclass
class Recorder:
    """Records the calls of one test on one set of tables."""

    observer: Observer
    redactor: Redactor
    clock: Clock
    faults: Faults
    seed: str
    loggers: Sequence[str] = ()
    concurrent: bool = False
    looks_on: TableSet | None = None  # the tables whose rows are noted between two requests
    calls: list[Call] = field(default_factory=list)
    refusal: str = ""  # why the run cannot be judged
    _told: list[logging.LogRecord] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=count)  # of a concurrent test's calls; the next one is atomic

    def call(self, dao: _Target, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make a call and record it; returns or raises what the DAO does."""
        if self.concurrent:
            return bound(dao.pick(next(self._turns)), method)(*args, **kwargs)
        function = bound(dao.pick(len(self.calls)), method)
        encoder = Encoder(self.redactor)
        arguments = encode_arguments(function, args, kwargs, encoder)
        waited = len(self.faults.waits)
        onlooker = self._begin(dao.tables)
        result, error, requests, milliseconds = self._make(lambda: drained(function(*args, **kwargs)))
        try:
            refuse_async(result, dao.daos[0], method)
        except ParityError as refusal:
            self.refusal = str(refusal)
            raise
        self.calls.append(
            Call(
                entity=dao.entity,
                method=method,
                arguments=arguments,
                changed=self._changed(arguments, function, args, kwargs),
                outcome=encode_outcome(result, error, encoder),
                requests=[self._plain(request, dao.tables) for request in requests],
                attempts=[[attempt.outcome for attempt in request.attempts_made] for request in requests],
                injected=[kind for request in requests for kind in request.injected],
                waits=[round(wait, 6) for wait in self.faults.waits[waited:]],
                items=self._read_back(dao.tables, requests),
                cost=_cost(requests),
                logs=[plain_log(record, self.redactor) for record in self._told],
                milliseconds=round(milliseconds, 3),
                wrote=any(request.is_write for request in requests),
                request_ids=[request_id for request in requests for request_id in request.request_ids],
                neighbours=self._neighbours(onlooker),
                made=tuple(requests),
                tables=dao.tables,
                replay=(args, kwargs),
            )
        )
        self.clock.align()
        if error is not None:
            raise error
        return result

    def _changed(
        self, before: Encoded, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Encoded | None:
        if _FIXED.issuperset(map(type, (*args, *kwargs.values()))):
            return None
        after = encode_arguments(function, args, kwargs, Encoder(self.redactor))
        return None if after == before else after

    def _begin(self, tables: TableSet) -> Onlooker:
        """Let a call find what each side's call of the same number finds."""
        random.seed(f"{self.seed}/{len(self.calls)}")
        onlooker = Onlooker(tables)
        self.faults.calls_made = len(self.calls)
        self.faults.onlooker = onlooker.look if tables is self.looks_on else None
        self._told.clear()
        return onlooker

    def _make(self, call: Callable[[], Any]) -> tuple[Any, Exception | None, Sequence[Request], float]:
        """What a call returned, or what it raised, the requests that it sent, and how many milliseconds it took."""
        result: Any = None
        error: Exception | None = None
        with self.observer.observing() as seen:
            began = time.perf_counter()
            try:
                result = call()
            except Exception as raised:  # noqa: BLE001 - the outcome of the call, which is recorded and then raised again
                error = raised
            milliseconds = (time.perf_counter() - began) * 1000
        return result, error, seen.requests, milliseconds

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Let the project's loggers tell everything for as long as a test runs; threads of a concurrent one are not listened to."""
        loggers = [] if self.concurrent else [logging.getLogger(name) for name in self.loggers]
        levels = [logger.level for logger in loggers]
        capture = _LogCapture(self._told)
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
            logger.addHandler(capture)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.removeHandler(capture)
                logger.setLevel(level)

    def _plain(self, request: Request, tables: TableSet) -> dict[str, Any]:
        tree = request.canonical(tables.table_names)
        redacted: dict[str, Any] = self._redacted(tree) if self.redactor.may_hold_secrets(request.text) else tree
        return redacted

    def _read_back(self, tables: TableSet, requests: Sequence[Request]) -> Changes:
        keys = [pair for request in requests if request.is_write for pair in written_keys(request, tables.table_names)]
        for table, key in keys:
            if table in tables.names:
                tables.touch(table, key)
        return self.redact_items(tables.read_keys(keys))

    def _neighbours(self, onlooker: Onlooker) -> dict[str, list[Neighbour]]:
        return {
            str(position): [[table, key, self.redact_items({table: {"": row}})[table][""]] for table, key, row in rows]
            for position, rows in onlooker.rows.items()
        }

    def redact_items(self, changes: Changes) -> Changes:
        """Items with the values of secret attributes replaced by tokens."""
        return {
            table: {
                key: None if row is None else {name: self._attribute(name, value) for name, value in row.items()}
                for key, row in rows.items()
            }
            for table, rows in changes.items()
        }

    def _attribute(self, name: str, value: dict[str, Any]) -> dict[str, Any]:
        redacted: dict[str, Any] = self._redacted(self._learn(value) if self.redactor.is_secret(name) else value)
        return redacted

    def _redacted(self, tree: Any) -> Any:
        if isinstance(tree, str):
            return self.redactor.text(tree)
        if isinstance(tree, dict):
            secrets = {name: self._learn(tree[name]) for name in self.redactor.secret_names(tree)}
            return {name: self._redacted(secrets.get(name, value)) for name, value in tree.items()}
        if isinstance(tree, (list, tuple)):
            self._learn_operands(tree)
            return [self._redacted(part) for part in tree]
        return tree

    def _learn(self, value: Any) -> Any:
        """A stored value of whatever type, with a token for each text, number and binary in it."""
        if not isinstance(value, dict):
            return value
        return {kind: self._learned(kind, content) for kind, content in value.items()}

    def _learned(self, kind: str, content: Any) -> Any:
        if kind in {"S", "N", "B"} and isinstance(content, str) and content:
            return self.redactor.token(content, in_part=kind == "S")
        if kind in {"SS", "NS", "BS"} and isinstance(content, (list, tuple)):
            return [self.redactor.token(part) if isinstance(part, str) else part for part in content]
        if kind == "L" and isinstance(content, (list, tuple)):
            return [self._learn(part) for part in content]
        if kind == "M" and isinstance(content, dict):
            return {name: self._learn(part) for name, part in content.items()}
        return content

    def _learn_operands(self, tree: Sequence[Any]) -> None:
        """Learn the operands that an expression compares with, or assigns to, a secret attribute."""
        paths = [part for part in tree if isinstance(part, list) and part[:1] == ["path"]]
        if any(self.redactor.is_secret(step) for path in paths for step in path[1:]):
            for part in tree:
                if isinstance(part, list) and part[:1] == ["value"]:
                    part[1] = self._learn(part[1])


def encode_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], encoder: Encoder
) -> Encoded:
    """A call's arguments; positional ones are encoded under the names of the parameters that they fill, so that secrets are known as such."""
    names = _parameters(getattr(function, "__func__", function))[inspect.ismethod(function) :]
    positional = [encoder.named(names[at] if at < len(names) else None, arg) for at, arg in enumerate(args)]
    return ["arguments", positional, {name: encoder.named(name, arg) for name, arg in kwargs.items()}]


@functools.lru_cache(maxsize=1024)
def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _cost(requests: Sequence[Request]) -> dict[str, str]:
    """Consumed units, read and written; empty where the engine reports none."""
    total: dict[str, float] = {}
    for request in requests:
        kind = "write" if request.is_write else "read"
        for capacity in request.capacity:
            total[kind] = total.get(kind, 0.0) + float(capacity.get("CapacityUnits", 0.0))
    return {kind: f"{units:g}" for kind, units in sorted(total.items())}


@dataclass
class _Target:
    """What a recorded DAO stands for: one object, or both sides' in a mixed fleet, where calls alternate."""

    entity: str
    tables: TableSet
    daos: Sequence[Any]
    first: int = 0

    def pick(self, call: int) -> Any:
        return self.daos[(self.first + call) % len(self.daos)]


class RecordedDao:
    """Stands in for a DAO: its methods, and the properties of its class, are recorded; everything else is the DAO's own."""

    def __init__(self, recorder: Recorder, entity: str, tables: TableSet, daos: Sequence[Any], first: int = 0) -> None:
        self._recorder = recorder
        self._target = _Target(entity, tables, daos, first)

    def __getattr__(self, name: str) -> Any:
        if is_property(type(self._target.daos[0]), name):
            return self._invoke(name)
        found = getattr(self._target.daos[0], name)
        if name.startswith("_") or not callable(found):
            return found
        return functools.partial(self._invoke, name)

    def _invoke(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        return self._recorder.call(self._target, method, args, kwargs)
