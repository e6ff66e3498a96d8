"""UserDAO: the look-up by email, an index that other rows share and nothing makes unique."""

from __future__ import annotations

from typing import Any

import pytest

from common.data import CorruptItemError, UserNotFoundError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .user_rows import Requests, entity, fields, foreign_row, read_as, user_row


def with_email(username: str, email: str, **attributes: dict[str, Any]) -> dict[str, Any]:
    return user_row(username, email={"S": email}, **attributes)


def test_get_by_email_returns_every_field(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    row = user_row(ids.name())
    tables.put("users", row)
    assert fields(user_dao.get_user_by_email(row["email"]["S"])) == read_as(row)


def test_get_by_email_finds_a_created_user(user_dao: UserDAOProtocol, ids: Ids) -> None:
    created = user_dao.create_user(entity(ids.name()))
    assert user_dao.get_user_by_email(created.email) == created


def test_get_by_email_is_one_query_of_the_index(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    row = user_row(ids.name())
    tables.put("users", row)
    user_dao.get_user_by_email(row["email"]["S"])
    (request,) = requests()
    assert (request.operation, request.table, request.index) == ("Query", "users", "EmailIndex")
    assert not request.body.get("ConsistentRead", False)


def test_get_by_an_unknown_email_is_not_found(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    email = f"{ids.name()}@example.com"
    with pytest.raises(UserNotFoundError) as caught:
        user_dao.get_user_by_email(email)
    assert caught.value.operation == "UserDAO.get_user_by_email"
    assert caught.value.table == tables.name("users")
    assert caught.value.key == {"email": email}
    assert caught.value.code is None
    assert [request.operation for request in requests()] == ["Query"]


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        pytest.param("{}@Example.com", "{}@example.com", id="case"),
        pytest.param("{}@example.com", "{}@example.com ", id="trailing-space"),
        pytest.param("{}@example.com", "\t{}@example.com", id="leading-tab"),
        pytest.param("{}@ex\u00e4mple.com", "{}@exa\u0308mple.com", id="composed-and-combining"),
        pytest.param("{}@example.com", "{}@example.co", id="prefix"),
        pytest.param("{}@stra\u00dfe.de", "{}@strasse.de", id="folded"),
    ],
)
def test_an_email_is_matched_exactly(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, kept: str, asked: str
) -> None:
    name = ids.name()
    tables.put("users", with_email(name, kept.format(name)))
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_email(asked.format(name))
    assert user_dao.get_user_by_email(kept.format(name)).username == name


@pytest.mark.parametrize("stem", ["ünï+{}@exämple.com", "📮{}@例え.jp", "{}#tag@example.com", '{} "quoted"@x'])
def test_an_email_may_be_any_text(user_dao: UserDAOProtocol, ids: Ids, stem: str) -> None:
    name = ids.name()
    email = stem.format(name)
    user_dao.create_user(entity(name, email=email))
    assert user_dao.get_user_by_email(email).email == email


def test_of_several_users_with_one_email_the_oldest_is_returned(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    email = f"{ids.name()}@example.com"
    days = {ids.name(stem): day for stem, day in (("aa", 7), ("bb", 3), ("cc", 9), ("dd", 5))}
    for name, day in days.items():
        tables.put("users", with_email(name, email, created_at={"S": f"2023-01-0{day}T00:00:00"}))
    assert user_dao.get_user_by_email(email).username == min(days, key=lambda name: days[name])


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param("2023-01-01T00:00:00Z", "2023-01-01T00:00:00.000001", id="zulu-before-fraction"),
        pytest.param("2023-01-01T00:00:00", "2023-01-01T00:00:00.001Z", id="naive-before-zulu-milliseconds"),
        pytest.param(
            "2023-01-01T00:00:00.120Z", "2023-01-01T00:00:00.120001", id="zulu-milliseconds-before-microseconds"
        ),
        pytest.param("2023-01-01T00:00:00.999999Z", "2023-01-01T00:00:01", id="zulu-fraction-before-whole-second"),
        pytest.param("0999-12-31T23:59:59", "1000-01-01T00:00:00Z", id="early-years"),
    ],
)
@pytest.mark.parametrize("oldest_has", ["lower-name", "higher-name"])
def test_the_oldest_is_told_by_instant_not_by_text(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, older: str, newer: str, oldest_has: str
) -> None:
    email = f"{ids.name()}@example.com"
    low, high = ids.name("aa"), ids.name("bb")
    oldest, other = (low, high) if oldest_has == "lower-name" else (high, low)
    tables.put("users", with_email(oldest, email, created_at={"S": older}))
    tables.put("users", with_email(other, email, created_at={"S": newer}))
    assert user_dao.get_user_by_email(email).username == oldest


