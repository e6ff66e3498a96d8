"""`parity selfcheck`: the harness on candidates that are wrong on purpose, and on each control as its own candidate.

Every one is run as a user would run it, by `parity run --candidate` in a process of its own, and judged from its `report.json` alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from parity.config import OBSERVABLES, Config, load_object
from parity.engines import engine_lacks
from parity.errors import ConfigError, ParityError
from parity.processes import end_in_order
from parity.report.model import Report, read_report

__all__ = [
    "Check",
    "Finding",
    "WrongCandidate",
    "exit_code",
    "make_checks",
    "print_findings",
    "run_checks",
    "write_findings",
]

Result = Literal["found", "silent", "missed", "misattributed", "not silent", "not judged", "not run"]
_GOOD: Final = ("found", "silent", "not run")
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class WrongCandidate:
    """A class that is wrong on purpose, in one way that the first line of its docstring tells, and what the harness must say of it.

    Attributes:
        candidate: a class at the top of a module that can be imported from the directory of parity.toml.
        entity: whose candidate it is.
        method: what the difference must be attributed to; `(test)` for what only threads show.
        observable: one of the observables of a report.
        path: where in the observable, as the report says it; None if it is not fixed.
        tests: what shows it, as `--test` takes it.
        faults: whether it shows only under injected faults, or another writer's changes.
        also: other methods in which the same fault shows.
        needs: features without which an engine cannot show it.
    """

    candidate: type
    entity: str
    method: str
    observable: str
    tests: Sequence[str]
    path: str | None = None
    faults: bool = False
    also: Sequence[str] = ()
    needs: Sequence[str] = ()


@dataclass(frozen=True)
class Check:
    """One run of the harness on some tests (all of them if it names none): of a wrong candidate, or, with none, of an entity's control against itself."""

    name: str
    entity: str
    reference: str
    tests: Sequence[str]
    wrong: WrongCandidate | None = None

    @property
    def what(self) -> str:
        """What is wrong, in a line."""
        if self.wrong is None:
            return "the control as its own candidate"
        return (self.wrong.candidate.__doc__ or "").strip().partition("\n")[0]

    @property
    def place(self) -> str:
        """Where it must be found."""
        if self.wrong is None:
            return "nowhere"
        return " ".join(filter(None, (self.wrong.method, self.wrong.observable, self.wrong.path)))

    def lacking(self, engine: str) -> list[str]:
        """The features that it needs and the engine lacks."""
        needs = () if self.wrong is None else self.wrong.needs
        return [feature for feature in needs if engine_lacks(engine, feature)]

    def arguments(self) -> list[str]:
        """What `parity run` is told."""
        words = ["--entity", self.entity, "--candidate", self.reference]
        words += [word for test in self.tests for word in ("--test", test)]
        return words if self.wrong is not None and self.wrong.faults else [*words, "--no-faults"]


@dataclass(frozen=True)
class Finding:
    """How one check ended: `detail` says what the report blamed instead, or why there is none."""

    check: Check
    result: Result
    detail: str
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether the harness did what it must."""
        return self.result in _GOOD


def make_checks(config: Config, *, every: int = 1, only: Sequence[str] = ()) -> list[Check]:
    """The wrong candidates that parity.toml names, then each control; every so manieth of both, or those of these names.

    A control runs all the tests that show a wrong candidate of its entity.

    Raises:
        ConfigError: parity.toml names none, or one of them is not what it should be.
    """
    if config.selfcheck is None:
        raise ConfigError(
            f"{config.path} has no key 'selfcheck': name a sequence of WrongCandidate there, as module:name"
        )
    config.import_from_root()
    found = load_object(config.selfcheck, "selfcheck")
    if not isinstance(found, Sequence) or not all(isinstance(wrong, WrongCandidate) for wrong in found):
        raise ConfigError(f"selfcheck = {config.selfcheck!r} in {config.path} is no sequence of WrongCandidate")
    wrongs = [_wrong(config, wrong) for wrong in found]
    names = [check.name for check in wrongs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"selfcheck = {config.selfcheck!r} in {config.path} names {twice[0]} twice")
    shown = {
        name: [test for check in wrongs if check.entity == name for test in check.tests] for name in config.entities
    }
    controls = [
        Check(f"{name} control", name, entity.control, tuple(dict.fromkeys(shown[name])))
        for name, entity in config.entities.items()
    ]
    if only:
        checks = [check for check in [*wrongs, *controls] if check.name in only]
        if unknown := sorted(set(only) - {check.name for check in checks}):
            raise ConfigError(f"selfcheck names no {unknown[0]!r}")
        return checks
    return [*wrongs[::every], *controls[::every]]


def _wrong(config: Config, wrong: WrongCandidate) -> Check:
    name = wrong.candidate.__qualname__
    config.entity(wrong.entity)
    if wrong.observable not in OBSERVABLES:
        raise ConfigError(
            f"{name} of selfcheck is to be found in {wrong.observable!r}, which is none of {', '.join(OBSERVABLES)}"
        )
    if not wrong.tests:
        raise ConfigError(f"{name} of selfcheck names no test that shows it")
    return Check(name, wrong.entity, f"{wrong.candidate.__module__}:{name}", tuple(wrong.tests), wrong)


def run_checks(
    config: Config,
    checks: Sequence[Check],
    engine: str,
    out: Path,
    jobs: int,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Run the checks, so many at a time; the report of each goes to a directory of `out`, called as it is."""
    waiting = list(checks)
    running: dict[str, _Running] = {}
    findings: dict[str, Finding] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                check = waiting.pop(0)
                if lacking := check.lacking(engine):
                    findings[check.name] = Finding(check, "not run", f"{engine} lacks {', '.join(lacking)}", 0.0)
                else:
                    running[check.name] = _start(config, check, engine, out / check.name.replace(" ", "-"))
            time.sleep(_POLL_SECONDS)
            for name in [name for name, run in running.items() if run.process.poll() is not None]:
                findings[name] = running.pop(name).finding()
                progress(f"{len(findings)} of {len(checks)}: {name} {findings[name].result}")
    finally:
        end_in_order(run.process for run in running.values())
    return [findings[check.name] for check in checks]


