"""UserDAO: writes whose answer never came. The row that a later attempt meets tells whether this call wrote it."""

from __future__ import annotations

from collections.abc import Callable

import bcrypt
import pytest

from common.data import (
    DatabaseUnavailableError,
    InvalidCredentialsError,
    UserAlreadyExistsError,
    UserNotFoundError,
)
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import PASSWORD, Item, Requests, entity, fields, foreign_row, key_of, naive_text, read_as, user_row

APPLIED = ["lost-answer", "lost-answer-timeout", "lost-answer-500"]
NOT_APPLIED = ["timeout", "connection-broken", "server-error"]
after_applying = pytest.mark.parametrize("kind", APPLIED)
without_applying = pytest.mark.parametrize("kind", NOT_APPLIED)
either_way = pytest.mark.parametrize("kind", APPLIED + NOT_APPLIED)
briefly = pytest.mark.parametrize("kind", ["lost-answer", "timeout"])

OTHER_HASH = {"S": bcrypt.hashpw(b"of another writer", b"$2b$04$abcdefghijklmnopqrstuu").decode()}


def stored(tables: Tables, username: str) -> Item:
    row = tables.get("users", key_of(username))
    assert row is not None
    return row


def unknown_outcome(call: Callable[[], object], method: str, tables: Tables, username: str) -> None:
    """Assert that the call says that nobody knows whether it took effect."""
    with pytest.raises(DatabaseUnavailableError) as caught:
        call()
    assert caught.value.operation == f"UserDAO.{method}"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": username, "Sk": "USER"}


@after_applying
def test_create_whose_answer_was_lost_succeeds_once(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    created = user_dao.create_user(entity(name, phone="1"))
    assert fields(created) == read_as(stored(tables, name))
    assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 2)]
    assert user_dao.authenticate_user(name, PASSWORD) == created


def test_create_whose_answers_were_lost_thrice_succeeds_once(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    name = ids.name()
    faults.add("lost-answer", "PutItem", times=3)
    created = user_dao.create_user(entity(name))
    assert fields(created) == read_as(stored(tables, name))
    assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 4)]


@without_applying
def test_create_that_the_server_never_saw_is_sent_again(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    created = user_dao.create_user(entity(name))
    assert fields(created) == read_as(stored(tables, name))
    assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 2)]


@without_applying
def test_create_that_meets_a_strangers_row_after_no_answer_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    faults.before("PutItem", lambda: tables.put("users", user_row(name)))
    unknown_outcome(lambda: user_dao.create_user(entity(name)), "create_user", tables, name)
    assert stored(tables, name) == user_row(name)


def test_create_of_a_taken_username_after_no_answer_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add("timeout", "PutItem")
    unknown_outcome(lambda: user_dao.create_user(entity(name)), "create_user", tables, name)
    assert stored(tables, name) == user_row(name)


def test_create_does_not_take_the_same_user_made_by_another_for_its_own(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    first = user_dao.create_user(entity(ids.name()))
    row = stored(tables, first.username)
    faults.add("timeout", "PutItem")
    unknown_outcome(lambda: user_dao.create_user(entity(first.username)), "create_user", tables, first.username)
    assert stored(tables, first.username) == row


def test_create_replaced_by_another_after_its_answer_was_lost_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    faults.add("lost-answer", "PutItem")
    faults.before("PutItem", lambda: tables.put("users", foreign_row(name)))
    unknown_outcome(lambda: user_dao.create_user(entity(name)), "create_user", tables, name)
    assert stored(tables, name) == foreign_row(name)


@pytest.mark.parametrize("last", ["throttle", "access-denied", "conflict"])
@briefly
def test_create_unanswered_and_then_refused_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str, last: str
) -> None:
    name = ids.name()
    faults.add(kind, "PutItem")
    faults.add(last, "PutItem", times=None)
    unknown_outcome(lambda: user_dao.create_user(entity(name)), "create_user", tables, name)
    assert (tables.get("users", key_of(name)) is not None) == (kind in APPLIED)


def test_create_that_is_never_answered_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    faults.add("lost-answer", "PutItem", times=None)
    unknown_outcome(lambda: user_dao.create_user(entity(name)), "create_user", tables, name)
    assert stored(tables, name)["username"] == {"S": name}


