"""UserDAO.update_user: what it sets, and everything that it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from common.data import CorruptItemError, InvalidArgumentError, UserNotFoundError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import (
    PASSWORD,
    UNKNOWN,
    Item,
    Requests,
    changed,
    entity,
    fields,
    foreign_row,
    key_of,
    naive_text,
    read_as,
    same,
    user_row,
)

SET = {"email", "first_name", "last_name", "phone", "date_of_birth", "marketing_emails_consent", "updated_at"}
"""The attributes that an update may set."""


def stored(tables: Tables, username: str) -> Item:
    row = tables.get("users", key_of(username))
    assert row is not None
    return row


def kept(row: Item) -> Item:
    """What an update must leave alone."""
    return same({name: value for name, value in row.items() if name not in SET})


def test_update_sets_every_field_that_it_is_for(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    updated = user_dao.update_user(
        entity(
            name,
            email="new@example.com",
            first_name="Grace",
            last_name="Hopper",
            phone="+49 30 1",
            date_of_birth=date(1906, 12, 9),
            marketing_emails_consent=False,
        )
    )
    assert stored(tables, name) == user_row(
        name,
        email={"S": "new@example.com"},
        first_name={"S": "Grace"},
        last_name={"S": "Hopper"},
        phone={"S": "+49 30 1"},
        date_of_birth={"S": "1906-12-09"},
        marketing_emails_consent={"BOOL": False},
        updated_at={"S": naive_text(updated.updated_at)},
    )


def test_update_returns_the_user_as_stored_now(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name, role={"S": "admin"}))
    updated = user_dao.update_user(entity(name, first_name="Grace"))
    assert fields(updated) == read_as(stored(tables, name))
    assert (updated.first_name, updated.role, updated.phone) == ("Grace", "admin", "+15550100")
    assert updated.password == "[HASHED]"


def test_update_sets_updated_at_to_now_and_keeps_created_at(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, clock: Clock
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user = entity(name, created_at=datetime(2001, 1, 1, tzinfo=UTC), updated_at=datetime(2002, 1, 1, tzinfo=UTC))
    before = clock.now()
    updated = user_dao.update_user(user)
    after = clock.now()
    assert before < updated.updated_at < after
    assert stored(tables, name)["updated_at"] == {"S": naive_text(updated.updated_at)}
    assert updated.created_at == datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)


@pytest.mark.parametrize("user_has", ["role", "password", "created_at"])
def test_update_never_touches(user_dao: UserDAOProtocol, tables: Tables, ids: Ids, user_has: str) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    other: dict[str, Any] = {"role": "admin", "password": "Another one", "created_at": datetime(2001, 1, 1, tzinfo=UTC)}
    user_dao.update_user(entity(name, **{user_has: other[user_has]}))
    assert kept(stored(tables, name)) == kept(user_row(name))
    assert user_dao.authenticate_user(name, PASSWORD).username == name


OPTIONAL = ["phone", "date_of_birth"]


@pytest.mark.parametrize("attribute", OPTIONAL)
def test_update_with_none_keeps_the_stored_value(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    updated = user_dao.update_user(entity(name, **{attribute: None}))
    assert stored(tables, name)[attribute] == user_row(name)[attribute]
    assert fields(updated)[attribute] == read_as(user_row(name))[attribute]


@pytest.mark.parametrize("attribute", OPTIONAL)
def test_update_with_none_keeps_a_stored_null(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: {"NULL": True}}))
    updated = user_dao.update_user(entity(name, **{attribute: None}))
    assert stored(tables, name)[attribute] == {"NULL": True}
    assert fields(updated)[attribute] is None


@pytest.mark.parametrize("attribute", OPTIONAL)
def test_update_with_none_does_not_add_a_missing_attribute(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, without=[attribute]))
    updated = user_dao.update_user(entity(name, **{attribute: None}))
    assert attribute not in stored(tables, name)
    assert fields(updated)[attribute] is None


@pytest.mark.parametrize("was", ["missing", "null", "text"])
def test_update_sets_an_optional_attribute_however_it_was(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, was: str
) -> None:
    name = ids.name()
    rows = {
        "missing": user_row(name, without=OPTIONAL),
        "null": user_row(name, phone={"NULL": True}, date_of_birth={"NULL": True}),
        "text": user_row(name),
    }
    tables.put("users", rows[was])
    user_dao.update_user(entity(name, phone="1", date_of_birth=date(999, 1, 2)))
    row = stored(tables, name)
    assert (row["phone"], row["date_of_birth"]) == ({"S": "1"}, {"S": "0999-01-02"})


@pytest.mark.parametrize("consent", [True, False])
def test_update_stores_the_consent_where_none_was(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, *, consent: bool
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, without=["marketing_emails_consent"]))
    assert user_dao.update_user(entity(name, marketing_emails_consent=consent)).marketing_emails_consent is consent
    assert stored(tables, name)["marketing_emails_consent"] == {"BOOL": consent}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_update_keeps_an_attribute_it_does_not_know(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, kind: str
) -> None:
    name = ids.name()
    row = user_row(name, mfa_secret=UNKNOWN[kind])
    tables.put("users", row)
    user_dao.update_user(entity(name, first_name="Grace"))
    assert kept(stored(tables, name)) == kept(row)


@pytest.mark.parametrize(
    "attribute", ["status", "name", "dotted.name", "dashed-name", "ключ", "#0", ":v", "a b", "_extra", "Meta"]
)
def test_update_keeps_an_unknown_attribute_of_any_name(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    row = user_row(name, **{attribute: {"M": {attribute: {"N": "1"}}}})
    tables.put("users", row)
    user_dao.update_user(entity(name, first_name="Grace"))
    assert kept(stored(tables, name)) == kept(row)


@pytest.mark.parametrize(
    "created", ["2023-02-03T04:05:06Z", "2023-02-03T04:05:06.123Z", "2023-02-03T04:05:06.100", "2023-02-03T04:05:06"]
)
def test_update_leaves_an_old_created_at_as_it_is_written(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, created: str
) -> None:
    name = ids.name()
    row = user_row(name, created_at={"S": created}, updated_at={"S": created})
    tables.put("users", row)
    updated = user_dao.update_user(entity(name))
    assert stored(tables, name)["created_at"] == {"S": created}
    assert updated.created_at == read_as(row)["created_at"]


def test_update_moves_the_user_to_another_email(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.update_user(entity(name, email=f"{name}@new.example.com"))
    assert user_dao.get_user_by_email(f"{name}@new.example.com").username == name
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_email(f"{name}@example.com")


def test_update_takes_back_what_a_read_gave(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    read = user_dao.get_user_by_username(name)
    updated = user_dao.update_user(read)
    assert updated == changed(read, updated_at=updated.updated_at)
    assert stored(tables, name) == user_row(name, updated_at={"S": naive_text(updated.updated_at)})


def test_update_is_lenient_about_lengths_that_an_old_row_breaks(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    long = {
        "first_name": {"S": "ñ" * 120},
        "last_name": {"S": ""},
        "phone": {"S": "5" * 40},
        "email": {"S": f"{name}@{'x' * 300}.com"},
    }
    tables.put("users", user_row(name, **long))
    read = user_dao.get_user_by_username(name)
    user_dao.update_user(changed(read, marketing_emails_consent=False))
    row = stored(tables, name)
    assert {attribute: row[attribute] for attribute in long} == long
    assert row["marketing_emails_consent"] == {"BOOL": False}


def test_update_is_one_conditional_update(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.update_user(entity(name))
    (request,) = requests()
    assert (request.operation, request.table, request.attempts) == ("UpdateItem", "users", 1)
    assert request.body["Key"] == key_of(name)
    assert request.body["ConditionExpression"]


def test_update_of_an_unknown_user_is_not_found_and_creates_nothing(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    with pytest.raises(UserNotFoundError) as caught:
        user_dao.update_user(entity(name))
    assert tables.get("users", key_of(name)) is None
    assert caught.value.operation == "UserDAO.update_user"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert [request.operation for request in requests()] == ["UpdateItem"]


@pytest.mark.parametrize("entity_type", ["user", "user_draft"])
def test_update_never_touches_a_row_of_another_kind(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, entity_type: str
) -> None:
    row = foreign_row(ids.name(), entity_type)
    tables.put("users", row)
    with pytest.raises(UserNotFoundError):
        user_dao.update_user(entity(row["Pk"]["S"]))
    assert stored(tables, row["Pk"]["S"]) == row


def test_update_never_brings_back_a_user_deleted_meanwhile(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    read = user_dao.get_user_by_username(name)
    faults.before("UpdateItem", lambda: tables.delete("users", key_of(name)))
    with pytest.raises(UserNotFoundError):
        user_dao.update_user(read)
    assert tables.get("users", key_of(name)) is None


OTHER_WRITERS: dict[str, dict[str, dict[str, Any]]] = {
    "role": {"role": {"S": "admin"}},
    "password": {"password_hash": {"S": "$2b$04$a.hash.of.another.writer"}},
    "unknown": {"mfa_secret": {"S": "NEW"}, "login_flags": {"M": {"tries": {"N": "3"}}}},
    "phone": {"phone": {"S": "+1"}},
}


@pytest.mark.parametrize("writer", OTHER_WRITERS)
def test_update_keeps_what_another_writer_changed_since_the_read(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, writer: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    read = user_dao.get_user_by_username(name)
    others = user_row(name, **OTHER_WRITERS[writer])
    faults.before("UpdateItem", lambda: tables.put("users", others))
    user_dao.update_user(changed(read, phone=None, first_name="Grace"))
    row = stored(tables, name)
    assert {attribute: row[attribute] for attribute in OTHER_WRITERS[writer]} == OTHER_WRITERS[writer]
    assert row["first_name"] == {"S": "Grace"}


def test_two_updates_one_after_another_both_count(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, connect: Callable[..., Any]
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    second: UserDAOProtocol = connect()["user"]
    first_updated = user_dao.update_user(entity(name, phone="1", first_name="Grace"))
    second_updated = second.update_user(changed(first_updated, last_name="Hopper", phone=None))
    assert second_updated.updated_at > first_updated.updated_at
    assert (second_updated.first_name, second_updated.last_name, second_updated.phone) == ("Grace", "Hopper", "1")


@pytest.mark.parametrize("missing", ["created_at", "password_hash", "role", "username"])
def test_update_of_a_row_that_cannot_be_decoded_names_the_attribute(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, missing: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, without=[missing]))
    with pytest.raises(CorruptItemError) as caught:
        user_dao.update_user(entity(name))
    assert caught.value.attribute == missing
    assert caught.value.operation == "UserDAO.update_user"
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert missing not in stored(tables, name)


def test_update_that_makes_the_item_too_large_is_refused_by_the_service(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    row = user_row(name, attachment={"S": "x" * 390_000})
    tables.put("users", row)
    read = user_dao.get_user_by_username(name)
    with pytest.raises(InvalidArgumentError) as caught:
        user_dao.update_user(changed(read, first_name="x" * 30_000))
    assert [request.operation for request in requests()] == ["UpdateItem"]
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert stored(tables, name) == row
