"""UserDAO: what a method does when DynamoDB, or the way to it, fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from common.data import (
    AccessDeniedError,
    ConflictError,
    DatabaseError,
    DatabaseUnavailableError,
    TableNotFoundError,
    ThrottledError,
)
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import PASSWORD, Connect, Requests, entity, key_of, user_row


@dataclass(frozen=True)
class Case:
    """One request of one method."""

    method: str
    operation: str
    call: Callable[[UserDAOProtocol, str], object]
    on_a_new_name: bool = False
    before: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method}-{self.operation}"

    def prepare(self, tables: Tables, name: str) -> dict[str, Any] | None:
        """Seed what the call needs; the row as it must stay if the call fails."""
        if self.on_a_new_name:
            return None
        tables.put("users", user_row(name))
        return user_row(name)

    def key(self, name: str) -> dict[str, str]:
        """The key that an error of the call carries."""
        return {"email": f"{name}@example.com"} if self.operation == "Query" else {"Pk": name, "Sk": "USER"}


def change_password(dao: UserDAOProtocol, name: str) -> object:
    dao.change_password(name, PASSWORD, "A new passw0rd")
    return None


CREATE = Case("create_user", "PutItem", lambda dao, name: dao.create_user(entity(name)), on_a_new_name=True)
UPDATE = Case("update_user", "UpdateItem", lambda dao, name: dao.update_user(entity(name, first_name="Grace")))
CHANGE = Case("change_password", "UpdateItem", change_password, before=("GetItem",))
WRITES = [CREATE, UPDATE, CHANGE]
CASES = [
    *WRITES,
    Case("get_user_by_username", "GetItem", lambda dao, name: dao.get_user_by_username(name)),
    Case("get_user_by_email", "Query", lambda dao, name: dao.get_user_by_email(f"{name}@example.com")),
    Case("authenticate_user", "GetItem", lambda dao, name: dao.authenticate_user(name, PASSWORD)),
    Case("change_password", "GetItem", change_password),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_write = pytest.mark.parametrize("case", WRITES, ids=str)


def fails(
    case: Case, dao: UserDAOProtocol, tables: Tables, name: str, error_class: type[DatabaseError]
) -> DatabaseError:
    """Assert that the call fails so, saying where, and that nothing changed."""
    row = case.prepare(tables, name)
    with pytest.raises(error_class) as caught:
        case.call(dao, name)
    error = caught.value
    assert type(error) is error_class
    assert error.operation == f"UserDAO.{case.method}"
    assert error.table == tables.name("users")
    assert error.key == case.key(name)
    assert tables.get("users", key_of(name)) == row
    return error


@each_case
def test_throttled_once_is_tried_again(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    name = ids.name()
    case.prepare(tables, name)
    faults.add("throttle", case.operation)
    case.call(user_dao, name)
    assert {request.operation: request.attempts for request in requests()}[case.operation] == 2
    assert len(faults.waits) == 1


@each_case
def test_throttled_always_is_a_throttled_error_after_four_attempts(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    faults.add("throttle", case.operation, times=None)
    error = fails(case, user_dao, tables, ids.name(), ThrottledError)
    assert error.code == "ProvisionedThroughputExceededException"
    assert error.request_id
    assert [request.operation for request in requests()] == [*case.before, case.operation]
    assert requests()[-1].attempts == 4
    assert len(faults.waits) == 3


@each_case
def test_throttled_three_times_still_succeeds(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    name = ids.name()
    case.prepare(tables, name)
    faults.add("throttle", case.operation, times=3)
    case.call(user_dao, name)
    assert {request.operation: request.attempts for request in requests()}[case.operation] == 4


@pytest.mark.parametrize("kind", ["refused", "timeout", "server-error"])
@each_case
def test_no_answer_ever_is_unavailable_after_four_attempts(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case, kind: str
) -> None:
    faults.add(kind, case.operation, times=None)
    error = fails(case, user_dao, tables, ids.name(), DatabaseUnavailableError)
    assert error.code == ("InternalServerError" if kind == "server-error" else None)
    assert requests()[-1].attempts == 4


@pytest.mark.parametrize("kind", ["refused", "server-error"])
@each_case
def test_no_answer_once_is_tried_again(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case, kind: str
) -> None:
    name = ids.name()
    case.prepare(tables, name)
    faults.add(kind, case.operation)
    case.call(user_dao, name)
    assert {request.operation: request.attempts for request in requests()}[case.operation] == 2


@pytest.mark.parametrize("kind", ["access-denied", "wrong-credentials"])
@each_case
def test_a_refused_signature_is_access_denied_and_not_tried_again(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case, kind: str
) -> None:
    codes = {"access-denied": "AccessDeniedException", "wrong-credentials": "UnrecognizedClientException"}
    faults.add(kind, case.operation, times=None)
    error = fails(case, user_dao, tables, ids.name(), AccessDeniedError)
    assert error.code == codes[kind]
    assert error.request_id
    assert requests()[-1].attempts == 1


@pytest.mark.parametrize("case", [case for case in CASES if not case.before], ids=str)
def test_without_tables_the_table_is_not_found(
    tables: Tables, connect: Connect, ids: Ids, requests: Requests, case: Case
) -> None:
    nowhere = tables.missing()
    dao: UserDAOProtocol = connect(nowhere)["user"]
    name = ids.name()
    with pytest.raises(TableNotFoundError) as caught:
        case.call(dao, name)
    assert caught.value.operation == f"UserDAO.{case.method}"
    assert caught.value.table == nowhere.name("users")
    assert caught.value.key == case.key(name)
    assert caught.value.code == "ResourceNotFoundException"
    assert nowhere.name("users") in str(caught.value)
    assert [request.attempts for request in requests()] == [1]


@each_write
def test_a_conflict_with_a_transaction_is_tried_again(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    name = ids.name()
    case.prepare(tables, name)
    faults.add("conflict", case.operation, times=2)
    case.call(user_dao, name)
    assert [request.operation for request in requests()][-3:] == [case.operation] * 3
    assert len(faults.waits) == 2


@each_write
def test_a_conflict_in_every_try_is_a_conflict_error(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, case: Case
) -> None:
    name = ids.name()
    row = case.prepare(tables, name)
    faults.add("conflict", case.operation, times=None)
    with pytest.raises(ConflictError) as caught:
        case.call(user_dao, name)
    assert caught.value.operation == f"UserDAO.{case.method}"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == case.key(name)
    assert tables.get("users", key_of(name)) == row
    assert [request.operation for request in requests()].count(case.operation) == 40
    assert len(faults.waits) == 39
    assert max(faults.waits) <= 0.15
    assert len(set(faults.waits)) > 1


@each_write
def test_a_conflict_that_ends_at_the_last_try_does_no_harm(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, case: Case
) -> None:
    name = ids.name()
    case.prepare(tables, name)
    faults.add("conflict", case.operation, times=39)
    case.call(user_dao, name)
    assert tables.get("users", key_of(name)) is not None


@each_write
def test_a_write_that_failed_can_be_made_again(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, case: Case
) -> None:
    name = ids.name()
    case.prepare(tables, name)
    faults.add("refused", case.operation, times=4)
    with pytest.raises(DatabaseUnavailableError):
        case.call(user_dao, name)
    case.call(user_dao, name)
    assert tables.get("users", key_of(name)) is not None
