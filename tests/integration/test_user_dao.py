"""UserDAO: creating users and looking them up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import bcrypt
import pytest

from common.data import User, UserAlreadyExistsError, UserNotFoundError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Clock, Ids
from parity.tables import Tables

from .user_rows import (
    HASH,
    PASSWORD,
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

NAMES = [
    pytest.param("Zoë", "Müller-Lüdenscheidt", id="latin"),
    pytest.param("Zoe\u0308", "e\u0301tude", id="combining"),
    pytest.param("👩‍👩‍👧‍👦", "🇳🇴", id="emoji"),
    pytest.param("𠮷野", "🂡𓀀", id="four-bytes"),
    pytest.param("\u202bעבר\u202c", "العربية", id="right-to-left"),
    pytest.param("名" * 50, "Ж" * 50, id="fifty-letters"),
    pytest.param('O\'Brien "Bob" \\', "; -- \t\n#:{}", id="punctuation"),
    pytest.param("\u0000", "\u200b", id="invisible"),
]


def stored(tables: Tables, username: str) -> dict[str, dict[str, object]]:
    row = tables.get("users", key_of(username))
    assert row is not None
    return row


def test_create_stores_exactly_the_row_of_the_contract(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    user = entity(
        name,
        email="Ada@Example.com",
        phone="+15550100",
        date_of_birth=date(1815, 12, 10),
        marketing_emails_consent=True,
        role="admin",
    )
    created = user_dao.create_user(user)
    row = stored(tables, name)
    assert row == {
        "Pk": {"S": name},
        "Sk": {"S": "USER"},
        "username": {"S": name},
        "email": {"S": "Ada@Example.com"},
        "password_hash": row["password_hash"],
        "first_name": {"S": "Ada"},
        "last_name": {"S": "Lovelace"},
        "phone": {"S": "+15550100"},
        "date_of_birth": {"S": "1815-12-10"},
        "marketing_emails_consent": {"BOOL": True},
        "role": {"S": "admin"},
        "created_at": {"S": naive_text(created.created_at)},
        "updated_at": {"S": naive_text(created.updated_at)},
    }
    assert set(row["password_hash"]) == {"S"}


def test_create_stores_an_absent_optional_as_null(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    user_dao.create_user(entity(name))
    row = stored(tables, name)
    assert row["phone"] == {"NULL": True}
    assert row["date_of_birth"] == {"NULL": True}
    assert row["marketing_emails_consent"] == {"BOOL": False}
    assert row["role"] == {"S": "customer"}


def test_create_returns_the_user_as_stored(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    created = user_dao.create_user(entity(name, phone="1", date_of_birth=date(2000, 2, 29)))
    assert type(created) is User
    assert fields(created) == read_as(stored(tables, name))
    assert created == user_dao.get_user_by_username(name)


def test_create_leaves_its_argument_alone(user_dao: UserDAOProtocol, ids: Ids) -> None:
    user = entity(ids.name())
    before = fields(user)
    user_dao.create_user(user)
    assert fields(user) == before


def test_create_sets_both_timestamps_to_now_whatever_the_entity_says(
    user_dao: UserDAOProtocol, ids: Ids, clock: Clock
) -> None:
    old = datetime(2001, 2, 3, tzinfo=UTC)
    user = entity(ids.name(), created_at=old, updated_at=old + timedelta(days=1))
    before = clock.now()
    created = user_dao.create_user(user)
    after = clock.now()
    assert before < created.created_at < after
    assert created.updated_at == created.created_at
    assert created.created_at.utcoffset() == timedelta(0)


def test_create_stores_timestamps_as_naive_text_of_the_instant_it_returns(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    created = user_dao.create_user(entity(name))
    for attribute, instant in (("created_at", created.created_at), ("updated_at", created.updated_at)):
        text = str(stored(tables, name)[attribute]["S"])
        naive = datetime.fromisoformat(text)
        assert naive.tzinfo is None
        assert naive.replace(tzinfo=UTC) == instant
        assert naive.isoformat() == text


def test_create_leaves_the_fraction_of_a_whole_second_out(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, clock: Clock
) -> None:
    first, second = entity(ids.name()), entity(ids.name())
    start = datetime(2031, 1, 1, 12, tzinfo=UTC)
    clock.move_to(start)
    readings_before = user_dao.create_user(first).created_at - start
    clock.move_to(start + timedelta(hours=1) - readings_before)
    user_dao.create_user(second)
    assert stored(tables, second.username)["created_at"] == {"S": "2031-01-01T13:00:00"}


def test_create_hashes_the_password_at_the_configured_cost(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    user_dao.create_user(entity(name, password="S3cret!"))
    stored_hash = str(stored(tables, name)["password_hash"]["S"])
    assert stored_hash.startswith("$2b$04$")
    assert bcrypt.checkpw(b"S3cret!", stored_hash.encode())


def test_create_salts_equal_passwords_differently(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    names = [ids.name(), ids.name()]
    for name in names:
        user_dao.create_user(entity(name))
    first, second = (stored(tables, name)["password_hash"] for name in names)
    assert first != second


@pytest.mark.parametrize("role", ["customer", "admin"])
def test_create_keeps_the_role(user_dao: UserDAOProtocol, tables: Tables, ids: Ids, role: str) -> None:
    name = ids.name()
    assert user_dao.create_user(entity(name, role=role)).role == role
    assert stored(tables, name)["role"] == {"S": role}


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_names_are_kept_code_point_by_code_point(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, first: str, last: str
) -> None:
    name = ids.name()
    user_dao.create_user(entity(name, first_name=first, last_name=last))
    row = stored(tables, name)
    assert (row["first_name"], row["last_name"]) == ({"S": first}, {"S": last})
    found = user_dao.get_user_by_username(name)
    assert (found.first_name, found.last_name) == (first, last)


@pytest.mark.parametrize("length", [3, 30])
def test_usernames_may_be_as_short_and_as_long_as_the_contract_says(
    user_dao: UserDAOProtocol, tables: Tables, length: int
) -> None:
    name = "Az0_-_-0zAAz0_-_-0zAAz0_-_-0zA"[:length]
    tables.delete("users", key_of(name))
    user_dao.create_user(entity(name))
    assert user_dao.get_user_by_username(name).username == name


def test_create_is_one_conditional_put(user_dao: UserDAOProtocol, ids: Ids, requests: Requests) -> None:
    user_dao.create_user(entity(ids.name()))
    (request,) = requests()
    assert (request.operation, request.table, request.index) == ("PutItem", "users", None)
    assert request.body["ConditionExpression"]


def test_create_refuses_a_taken_username_and_keeps_its_row(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    with pytest.raises(UserAlreadyExistsError) as caught:
        user_dao.create_user(entity(name, email="new@example.com"))
    assert stored(tables, name) == user_row(name)
    assert caught.value.operation == "UserDAO.create_user"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert [request.operation for request in requests()] == ["PutItem"]


def test_create_of_the_same_user_again_is_a_plain_duplicate(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    user = entity(ids.name())
    user_dao.create_user(user)
    row = stored(tables, user.username)
    with pytest.raises(UserAlreadyExistsError):
        user_dao.create_user(user)
    assert stored(tables, user.username) == row


@pytest.mark.parametrize("entity_type", ["user", "user_draft"])
def test_create_never_replaces_a_row_of_another_kind(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, entity_type: str
) -> None:
    row = foreign_row(ids.name(), entity_type)
    tables.put("users", row)
    with pytest.raises(UserAlreadyExistsError):
        user_dao.create_user(entity(row["Pk"]["S"]))
    assert stored(tables, row["Pk"]["S"]) == row


def test_create_does_not_mind_other_rows_of_the_same_user(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    balance = {"Pk": {"S": name}, "Sk": {"S": "BALANCE"}, "current_balance": {"N": "1"}}
    lock = {"Pk": {"S": f"USER#{name}"}, "Sk": {"S": "LOCK"}, "entity_type": {"S": "user_lock"}}
    for row in (balance, lock):
        tables.put("users", row)
    user_dao.create_user(entity(name))
    for row in (balance, lock):
        assert tables.get("users", {"Pk": row["Pk"], "Sk": row["Sk"]}) == row


def test_usernames_that_differ_by_case_are_different_users(user_dao: UserDAOProtocol, ids: Ids) -> None:
    lower = ids.name("case")
    user_dao.create_user(entity(lower, first_name="lower"))
    user_dao.create_user(entity(lower.upper(), first_name="upper"))
    assert user_dao.get_user_by_username(lower).first_name == "lower"
    assert user_dao.get_user_by_username(lower.upper()).first_name == "upper"


def test_get_by_username_returns_every_field(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    found = user_dao.get_user_by_username(name)
    assert type(found) is User
    assert fields(found) == {
        "username": name,
        "email": f"{name}@example.com",
        "password": "[HASHED]",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+15550100",
        "date_of_birth": date(1980, 2, 29),
        "marketing_emails_consent": True,
        "role": "customer",
        "created_at": datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC),
        "updated_at": datetime(2023, 2, 4, 5, 6, 7, 654321, tzinfo=UTC),
    }
    assert found.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("secret", [PASSWORD, HASH], ids=["password", "hash"])
def test_a_returned_user_shows_neither_password_nor_hash(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, secret: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    found = user_dao.get_user_by_username(name)
    assert found.password == "[HASHED]"
    assert secret not in repr(found) + str(found) + found.model_dump_json()


def test_get_by_username_is_one_eventually_consistent_get(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.get_user_by_username(name)
    (request,) = requests()
    assert (request.operation, request.table, request.attempts) == ("GetItem", "users", 1)
    assert request.body["Key"] == key_of(name)
    assert not request.body.get("ConsistentRead", False)


@pytest.mark.parametrize("name", ["ab", "nobody-has-this-name", "x" * 64], ids=["too-short", "unknown", "too-long"])
def test_get_by_an_unknown_username_is_not_found(
    user_dao: UserDAOProtocol, tables: Tables, requests: Requests, name: str
) -> None:
    with pytest.raises(UserNotFoundError) as caught:
        user_dao.get_user_by_username(name)
    assert caught.value.operation == "UserDAO.get_user_by_username"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert caught.value.code is None
    assert [request.operation for request in requests()] == ["GetItem"]


def test_get_by_username_minds_case(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name("case")
    tables.put("users", user_row(name))
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_username(name.upper())


@pytest.mark.parametrize("entity_type", ["user", "user_draft"])
def test_get_by_username_never_returns_a_row_of_another_kind(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, entity_type: str
) -> None:
    row = foreign_row(ids.name(), entity_type)
    tables.put("users", row)
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_username(row["Pk"]["S"])
    assert stored(tables, row["Pk"]["S"]) == row


def test_reading_changes_nothing(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    row = user_row(name, phone={"NULL": True}, created_at={"S": "2023-02-03T04:05:06Z"})
    tables.put("users", row)
    user_dao.get_user_by_username(name)
    user_dao.get_user_by_email(f"{name}@example.com")
    user_dao.authenticate_user(name, PASSWORD)
    assert same(stored(tables, name)) == same(row)


def test_a_returned_user_can_be_created_only_with_a_password(user_dao: UserDAOProtocol, ids: Ids) -> None:
    created = user_dao.create_user(entity(ids.name()))
    again = user_dao.create_user(changed(created, username=ids.name(), password=PASSWORD))
    assert again.first_name == created.first_name
    assert again.created_at > created.created_at
