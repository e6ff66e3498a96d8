"""BalanceDAO: what a method does when DynamoDB, or the way to it, fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from common.data import (
    AccessDeniedError,
    BalanceTransaction,
    ConflictError,
    DatabaseError,
    DatabaseUnavailableError,
    TableNotFoundError,
    ThrottledError,
)
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .balance_rows import (
    balance,
    balance_key,
    balance_row,
    ledger,
    ledger_key,
    ledger_row,
    row_of,
    stored_as,
    transaction,
)
from .user_rows import Connect, Item, Requests


@dataclass(frozen=True)
class Case:
    """One request of one method."""

    method: str
    operation: str
    call: Callable[[BalanceDAOProtocol, str, UUID], object]
    before: tuple[str, ...] = ()
    writes: bool = False

    def __str__(self) -> str:
        return f"{self.method}-{self.operation}"

    def prepare(self, tables: Tables, name: str, identity: UUID) -> list[Item]:
        """Seed what the call needs: the rows as they must stay if it fails."""
        rows = []
        if self.method in {"get_balance", "update_balance", "post_transaction"}:
            rows.append(balance_row(name))
        if self.method in {"get_transaction", "get_user_transactions", "cleanup_failed_transaction"}:
            rows.append(ledger_row(name, identity, status={"S": "failed"}))
        tables.put_all("users", rows)
        return rows

    def key(self, name: str, identity: UUID) -> dict[str, str]:
        """The key that an error of the call carries."""
        if self.operation == "Query":
            return {"Pk": f"TRANS#{name}"}
        key = balance_key(name)
        if self.method == "create_transaction":
            key = stored_as(entry(name, identity))
        elif self.operation == "DeleteItem":
            key = ledger_key(name)
        return {part: key[part]["S"] for part in ("Pk", "Sk")}


def entry(name: str, identity: UUID) -> BalanceTransaction:
    return transaction(name, identity, "5", created_at="2024-01-01T00:00:00Z")


CASES = [
    Case("create_balance", "PutItem", lambda dao, name, _: dao.create_balance(balance(name)), writes=True),
    Case("get_balance", "GetItem", lambda dao, name, _: dao.get_balance(name)),
    Case("update_balance", "UpdateItem", lambda dao, name, _: dao.update_balance(name, Decimal(5)), writes=True),
    Case(
        "create_transaction",
        "PutItem",
        lambda dao, name, identity: dao.create_transaction(entry(name, identity)),
        writes=True,
    ),
    Case(
        "post_transaction",
        "TransactWriteItems",
        lambda dao, name, identity: dao.post_transaction(entry(name, identity)),
        writes=True,
    ),
    Case("get_transaction", "Query", lambda dao, name, identity: dao.get_transaction(name, identity)),
    Case("get_user_transactions", "Query", lambda dao, name, _: dao.get_user_transactions(name)),
    Case(
        "cleanup_failed_transaction",
        "Query",
        lambda dao, name, identity: dao.cleanup_failed_transaction(name, identity),
    ),
    Case(
        "cleanup_failed_transaction",
        "DeleteItem",
        lambda dao, name, identity: dao.cleanup_failed_transaction(name, identity),
        before=("Query",),
        writes=True,
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_write = pytest.mark.parametrize("case", [case for case in CASES if case.writes], ids=str)


def fails(case: Case, dao: BalanceDAOProtocol, tables: Tables, ids: Ids, error_class: type[Exception]) -> DatabaseError:
    """Assert that the call fails so, saying where, and that nothing changed."""
    name, identity = ids.name(), ids.uuid()
    rows = case.prepare(tables, name, identity)
    with pytest.raises(error_class) as caught:
        case.call(dao, name, identity)
    error = caught.value
    assert type(error) is error_class
    assert isinstance(error, DatabaseError | ConflictError)
    assert error.operation == f"BalanceDAO.{case.method}"
    assert error.table == tables.name("users")
    assert error.key == case.key(name, identity)
    kept = [row_of(tables, balance_key(name)), *ledger(tables, name)]
    assert [row for row in kept if row] == rows
    return error  # type: ignore[return-value]


def no_table(case: Case, tables: Tables, connect: Connect, ids: Ids) -> None:
    """Assert that the call says so of a table that is not there, if it is the first request to meet it."""
    if case.before:
        return
    nowhere = tables.missing()
    elsewhere: BalanceDAOProtocol = connect(nowhere)["balance"]
    name, identity = ids.name(), ids.uuid()
    with pytest.raises(TableNotFoundError) as caught:
        case.call(elsewhere, name, identity)
    assert caught.value.table == nowhere.name("users")
    assert caught.value.key == case.key(name, identity)
    assert caught.value.code == "ResourceNotFoundException"


@each_case
def test_what_aws_refuses_changes_nothing(
    balance_dao: BalanceDAOProtocol,
    tables: Tables,
    connect: Connect,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
) -> None:
    no_table(case, tables, connect, ids)
    faults.add("throttle", case.operation, times=4)
    error = fails(case, balance_dao, tables, ids, ThrottledError)
    assert error.code == "ProvisionedThroughputExceededException"
    assert error.request_id
    assert [request.operation for request in requests()] == [*case.before, case.operation]
    assert requests()[-1].attempts == 4
    faults.add("server-error", case.operation, times=4)
    error = fails(case, balance_dao, tables, ids, DatabaseUnavailableError)
    assert error.code == "InternalServerError"
    faults.add("access-denied", case.operation)
    error = fails(case, balance_dao, tables, ids, AccessDeniedError)
    assert error.code == "AccessDeniedException"
    assert requests()[-1].attempts == 1


@each_case
def test_what_keeps_a_request_from_its_answer_changes_nothing_and_a_late_answer_will_do(
    balance_dao: BalanceDAOProtocol,
    tables: Tables,
    connect: Connect,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    case: Case,
) -> None:
    no_table(case, tables, connect, ids)
    faults.add("expired-credentials", case.operation)
    fails(case, balance_dao, tables, ids, AccessDeniedError)
    faults.add("throttle", case.operation, times=4)
    fails(case, balance_dao, tables, ids, ThrottledError)
    for kind in ("refused", "timeout"):
        faults.add(kind, case.operation, times=4)
        error = fails(case, balance_dao, tables, ids, DatabaseUnavailableError)
        assert error.code is None
        assert requests()[-1].attempts == 4
    name, identity = ids.name(), ids.uuid()
    case.prepare(tables, name, identity)
    for kind in ("throttle", "refused", "throttle"):
        faults.add(kind, case.operation)
    case.call(balance_dao, name, identity)
    assert {request.operation: request.attempts for request in requests()}[case.operation] == 4


@each_write
def test_a_conflict_is_tried_again_forty_times(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    name, identity = ids.name(), ids.uuid()
    case.prepare(tables, name, identity)
    faults.add("conflict", case.operation, times=39)
    case.call(balance_dao, name, identity)
    assert [request.operation for request in requests()].count(case.operation) == 40
    assert len(faults.waits) == 39
    assert all(wait <= 0.150 for wait in faults.waits)
    faults.add("throttle", case.operation)
    faults.add("conflict", case.operation, times=40)
    error = fails(case, balance_dao, tables, ids, ConflictError)
    assert error.code in {"TransactionConflictException", "TransactionCanceledException"}
    assert error.request_id
    assert [request.operation for request in requests()].count(case.operation) == 40


@each_write
def test_a_conflict_in_every_try_is_told_unless_an_answer_is_missing(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    faults.add("conflict", case.operation, times=40)
    fails(case, balance_dao, tables, ids, ConflictError)
    faults.add("timeout", case.operation)
    faults.add("conflict", case.operation, times=None)
    fails(case, balance_dao, tables, ids, DatabaseUnavailableError)
    assert [request.attempts for request in requests() if request.operation == case.operation] == [2]
