"""One process's world: its engine's tables, its connections, and the test that is running."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, SupportsIndex

import pytest
from botocore.session import Session

from parity.clock import START, Clock, Ids, deterministic_uuids
from parity.config import SIDES, Config
from parity.errors import ConfigError, ParityError
from parity.fault_plan import FaultCase
from parity.faults import Faults
from parity.interleaving import make_change
from parity.job import Job
from parity.observer import Observer
from parity.old_rows import OldRows
from parity.peer import Peer, ReadCall, make_read
from parity.processes import interrupts_held
from parity.recorder import Call, RecordedDao, Recorder
from parity.redaction import Redactor
from parity.sides import Connector, SideConnection, new_session
from parity.tables import Tables, TableSet, load_seeds
from parity.values import Encoder
from parity.wire import Wire, WireError

__all__ = ["Case", "Daos", "TestWorld", "World", "recorded_waits"]


@dataclass(frozen=True)
class Case:
    """What a test runs for: a fleet, on empty or on seeded tables."""

    fleet: str
    seeded: bool = False
    fault: FaultCase | None = None

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.fleet}-{self.variant}" if self.variant else self.fleet

    @property
    def variant(self) -> str:
        """What tells it from the plain case of its fleet."""
        if self.fault is not None:
            return self.fault.id
        return "seeded" if self.seeded else ""

    @property
    def plain(self) -> Case:
        """The case whose tables and connections it uses."""
        return replace(self, fault=None)

    @property
    def sides(self) -> Sequence[str]:
        """Whose DAOs answer."""
        return SIDES if self.fleet == "mixed" else (self.fleet,)


class Daos:
    """The recorded DAOs over one connection."""

    def __init__(self, test: TestWorld, connections: Sequence[SideConnection], tables: TableSet) -> None:
        self._test, self._connections, self._tables = test, connections, tables

    @property
    def connection(self) -> Any:
        """What the project's `connect` returned."""
        return self._connections[0].connection

    def __getitem__(self, entity: str) -> Any:
        test = self._test
        daos = [connection.dao(entity) for connection in self._connections]
        return RecordedDao(test.recorder, entity, self._tables, daos, test.first)


class World:
    """Everything that outlives one test of this process."""

    def __init__(self, config: Config, job: Job, peer: Peer | None = None) -> None:
        self.config, self.job, self._peer = config, job, peer
        self.wire = Wire(job.endpoint, new_session(job))
        self.redactor = Redactor(config.secrets, bytes.fromhex(job.secret))
        self._logical: dict[str, str] = {}
        self.observer = Observer.started(lambda physical: self._logical.get(physical.rpartition("/")[2], physical))
        self.session = new_session(job)
        self._connectors: dict[str, Connector] = {}
        self._tables: dict[Case, TableSet] = {}
        self._connections: dict[tuple[Case, str], SideConnection] = {}
        self.old_rows = OldRows()
        self.seeds: dict[str, list[dict[str, Any]]] = {}
        if config.seed_files():
            self.seeds = load_seeds(config.seed_files())

    def connector(self, side: str) -> Connector:
        """How a side connects."""
        if side not in self._connectors:
            self._connectors[side] = Connector(self.config, side, self.job.endpoint)
        return self._connectors[side]

    def tables(self, case: Case) -> TableSet:
        """The tables of a case, made when first asked for."""
        case = case.plain
        if case not in self._tables:
            tables = TableSet(self.wire, self.config.definitions(), f"{self.job.prefix}-{os.getpid()}-{case.id}")
            with interrupts_held():
                self._tables[case] = tables.create(self.seeds if case.seeded else None)
            if case.seeded:
                self.old_rows.begin(case.id, tables.baseline)
        self.know(self._tables[case])
        return self._tables[case]

    def know(self, tables: TableSet) -> None:
        """Let requests to these tables be seen under their logical names."""
        self._logical.update(tables.table_names.logical)

    def connection(self, case: Case, side: str) -> SideConnection:
        """The connection that the tests of a case share."""
        case = case.plain
        if (case, side) not in self._connections:
            self._connections[case, side] = self.connector(side).open(self.tables(case).names, self.session)
        return self._connections[case, side]

    def try_connection(self, side: str) -> None:
        """Connect a side once and make its DAOs, before any test does.

        Raises:
            ConfigError: `connect` or a class raises something.
        """
        case = Case(side)
        what = f"connect = {self.config.connect!r}"
        try:
            connection = self.connection(case, side)
            for entity in self.config.entities:
                what = f"the {side} of {entity}"
                connection.dao(entity)
        except (ParityError, WireError):
            raise
        except Exception as error:
            raise ConfigError(f"{what} cannot be made: {type(error).__name__}: {error}") from error
        finally:
            self.forget_connections(case)

    def forget_connections(self, case: Case) -> None:
        """Close the connections of a case, so that the next test begins with fresh clients."""
        for key in [key for key in self._connections if key[0] == case.plain]:
            self._connections.pop(key).close()

    @property
    def peer(self) -> Peer:
        """The process that reads for the other side."""
        if self._peer is None:
            raise ParityError("only one side's process of `parity run` has a peer")
        return self._peer

    def strays(self) -> dict[str, Any]:
        """Rows that differ from the baseline although no test is known to have touched them."""
        return {case.id: changes for case, tables in self._tables.items() if (changes := tables.changes(whole=True))}

    def close(self) -> None:
        """Drop the tables, close the connections, end the peers."""
        self.observer.stop()
        for connection in self._connections.values():
            connection.close()
        for tables in self._tables.values():
            tables.drop()
        self.wire.close()


