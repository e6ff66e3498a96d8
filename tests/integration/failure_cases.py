"""What every method of a DAO does when DynamoDB, or the way to it, fails: written once, for suites that list their requests as cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from common.data import (
    AccessDeniedError,
    ConflictError,
    DatabaseUnavailableError,
    DataError,
    TableNotFoundError,
    ThrottledError,
)
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import Connect, Item, Requests

__all__ = [
    "EACH_FAILURE",
    "Case",
    "check_conflicts",
    "check_failing",
    "check_missing_table",
    "check_side_by_side",
]

FAILURES: Mapping[str, type[DataError]] = {
    "throttle": ThrottledError,
    "refused": DatabaseUnavailableError,
    "server-error": DatabaseUnavailableError,
    "access-denied": AccessDeniedError,
    "wrong-credentials": AccessDeniedError,
}
"""Kinds of faults, and the error that a call ends in when it meets nothing else."""
DENIED = {"access-denied", "wrong-credentials"}
EACH_FAILURE = (("throttle", "refused", "access-denied"), ("server-error", "wrong-credentials", "throttle"))
"""Every error twice: for two tests of each request."""


@dataclass(frozen=True)
class Case:
    """One request of one method: `row` is what it is about, `key` what an error of the request carries."""

    dao: str
    method: str
    operation: str
    table: str
    call: Callable[[Any, str], object]
    key: Callable[[str], dict[str, str] | None]
    row: Callable[[str], Item]
    is_there: bool = True
    before: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method}-{self.operation}"

    def prepare(self, tables: Tables, name: str) -> Item | None:
        """Store what the call needs, and give it."""
        if self.is_there:
            tables.put(self.table, self.row(name))
        return self.now(tables, name)

    def now(self, tables: Tables, name: str) -> Item | None:
        """The row as it is now."""
        row = self.row(name)
        return tables.get(self.table, {part: row[part] for part in ("Pk", "Sk", "product_id") if part in row})


def _fails(case: Case, dao: object, tables: Tables, name: str, error_class: type[DataError]) -> DataError:
    """Assert that the call fails so, and says where."""
    with pytest.raises(error_class) as caught:
        case.call(dao, name)
    error = caught.value
    assert type(error) is error_class
    assert error.operation == f"{case.dao}.{case.method}"
    assert error.table == tables.name(case.table)
    assert error.key == case.key(name)
    return error


def check_failing(
    case: Case, dao: object, tables: Tables, name: str, faults: Faults, requests: Requests, kinds: Sequence[str]
) -> None:
    """The request fails however often it is sent: the error tells how, and nothing changed. Then it can be made again."""
    before = case.prepare(tables, name)
    for kind in kinds:
        attempts = 1 if kind in DENIED else 4
        faults.add(kind, case.operation, times=attempts)
        error = _fails(case, dao, tables, name, FAILURES[kind])
        assert (error.code is None) == (kind == "refused")
        assert (error.request_id is None) == (kind == "refused")
        assert [request.operation for request in requests()] == [*case.before, case.operation]
        assert requests()[-1].attempts == attempts
        assert case.now(tables, name) == before
    faults.add("throttle", case.operation, times=3)
    case.call(dao, name)
    assert {request.operation: request.attempts for request in requests()}[case.operation] == 4


def check_missing_table(case: Case, connect: Connect, tables: Tables, name: str, entity: str) -> None:
    """Without tables the error names the table."""
    nowhere = tables.missing()
    error = _fails(case, connect(nowhere)[entity], nowhere, name, TableNotFoundError)
    assert error.code == "ResourceNotFoundException"
    assert nowhere.name(case.table) in str(error)


def check_side_by_side(case: Case, dao: object, connect: Connect, tables: Tables, name: str, entity: str) -> None:
    """A connection to other tables, or to none, does not mix with the first."""
    there, nowhere = tables.another(), tables.missing()
    case.prepare(tables, name)
    case.prepare(there, name)
    before = case.now(there, name)
    case.call(dao, name)
    assert case.now(there, name) == before
    _fails(case, connect(nowhere)[entity], nowhere, name, TableNotFoundError)
    case.call(connect(there)[entity], name)


def check_conflicts(
    case: Case, dao: object, tables: Tables, name: str, faults: Faults, requests: Requests, times: int | None
) -> None:
    """A write meets transactions: forty times is one too many."""
    before = case.prepare(tables, name)
    faults.add("conflict", case.operation, times=times)
    if times is not None and times < 40:
        case.call(dao, name)
        assert [request.operation for request in requests()].count(case.operation) == times + 1
        assert len(faults.waits) == times
        return
    error = _fails(case, dao, tables, name, ConflictError)
    assert error.code == "TransactionConflictException"
    assert error.request_id
    assert case.now(tables, name) == before
    assert [request.operation for request in requests()].count(case.operation) == 40
    assert len(faults.waits) == 39
    assert max(faults.waits) <= 0.15
    assert len(set(faults.waits)) > 1
