"""Runs programs on control, candidate and model in step, and compares them call by call as `parity run` does."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from parity.clock import START, Clock, deterministic_uuids
from parity.compare import Comparison, Difference, compare_call
from parity.config import SIDES, Entity, Known
from parity.coverage import outcome_of
from parity.differ import Rules
from parity.fault_plan import fault_kinds
from parity.faults import Faults
from parity.fuzz.model import ModelRunner
from parity.fuzz.program import Fault, MakeCall, PutRow, Step
from parity.observer import SendHook
from parity.recorder import Call, RecordedDao, Recorder
from parity.requests import Request, written_keys
from parity.tables import Tables
from parity.wire import WireError
from parity.world import Case, World, recorded_waits

__all__ = ["Done", "Finding", "Machine"]


@dataclass(frozen=True)
class Done:
    """A step that was made, with what the control did: its record, and what it returned or raised."""

    step: Step
    call: Call | None = None
    result: Any = None
    error: Exception | None = None


@dataclass(frozen=True)
class Finding:
    """Where the last step of a program differs.

    `expected` is what a test of it asserts: what the control did, or, where both sides agree and the model does not, what the model did.
    """

    program: tuple[Done, ...]
    difference: Difference
    expected: Done
    by_model: bool = False


class Machine:
    """Control, candidate and model of one entity, each on tables of its own."""

    def __init__(
        self, world: World, entity: Entity, model: ModelRunner | None, rules: Rules, known: Mapping[str, Known]
    ) -> None:
        self._world, self._entity, self._rules = world, entity, rules
        self.model = model
        self._known = known.values()
        self._cases = {side: Case(side) for side in SIDES}
        self._tables = {side: world.tables(case) for side, case in self._cases.items()}
        self._missing = {side: tables.missing() for side, tables in self._tables.items()}
        for tables in self._missing.values():
            world.know(tables)
        self._nowhere = {side: world.connector(side).open(self._missing[side].names, world.session) for side in SIDES}
        self._recorders: dict[str, Recorder] = {}
        self._clock = Clock(START)
        self._faulted = False
        self._done: list[Done] = []

    @property
    def key_attributes(self) -> Mapping[str, Any]:
        """The key attributes of each table."""
        return self._tables["control"].table_names.keys

    @contextmanager
    def program(self) -> Iterator[None]:
        """Begin at the same instant on empty tables, and leave nothing behind."""
        self._clock, self._done, self._faulted = Clock(START), [], False
        world = self._world
        self._recorders = {
            side: Recorder(
                world.observer, world.redactor, self._clock, Faults(world.wire), world.job.seed, world.config.loggers
            )
            for side in SIDES
        }
        world.redactor.forget()
        if self.model is not None:
            self.model.begin()
        try:
            with self._clock, self._recorders["control"].listening(), self._recorders["candidate"].listening():
                yield
        finally:
            world.observer.before_send = None
            for side, case in self._cases.items():
                self._tables[side].put_back()
                if self._faulted:
                    world.forget_connections(case)

    def run(self, step: Step) -> tuple[Done | None, Finding | None]:
        """Make a step on all sides: what the control did, and how another differs. Nothing at all if the engine refused a row."""
        if isinstance(step, PutRow):
            return (self._put(step), None)
        instant = self._clock.peek()
        made = {}
        for side in SIDES:
            self._clock.move_to(instant)
            made[side] = self._call(side, step)
            if side == "control":
                after = self._clock.peek()
        self._clock.move_to(after)
        done = made["control"]
        self._done.append(done)
        difference = self._difference(made)
        if difference is not None:
            return done, Finding(tuple(self._done), difference, done)
        if self.model is None:
            return done, None
        self._clock.move_to(instant)
        finding = self._ask_model(self.model, step, done)
        self._clock.move_to(after)
        return done, finding

    def _put(self, step: PutRow) -> Done | None:
        try:
            for tables in self._tables.values():
                Tables(tables).put(step.table, step.row)
        except WireError as error:
            if not error.status:
                raise
            return None
        if self.model is not None:
            names = self.key_attributes[step.table]
            self.model.store(step.table, {name: step.row[name] for name in names}, step.row)
        done = Done(step)
        self._done.append(done)
        return done

    def _call(self, side: str, step: MakeCall) -> Done:
        recorder, world = self._recorders[side], self._world
        recorder.faults = Faults(world.wire)
        world.observer.before_send = None if step.fault is None else _failing(step.fault, recorder.faults)
        connection = self._nowhere[side] if step.missing else world.connection(self._cases[side], side)
        tables = self._missing[side] if step.missing else self._tables[side]
        dao = RecordedDao(recorder, self._entity.name, tables, [connection.dao(self._entity.name)])
        result, error = None, None
        with deterministic_uuids(f"{world.job.seed}/{len(recorder.calls)}"), recorded_waits(recorder):
            try:
                result = getattr(dao, step.method)(**_own(step.arguments))
            except Exception as raised:  # noqa: BLE001 - the outcome of the call
                error = raised
        call = recorder.calls[-1]
        self._faulted = self._faulted or bool(call.injected)
        return Done(step, call, result, error)

    def _difference(self, made: Mapping[str, Done]) -> Difference | None:
        comparison = Comparison(self._rules)
        control, candidate = (_plain(made[side]) for side in SIDES)
        if not compare_call(comparison, control, candidate, ""):
            return None
        for known in self._known:
            comparison.differences.pop(known.place, None)
        return next(iter(comparison.differences.values()), None)

    def _ask_model(self, model: ModelRunner, step: MakeCall, done: Done) -> Finding | None:
        call = done.call
        if call is None or step.missing:
            return None
        if not call.injected:
            answer, places = model.compare(step.method, _own(step.arguments), call.outcome, self._rules)
            if places:
                path, expected, found = places[0]
                kind = "exception" if "raise" in {call.outcome[0], answer.outcome[0]} else "return"
                difference = Difference(self._entity.name, step.method, kind, path, expected, found, "", 1)
                expectation = Done(step, call, answer.result, answer.error)
                return Finding(tuple(self._done), difference, expectation, by_model=True)
            if answer.declined:
                self._tell(model, call)
        elif call.wrote:
            self._tell(model, call)
        return None

    def _tell(self, model: ModelRunner, call: Call) -> None:
        """Show the model what a call left that it did not follow."""
        tables = self._tables["control"]
        for table, key in _written(call):
            (row,) = tables.read_keys([(table, key)])[table].values()
            model.store(table, key, row)

    def outcome(self, done: Done, declared: Mapping[str, int]) -> str:
        """The declared outcome of a call."""
        return outcome_of(_plain(done)["outcome"], declared)

    def tables_of(self, done: Done) -> set[str]:
        """The tables that a call read or wrote."""
        names = self._tables["control"].table_names
        bodies = [] if done.call is None else [request.body for request in done.call.made]
        parts = [part for body in bodies for action in body.get("TransactItems", ()) for part in action.values()]
        named = [str(part["TableName"]) for part in (*bodies, *parts) if "TableName" in part]
        batches = [table for body in bodies for table in body.get("RequestItems", ())]
        return {names.of(table) for table in (*named, *batches)} & self._tables["control"].names.keys()

    def written(self, done: Done) -> list[tuple[str, Mapping[str, Any]]]:
        """The rows that a call left at the keys that it wrote, names in order (engines give them in any), but for those that hold secrets."""
        items = {} if done.call is None or done.call.tables is not self._tables["control"] else done.call.items
        secrets = set(self._world.config.secrets)
        found = [(table, row) for table, rows in items.items() for row in rows.values() if row is not None]
        return [
            (table, json.loads(json.dumps(row, sort_keys=True))) for table, row in found if not secrets & row.keys()
        ]

    def strays(self) -> dict[str, Any]:
        """Rows that are left although no request is known to have written them."""
        return self._world.strays()

    def close(self) -> None:
        """Close what is not the world's."""
        for connection in self._nowhere.values():
            connection.close()


def _plain(done: Done) -> dict[str, Any]:
    return {} if done.call is None else done.call.plain()


def _own(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of which the call may change what can be changed."""
    return {
        name: copy.copy(value) if isinstance(value, (list, dict, set)) else value for name, value in arguments.items()
    }


def _written(call: Call) -> list[tuple[str, dict[str, Any]]]:
    names = call.tables.table_names if call.tables is not None else None
    if names is None:
        return []
    return [pair for request in call.made if request.is_write for pair in written_keys(request, names)]


def _failing(fault: Fault, faults: Faults) -> SendHook:
    """A hook that arms the fault when its request comes."""
    armed = False

    def hook(request: Request, prepared: AWSPreparedRequest, position: int) -> AWSResponse | None:
        nonlocal armed
        if not armed and position == fault.request:
            armed = True
            actions = len(request.body.get("TransactItems", ()))
            possible = list(dict.fromkeys(kind for kind, _ in fault_kinds(request.operation, actions)))
            at = sum(map(ord, fault.kind)) % len(possible)
            faults.add(
                fault.kind if fault.kind in possible else possible[at], request.operation, None if fault.always else 1
            )
        return faults.inject(request, prepared, position)

    return hook
