"""What a run found, as JSON and JUnit files for machines and as a summary for the terminal."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table
from rich.text import Text

from parity.compare import DIRECTIONS, OBSERVABLES, Comparison, Difference
from parity.coverage import Coverage, uncovered
from parity.figures import figures
from parity.transcript import Transcript
from parity.verdict import Judgement

__all__ = ["EXIT_CODES", "Run", "as_json", "print_summary", "write_files"]

EXIT_CODES = {"parity": 0, "differences": 1, "suite-failed": 2, "not-judged": 3}
_VERDICTS = {
    "parity": "PARITY: the candidate does what the control does",
    "differences": "DIFFERENCES: the candidate is not the control",
    "suite-failed": "SUITE FAILED: the suite's own assertions do not hold",
    "not-judged": "NOT JUDGED: the run could not be judged",
}
_STYLES = {
    "parity": "bold green",
    "differences": "bold red",
    "suite-failed": "bold yellow",
    "not-judged": "bold magenta",
}
_LIBRARIES = ("boto3", "botocore", "pynamodb", "pydantic", "pytest", "time-machine")
_LONGEST = 400
_MOST = 20


@dataclass(frozen=True)
class Run:
    """A finished run with what is needed to tell of it."""

    judgement: Judgement
    engine: tuple[str, str]
    seed: str
    seconds: float
    comparison: Comparison
    coverage: Coverage
    transcripts: Mapping[str, Transcript]
    entities: Sequence[str]
    rerun: Sequence[str]
    closed_gaps: Sequence[str] = ()

    @property
    def verdict(self) -> str:
        """One of `EXIT_CODES`."""
        return self.judgement.verdict

    @property
    def exit_code(self) -> int:
        """The exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def as_json(run: Run) -> dict[str, Any]:
    """The report as scripts read it."""
    comparison = run.comparison
    return {
        "verdict": run.verdict,
        "exit_code": run.exit_code,
        "reasons": run.judgement.reasons,
        "engine": dict(zip(("name", "version"), run.engine, strict=True)),
        "seed": run.seed,
        "seconds": round(run.seconds, 2),
        "entities": {name: _entity(comparison, name) for name in run.entities},
        "differences": [_difference(run, difference) for difference in comparison.differences.values()],
        "failures": comparison.failures,
        "faults": dict(sorted(comparison.faults.items())),
        "known": run.judgement.known,
        "rules": dict(comparison.rules.counts),
        "coverage": run.coverage,
        "uncovered": uncovered(run.coverage),
        "not_run": dict(run.transcripts["control"].not_run),
        "matrix": {name: _matrix_row(comparison, name) for name in run.entities},
        "cross_read": {
            name: {direction: dict(comparison.cross_read[name][direction]) for direction in DIRECTIONS}
            for name in run.entities
        },
        "methods": figures(run.transcripts),
        "closed_gaps": list(run.closed_gaps),
        "environment": _environment(),
    }


def _entity(comparison: Comparison, name: str) -> dict[str, int]:
    return {
        "calls": len(comparison.calls[name]),
        "comparisons": comparison.compared[name].total(),
        "differences": len(comparison.of_entity(name)),
    }


def _difference(run: Run, difference: Difference) -> dict[str, Any]:
    words = [*run.rerun, "--entity", difference.entity]
    if "::" in difference.test:
        words += ["--test", difference.test]
    return {"id": difference.id, **vars(difference), "rerun": shlex.join(words)}


def _matrix_row(comparison: Comparison, name: str) -> dict[str, dict[str, Any]]:
    row: dict[str, dict[str, Any]] = {}
    for observable in OBSERVABLES:
        compared = comparison.compared[name][observable]
        different = sum(
            difference.count for difference in comparison.of_entity(name) if difference.observable == observable
        )
        row[observable] = {"compared": compared, "different": different}
        if not compared:
            row[observable]["not_run"] = "no call of the suite shows it"
    return row


def _environment() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def write_files(run: Run, directory: Path) -> None:
    """Write `report.json` and `junit.xml`."""
    (directory / "report.json").write_text(json.dumps(as_json(run), indent=1) + "\n", encoding="utf-8")
    suite = ElementTree.Element("testsuite", name="parity")
    by_test: dict[str, list[Difference]] = {}
    for difference in run.comparison.differences.values():
        by_test.setdefault(difference.test, []).append(difference)
    failed = {name.removesuffix(" (seeded)") for name in run.comparison.failures}
    tests = sorted({test for test, _ in run.transcripts["control"].tests} | set(by_test))
    for test in tests:
        case = ElementTree.SubElement(
            suite, "testcase", classname=test.partition("::")[0], name=test.partition("::")[2] or test
        )
        for difference in by_test.get(test, []):
            failure = ElementTree.SubElement(
                case, "failure", message=f"{difference.method}: {difference.observable} {difference.path}"
            )
            failure.text = f"control:   {_shown(difference.control)}\ncandidate: {_shown(difference.candidate)}"
        if test in failed:
            ElementTree.SubElement(case, "error", message="the suite failed")
    failures = sum(1 for test in tests if test in by_test)
    for name, count in (("tests", len(tests)), ("failures", failures), ("errors", len(failed))):
        suite.set(name, str(count))
    ElementTree.ElementTree(suite).write(directory / "junit.xml", encoding="utf-8", xml_declaration=True)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Characters that XML has no way to write, and terminals should not see.
    text = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def print_summary(run: Run, directory: Path, console: Console) -> None:
    """The verdict, a line an entity, and the differences with how to see each again."""
    report = as_json(run)
    console.print(Text(_VERDICTS[run.verdict], style=_STYLES[run.verdict]))
    for reason in run.judgement.reasons:
        console.print(Text(f"- {reason}"), soft_wrap=True)
    table = Table(
        "entity", "compared calls", "comparisons", "differences", "cross-read", "mixed fleet", box=None, pad_edge=False
    )
    for name, counts in report["entities"].items():
        cross = [run.comparison.cross_read[name][direction] for direction in DIRECTIONS]
        table.add_row(
            name,
            str(counts["calls"]),
            str(counts["comparisons"]),
            str(counts["differences"]),
            str(sum(direction.total() for direction in cross[:4])),
            str(cross[4].total()),
        )
    console.print(table)
    for difference in report["differences"][:_MOST]:
        console.print(
            Text(
                f"\n{difference['entity']}.{difference['method']}  {difference['observable']}  {difference['path']}  ({difference['count']} x)",
                style="bold",
            ),
            soft_wrap=True,
        )
        console.print(
            Text(f"  control    {_shown(difference['control'])}\n  candidate  {_shown(difference['candidate'])}"),
            soft_wrap=True,
        )
        console.print(Text(f"  {difference['rerun']}", style="dim"), soft_wrap=True)
    if len(report["differences"]) > _MOST:
        console.print(f"... and {len(report['differences']) - _MOST} more in report.json")
    for test, text in list(run.comparison.failures.items())[:10]:
        console.print(Text(f"\nfailed: {test}", style="bold"))
        console.print(Text("\n".join(f"  {line}" for line in text.splitlines()[-12:])))
    for gap in run.closed_gaps:
        console.print(Text(f"the gap {gap} has closed: take it out of parity/engines/gaps.py"))
    if report["not_run"]:
        console.print(
            Text(f"not run: {len(report['not_run'])} tests that {run.engine[0]} cannot show (report.json names them)")
        )
    name, engine_version = run.engine
    console.print(Text(f"{name} {engine_version}, seed {run.seed}, {run.seconds:.1f} s; report in {directory}"))