@pytest.mark.parametrize(
    ("of_low", "of_high"),
    [
        pytest.param("2023-01-01T00:00:00", "2023-01-01T00:00:00", id="same-text"),
        pytest.param("2023-01-01T00:00:00Z", "2023-01-01T00:00:00", id="zulu-and-naive"),
        pytest.param("2023-01-01T00:00:00", "2023-01-01T00:00:00.000Z", id="naive-and-zulu-milliseconds"),
        pytest.param("2023-01-01T00:00:00.250000Z", "2023-01-01T00:00:00.250", id="zulu-and-milliseconds"),
    ],
)
def test_of_users_created_in_one_instant_the_lowest_username_is_returned(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, of_low: str, of_high: str
) -> None:
    email = f"{ids.name()}@example.com"
    low, high = ids.name("Zz"), ids.name("aa")
    tables.put("users", with_email(high, email, created_at={"S": of_high}))
    tables.put("users", with_email(low, email, created_at={"S": of_low}))
    assert user_dao.get_user_by_email(email).username == low


def foreign_rows(name: str, email: str) -> list[dict[str, Any]]:
    """Rows of other kinds that carry the email and would win if they were users."""
    mail = {"S": email}
    old = {"S": "2001-01-01T00:00:00"}
    return [
        {"Pk": {"S": f"USER#{name}"}, "Sk": {"S": "LOCK"}, "entity_type": {"S": "user_lock"}, "email": mail},
        {"Pk": {"S": name}, "Sk": {"S": "PROFILE"}, "email": mail, "theme": {"S": "dark"}},
        {**user_row(name), "Sk": {"S": "USER#OLD"}, "email": mail, "created_at": old},
        {**user_row(name), "Pk": {"S": f"ARCHIVE#{name}"}, "email": mail, "created_at": old},
        {**foreign_row(name), "email": mail, "created_at": old},
        {"Pk": {"S": name}, "Sk": {"S": "BALANCE"}, "entity_type": {"S": "balance"}, "email": mail},
    ]


@pytest.mark.parametrize(
    "number", range(6), ids=["lock", "profile", "other-range-key", "hash-in-key", "entity-type", "balance"]
)
def test_a_row_of_another_kind_with_the_email_is_not_found(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, number: int
) -> None:
    name = ids.name()
    email = f"{name}@example.com"
    tables.put("users", foreign_rows(name, email)[number])
    with pytest.raises(UserNotFoundError):
        user_dao.get_user_by_email(email)


def test_rows_of_other_kinds_with_the_email_are_passed_over(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name, other = ids.name(), ids.name("other")
    email = f"{name}@example.com"
    for row in foreign_rows(other, email):
        tables.put("users", row)
    tables.put("users", with_email(name, email))
    assert user_dao.get_user_by_email(email).username == name


def test_every_page_of_an_email_is_read(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    email = f"{ids.name()}@example.com"
    big = {"S": "x" * 380_000}
    rows = [with_email(ids.name(stem), email, attachment=big) for stem in ("aa", "bb", "cc", "dd")]
    for row in rows:
        tables.put("users", row)
    for oldest in rows:
        tables.put("users", oldest | {"created_at": {"S": "2001-01-01T00:00:00"}})
        assert user_dao.get_user_by_email(email).username == oldest["Pk"]["S"]
        pages = requests()
        assert [page.operation for page in pages] == ["Query", "Query"]
        assert "ExclusiveStartKey" not in pages[0].body
        assert "ExclusiveStartKey" in pages[1].body
        tables.put("users", oldest)


def test_a_user_found_by_email_that_cannot_be_decoded_is_named(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    row = user_row(ids.name(), without=["last_name"])
    tables.put("users", row)
    with pytest.raises(CorruptItemError) as caught:
        user_dao.get_user_by_email(row["email"]["S"])
    assert caught.value.attribute == "last_name"
    assert caught.value.table == tables.name("users")


def test_a_user_that_cannot_be_decoded_is_not_passed_over_for_another(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids
) -> None:
    email = f"{ids.name()}@example.com"
    tables.put("users", with_email(ids.name("aa"), email))
    tables.put("users", with_email(ids.name("bb"), email, created_at={"S": "yesterday"}))
    with pytest.raises(CorruptItemError) as caught:
        user_dao.get_user_by_email(email)
    assert caught.value.attribute == "created_at"