@dataclass
class TestWorld:
    """What belongs to one test."""

    __test__ = False

    world: World
    case: Case
    base_id: str
    clock: Clock
    recorder: Recorder
    faults: Faults
    ids: Ids
    first: int = 0
    _opened: list[SideConnection] = field(default_factory=list)

    @classmethod
    @contextmanager
    def running(cls, world: World, case: Case, base_id: str, *, concurrent: bool) -> Iterator[TestWorld]:
        """Set clock, uuids, waits and faults for one test."""
        seed = f"{world.job.seed}/{base_id}"
        clock, faults = Clock(world.job.clock_start or START), Faults(world.wire)
        recorder = Recorder(
            world.observer, world.redactor, clock, faults, seed, world.config.loggers, concurrent=concurrent
        )
        tables = world.tables(case)
        recorder.looks_on = tables if world.job.looks_on else None
        world.redactor.forget()
        test = cls(world, case, base_id, clock, recorder, faults, Ids(seed), first=len(base_id) % 2)
        if (fault := case.fault) is not None:
            world.forget_connections(case)
            if fault.change is None:
                faults.add_at(fault.kind, fault.call, fault.request, fault.times)
            else:
                faults.change_at(fault.kind, fault.call, fault.request, partial(make_change, tables, fault.change))
        with ExitStack() as stack:
            stack.enter_context(clock)
            stack.enter_context(deterministic_uuids(seed))
            stack.enter_context(recorded_waits(recorder))
            stack.enter_context(recorder.listening())
            world.observer.before_send = faults.inject
            try:
                yield test
                if recorder.refusal:  # nothing else goes on after it
                    pytest.exit(f"\nERROR: {recorder.refusal}\n", returncode=pytest.ExitCode.USAGE_ERROR)
            finally:
                world.observer.before_send = None
                for connection in test._opened:
                    connection.close()
                if faults.used or concurrent:
                    world.forget_connections(case)

    def daos(self) -> Daos:
        """The DAOs on the connection that the tests of this case share."""
        connections = [self.world.connection(self.case, side) for side in self.case.sides]
        return Daos(self, connections, self.world.tables(self.case))

    def tables(self) -> Tables:
        """The test's view of its tables."""
        return Tables(self.world.tables(self.case))

    def connect(self, tables: Tables | None = None, session: Session | None = None) -> Daos:
        """A second connection of the same side: on the same tables or others, with the harness's credentials or others."""
        owner = self.world.tables(self.case) if tables is None else tables.owner
        self.world.know(owner)
        connections = [
            self.world.connector(side).open(owner.names, session or self.world.session) for side in self.case.sides
        ]
        self._opened.extend(connections)
        return Daos(self, connections, owner)

    def cross_read(self) -> list[dict[str, Any]]:
        """Make every call of the test that only read again, by this side and by the other, on what this side left."""
        tables = self.world.tables(self.case)
        (side,) = self.case.sides
        other = next(name for name in SIDES if name != side)
        distinct = {
            call.digest(): (at, call) for at, call in enumerate(self.recorder.calls) if _only_read(call, tables)
        }
        reads = list(distinct.values())
        if not reads:
            return []
        calls = [_read_call(call, tables.names, self.clock) for _, call in reads]
        theirs = self.world.peer.read(calls)
        encoder = Encoder(self.world.redactor)
        connection = self.world.connection(self.case, side)
        found = []
        for (at, call), read, answer in zip(reads, calls, theirs, strict=True):
            self.clock.move_to(read.instant)
            own = make_read(read, connection, encoder, self.world.observer)
            found.append({"call": at, "entity": call.entity, "method": call.method, side: own, other: answer})
        return found


def _only_read(call: Call, tables: TableSet) -> bool:
    here = set(tables.names)
    return bool(call.requests) and not call.wrote and not call.injected and call.tables is tables and bool(here)


def _read_call(call: Call, names: Mapping[str, str], clock: Clock) -> ReadCall:
    args, kwargs = call.replay
    return ReadCall(call.entity, call.method, args, kwargs, dict(names), clock.peek())


@contextmanager
def recorded_waits(recorder: Recorder) -> Iterator[None]:
    """Record the waits that a call asks for, and let the recorder's clock pass instead."""
    real = time.sleep

    def sleep(seconds: float | SupportsIndex, /) -> None:
        if recorder.concurrent or not recorder.observer.is_observing():
            real(seconds)
        else:
            recorder.faults.waits.append(float(seconds))
            recorder.clock.shift(float(seconds))

    time.sleep = sleep
    try:
        yield
    finally:
        time.sleep = real
