"""UserDAO: authenticating users and changing passwords."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bcrypt
import pytest

from common.data import CorruptItemError, InvalidCredentialsError, User
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .user_rows import (
    HASH,
    PASSWORD,
    Item,
    Requests,
    entity,
    fields,
    foreign_row,
    key_of,
    read_as,
    user_row,
)


def hash_of(password: bytes, cost: int = 4, prefix: bytes = b"2b") -> dict[str, str]:
    """A stored hash, made without the code under test."""
    text = bcrypt.hashpw(password[:72], bcrypt.gensalt(cost)).decode()
    return {"S": f"${prefix.decode()}{text[3:]}"}


def stored(tables: Tables, username: str) -> Item:
    row = tables.get("users", key_of(username))
    assert row is not None
    return row


# Rows of users that cannot log in, whatever the password.
LOCKED_OUT: dict[str, dict[str, Any]] = {
    "plain-text": {"S": PASSWORD},
    "other-algorithm": {"S": "5f4dcc3b5aa765d61d8327deb882cf99"},
    "truncated": {"S": HASH[:-1]},
    "lengthened": {"S": HASH + "x"},
    "no-salt": {"S": "$2b$04$"},
    "impossible-cost": {"S": "$2b$99$" + HASH[7:]},
    "unknown-version": {"S": "$9z$04$" + HASH[7:]},
    "not-ascii": {"S": "$2b$04$é" + HASH[8:]},
    "nul": {"S": HASH + "\u0000"},
    "empty": {"S": ""},
    "placeholder": {"S": "[HASHED]"},
}


def test_authenticate_returns_the_user(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    found = user_dao.authenticate_user(name, PASSWORD)
    assert type(found) is User
    assert fields(found) == read_as(user_row(name))


def test_authenticate_is_one_strongly_consistent_get(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    user_dao.authenticate_user(name, PASSWORD)
    (request,) = requests()
    assert (request.operation, request.table) == ("GetItem", "users")
    assert request.body["Key"] == key_of(name)
    assert request.body["ConsistentRead"] is True


PASSWORDS = {
    "one-letter": "x",
    "spaces": "   ",
    "unicode": "пароль 🔑 é",
    "combining": "e\u0301",
    "newline": "a\nb\t",
    "nul": "a\u0000b",
    "72-bytes": "x" * 72,
    "73-bytes": "x" * 73,
    "128-letters": "y" * 128,
    "128-wide-letters": "𠮷" * 128,
    "looks-like-a-hash": HASH,
}


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
def test_a_created_user_logs_in_with_the_password(user_dao: UserDAOProtocol, ids: Ids, password: str) -> None:
    created = user_dao.create_user(entity(ids.name(), password=password))
    assert user_dao.authenticate_user(created.username, password) == created


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        pytest.param("Secret", "secret", id="case"),
        pytest.param("Secret", "Secret ", id="trailing-space"),
        pytest.param("Secret", " Secret", id="leading-space"),
        pytest.param("Secret", "Secre", id="shorter"),
        pytest.param("\u00e9", "e\u0301", id="composed-and-combining"),
        pytest.param("a\u0000b", "a\u0000c", id="after-nul"),
        pytest.param("a\u0000b", "a", id="before-nul"),
        pytest.param("Secret", "[HASHED]", id="placeholder"),
        pytest.param("Secret", "", id="empty"),
        pytest.param("x" * 71, "x" * 72, id="72nd-byte"),
    ],
)
def test_a_wrong_password_is_refused(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests, right: str, wrong: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, password_hash=hash_of(right.encode())))
    with pytest.raises(InvalidCredentialsError) as caught:
        user_dao.authenticate_user(name, wrong)
    assert caught.value.operation == "UserDAO.authenticate_user"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"Pk": name, "Sk": "USER"}
    assert [request.operation for request in requests()] == ["GetItem"]


@pytest.mark.parametrize(
    ("password", "also"),
    [
        pytest.param("x" * 72, "x" * 128, id="longer"),
        pytest.param("x" * 100, "x" * 72, id="cut-at-72"),
        pytest.param("é" * 40, "é" * 36 + "other", id="two-byte-letters"),
        pytest.param("x" * 71 + "\u00e9", "x" * 71 + "\u00ea", id="cut-inside-a-letter"),
    ],
)
def test_only_the_first_72_bytes_of_a_password_count(
    user_dao: UserDAOProtocol, ids: Ids, password: str, also: str
) -> None:
    created = user_dao.create_user(entity(ids.name(), password=password))
    assert user_dao.authenticate_user(created.username, also) == created


def test_an_over_long_password_is_refused_though_72_bytes_of_it_fit(user_dao: UserDAOProtocol, ids: Ids) -> None:
    created = user_dao.create_user(entity(ids.name(), password="x" * 128))
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(created.username, "x" * 129)


@pytest.mark.parametrize(("cost", "prefix"), [(4, b"2a"), (4, b"2y"), (4, b"2b"), (5, b"2b"), (6, b"2a")])
def test_a_hash_of_any_bcrypt_version_and_cost_logs_in(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, cost: int, prefix: bytes
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, password_hash=hash_of(b"pass", cost, prefix)))
    assert user_dao.authenticate_user(name, "pass").username == name
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(name, "Pass")


@pytest.mark.parametrize("stored_hash", LOCKED_OUT.values(), ids=LOCKED_OUT)
def test_a_malformed_hash_lets_nobody_in(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, stored_hash: dict[str, Any]
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, password_hash=stored_hash))
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(name, PASSWORD)
    assert user_dao.get_user_by_username(name).username == name


@pytest.mark.parametrize("stored_hash", [None, {"NULL": True}], ids=["missing", "null"])
def test_a_missing_hash_lets_nobody_in(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, stored_hash: dict[str, Any] | None
) -> None:
    name = ids.name()
    row = user_row(name, without=["password_hash"])
    tables.put("users", row if stored_hash is None else row | {"password_hash": stored_hash})
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(name, PASSWORD)


@pytest.mark.parametrize("name", ["ab", "nobody-has-this-name"])
def test_an_unknown_user_is_refused_after_one_get(user_dao: UserDAOProtocol, requests: Requests, name: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(name, PASSWORD)
    assert [request.operation for request in requests()] == ["GetItem"]


def test_a_row_of_another_kind_lets_nobody_in(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    row = foreign_row(ids.name())
    tables.put("users", row)
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(row["Pk"]["S"], PASSWORD)


def test_a_refusal_does_not_tell_what_was_wrong(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    unknown, known, locked = ids.name(), ids.name(), ids.name()
    tables.put("users", user_row(known))
    tables.put("users", user_row(locked, password_hash={"S": "rubbish"}))
    told = set()
    for name, password in ((unknown, PASSWORD), (known, "wrong"), (known, ""), (known, "x" * 129), (locked, PASSWORD)):
        with pytest.raises(InvalidCredentialsError) as caught:
            user_dao.authenticate_user(name, password)
        error = caught.value
        told.add((str(error).replace(name, ""), type(error), error.code, error.__cause__, error.table))
    assert len(told) == 1


def test_authenticate_minds_the_case_of_the_username(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name("case")
    tables.put("users", user_row(name))
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(name.upper(), PASSWORD)


@pytest.mark.parametrize("missing", ["created_at", "last_name", "role"])
def test_authenticate_on_a_row_that_cannot_be_decoded_names_the_attribute(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, missing: str
) -> None:
    name = ids.name()
    tables.put("users", user_row(name, without=[missing]))
    with pytest.raises(CorruptItemError) as caught:
        user_dao.authenticate_user(name, PASSWORD)
    assert caught.value.attribute == missing
    assert caught.value.operation == "UserDAO.authenticate_user"
    assert caught.value.key == {"Pk": name, "Sk": "USER"}


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The costs of the bcrypt runs from here on, in order; they are really made."""
    costs: list[int] = []

    def spy_on(name: str) -> None:
        real: Callable[[bytes, bytes], object] = getattr(bcrypt, name)

        def run(password: bytes, salt_or_hash: bytes) -> object:
            result = real(password, salt_or_hash)
            costs.append(int(salt_or_hash[4:6]))
            return result

        monkeypatch.setattr(bcrypt, name, run)

    spy_on("checkpw")
    spy_on("hashpw")
    return costs


