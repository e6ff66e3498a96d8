"""UserDAO: arguments that no row can have are refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from common.data import InvalidArgumentError, InvalidCredentialsError, UserNotFoundError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .user_rows import PASSWORD, Requests, changed, entity, key_of, user_row

SURROGATE = "half a pair \ud83d"


def refused(call: Callable[[], object], method: str, requests: Requests) -> InvalidArgumentError:
    """Assert that a call is refused as a bad argument before any request."""
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    error = caught.value
    assert isinstance(error, ValueError)
    assert requests() == []
    assert (error.table, error.key, error.code, error.request_id) == (None, None, None, None)
    assert error.operation == f"UserDAO.{method}"
    return error


BAD_USERNAMES = {
    "none": None,
    "empty": "",
    "number": 5,
    "bytes": b"alice",
    "bool": True,
    "list": ["alice"],
    "hash-sign": "alice#1",
    "lock-key": "USER#alice",
    "no-utf-8": SURROGATE,
    "over-long": "x" * 2049,
    "over-long-in-bytes": "é" * 1025,
}
BY_USERNAME: dict[str, Callable[[UserDAOProtocol, Any], object]] = {
    "get_user_by_username": lambda dao, name: dao.get_user_by_username(name),
    "authenticate_user": lambda dao, name: dao.authenticate_user(name, PASSWORD),
    "change_password": lambda dao, name: dao.change_password(name, PASSWORD, "new"),
    "create_user": lambda dao, name: dao.create_user(changed(entity("alice"), username=name)),
    "update_user": lambda dao, name: dao.update_user(changed(entity("alice"), username=name)),
}


@pytest.mark.parametrize("username", BAD_USERNAMES.values(), ids=BAD_USERNAMES)
@pytest.mark.parametrize("method", BY_USERNAME)
def test_a_bad_username_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, method: str, username: object
) -> None:
    refused(lambda: BY_USERNAME[method](user_dao, username), method, requests)


BAD_EMAILS = {
    "none": None,
    "empty": "",
    "number": 5,
    "bytes": b"a@example.com",
    "no-utf-8": SURROGATE,
    "over-long": "x" * 2049,
    "over-long-in-bytes": "é" * 1025,
}
BY_EMAIL: dict[str, Callable[[UserDAOProtocol, Any], object]] = {
    "get_user_by_email": lambda dao, email: dao.get_user_by_email(email),
    "create_user": lambda dao, email: dao.create_user(changed(entity("alice"), email=email)),
    "update_user": lambda dao, email: dao.update_user(changed(entity("alice"), email=email)),
}


@pytest.mark.parametrize("email", BAD_EMAILS.values(), ids=BAD_EMAILS)
@pytest.mark.parametrize("method", BY_EMAIL)
def test_a_bad_email_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, method: str, email: object
) -> None:
    refused(lambda: BY_EMAIL[method](user_dao, email), method, requests)


WRITE: dict[str, Callable[[UserDAOProtocol, Any], object]] = {
    "create_user": lambda dao, user: dao.create_user(user),
    "update_user": lambda dao, user: dao.update_user(user),
}


@pytest.mark.parametrize(
    "given",
    [None, "alice", {"username": "alice"}, 5, b"", type(entity("alice"))],
    ids=["none", "text", "dict", "number", "bytes", "class"],
)
@pytest.mark.parametrize("method", WRITE)
def test_what_is_no_user_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, method: str, given: object
) -> None:
    refused(lambda: WRITE[method](user_dao, given), method, requests)


PAST_VALIDATION: list[tuple[str, object]] = [
    ("first_name", None),
    ("first_name", 5),
    ("first_name", b"Ada"),
    ("first_name", SURROGATE),
    ("last_name", None),
    ("last_name", ["Lovelace"]),
    ("last_name", SURROGATE),
    ("phone", 15550100),
    ("phone", SURROGATE),
    ("date_of_birth", "1980-02-29"),
    ("date_of_birth", datetime(1980, 2, 29, 12, tzinfo=UTC)),
    ("date_of_birth", 0),
    ("marketing_emails_consent", None),
    ("marketing_emails_consent", 1),
    ("marketing_emails_consent", "yes"),
]


def past_validation_id(value: object) -> str:
    return value if isinstance(value, str) and value.isidentifier() else type(value).__name__


@pytest.mark.parametrize(("field", "value"), PAST_VALIDATION, ids=past_validation_id)
@pytest.mark.parametrize("method", WRITE)
def test_a_user_built_past_its_validation_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, method: str, field: str, value: object
) -> None:
    user = changed(entity("alice"), **{field: value})
    refused(lambda: WRITE[method](user_dao, user), method, requests)


@pytest.mark.parametrize("method", WRITE)
def test_a_user_built_without_its_fields_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, method: str
) -> None:
    user = type(entity("alice")).model_construct(username="alice")
    refused(lambda: WRITE[method](user_dao, user), method, requests)


CREATION_ONLY: list[tuple[str, object]] = [
    ("username", "ab"),
    ("username", "x" * 31),
    ("username", "with space"),
    ("username", "dotted.name"),
    ("username", "ünïcode"),
    ("username", "alice\n"),
    ("email", "x" * 256),
    ("first_name", "x" * 51),
    ("last_name", "x" * 51),
    ("phone", "5" * 16),
    ("role", "root"),
    ("role", None),
]


@pytest.mark.parametrize(("field", "value"), CREATION_ONLY)
def test_creating_is_strict_about_what_reading_may_find(
    user_dao: UserDAOProtocol, tables: Tables, requests: Requests, field: str, value: object
) -> None:
    user = changed(entity("alice"), **{field: value})
    refused(lambda: user_dao.create_user(user), "create_user", requests)
    assert tables.get("users", key_of(user.username)) is None


BAD_PASSWORDS: dict[str, Any] = {
    "none": None,
    "number": 5,
    "bytes": b"password",
    "bool": True,
    "no-utf-8": SURROGATE,
}
IMPOSSIBLE_NEW_PASSWORDS = BAD_PASSWORDS | {"empty": "", "over-long": "x" * 129, "placeholder": "[HASHED]"}


@pytest.mark.parametrize("password", IMPOSSIBLE_NEW_PASSWORDS.values(), ids=IMPOSSIBLE_NEW_PASSWORDS)
def test_creating_with_an_impossible_password_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, password: object
) -> None:
    user = changed(entity("alice"), password=password)
    refused(lambda: user_dao.create_user(user), "create_user", requests)


@pytest.mark.parametrize("password", IMPOSSIBLE_NEW_PASSWORDS.values(), ids=IMPOSSIBLE_NEW_PASSWORDS)
def test_changing_to_an_impossible_password_is_refused_before_any_request(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests, password: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    refused(lambda: user_dao.change_password(name, PASSWORD, password), "change_password", requests)
    assert tables.get("users", key_of(name)) == user_row(name)


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_changing_from_what_is_no_password_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, password: str
) -> None:
    refused(lambda: user_dao.change_password("alice", password, "new"), "change_password", requests)


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_authenticating_with_what_is_no_password_is_refused_before_any_request(
    user_dao: UserDAOProtocol, requests: Requests, password: str
) -> None:
    refused(lambda: user_dao.authenticate_user("alice", password), "authenticate_user", requests)


def test_a_new_password_is_checked_before_the_current_one(user_dao: UserDAOProtocol, requests: Requests) -> None:
    refused(lambda: user_dao.change_password("nobody-has-this-name", "wrong", ""), "change_password", requests)


@pytest.mark.parametrize(
    "username", ["a", "ab", "x" * 31, "x" * 2048, "with space", "ünïcode", ".", "'; DROP TABLE users; --"]
)
def test_a_well_formed_but_impossible_username_is_looked_up_in_vain(user_dao: UserDAOProtocol, username: str) -> None:
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_username(username)
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(username, PASSWORD)


@pytest.mark.parametrize("email", ["a", "no at sign", "x" * 256, "x" * 2048, "a@b@c"])
def test_a_well_formed_but_impossible_email_is_looked_up_in_vain(user_dao: UserDAOProtocol, email: str) -> None:
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_email(email)


@pytest.mark.parametrize("born", [date(1, 1, 1), date(9999, 12, 31), date(2000, 2, 29)])
def test_the_first_and_the_last_day_are_dates_too(user_dao: UserDAOProtocol, ids: Ids, born: date) -> None:
    created = user_dao.create_user(entity(ids.name(), date_of_birth=born))
    assert user_dao.get_user_by_username(created.username).date_of_birth == born


@pytest.mark.parametrize(
    "limits",
    [{"email": "x" * 255}, {"first_name": "𠮷" * 50}, {"last_name": "é" * 50}, {"phone": "5" * 15}],
    ids=lambda limits: next(iter(limits)),
)
def test_the_longest_value_of_a_field_can_be_created(
    user_dao: UserDAOProtocol, ids: Ids, limits: dict[str, str]
) -> None:
    created = user_dao.create_user(entity(ids.name(), **limits))
    found = user_dao.get_user_by_username(created.username)
    assert {name: getattr(found, name) for name in limits} == limits
