"""UserDAO: errors and log records say where and what, and show no password, hash, email or row."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest

from common.data import (
    AccessDeniedError,
    ConflictError,
    CorruptItemError,
    DatabaseUnavailableError,
    DataError,
    InvalidArgumentError,
    InvalidCredentialsError,
    TableNotFoundError,
    ThrottledError,
    UserAlreadyExistsError,
    UserNotFoundError,
)
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import HASH, PASSWORD, Connect, assert_keeps_secret, changed, entity, key_of, user_row

NEW_PASSWORD = "Correct horse battery staple"
OTHER_HASH = bcrypt.hashpw(b"of another writer", b"$2b$04$abcdefghijklmnopqrstuu").decode()
CELL = "a value of an unknown attribute"
SECRETS = (PASSWORD, NEW_PASSWORD, HASH, OTHER_HASH, CELL)

Call = Callable[[UserDAOProtocol, str], object]
CREATE: Call = lambda dao, name: dao.create_user(entity(name))  # noqa: E731 - a table of calls
GET: Call = lambda dao, name: dao.get_user_by_username(name)  # noqa: E731 - as above
FIND: Call = lambda dao, name: dao.get_user_by_email(f"{name}@example.com")  # noqa: E731 - as above
LOG_IN: Call = lambda dao, name: dao.authenticate_user(name, PASSWORD)  # noqa: E731 - as above
UPDATE: Call = lambda dao, name: dao.update_user(entity(name))  # noqa: E731 - as above
CHANGE: Call = lambda dao, name: dao.change_password(name, PASSWORD, NEW_PASSWORD)  # noqa: E731 - as above

METHODS: dict[str, tuple[str, Call]] = {
    "create_user": ("PutItem", CREATE),
    "get_user_by_username": ("GetItem", GET),
    "get_user_by_email": ("Query", FIND),
    "authenticate_user": ("GetItem", LOG_IN),
    "update_user": ("UpdateItem", UPDATE),
    "change_password": ("UpdateItem", CHANGE),
}


def caught_from(call: Call, dao: UserDAOProtocol, name: str, error_class: type[DataError]) -> DataError:
    """The error of a call, which keeps every secret and can be sent to another process."""
    with pytest.raises(error_class) as caught:
        call(dao, name)
    error = caught.value
    assert_keeps_secret(error, *SECRETS)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - pickled here
        assert type(twin) is type(error)
        assert (str(twin), vars(twin)) == (str(error), vars(error))
    return error


FAULTS: dict[str, type[DataError]] = {
    "throttle": ThrottledError,
    "lost-answer": DatabaseUnavailableError,
    "access-denied": AccessDeniedError,
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("method", METHODS)
def test_the_error_of_a_fault_keeps_every_secret_and_its_cause(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, method: str, kind: str
) -> None:
    name = ids.name()
    operation, call = METHODS[method]
    if method != "create_user":
        tables.put("users", user_row(name, mfa_secret={"S": CELL}))
    faults.add(kind, operation, times=None)
    error = caught_from(call, user_dao, name, FAULTS[kind])
    assert error.__cause__ is not None
    assert type(error.__cause__).__module__.partition(".")[0] == "botocore"


@pytest.mark.parametrize("method", ["create_user", "update_user", "change_password"])
def test_a_conflict_error_keeps_every_secret(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, method: str
) -> None:
    name = ids.name()
    operation, call = METHODS[method]
    if method != "create_user":
        tables.put("users", user_row(name))
    faults.add("conflict", operation, times=None)
    assert caught_from(call, user_dao, name, ConflictError).code == "TransactionConflictException"


@pytest.mark.parametrize("method", METHODS)
def test_a_table_not_found_error_keeps_every_secret(tables: Tables, connect: Connect, ids: Ids, method: str) -> None:
    dao: UserDAOProtocol = connect(tables.missing())["user"]
    error = caught_from(METHODS[method][1], dao, ids.name(), TableNotFoundError)
    assert error.code == "ResourceNotFoundException"
    assert error.request_id


def test_a_refused_creation_does_not_show_the_row_that_stands_there(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, mfa_secret={"S": CELL}, password_hash={"S": OTHER_HASH}))
    error = caught_from(CREATE, user_dao, name, UserAlreadyExistsError)
    assert error.code == "ConditionalCheckFailedException"
    assert error.request_id
    assert error.__cause__ is not None


def test_a_creation_of_unknown_outcome_does_not_show_the_row_that_stands_there(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, mfa_secret={"S": CELL}))
    faults.add("timeout", "PutItem")
    caught_from(CREATE, user_dao, name, DatabaseUnavailableError)


@pytest.mark.parametrize("unanswered", [False, True], ids=["answered", "unanswered"])
def test_an_overtaken_change_does_not_show_either_hash(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, *, unanswered: bool
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    if unanswered:
        faults.add("timeout", "UpdateItem")
    others = user_row(name, password_hash={"S": OTHER_HASH}, mfa_secret={"S": CELL})
    faults.before("UpdateItem", lambda: tables.put("users", others))
    caught_from(CHANGE, user_dao, name, DatabaseUnavailableError if unanswered else InvalidCredentialsError)


@pytest.mark.parametrize("password", [HASH, "rubbish " + CELL], ids=["wrong", "malformed"])
def test_refused_credentials_show_neither_password_nor_hash(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, password: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, password_hash={"S": OTHER_HASH if password == HASH else password}))
    caught_from(LOG_IN, user_dao, name, InvalidCredentialsError)
    caught_from(CHANGE, user_dao, name, InvalidCredentialsError)


@pytest.mark.parametrize("attribute", ["created_at", "role"])
@pytest.mark.parametrize("call", [GET, FIND, LOG_IN, UPDATE], ids=["get", "find", "log-in", "update"])
def test_a_corrupt_row_is_named_but_not_shown(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, call: Call, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: {"S": CELL}}, mfa_secret={"S": CELL}))
    error = caught_from(call, user_dao, name, CorruptItemError)
    assert attribute in str(error)


@pytest.mark.parametrize("call", [GET, FIND, UPDATE], ids=["get", "find", "update"])
def test_a_user_not_found_error_keeps_every_secret(user_dao: UserDAOProtocol, ids: Ids, call: Call) -> None:
    caught_from(call, user_dao, ids.name(), UserNotFoundError)


BAD_USERS: dict[str, dict[str, Any]] = {
    "over-long-password": {"password": PASSWORD * 20},
    "hash-of-bytes": {"password": PASSWORD.encode()},
    "bad-email": {"email": None},
    "bad-name": {"first_name": {"password": PASSWORD}},
    "bad-role": {"role": PASSWORD},
}


@pytest.mark.parametrize("bad", BAD_USERS.values(), ids=BAD_USERS)
def test_a_refused_user_does_not_show_what_it_held(user_dao: UserDAOProtocol, ids: Ids, bad: dict[str, Any]) -> None:
    user = changed(entity(ids.name()), **bad)
    caught_from(lambda dao, _: dao.create_user(user), user_dao, "", InvalidArgumentError)


@pytest.mark.parametrize(
    "new", [NEW_PASSWORD * 10, NEW_PASSWORD.encode(), NEW_PASSWORD + "\ud800"], ids=["long", "bytes", "surrogate"]
)
def test_a_refused_new_password_is_not_shown(user_dao: UserDAOProtocol, ids: Ids, new: str) -> None:
    caught_from(
        lambda dao, name: dao.change_password(name, PASSWORD, new),
        user_dao,
        ids.name(),
        InvalidArgumentError,
    )


def records_of(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name.partition(".")[0] == "common"]


@pytest.mark.parametrize("method", METHODS)
def test_a_call_is_one_debug_record_that_keeps_every_secret(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    name = ids.name()
    if method != "create_user":
        tables.put("users", user_row(name, mfa_secret={"S": CELL}))
    with caplog.at_level(logging.DEBUG, logger="common.data"):
        METHODS[method][1](user_dao, name)
    (record,) = records_of(caplog)
    text = record.getMessage()
    assert (record.name, record.levelno) == ("common.data", logging.DEBUG)
    assert f"UserDAO.{method}" in text
    assert tables.name("users") in text
    for secret in (*SECRETS, f"{name}@example.com", "Lovelace"):
        assert secret not in text


@pytest.mark.parametrize(
    ("method", "kind"),
    [*((method, "throttle") for method in METHODS), ("create_user", "refused"), ("update_user", "server-error")],
)
def test_each_retry_is_a_warning_that_keeps_every_secret(
    user_dao: UserDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    caplog: pytest.LogCaptureFixture,
    method: str,
    kind: str,
) -> None:
    name = ids.name()
    operation, call = METHODS[method]
    if method != "create_user":
        tables.put("users", user_row(name, mfa_secret={"S": CELL}))
    faults.add(kind, operation, times=2)
    with caplog.at_level(logging.DEBUG, logger="common.data"):
        call(user_dao, name)
    assert [record.levelno for record in records_of(caplog)] == [logging.WARNING, logging.WARNING, logging.DEBUG]
    for record in records_of(caplog):
        for secret in (*SECRETS, f"{name}@example.com", "Lovelace"):
            assert secret not in record.getMessage()


@pytest.mark.parametrize("method", ["create_user", "update_user", "change_password"])
def test_each_conflict_is_a_warning(
    user_dao: UserDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    name = ids.name()
    operation, call = METHODS[method]
    if method != "create_user":
        tables.put("users", user_row(name))
    faults.add("conflict", operation, times=2)
    with caplog.at_level(logging.DEBUG, logger="common.data"):
        call(user_dao, name)
    assert [record.levelno for record in records_of(caplog)] == [logging.WARNING, logging.WARNING, logging.DEBUG]
    assert tables.get("users", key_of(name)) is not None


def test_a_failed_call_is_a_debug_record_too(
    user_dao: UserDAOProtocol, ids: Ids, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="common.data"), pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(ids.name(), PASSWORD)
    (record,) = records_of(caplog)
    assert record.levelno == logging.DEBUG
    assert PASSWORD not in record.getMessage()
