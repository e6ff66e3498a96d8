"""UserDAO.change_password: bound to the hash that was verified."""

from __future__ import annotations

from datetime import UTC, datetime

import bcrypt
import pytest

from common.data import InvalidCredentialsError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import HASH, PASSWORD, UNKNOWN, Item, Requests, entity, foreign_row, key_of, same, user_row

SET = {"password_hash", "updated_at"}
"""The attributes that a change of the password may set."""

OTHER_HASH = {"S": bcrypt.hashpw(b"of another writer", b"$2b$04$abcdefghijklmnopqrstuu").decode()}


def stored(tables: Tables, username: str) -> Item:
    row = tables.get("users", key_of(username))
    assert row is not None
    return row


def kept(row: Item) -> Item:
    """What a change of the password must leave alone."""
    return same({name: value for name, value in row.items() if name not in SET})


def change(user_dao: UserDAOProtocol, username: str, current: str, new: str) -> object:
    """What the method gives back, for asserting that it is nothing."""
    method = user_dao.change_password
    result: object = method(username, current, new)
    return result


def test_change_password_returns_nothing(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    assert change(user_dao, name, PASSWORD, "new") is None


def test_after_a_change_the_new_password_logs_in_and_the_old_does_not(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.change_password(name, PASSWORD, "new")
    assert user_dao.authenticate_user(name, "new").username == name
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(name, PASSWORD)


def test_a_created_user_can_change_the_password_twice(user_dao: UserDAOProtocol, ids: Ids) -> None:
    name = user_dao.create_user(entity(ids.name())).username
    user_dao.change_password(name, PASSWORD, "second")
    user_dao.change_password(name, "second", "third")
    assert user_dao.authenticate_user(name, "third").username == name


def test_change_password_sets_the_hash_and_updated_at_alone(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, clock: Clock
) -> None:
    name = ids.name()
    row = user_row(name, phone={"NULL": True}, created_at={"S": "2023-02-03T04:05:06Z"}, without=["date_of_birth"])
    tables.put("users", row)
    before = clock.now()
    user_dao.change_password(name, PASSWORD, "new")
    after = clock.now()
    now = stored(tables, name)
    assert kept(now) == kept(row)
    assert now["password_hash"]["S"].startswith("$2b$04$")
    assert bcrypt.checkpw(b"new", now["password_hash"]["S"].encode())
    updated = datetime.fromisoformat(now["updated_at"]["S"])
    assert updated.tzinfo is None
    assert before < updated.replace(tzinfo=UTC) < after


def test_change_password_keeps_attributes_it_does_not_know(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    row = user_row(name, **{f"old_{kind}": value for kind, value in UNKNOWN.items()}, status={"S": "active"})
    tables.put("users", row)
    user_dao.change_password(name, PASSWORD, "new")
    assert kept(stored(tables, name)) == kept(row)


def test_change_password_is_one_consistent_get_and_one_conditional_update(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.change_password(name, PASSWORD, "new")
    get, update = requests()
    assert (get.operation, get.table, update.operation, update.table) == ("GetItem", "users", "UpdateItem", "users")
    assert get.body["ConsistentRead"] is True
    assert get.body["Key"] == update.body["Key"] == key_of(name)
    assert update.body["ConditionExpression"]
    assert {"S": HASH} in update.body["ExpressionAttributeValues"].values()


@pytest.mark.parametrize(
    "new",
    [PASSWORD, "x" * 128, "𠮷" * 128, "é", " ", "a\u0000b"],
    ids=["same", "128", "wide", "one-letter", "space", "nul"],
)
def test_the_new_password_may_be_any_that_a_user_can_have(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, new: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.change_password(name, PASSWORD, new)
    assert stored(tables, name)["password_hash"] != {"S": HASH}
    assert user_dao.authenticate_user(name, new).username == name


@pytest.mark.parametrize(
    "current",
    ["wrong", "", "x" * 129, "[HASHED]", HASH],
    ids=["wrong", "empty", "over-long", "placeholder", "the-hash"],
)
def test_a_wrong_current_password_is_refused_before_any_write(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests, current: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    with pytest.raises(InvalidCredentialsError) as caught:
        user_dao.change_password(name, current, "new")
    assert stored(tables, name) == user_row(name)
    assert caught.value.operation == "UserDAO.change_password"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert [request.operation for request in requests()] == ["GetItem"]


def test_the_first_72_bytes_of_the_current_password_count(user_dao: UserDAOProtocol, ids: Ids) -> None:
    name = user_dao.create_user(entity(ids.name(), password="x" * 80)).username
    user_dao.change_password(name, "x" * 72, "new")
    assert user_dao.authenticate_user(name, "new").username == name


def test_change_password_of_an_unknown_user_is_refused_and_creates_nothing(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert tables.get("users", key_of(name)) is None
    assert [request.operation for request in requests()] == ["GetItem"]


@pytest.mark.parametrize("entity_type", ["user", "user_draft"])
def test_change_password_never_touches_a_row_of_another_kind(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, entity_type: str
) -> None:
    row = foreign_row(ids.name(), entity_type)
    tables.put("users", row)
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(row["Pk"]["S"], PASSWORD, "new")
    assert stored(tables, row["Pk"]["S"]) == row


@pytest.mark.parametrize("stored_hash", ["", "rubbish", HASH[:-1]], ids=["empty", "rubbish", "truncated"])
def test_change_password_of_a_malformed_hash_is_refused(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, stored_hash: str
) -> None:
    name = ids.name()
    row = user_row(name, password_hash={"S": stored_hash})
    tables.put("users", row)
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert stored(tables, name) == row


def test_change_password_of_a_missing_hash_is_refused(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    row = user_row(name, without=["password_hash"])
    tables.put("users", row)
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert stored(tables, name) == row


def test_of_two_changes_at_once_the_second_is_refused(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    others = user_row(name, password_hash=OTHER_HASH)
    faults.before("UpdateItem", lambda: tables.put("users", others))
    with pytest.raises(InvalidCredentialsError) as caught:
        user_dao.change_password(name, PASSWORD, "new")
    assert stored(tables, name) == others
    assert caught.value.operation == "UserDAO.change_password"
    assert [request.operation for request in requests()] == ["GetItem", "UpdateItem"]


def test_a_user_deleted_during_a_change_is_not_brought_back(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.before("UpdateItem", lambda: tables.delete("users", key_of(name)))
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert tables.get("users", key_of(name)) is None


def test_a_row_that_became_another_kind_during_a_change_is_not_touched(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    faults.before("UpdateItem", lambda: tables.put("users", foreign_row(name)))
    with pytest.raises(InvalidCredentialsError):
        user_dao.change_password(name, PASSWORD, "new")
    assert stored(tables, name) == foreign_row(name)


def test_change_password_keeps_what_another_writer_changed_meanwhile(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    others = user_row(name, phone={"S": "+1"}, role={"S": "admin"}, mfa_secret={"B": "AAE="}, without=["date_of_birth"])
    faults.before("UpdateItem", lambda: tables.put("users", others))
    user_dao.change_password(name, PASSWORD, "new")
    assert kept(stored(tables, name)) == kept(others)
    assert user_dao.authenticate_user(name, "new").role == "admin"


def test_an_update_after_a_change_keeps_the_new_password(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    read = user_dao.get_user_by_username(name)
    user_dao.change_password(name, PASSWORD, "new")
    user_dao.update_user(read)
    assert user_dao.authenticate_user(name, "new").username == name
