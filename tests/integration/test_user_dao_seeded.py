"""UserDAO on the tables that years of use left: every user is read, logs in and is updated, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from common.data import InvalidCredentialsError, UserAlreadyExistsError, UserNotFoundError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .user_rows import Item, changed, entity, fields, is_user_row, key_of, naive_text, read_as, same

pytestmark = pytest.mark.seeded

Seeds = Callable[[str], list[Item]]

FARIDS_PASSWORD = "an old password: " + "x" * 70
PASSWORDS = {
    "eve_1001": "Old-Passw0rd!",
    "farid_1000": FARIDS_PASSWORD,
    "rule-unknown-types": "rule password",
    "rule-hash-2a": "a 2a password",
    "rule-hash-2y": "a 2y password",
    "rule-hash-cost-5": "a cost 5 password",
    "rule-hash-72-bytes": "é" * 36 + " and what does not count",
    "rule-username-longer-than-thirty-characters": "rule password",
}


def users_of(tables: Tables) -> dict[str, Item]:
    return {row["Pk"]["S"]: row for row in tables.items("users") if is_user_row(row)}


def row_of(tables: Tables, username: str) -> Item:
    row = tables.get("users", key_of(username))
    assert row is not None
    return row


def everything(tables: Tables, *names: str) -> dict[tuple[str, ...], Item]:
    """All rows of some tables, else of all, by table and key."""
    found: dict[tuple[str, ...], Item] = {}
    for table in names or ("users", "orders", "inventory"):
        for row in tables.items(table):
            key = [row[name]["S"] for name in ("Pk", "Sk", "product_id") if name in row]
            found[(table, *key)] = same(row)
    return found


def test_the_seeds_hold_what_the_other_tests_here_count_on(
    user_dao: UserDAOProtocol, tables: Tables, seeds: Seeds
) -> None:
    seeded = [row for row in seeds("users") if is_user_row(row)]
    assert len(seeded) > 80
    assert {row["Pk"]["S"] for row in seeded} <= set(users_of(tables))
    assert sum(row["Sk"] == {"S": "LOCK"} for row in seeds("users")) > 5
    assert len(seeds("orders")) > 200
    assert len(seeds("inventory")) > 20
    assert user_dao.get_user_by_username("eve_1001").username == "eve_1001"


def test_every_old_user_is_read_by_username(user_dao: UserDAOProtocol, tables: Tables) -> None:
    before = everything(tables, "users")
    for row in before.values():
        if is_user_row(row):
            assert fields(user_dao.get_user_by_username(row["Pk"]["S"])) == read_as(row)
    assert everything(tables, "users") == before


def test_an_old_user_is_found_by_email(user_dao: UserDAOProtocol, tables: Tables) -> None:
    users = users_of(tables)
    for row in [row for username, row in sorted(users.items()) if username.startswith(("ana", "eve", "rule"))]:
        same_email = [read_as(other) for other in users.values() if other["email"] == row["email"]]
        oldest = min(same_email, key=lambda user: (user["created_at"], user["username"]))
        assert fields(user_dao.get_user_by_email(row["email"]["S"])) == oldest


@pytest.mark.parametrize(("username", "password"), PASSWORDS.items(), ids=PASSWORDS)
def test_an_old_user_logs_in(user_dao: UserDAOProtocol, tables: Tables, username: str, password: str) -> None:
    assert fields(user_dao.authenticate_user(username, password)) == read_as(row_of(tables, username))


@pytest.mark.parametrize(
    "username", ["rule-hash-malformed", "rule-hash-truncated", "rule-hash-empty", "rule-foreign-complete"]
)
def test_an_old_row_without_a_usable_hash_lets_nobody_in(user_dao: UserDAOProtocol, username: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(username, "rule password")


@pytest.mark.parametrize("username", ["rule-foreign", "rule-foreign-complete"])
def test_an_old_row_of_another_kind_is_no_user(user_dao: UserDAOProtocol, tables: Tables, username: str) -> None:
    row = tables.get("users", key_of(username))
    assert row is not None
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_username(username)
    with pytest.raises(UserNotFoundError):
        user_dao.update_user(entity(username))
    with pytest.raises(UserAlreadyExistsError):
        user_dao.create_user(entity(username))
    assert tables.get("users", key_of(username)) == row


@pytest.mark.parametrize(
    ("email", "username"),
    [
        ("rule-twins@example.com", "rule-twin-early"),
        ("rule-instant@example.com", "rule-instant-a"),
        ("Rule-Case@example.com", "Rule-Case"),
        ("rule-case@example.com", "rule-case"),
        ("rule-zulu-seconds@example.com", "rule-zulu-seconds"),
        ("Rüle+Ünïcode@exämple.com", "rule-unicode"),
    ],
)
def test_an_email_that_several_old_rows_carry_finds_the_oldest_user(
    user_dao: UserDAOProtocol, email: str, username: str
) -> None:
    assert user_dao.get_user_by_email(email).username == username


def test_an_email_that_only_a_lock_carries_finds_nobody(user_dao: UserDAOProtocol) -> None:
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_email("rule-lock-only@example.com")


def test_updating_every_old_user_moves_nothing_but_what_was_set(user_dao: UserDAOProtocol, tables: Tables) -> None:
    expected = everything(tables)
    for username, row in users_of(tables).items():
        read = user_dao.get_user_by_username(username)
        updated = user_dao.update_user(changed(read, last_name="Updated", phone=None, date_of_birth=None))
        expected["users", username, "USER"] = same(
            row
            | {
                "last_name": {"S": "Updated"},
                "marketing_emails_consent": {"BOOL": read.marketing_emails_consent},
                "updated_at": {"S": naive_text(updated.updated_at)},
            }
        )
        assert fields(updated) == read_as(expected["users", username, "USER"])
    assert everything(tables) == expected


def test_setting_every_field_of_an_old_user_keeps_the_rest(user_dao: UserDAOProtocol, tables: Tables) -> None:
    expected = everything(tables, "users")
    values: dict[str, object] = {
        "email": "all@example.com",
        "first_name": "Grace",
        "last_name": "Hopper",
        "phone": "1",
        "date_of_birth": date(1906, 12, 9),
        "marketing_emails_consent": True,
    }
    for row in [row for row in expected.values() if is_user_row(row) and row["Pk"]["S"].startswith("rule")]:
        username = row["Pk"]["S"]
        updated = user_dao.update_user(changed(user_dao.get_user_by_username(username), **values))
        expected["users", username, "USER"] = same(
            row
            | {
                "email": {"S": "all@example.com"},
                "first_name": {"S": "Grace"},
                "last_name": {"S": "Hopper"},
                "phone": {"S": "1"},
                "date_of_birth": {"S": "1906-12-09"},
                "marketing_emails_consent": {"BOOL": True},
                "updated_at": {"S": naive_text(updated.updated_at)},
            }
        )
    assert everything(tables, "users") == expected


@pytest.mark.parametrize(
    "username", ["rule-unknown-types", "rule-unknown-names", "rule-optional-missing", "rule-zulu-seconds"]
)
def test_changing_an_old_password_moves_nothing_else(user_dao: UserDAOProtocol, tables: Tables, username: str) -> None:
    was = row_of(tables, username)
    user_dao.change_password(username, "rule password", "new")
    now = row_of(tables, username)
    assert now["password_hash"] != was["password_hash"]
    assert now["updated_at"] != was["updated_at"]
    changes = {"password_hash": now["password_hash"], "updated_at": now["updated_at"]}
    assert same(now) == same(was | changes)


def test_changing_an_old_password_moves_no_other_row(user_dao: UserDAOProtocol, tables: Tables) -> None:
    before = everything(tables, "users")
    user_dao.change_password("rule-zulu-fraction", "rule password", "new")
    after = everything(tables, "users")
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == {
        ("users", "rule-zulu-fraction", "USER")
    }


def test_creating_a_user_moves_no_old_row(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    before = everything(tables, "users")
    created = user_dao.create_user(entity(ids.name()))
    after = everything(tables, "users")
    assert after.keys() - before.keys() == {("users", created.username, "USER")}
    assert {key: after[key] for key in before} == before


@pytest.mark.parametrize("username", ["eve_1001", "rule-zulu-seconds"])
def test_an_old_username_is_taken(user_dao: UserDAOProtocol, tables: Tables, username: str) -> None:
    row = tables.get("users", key_of(username))
    with pytest.raises(UserAlreadyExistsError):
        user_dao.create_user(entity(username))
    assert tables.get("users", key_of(username)) == row
