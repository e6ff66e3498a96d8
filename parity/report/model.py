"""What `report.json` holds: its classes are the one place that says so, and `report.schema.json` beside this file is made of them.

Every mapping that is keyed by entity, method, table or test keeps the order of the run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from parity.errors import ParityError

__all__ = [
    "Actions",
    "Declared",
    "DifferenceEntry",
    "EngineInfo",
    "EntityCounts",
    "Figures",
    "MatrixCell",
    "OldRows",
    "ProjectTable",
    "Report",
    "RowSums",
    "SideTable",
    "TableSums",
    "Verdict",
    "read_report",
]

Verdict = Literal["parity", "differences", "suite-failed", "not-judged"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineInfo(_Part):
    """The engine of a run, and the features of DynamoDB that it cannot prove, with what each would mean."""

    name: str
    version: str
    cannot_prove: dict[str, str] = {}


class EntityCounts(_Part):
    """How much of an entity was compared: distinct calls, comparisons of one observable, and places that differed."""

    calls: int
    comparisons: int
    differences: int


class DifferenceEntry(_Part):
    """One place where the candidate is not the control: how often it was met, the first example, and how to see it again."""

    id: str
    entity: str
    method: str
    observable: str
    path: str
    control: Any
    candidate: Any
    test: str
    count: int
    rerun: str


class MatrixCell(_Part):
    """One observable of one entity: comparisons, those that differed, and, where there was none, why."""

    compared: int
    different: int
    not_run: str | None = None


class Figures(_Part):
    """What one method cost one side; sums over its compared calls, and a median of milliseconds that judges nothing."""

    calls: int
    requests: int
    read_units: float
    write_units: float
    median_milliseconds: float
    actions: list[str]


class Actions(_Part):
    """The IAM actions that a method needs on one table (or `table/index/name`), and what the candidate needs more."""

    control: list[str]
    candidate: list[str]
    more: list[str]


class SideTable(_Part):
    """The items that one side's tests left in a table, and a checksum over them."""

    items: int
    checksum: str


class TableSums(_Part):
    """What both sides left in a table."""

    control: SideTable
    candidate: SideTable


class RowSums(_Part):
    """Rows and their attributes, counted, and a checksum over them."""

    items: int
    attributes: int
    checksum: str


class OldRows(_Part):
    """The seeded rows of a table on one side, before its first test and after its last.

    Attributes:
        lost_items: rows that are gone at the end, although each test's own writes were undone.
        lost_attributes: attributes that are gone or different at the end likewise.
        changed: how often a test left one of the rows changed.
        deleted: how often a test left one deleted.
        attributes_taken: attributes that rows lacked when a test had changed them.
        attributes_changed: attributes that had another value or type then.
    """

    before: RowSums
    after: RowSums
    lost_items: int
    lost_attributes: int
    changed: int
    deleted: int
    attributes_taken: int
    attributes_changed: int


class ProjectTable(_Part):
    """A table of figures that the project adds to the report: `metrics` of parity.toml."""

    title: str = Field(min_length=1)
    columns: list[str] = Field(min_length=1)
    rows: list[list[str | int | float]]
    note: str = ""

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"the table {self.title!r} has rows of other lengths than its columns")
        return self


class Declared(_Part):
    """What parity.toml says of a known difference (its fields as text), a rule or an unreachable outcome (its reason)."""

    known: dict[str, dict[str, str]] = {}
    rules: dict[str, str] = {}
    unreachable: dict[str, str] = {}


class Report(_Part):
    """The whole report of a run.

    Attributes:
        kind: its engine and faults, as parity.lock names runs: `moto`, `moto+faults`, and `moto+faults/10` where only every tenth was injected.
        whole: whether the suites ran whole, and not single tests of them.
    """

    model_config = ConfigDict(title="dao-parity report", extra="forbid", frozen=True)

    verdict: Verdict
    exit_code: int = Field(ge=0, le=3)
    reasons: list[str]
    kind: str
    whole: bool
    engine: EngineInfo
    seed: str
    seconds: float
    entities: dict[str, EntityCounts]
    differences: list[DifferenceEntry]
    failures: dict[str, str]
    faults: dict[str, int]
    interleavings: dict[str, int]
    known: dict[str, int]
    rules: dict[str, int]
    declared: Declared
    coverage: dict[str, dict[str, dict[str, int]]]
    uncovered: list[str]
    not_run: dict[str, str]
    matrix: dict[str, dict[str, MatrixCell]]
    cross_read: dict[str, dict[str, dict[str, int]]]
    methods: dict[str, dict[str, dict[str, Figures]]]
    iam: dict[str, dict[str, dict[str, Actions]]]
    tables: dict[str, TableSums]
    old_rows: dict[str, dict[str, OldRows]] = {}
    project: list[ProjectTable] = []
    closed_gaps: list[str]
    environment: dict[str, str]

    @model_validator(mode="after")
    def _counts_its_entities(self) -> Self:
        if unknown := [name for name in self.matrix if name not in self.entities]:
            raise ValueError(f"the matrix has an entity {unknown[0]!r} that is not among the entities")
        return self


def read_report(path: Path) -> Report:
    """The report that a run stored.

    Raises:
        ParityError: the file cannot be read, or is no report.
    """
    try:
        return Report.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ParityError(f"cannot read {path}: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ParityError(
            f"{path} is no report of parity run as this version writes it: {where + ': ' if where else ''}{first['msg']}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ParityError(f"{path} is no JSON file: {error}") from error
