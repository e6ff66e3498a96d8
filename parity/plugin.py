"""The pytest plugin: gives a suite the DAOs of one side after the other, and everything to seed, inspect, delay and break what they use.

Without a parity.toml in the root directory it does nothing.

Fixtures: `<entity>_dao` for each entity of parity.toml, `tables`, `connect`, `clock`, `ids`, `faults`, `requests`, `seeds`.
Markers: `seeded` (only on seeded tables), `needs` (features of the engine), `concurrent` (its calls are not recorded: judged by
its own assertions and its final items).
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import sys
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from parity.clock import Clock, Ids
from parity.config import SIDES, Config, load_config, load_object
from parity.engines import Engine, EngineError, engine_lacks, installed_engines, open_engine
from parity.errors import ParityError
from parity.faults import Faults
from parity.job import PARENT_PIPE, Job
from parity.observer import Observer
from parity.peer import Peer
from parity.processes import ParentWatch
from parity.requests import Request
from parity.surface import describe_surface
from parity.tables import Tables
from parity.wire import WireError
from parity.world import Case, Daos, TestWorld, World

__all__: list[str] = []

_STATE = pytest.StashKey["_Plugin"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("parity", "DAO parity")
    group.addoption("--parity-engine", default=None, help="engine for the DAO suites (default: $PARITY_ENGINE or moto)")
    group.addoption("--parity-job", default=None, help="job file of one side's process (given by `parity run`)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures of the project's entities, if there are any."""
    config.addinivalue_line("markers", "seeded: runs on tables seeded with old rows only")
    config.addinivalue_line(
        "markers", "needs(feature, ...): left out on an engine that lacks one of the features of parity.engines"
    )
    config.addinivalue_line(
        "markers",
        "concurrent(open_outcome=False): runs DAO calls in threads; judged by its own assertions and, unless who comes first decides it, by its final items",
    )
    job_file = config.getoption("--parity-job")
    path = config.rootpath / "parity.toml"
    if job_file is None and not path.is_file():
        return
    try:
        plugin = _Plugin(config, Path(job_file) if job_file else None, path)
    except ParityError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[_STATE] = plugin
    config.pluginmanager.register(plugin, "parity-fixtures")
    config.pluginmanager.register(_entity_fixtures(plugin.config), "parity-entities")


def _entity_fixtures(config: Config) -> object:
    """An object with one fixture `<entity>_dao` for each entity."""

    def make(entity: str) -> Any:
        @pytest.fixture(name=f"{entity}_dao")
        def dao(_self: object, parity_test: TestWorld) -> Any:
            return parity_test.daos()[entity]

        return dao

    return type("EntityFixtures", (), {f"{name}_dao": make(name) for name in config.entities})()