def test_a_throttle_is_an_answer_and_what_follows_a_plain_duplicate(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add("throttle", "PutItem")
    with pytest.raises(UserAlreadyExistsError):
        user_dao.create_user(entity(name))
    assert requests()[0].attempts == 2


def test_an_unanswered_attempt_of_an_earlier_call_does_not_count(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    faults.add("lost-answer", "PutItem")
    user_dao.create_user(entity(name))
    row = stored(tables, name)
    with pytest.raises(UserAlreadyExistsError):
        user_dao.create_user(entity(name))
    assert stored(tables, name) == row


@either_way
def test_update_with_an_unanswered_attempt_succeeds_once(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add(kind, "UpdateItem")
    updated = user_dao.update_user(entity(name, first_name="Grace"))
    assert stored(tables, name) == user_row(
        name,
        first_name={"S": "Grace"},
        marketing_emails_consent={"BOOL": False},
        updated_at={"S": naive_text(updated.updated_at)},
    )
    assert [(request.operation, request.attempts) for request in requests()] == [("UpdateItem", 2)]


@pytest.mark.parametrize("last", ["throttle", "access-denied", "conflict"])
@briefly
def test_update_unanswered_and_then_refused_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str, last: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add(kind, "UpdateItem")
    faults.add(last, "UpdateItem", times=None)
    unknown_outcome(lambda: user_dao.update_user(entity(name, first_name="Grace")), "update_user", tables, name)
    assert (stored(tables, name)["first_name"] == {"S": "Grace"}) == (kind in APPLIED)


@briefly
def test_update_of_a_user_deleted_after_no_answer_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add(kind, "UpdateItem")
    faults.before("UpdateItem", lambda: tables.delete("users", key_of(name)))
    unknown_outcome(lambda: user_dao.update_user(entity(name)), "update_user", tables, name)
    assert tables.get("users", key_of(name)) is None


def test_update_of_an_unknown_user_after_a_throttle_is_plainly_not_found(
    user_dao: UserDAOProtocol, ids: Ids, faults: Faults
) -> None:
    faults.add("throttle", "UpdateItem")
    with pytest.raises(UserNotFoundError):
        user_dao.update_user(entity(ids.name()))


@either_way
def test_change_password_with_an_unanswered_attempt_succeeds_once(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests, kind: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add(kind, "UpdateItem")
    user_dao.change_password(name, PASSWORD, "new")
    assert [(request.operation, request.attempts) for request in requests()] == [("GetItem", 1), ("UpdateItem", 2)]
    assert user_dao.authenticate_user(name, "new").username == name


@either_way
def test_change_password_that_another_overtook_after_no_answer_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    others = user_row(name, password_hash=OTHER_HASH)
    faults.add(kind, "UpdateItem")
    faults.before("UpdateItem", lambda: tables.put("users", others))
    unknown_outcome(lambda: user_dao.change_password(name, PASSWORD, "new"), "change_password", tables, name)
    assert stored(tables, name) == others


@briefly
def test_change_password_of_a_user_deleted_after_no_answer_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add(kind, "UpdateItem")
    faults.before("UpdateItem", lambda: tables.delete("users", key_of(name)))
    unknown_outcome(lambda: user_dao.change_password(name, PASSWORD, "new"), "change_password", tables, name)
    assert tables.get("users", key_of(name)) is None


@pytest.mark.parametrize("last", ["throttle", "access-denied", "conflict"])
@briefly
def test_change_password_unanswered_and_then_refused_cannot_tell(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str, last: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.add(kind, "UpdateItem")
    faults.add(last, "UpdateItem", times=None)
    unknown_outcome(lambda: user_dao.change_password(name, PASSWORD, "new"), "change_password", tables, name)
    assert (stored(tables, name) == user_row(name)) == (kind in NOT_APPLIED)


def test_change_password_that_another_overtook_after_a_throttle_is_plainly_refused(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    others = user_row(name, password_hash=OTHER_HASH)
    faults.add("throttle", "UpdateItem")
    faults.before("UpdateItem", lambda: tables.put("users", others))
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert stored(tables, name) == others


@pytest.mark.parametrize("kind", ["lost-answer", "timeout"])
def test_an_unanswered_read_is_no_unanswered_write(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, kind: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    others = user_row(name, password_hash=OTHER_HASH)
    faults.add(kind, "GetItem")
    faults.before("UpdateItem", lambda: tables.put("users", others))
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert stored(tables, name) == others
