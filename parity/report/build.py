"""From a finished run to its report."""

from __future__ import annotations

import os
import platform
import re
import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from parity.compare import DIRECTIONS, Comparison, Difference
from parity.config import OBSERVABLES, Config
from parity.coverage import Coverage, uncovered
from parity.engines import FEATURES, engine_lacks
from parity.report.model import (
    Actions,
    Declared,
    DifferenceEntry,
    EngineInfo,
    EntityCounts,
    Figures,
    MatrixCell,
    OldRows,
    ProjectTable,
    Report,
    SideTable,
    TableSums,
)
from parity.verdict import Judgement

__all__ = ["EXIT_CODES", "Run", "Told", "build_report"]

EXIT_CODES = {"parity": 0, "differences": 1, "suite-failed": 2, "not-judged": 3}
_LIBRARIES = ("dao-parity", "boto3", "botocore", "pynamodb", "pydantic", "pytest", "time-machine")
_VARIABLES = re.compile(r"AWS_\w+|PARITY_\w+|DYNOXIDE_BIN|DYNAMODB_LOCAL_HOME|DOCKER_HOST|CI")
_SECRET_VARIABLE = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL|AUTHORIZATION")
_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass(frozen=True)
class Told:
    """What the transcripts tell beside what was compared; they themselves are gone by then."""

    tests: frozenset[str]
    not_run: Mapping[str, str]
    methods: Mapping[str, Mapping[str, Mapping[str, Any]]]
    tables: Mapping[str, Mapping[str, Mapping[str, Any]]]
    old_rows: Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Run:
    """A finished run with what is needed to tell of it."""

    judgement: Judgement
    engine: tuple[str, str]
    seed: str
    seconds: float
    comparison: Comparison
    coverage: Coverage
    told: Told
    entities: Sequence[str]
    rerun: Sequence[str]
    closed_gaps: Sequence[str] = ()
    project: Sequence[ProjectTable] = ()
    config: Config | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def verdict(self) -> str:
        """One of `EXIT_CODES`."""
        return self.judgement.verdict

    @property
    def exit_code(self) -> int:
        """The exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def build_report(run: Run) -> Report:
    """The report of a run, as `report.json` holds it."""
    comparison = run.comparison
    return Report(
        verdict=run.verdict,  # type: ignore[arg-type] # a text that pydantic checks
        exit_code=run.exit_code,
        reasons=run.judgement.reasons,
        kind=run.judgement.kind,
        whole=run.judgement.whole,
        engine=_engine(*run.engine),
        seed=run.seed,
        seconds=round(run.seconds, 2),
        entities={name: _entity(comparison, name) for name in run.entities},
        differences=[_difference(run, difference) for difference in comparison.differences.values()],
        failures={_encodable(test): _encodable(text) for test, text in comparison.failures.items()},
        faults=dict(sorted(comparison.faults.items())),
        interleavings=dict(sorted(comparison.interleavings.items())),
        known=run.judgement.known,
        rules=dict(comparison.rules.counts),
        declared=_declared(run),
        coverage=run.coverage,
        uncovered=uncovered(run.coverage),
        not_run=dict(run.told.not_run),
        matrix={name: _matrix_row(run, name) for name in run.entities},
        cross_read={
            name: {direction: dict(comparison.cross_read[name][direction]) for direction in DIRECTIONS}
            for name in run.entities
        },
        methods={
            entity: {
                method: {side: Figures(**numbers) for side, numbers in sides.items()} for method, sides in found.items()
            }
            for entity, found in run.told.methods.items()
        },
        iam={
            entity: {method: _actions(sides) for method, sides in found.items()}
            for entity, found in run.told.methods.items()
        },
        tables={
            table: TableSums(**{side: SideTable(**sums) for side, sums in sides.items()})
            for table, sides in run.told.tables.items()
        },
        old_rows={
            table: {side: OldRows(**sums) for side, sums in sides.items()} for table, sides in run.told.old_rows.items()
        },
        project=list(run.project),
        closed_gaps=list(run.closed_gaps),
        environment=_environment(run.environ),
    )


def _engine(name: str, engine_version: str) -> EngineInfo:
    lacking = {feature: meaning for feature, meaning in FEATURES.items() if engine_lacks(name, feature)}
    return EngineInfo(name=name, version=engine_version, cannot_prove=lacking)


def _entity(comparison: Comparison, name: str) -> EntityCounts:
    return EntityCounts(
        calls=len(comparison.calls[name]),
        comparisons=comparison.compared[name].total(),
        differences=len(comparison.of_entity(name)),
    )


def _difference(run: Run, difference: Difference) -> DifferenceEntry:
    words = [*(_USER_INFO.sub("", word) for word in run.rerun), "--entity", difference.entity]
    if "::" in difference.test:
        words += ["--test", difference.test]
    fields = {**vars(difference), "path": _encodable(difference.path)}
    return DifferenceEntry(id=difference.id, **fields, rerun=shlex.join(words))


def _encodable(text: str) -> str:
    """The text with escapes for halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _declared(run: Run) -> Declared:
    if run.config is None:
        return Declared()
    reasons = {
        "table-names": "the sides' tables have names of their own",
        "request-ids": "the engine gives each answer an id",
    }
    return Declared(
        known={
            entry.id: {name: str(value) for name, value in vars(entry).items() if name != "id"}
            for entry in run.config.known
        },
        rules=reasons | {rule.id: rule.reason for rule in run.config.rules},
        unreachable={cell.text: cell.reason for cell in run.config.unreachable if cell.engine in {None, run.engine[0]}},
    )


def _matrix_row(run: Run, name: str) -> dict[str, MatrixCell]:
    comparison = run.comparison
    row: dict[str, MatrixCell] = {}
    for observable in OBSERVABLES:
        compared = comparison.compared[name][observable]
        different = sum(
            difference.count for difference in comparison.of_entity(name) if difference.observable == observable
        )
        reason = _not_run(run, name, observable) if compared else "no call of the suite shows it"
        row[observable] = MatrixCell(compared=0 if reason else compared, different=different, not_run=reason)
    return row


def _not_run(run: Run, name: str, observable: str) -> str | None:
    """Why comparisons of an observable were of nothing with nothing, if they were."""
    if observable == "logs" and run.config is not None and not run.config.loggers:
        return f"{run.config.path.name} names no loggers"
    if observable == "cost" and name not in run.comparison.metered:
        return "the engine told no consumed capacity"
    return None


def _actions(sides: Mapping[str, Mapping[str, Any]]) -> dict[str, Actions]:
    """The actions of both sides by table, from `dynamodb:Action table`."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"control": set(), "candidate": set()})
    for side, numbers in sides.items():
        for text in numbers["actions"]:
            action, _, table = text.partition(" ")
            found[table][side].add(action)
    return {
        table: Actions(
            control=sorted(by_side["control"]),
            candidate=sorted(by_side["candidate"]),
            more=sorted(by_side["candidate"] - by_side["control"]),
        )
        for table, by_side in sorted(found.items())
    }


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Versions, and the variables that can change a run; what may be secret of them is left out."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    for name, value in sorted(environ.items()):
        if _VARIABLES.fullmatch(name):
            found[name] = "(redacted)" if _SECRET_VARIABLE.search(name) else _USER_INFO.sub("", value)
    return found
