"""UserDAO: rows as years of the old code left them, and rows that nobody can read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.data import CorruptItemError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .user_rows import HASH, PASSWORD, UNKNOWN, changed, entity, fields, key_of, read_as, same, user_row

SPELLINGS = {
    "2023-02-03T04:05:06.123456": datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC),
    "2023-02-03T04:05:06": datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC),
    "2023-02-03T04:05:06.123": datetime(2023, 2, 3, 4, 5, 6, 123000, tzinfo=UTC),
    "2023-02-03T04:05:06.000": datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC),
    "2023-02-03T04:05:06Z": datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC),
    "2023-02-03T04:05:06.123Z": datetime(2023, 2, 3, 4, 5, 6, 123000, tzinfo=UTC),
    "2023-02-03T04:05:06.123456Z": datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC),
    "2023-02-03T00:00:00.000Z": datetime(2023, 2, 3, tzinfo=UTC),
    "0001-01-01T00:00:00": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59.999999Z": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
}


@pytest.mark.parametrize(("text", "instant"), SPELLINGS.items(), ids=SPELLINGS)
def test_every_old_spelling_of_an_instant_reads_as_that_instant(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, text: str, instant: datetime
) -> None:
    name = ids.name()
    row = user_row(name, created_at={"S": text}, updated_at={"S": text})
    tables.put("users", row)
    for found in (
        user_dao.get_user_by_username(name),
        user_dao.get_user_by_email(f"{name}@example.com"),
        user_dao.authenticate_user(name, PASSWORD),
    ):
        for read in (found.created_at, found.updated_at):
            assert read == instant
            assert read.utcoffset() == timedelta(0)
    assert tables.get("users", key_of(name)) == row


@pytest.mark.parametrize("attribute", ["phone", "date_of_birth", "marketing_emails_consent"])
def test_a_missing_optional_attribute_reads_as_nothing(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, without=[attribute]))
    expected = {"phone": None, "date_of_birth": None, "marketing_emails_consent": False}[attribute]
    assert fields(user_dao.get_user_by_username(name))[attribute] is expected
    assert fields(user_dao.get_user_by_email(f"{name}@example.com"))[attribute] is expected


@pytest.mark.parametrize("attribute", ["phone", "date_of_birth"])
def test_a_null_optional_attribute_reads_as_nothing(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: {"NULL": True}}))
    assert fields(user_dao.get_user_by_username(name))[attribute] is None
    assert fields(user_dao.authenticate_user(name, PASSWORD))[attribute] is None


def test_unknown_attributes_do_not_show_and_do_not_hinder(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    row = user_row(name, **{f"old_{kind}": value for kind, value in UNKNOWN.items()})
    tables.put("users", row)
    expected = read_as(user_row(name))
    assert fields(user_dao.get_user_by_username(name)) == expected
    assert fields(user_dao.get_user_by_email(f"{name}@example.com")) == expected
    assert fields(user_dao.authenticate_user(name, PASSWORD)) == expected
    assert same(tables.get("users", key_of(name)) or {}) == same(row)


OVER_LONG: dict[str, dict[str, Any]] = {
    "first_name": {"S": "Wolfeschlegelsteinhausenbergerdorff" * 3},
    "last_name": {"S": "ñ" * 4000},
    "phone": {"S": "+1 (555) 0100 ext. 1234567"},
}


@pytest.mark.parametrize("attribute", OVER_LONG)
def test_a_text_over_its_limit_is_read_whole(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    row = user_row(name, **{attribute: OVER_LONG[attribute]})
    tables.put("users", row)
    assert fields(user_dao.get_user_by_username(name)) == read_as(row)
    assert fields(user_dao.authenticate_user(name, PASSWORD)) == read_as(row)


@pytest.mark.parametrize("attribute", ["first_name", "last_name", "phone"])
def test_an_empty_text_is_read_as_it_is(user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: {"S": ""}}))
    assert fields(user_dao.get_user_by_username(name))[attribute] == ""


def test_an_over_long_email_is_found_and_read(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    email = f"{name}@{'x' * 400}.com"
    tables.put("users", user_row(name, email={"S": email}))
    assert user_dao.get_user_by_email(email).email == email


def test_an_over_long_username_is_read_and_updated(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name() + "-and-more-than-thirty-characters"
    tables.put("users", user_row(name))
    read = user_dao.get_user_by_username(name)
    assert fields(read) == read_as(user_row(name))
    user_dao.update_user(changed(read, first_name="Grace"))
    assert user_dao.authenticate_user(name, PASSWORD).first_name == "Grace"


@pytest.mark.parametrize("stored_hash", ["", "rubbish", HASH[:-1]], ids=["empty", "rubbish", "truncated"])
def test_a_user_with_a_malformed_hash_is_still_a_user(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, stored_hash: str
) -> None:
    name = ids.name()
    row = user_row(name, password_hash={"S": stored_hash})
    tables.put("users", row)
    assert fields(user_dao.get_user_by_username(name)) == read_as(row)
    assert fields(user_dao.get_user_by_email(f"{name}@example.com")) == read_as(row)
    updated = user_dao.update_user(entity(name, first_name="Grace"))
    assert (updated.first_name, updated.password) == ("Grace", "[HASHED]")


REQUIRED = ["username", "email", "password_hash", "first_name", "last_name", "role", "created_at", "updated_at"]
WRONG_TYPES: list[tuple[str, dict[str, Any]]] = [
    ("username", {"N": "1"}),
    ("password_hash", {"B": "AAE="}),
    ("first_name", {"L": [{"S": "Ada"}]}),
    ("last_name", {"M": {"S": {"S": "Lovelace"}}}),
    ("role", {"SS": ["customer"]}),
    ("role", {"S": "root"}),
    ("role", {"S": ""}),
    ("role", {"S": "Customer"}),
    ("created_at", {"N": "1675397106"}),
    ("created_at", {"S": "yesterday"}),
    ("created_at", {"S": ""}),
    ("created_at", {"S": "2023-02-30T00:00:00"}),
    ("updated_at", {"BOOL": True}),
    ("updated_at", {"S": "2023-02-03T25:00:00Z"}),
    ("phone", {"N": "15550100"}),
    ("phone", {"BOOL": False}),
    ("date_of_birth", {"S": "29.02.1980"}),
    ("date_of_birth", {"S": "1981-02-29"}),
    ("date_of_birth", {"S": ""}),
    ("date_of_birth", {"N": "19800229"}),
    ("marketing_emails_consent", {"S": "true"}),
    ("marketing_emails_consent", {"N": "1"}),
]


def corrupt(user_dao: UserDAOProtocol, tables: Tables, username: str, attribute: str) -> None:
    """Assert that reading the user says which attribute of which row is broken."""
    with pytest.raises(CorruptItemError) as caught:
        user_dao.get_user_by_username(username)
    error = caught.value
    assert error.attribute == attribute
    assert error.operation == "UserDAO.get_user_by_username"
    assert error.table == tables.name("users")
    assert error.key == {"Pk": username, "Sk": "USER"}
    for part in (attribute, tables.name("users"), username):
        assert part in str(error)


@pytest.mark.parametrize("attribute", REQUIRED)
def test_a_required_attribute_that_is_missing_is_named(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, without=[attribute]))
    corrupt(user_dao, tables, name, attribute)


@pytest.mark.parametrize("attribute", [name for name in REQUIRED if name != "email"])
def test_a_required_attribute_that_is_null_is_named(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: {"NULL": True}}))
    corrupt(user_dao, tables, name, attribute)


@pytest.mark.parametrize(
    ("attribute", "value"),
    WRONG_TYPES,
    ids=[f"{attribute}-{next(iter(value.items()))}" for attribute, value in WRONG_TYPES],
)
def test_an_attribute_that_cannot_be_decoded_is_named(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str, value: dict[str, Any]
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: value}))
    corrupt(user_dao, tables, name, attribute)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("last_name", {"N": "1"}), ("created_at", {"S": "yesterday"}), ("date_of_birth", {"S": "never"})],
)
def test_a_found_row_that_cannot_be_decoded_is_named_by_its_own_key(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str, value: dict[str, Any]
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, **{attribute: value}))
    with pytest.raises(CorruptItemError) as caught:
        user_dao.get_user_by_email(f"{name}@example.com")
    assert caught.value.attribute == attribute
    assert caught.value.operation == "UserDAO.get_user_by_email"
    assert caught.value.key == {"Pk": name, "Sk": "USER"}


@pytest.mark.parametrize("attribute", ["first_name", "role", "created_at", "date_of_birth"])
def test_an_unreadable_row_is_left_as_it_is(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    row = user_row(name, **{attribute: {"N": "1"}})
    tables.put("users", row)
    corrupt(user_dao, tables, name, attribute)
    assert tables.get("users", key_of(name)) == row