@pytest.mark.parametrize(
    ("stored_hash", "password", "cost"),
    [
        pytest.param(hash_of(b"pass", 5), "pass", 5, id="right"),
        pytest.param(hash_of(b"pass", 5), "wrong", 5, id="wrong"),
        pytest.param(hash_of(b"pass", 6, b"2a"), "", 6, id="empty"),
        pytest.param(hash_of(b"pass", 5), "x" * 129, 5, id="over-long"),
        pytest.param({"S": "rubbish"}, "pass", 4, id="malformed-hash"),
        pytest.param(None, "pass", 4, id="missing-hash"),
        pytest.param({"NULL": True}, "", 4, id="null-hash"),
    ],
)
def test_authenticate_runs_one_bcrypt_check_at_the_stored_cost(
    user_dao: UserDAOProtocol,
    tables: Tables,
    ids: Ids,
    hashings: list[int],
    stored_hash: dict[str, Any] | None,
    password: str,
    cost: int,
) -> None:
    name = ids.name()
    row = user_row(name, without=["password_hash"])
    tables.put("users", row if stored_hash is None else row | {"password_hash": stored_hash})
    try:
        user_dao.authenticate_user(name, password)
    except InvalidCredentialsError:
        assert password != "pass" or cost == 4
    assert hashings == [cost]


def test_authenticate_runs_one_bcrypt_check_for_an_unknown_user_too(
    user_dao: UserDAOProtocol, ids: Ids, hashings: list[int]
) -> None:
    with pytest.raises(InvalidCredentialsError):
        user_dao.authenticate_user(ids.name(), PASSWORD)
    assert hashings == [4]
