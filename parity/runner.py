"""One run: an engine, a process for each fleet, and the comparison of what they left."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from parity.baseline import read_baseline
from parity.checksums import table_sums
from parity.compare import compare, compare_faults
from parity.config import SIDES, Config
from parity.coverage import measure
from parity.differ import Rules
from parity.engines import Engine, closed_gaps, open_engine
from parity.errors import ParityError
from parity.fault_plan import FaultCase, plan_faults, tests_for_both, tests_for_seeds
from parity.figures import figures
from parity.forkserver import Forked, ForkServer, tail
from parity.interleaving import plan_interleavings
from parity.job import FLEETS, PARENT_PIPE, Job
from parity.processes import end_in_order, interrupts_held
from parity.report import Run, Told, project_tables
from parity.transcript import Transcript, read_transcript
from parity.verdict import judge

__all__ = ["Options", "run_parity"]

_YIELDING = 10  # what nice(1) gives
_PYTEST_OK = {0, 1, 5}  # passed, failed, no tests


@dataclass(frozen=True)
class Options:
    """What one run is asked for."""

    engine: str = "moto"
    seed: str = "0"
    tests: tuple[str, ...] = ()
    faults: bool = True
    faults_every: int = 1
    accept_baseline: bool = False
    allow_remote: bool = False
    table_prefix: str | None = None
    rerun: tuple[str, ...] = ()


def run_parity(config: Config, options: Options, progress: Callable[[str], None] = lambda _: None) -> Run:
    """Run the suites of all entities of the configuration on both sides and compare.

    Raises:
        ParityError: the run could not be judged.
    """
    began = time.monotonic()
    config.import_from_root()
    config.definitions()
    suites = {name: config.suite_files(name) for name in config.entities}
    with tempfile.TemporaryDirectory(prefix="parity-") as scratch, ExitStack() as stack:
        server = stack.enter_context(_fork_server(config, options, Path(scratch)))
        project = [] if options.tests else project_tables(config)
        engine = stack.enter_context(_engine(options))
        progress(f"engine {engine.name} {engine.version}")
        jobs = _jobs(config, options, engine, Path(scratch))
        transcripts = _run_fleets(config, server, [job for job in jobs if job.fleet in SIDES], Path(scratch), progress)
        every = {name: entity.faults_every for name, entity in config.entities.items()}
        cases = _planned(transcripts["control"], every, options) if options.faults else []
        again = [job for job in (_again(job, transcripts["control"], cases) for job in jobs) if job is not None]
        for fleet, transcript in _run_fleets(config, server, again, Path(scratch), progress).items():
            transcripts.setdefault(fleet, Transcript()).add(transcript)
        comparison = compare(transcripts, suites, Rules(jobs[0].prefix, config.rules))
        compare_faults(comparison, transcripts["control"], transcripts["candidate"], cases)
        coverage = measure(config, transcripts["control"])
        told = _told(transcripts, comparison.rules)
        version = (engine.name, engine.version)
        closed = [gap.id for gap in closed_gaps(engine)] if not options.tests else []
    kind = engine.name
    if options.faults:
        kind += "+faults" if options.faults_every == 1 else f"+faults/{options.faults_every}"
    baseline = read_baseline(config.root)
    if options.accept_baseline:
        baseline = baseline.accepting(kind, {name: comparison.compared[name].total() for name in config.entities})
    today = datetime.now(UTC).date()
    judgement = judge(comparison, config, coverage, baseline, kind, whole=not options.tests, today=today)
    if options.accept_baseline:
        if judgement.verdict != "parity" or options.tests:
            raise ParityError(
                f"the baseline is not accepted: the verdict is {judgement.verdict} {'; '.join(judgement.reasons)}"
            )
        baseline.write(config.root)
    return Run(
        judgement=judgement,
        engine=version,
        seed=options.seed,
        seconds=time.monotonic() - began,
        comparison=comparison,
        coverage=coverage,
        told=told,
        entities=tuple(config.entities),
        closed_gaps=closed,
        project=project,
        rerun=options.rerun,
        config=config,
    )


@contextmanager
def _engine(options: Options) -> Any:
    engine = open_engine(options.engine, allow_remote=options.allow_remote, table_prefix=options.table_prefix)
    try:
        yield engine
    finally:
        engine.stop()


def _planned(control: Transcript, every: Mapping[str, int], options: Options) -> list[FaultCase]:
    plans = plan_faults(control, every), plan_interleavings(control, every)
    return [case for plan in plans for case in plan[:: options.faults_every]]


def _told(transcripts: Mapping[str, Transcript], rules: Rules) -> Told:
    control, candidate = (transcripts[side] for side in SIDES)
    return Told(
        tests=frozenset(test for test, _ in control.tests),
        not_run=control.not_run,
        methods=figures(transcripts),
        tables=table_sums(transcripts, rules),
        old_rows={
            table: {SIDES[0]: sums, SIDES[1]: candidate.old_rows[table]}
            for table, sums in control.old_rows.items()
            if table in candidate.old_rows
        },
    )


def _job(config: Config, options: Options) -> Job:
    remote = options.allow_remote
    return Job(
        fleet="",
        config=str(config.path),
        engine="",
        endpoint="",
        transcript="",
        seed=options.seed,
        secret=secrets.token_hex(16),
        prefix=f"{options.table_prefix or 'parity'}-{secrets.token_hex(4)}",
        classes={
            name: {"control": entity.control, "candidate": entity.candidate} for name, entity in config.entities.items()
        },
        start=datetime.now(UTC).isoformat() if remote else None,
        remote=remote,
        only=options.tests,
    )


def _jobs(config: Config, options: Options, engine: Engine, scratch: Path) -> list[Job]:
    job = _job(config, options)
    return [
        replace(
            job,
            fleet=fleet,
            engine=engine.name,
            endpoint=engine.endpoint,
            transcript=str(scratch / f"{fleet}.jsonl"),
            looks_on=options.faults and fleet == "control",
        )
        for fleet in FLEETS
    ]


def _again(job: Job, control: Transcript, cases: Sequence[FaultCase]) -> Job | None:
    """The second pass of a fleet, planned from what the control did in the first; None where nothing is left to do."""
    again = replace(
        job, again=True, looks_on=False, transcript=str(Path(job.transcript).with_name(f"{job.fleet}-again.jsonl"))
    )
    if job.fleet == "mixed":
        again = replace(again, plain=tests_for_both(control))
    else:
        again = replace(again, seeded=tests_for_seeds(control), faults=[case.plain() for case in cases])
    return again if again.plain or again.seeded or again.faults or control.for_seeds else None


@contextmanager
def _fork_server(config: Config, options: Options, scratch: Path) -> Iterator[ForkServer]:
    """What imports the suites while the engine starts. A suite that cannot be imported each fleet tells of itself."""
    job = replace(_job(config, options), transcript=os.devnull)
    here = Path(__file__).resolve().parent.parent
    path = os.pathsep.join([str(here), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    # The pipe closes when this process is killed.
    watched, held = os.pipe()
    environment[PARENT_PIPE] = str(watched)
    arguments = [*_pytest_arguments(config, job, scratch / "suites.json"), "--collect-only"]
    try:
        server = ForkServer(arguments, config.root, environment, scratch / "suites.log", inherited=[watched])
        try:
            yield server
        finally:
            server.close()
    finally:
        os.close(watched)
        os.close(held)


def _pytest_arguments(config: Config, job: Job, job_file: Path) -> list[str]:
    # Under faults tests fail as a matter of course, and nobody reads why: native tracebacks cost a tenth.
    style = "native" if job.faults else "short"
    arguments = ["-p", "parity.plugin", "--parity-job", str(job.write(job_file)), "-q", f"--tb={style}"]
    arguments += ["-p", "no:randomly", "-p", "no:schemathesis", "-p", "no:cacheprovider", f"--rootdir={config.root}"]
    if find_spec("xdist") is not None:
        arguments += ["-n", "0"]
    return arguments + [file for name in config.entities for file in config.suite_files(name)]


def _run_fleets(
    config: Config, server: ForkServer, jobs: Sequence[Job], scratch: Path, progress: Callable[[str], None]
) -> dict[str, Transcript]:
    logs = {job.fleet: scratch / f"{job.fleet}.log" for job in jobs}
    processes: dict[str, Forked] = {}
    try:
        for job in jobs:
            arguments = _pytest_arguments(config, job, scratch / f"{job.fleet}.json")
            server.wait_until_ready()
            with interrupts_held():  # what is not noted nobody would end
                processes[job.fleet] = server.fork(arguments, logs[job.fleet])
        _let_lead(processes, jobs)
        _wait(processes, {job.fleet: Path(job.transcript) for job in jobs}, progress)
    finally:
        end_in_order(processes.values())
    transcripts = {job.fleet: read_transcript(Path(job.transcript)) for job in jobs}
    for fleet, process in processes.items():
        if process.returncode not in _PYTEST_OK or not transcripts[fleet].finished:
            raise ParityError(f"the {fleet}'s process ended with {process.returncode}:\n{tail(logs[fleet])}")
    return transcripts


def _let_lead(processes: Mapping[str, Forked], jobs: Sequence[Job]) -> None:
    """The fleet with the most to do decides how long a pass takes: the others leave it a processor."""
    if not jobs:  # a second pass may have nothing to do
        return
    lead = max(jobs, key=lambda job: len(job.plain) + len(job.seeded) + len(job.faults)).fleet
    for fleet, process in processes.items():
        if fleet != lead:
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _YIELDING)


def _wait(processes: dict[str, Forked], transcripts: dict[str, Path], progress: Callable[[str], None]) -> None:
    with ExitStack() as stack:
        files = {}
        for fleet, path in transcripts.items():
            path.touch()
            files[fleet] = stack.enter_context(path.open("rb"))
        counts = dict.fromkeys(files, -1)  # the first line is a header
        while any(process.poll() is None for process in processes.values()):
            time.sleep(0.2)
            new = {fleet: _new_lines(file) for fleet, file in files.items()}
            if any(new.values()):
                counts = {fleet: count + new[fleet] for fleet, count in counts.items()}
                progress(", ".join(f"{fleet}: {max(count, 0)} tests" for fleet, count in counts.items()))


def _new_lines(file: IO[bytes]) -> int:
    return file.read().count(b"\n")