@dataclass(frozen=True)
class _Running:
    check: Check
    process: subprocess.Popen[str]
    directory: Path
    began: float

    def finding(self) -> Finding:
        seconds = time.monotonic() - self.began
        try:
            report = read_report(self.directory / "report.json")
        except ParityError:
            said = (self.directory / "output.txt").read_text(encoding="utf-8").strip().splitlines()
            return Finding(
                self.check, "not judged", said[-1] if said else f"exit code {self.process.returncode}", seconds
            )
        result, detail = _judge(self.check, report, self.process.returncode)
        return Finding(self.check, result, detail, seconds)


def _start(config: Config, check: Check, engine: str, directory: Path) -> _Running:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "parity", "run", "--config", str(config.path), "--engine", engine]
    command += ["--out", str(directory), *check.arguments()]
    path = os.pathsep.join([str(Path(__file__).resolve().parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (directory / "output.txt").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the others in order
        )
    return _Running(check, process, directory, time.monotonic())


def _judge(check: Check, report: Report, code: int) -> tuple[Result, str]:
    """What a report says of a check: nothing but the report and the exit code decides."""
    if code != report.exit_code or report.verdict in {"suite-failed", "not-judged"}:
        why = [*report.reasons, *report.failures] or [f"exit code {code}"]
        return "not judged", f"{report.verdict}: {why[0]}"
    blamed = sorted({(found.method, found.observable, found.path) for found in report.differences})
    if check.wrong is None:
        return ("not silent", _text(blamed)) if blamed else ("silent", "")
    wrong = check.wrong
    at_place = [place for place in blamed if place[:2] == (wrong.method, wrong.observable)]
    if not any(wrong.path in {None, path} for _, _, path in at_place):
        return "missed", _text(blamed) or "no difference at all"
    others = [place for place in blamed if place[0] not in {wrong.method, *wrong.also}]
    return ("misattributed", _text(others)) if others else ("found", "")


def _text(places: Iterable[tuple[str, str, str]]) -> str:
    return ", ".join(" ".join(place) for place in places)


def exit_code(findings: Sequence[Finding]) -> int:
    """0: the harness did what it must; 1: it did not; 3: a run could not be judged, or there was none."""
    if any(not finding.is_good and finding.result != "not judged" for finding in findings):
        return 1
    judged = [finding for finding in findings if finding.result != "not run"]
    return 3 if not judged or any(finding.result == "not judged" for finding in judged) else 0


def write_findings(findings: Sequence[Finding], engine: str, out: Path) -> None:
    """Store how each check ended in `selfcheck.json`."""
    plain = [
        {
            "entity": finding.check.entity,
            "candidate": finding.check.name,
            "what": finding.check.what,
            "place": finding.check.place,
            "result": finding.result,
            "detail": finding.detail,
            "seconds": round(finding.seconds, 1),
        }
        for finding in findings
    ]
    found = {"engine": engine, "exit_code": exit_code(findings), "checks": plain}
    (out / "selfcheck.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def print_findings(findings: Sequence[Finding], where: str, console: Console) -> None:
    """A line for each check, what the report said of those that went wrong, and how many did."""
    table = Table("entity", "candidate", "what is wrong", "must be found in", "result", "s", box=None, pad_edge=False)
    for finding in findings:
        check, style = finding.check, "green" if finding.is_good else "bold red"
        words = (check.entity, check.name, check.what, check.place)
        table.add_row(*map(Text, words), Text(finding.result, style), f"{finding.seconds:.1f}")
    console.print(table)
    for finding in findings:
        if finding.detail:
            console.print(Text(f"- {finding.check.name}: {finding.result}: {finding.detail}"), soft_wrap=True)
    counts = Counter(finding.result for finding in findings)
    summary = ", ".join(f"{count} {result}" for result, count in counts.items())
    console.print(Text(f"{summary or 'nothing to check'}; {where}"), soft_wrap=True)