class _Plugin:
    def __init__(self, pytest_config: pytest.Config, job_file: Path | None, path: Path) -> None:
        self._pytest_config = pytest_config
        self._job_file = job_file
        self.job = None if job_file is None else Job.read(job_file)
        self.config = load_config(path) if self.job is None else self.job.load_config()
        self.config.import_from_root()
        self._faults = [] if self.job is None else self.job.fault_cases()
        self._not_run: dict[str, str] = {}
        self._for_seeds: list[str] = []
        self._engine: Engine | None = None
        self._world: World | None = None
        self._peer: Peer | None = None
        self._watch: ParentWatch | None = None

    # -- collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test that uses the harness once for each case."""
        if "parity_test" in metafunc.fixturenames:
            only_seeded = any(metafunc.definition.iter_markers("seeded"))
            cases = self._plain_cases(only_seeded) if self.job is None else self._job_cases(self.job, metafunc)
            metafunc.parametrize("parity_case", cases, ids=[case.id for case in cases], indirect=True)

    def _plain_cases(self, only_seeded: bool) -> list[Case]:  # noqa: FBT001 - the only choice
        return [Case(side, only_seeded) for side in SIDES]

    def _job_cases(self, job: Job, metafunc: pytest.Metafunc) -> list[Case]:
        function = metafunc.definition.nodeid
        here = {fault.id: fault for fault in self._faults if fault.test.partition("[")[0] == function}
        return [
            Case(job.fleet),
            Case(job.fleet, seeded=True),
            *(Case(job.fleet, fault=fault) for fault in here.values()),
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what the engine cannot show; in a side's process, run what its job asks for, and seeded tables last."""
        self._leave_out_what_the_engine_lacks(config, items)
        if self.job is not None:
            wanted = _Wanted(self.job)
            self._for_seeds = sorted({base_id(item) for item in items if wanted.is_for_seeds_alone(item)})
            items[:] = [item for item in items if wanted.is_met_by(item)]
            items.sort(key=lambda item: (case := _case_of(item)) is not None and case.seeded)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Let the garbage collector leave alone what is there for good: what tests drop it finds sooner, and in less time."""
        if self.job is not None and self.job.fleet:
            gc.collect()
            gc.freeze()

    def _leave_out_what_the_engine_lacks(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        engine = self._choice() if self.job is None else self.job.engine
        left_out = []
        for item in items:
            lacks = [name for mark in item.iter_markers("needs") for name in mark.args if engine_lacks(engine, name)]
            if lacks:
                left_out.append(item)
                self._not_run[base_id(item)] = f"{engine} lacks {', '.join(lacks)}"
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]

    # -- the process

    def world(self) -> World:
        """The world of this process, made when the first test needs it."""
        if self._world is None:
            self._world = World(self.config, self.job or self._plain_job(), self._peer)
        return self._world

    def _choice(self) -> str:
        choice = self._pytest_config.getoption("--parity-engine") or os.environ.get("PARITY_ENGINE") or "moto"
        return next(iter(installed_engines()), "moto") if choice == "auto" else str(choice)

    def _plain_job(self) -> Job:
        try:
            self._engine = open_engine(self._choice())
        except EngineError as error:
            pytest.exit(f"parity: {error}", returncode=3)
        return Job(
            fleet="",
            config=str(self.config.path),
            engine=self._engine.name,
            endpoint=self._engine.endpoint,
            transcript="",
            seed="0",
            secret=secrets.token_hex(16),
            prefix="parity",
            cross_read=False,
        )

    def pytest_sessionstart(self) -> None:
        """Begin the transcript with what this side's classes look like."""
        if self.job is None:
            return
        try:
            if self.job.has_peer and self._job_file is not None:
                self._peer = Peer(self._job_file, *(side for side in SIDES if side != self.job.fleet))
            if PARENT_PIPE in os.environ:
                self._watch = ParentWatch(int(os.environ[PARENT_PIPE]))
            if not self.job.fleet:
                Observer.start_before_forks()
                with suppress(ParityError):  # each fleet tells of it
                    load_object(self.config.connect, "connect")
                return
            surface = {
                entity: describe_surface(self.world().connector(side).class_of(entity))
                for side in _sides(self.job)
                for entity in self.config.entities
            }
            if not self.job.again:
                for side in _sides(self.job):
                    self.world().try_connection(side)
        except (ParityError, WireError) as error:
            self._close()
            raise pytest.UsageError(str(error)) from error
        except BaseException:  # an interrupt: pytest finishes no session that has not started
            self._close()
            raise
        self.write({"kind": "header", "fleet": self.job.fleet, "surface": surface})

    def pytest_sessionfinish(self) -> None:
        """End the transcript with rows that changed although nothing was seen to change them."""
        plugins = self._pytest_config.pluginmanager
        if self.job is not None and "hypothesis" not in sys.modules and plugins.hasplugin("hypothesispytest"):
            # Its summary imports all of hypothesis, in each process of a run, to find that nobody used it.
            plugins.unregister(name="hypothesispytest")
        try:
            if self.job is not None and self._world is not None:
                strays = self._world.strays()
                seen = {"strays": strays, "old_rows": self._world.old_rows.sums(strays)}
                self.write({"kind": "end", **seen, "not_run": self._not_run, "for_seeds": self._for_seeds})
        finally:
            self._close()

    def pytest_unconfigure(self) -> None:
        """Close what no end of a session closed: one that was interrupted before it had wholly started has none."""
        self._close()

    def _close(self) -> None:
        """Drop the tables, and end what this process began."""
        try:
            if self._world is not None:
                self._world.close()
        finally:
            self._world = None
            for begun in (self._peer, self._watch):
                if begun is not None:
                    begun.close()
            self._peer = self._watch = None
            if self._engine is not None:
                self._engine.stop()

    def write(self, record: dict[str, Any]) -> None:
        """Add a line to the transcript."""
        with Path(self.job.transcript if self.job else os.devnull).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note how each phase of a test ended."""
        report = yield
        case = _case_of(item)
        if self.job is not None and case is not None:
            phases = item.stash.setdefault(_PHASES, [])
            phases.append([report.when, report.outcome, self.world().redactor.text(report.longreprtext)])
            if report.when == "teardown":
                record = item.stash.get(_RECORD, {})
                plain = {"kind": "test", "test": base_id(item), "variant": case.variant, "phases": phases}
                self.write({**plain, **record})
                # pytest keeps items and reports to the end, of thousands of tests.
                item.stash[_RECORD], item.stash[_PHASES] = {}, []
            report.sections.clear()
        return report

    # -- fixtures

    @pytest.fixture
    def parity_case(self, request: pytest.FixtureRequest) -> Case:
        """The fleet and the tables that this test runs for."""
        case: Case = request.param
        return case

    @pytest.fixture
    def parity_test(self, request: pytest.FixtureRequest, parity_case: Case) -> Iterator[TestWorld]:
        """The test's own world; everything else hangs on it."""
        item: pytest.Item = request.node
        world = self.world()
        mark = item.get_closest_marker("concurrent")
        concurrent = mark is not None
        with TestWorld.running(world, parity_case, base_id(item), concurrent=concurrent) as test:
            yield test
            tables = world.tables(parity_case)
            record: dict[str, Any] = {
                "concurrent": concurrent,
                "open_outcome": mark is not None and bool(mark.kwargs.get("open_outcome")),
                "calls": [call.plain() for call in test.recorder.calls],
            }
            if self._is_cross_read(item, parity_case) and not concurrent:
                record["cross_read"] = test.cross_read()
            # Of seeded tables the rows that were touched are read; whole they are read at the end of the run, for writes that nobody saw.
            changes = tables.changes(whole=not parity_case.seeded or concurrent)
            record["tables"] = {} if record["open_outcome"] else test.recorder.redact_items(changes)
            item.stash[_RECORD] = record
            if parity_case.seeded:
                world.old_rows.note(changes)
            tables.drop_children()
            tables.restore(changes)
            if test.faults.unfired and parity_case.fault is None:
                pytest.fail(f"a planned fault met no request: {', '.join(test.faults.unfired)}", pytrace=False)

    def _is_cross_read(self, item: pytest.Item, case: Case) -> bool:
        """Whether the test's reads are made again by the other side: once a test, on empty tables if it runs on them."""
        if self.job is None or not self.job.has_peer or case.fault is not None:
            return False
        return not case.seeded or any(item.iter_markers("seeded"))

    @pytest.fixture
    def tables(self, parity_test: TestWorld) -> Tables:
        """The tables of this test, to seed and inspect."""
        return parity_test.tables()

    @pytest.fixture
    def connect(self, parity_test: TestWorld) -> Callable[..., Daos]:
        """Opens a second connection of the same side."""

        def connect(tables: Tables | None = None, session: Session | None = None) -> Daos:
            return parity_test.connect(tables, session)

        return connect

    @pytest.fixture
    def clock(self, parity_test: TestWorld) -> Clock:
        """The test's clock."""
        return parity_test.clock

    @pytest.fixture
    def ids(self, parity_test: TestWorld) -> Ids:
        """Names and uuids of the test's own."""
        return parity_test.ids

    @pytest.fixture
    def faults(self, parity_test: TestWorld) -> Faults:
        """Faults to plan, and the waits that were asked for."""
        return parity_test.faults

    @pytest.fixture
    def requests(self, parity_test: TestWorld) -> Callable[[], list[Request]]:
        """The requests of the last DAO call."""
        return lambda: list(parity_test.recorder.calls[-1].made)

    @pytest.fixture
    def seeds(self) -> Callable[[str], list[dict[str, Any]]]:
        """The rows that seeded tables hold, by table."""
        return lambda table: list(self.world().seeds.get(table, []))


class _Wanted:
    """The tests and cases that a job asks for."""

    def __init__(self, job: Job) -> None:
        self._only = set(job.only)
        self._again = job.again
        self._planned = {(fault.test, fault.id) for fault in job.fault_cases()}
        self._planned |= {(test, "") for test in job.plain} | {(test, "seeded") for test in job.seeded}

    def is_met_by(self, item: pytest.Item) -> bool:
        """Whether the job asks for this test on this case."""
        case, test = _case_of(item), base_id(item)
        if case is None or (self._only and not _is_meant(test, self._only)):
            return False
        if not self._again:
            return not case.variant and not any(item.iter_markers("seeded"))
        return (test, case.variant) in self._planned or self.is_for_seeds_alone(item)

    def is_for_seeds_alone(self, item: pytest.Item) -> bool:
        """Whether the job asks for this test, and it runs on seeded tables only."""
        case, marked = _case_of(item), any(item.iter_markers("seeded"))
        return case is not None and case.seeded and marked and (not self._only or _is_meant(base_id(item), self._only))


_PHASES = pytest.StashKey[list[Any]]()
_RECORD = pytest.StashKey[dict[str, Any]]()


def _sides(job: Job) -> tuple[str, ...]:
    return tuple(Case(job.fleet).sides)


def _case_of(item: pytest.Item) -> Case | None:
    callspec = getattr(item, "callspec", None)
    case = None if callspec is None else callspec.params.get("parity_case")
    return case if isinstance(case, Case) else None


def _is_meant(test: str, only: Collection[str]) -> bool:
    """Whether a test is one of those asked for, or belongs to a file or a parametrised function that is."""
    return test in only or test.partition("[")[0] in only or test.partition("::")[0] in only


def base_id(item: pytest.Item) -> str:
    """The test's id without the case that it runs for: the same on every side."""
    case = _case_of(item)
    if case is None:
        return item.nodeid
    head, bracket, inside = item.nodeid.partition("[")
    rest = inside.removesuffix("]").removeprefix(case.id).removeprefix("-")
    return f"{head}{bracket}{rest}]" if rest else head
