from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from common.data import InvalidArgumentError, User, UserRole
from common.data.arguments import check_entity
from common.data.entities.base import LENIENT

FIELDS = {"username": "alice", "email": "a@b.c", "password": "hush-hush", "first_name": "A", "last_name": "L"}


def user(**changes: object) -> User:
    return User.model_validate(FIELDS | changes)


def test_defaults() -> None:
    before = datetime.now(UTC)
    made = user()
    assert (made.phone, made.date_of_birth, made.marketing_emails_consent) == (None, None, False)
    assert made.role is UserRole.CUSTOMER
    assert before <= made.created_at <= made.updated_at <= datetime.now(UTC)


def test_text_of_an_enumeration_is_accepted() -> None:
    assert user(role="admin").role is UserRole.ADMIN


def test_naive_times_are_utc_and_others_are_converted() -> None:
    naive = datetime(2025, 1, 2, 3, 4, 5)  # noqa: DTZ001 - that is the point
    aware = datetime(2025, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    for given in (naive, aware):
        created = user(created_at=given).created_at
        assert created == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert created.tzinfo is UTC


@pytest.mark.parametrize(
    "change",
    [
        {"username": "ab"},
        {"username": "x" * 31},
        {"username": "white space"},
        {"username": "alice\n"},
        {"email": "e" * 256},
        {"password": "p" * 129},
        {"phone": "1" * 16},
        {"last_name": None},
        {"role": "king"},
        {"marketing_emails_consent": "yes"},
        {"created_at": 1_700_000_000},
        {"date_of_birth": 5.0},
        {"created_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))},
        {"nickname": "al"},
    ],
)
def test_what_is_no_user_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        user(**change)


def test_a_lenient_validation_waives_lengths_but_not_types() -> None:
    old = User.model_validate(FIELDS | {"username": "a b", "phone": "1" * 40}, context=LENIENT)
    assert old.phone == "1" * 40
    with pytest.raises(ValidationError):
        User.model_validate(FIELDS | {"phone": 5}, context=LENIENT)


def test_the_password_shows_in_no_text() -> None:
    assert "hush" not in repr(user()) + str(user())
    with pytest.raises(ValidationError) as caught:
        user(password="hush" * 40)
    assert "hush" not in str(caught.value)


def test_a_user_is_frozen() -> None:
    with pytest.raises(ValidationError):
        setattr(user(), "email", "other")  # noqa: B010 - the type checker knows that it is frozen


@pytest.mark.parametrize(
    "change", [{"email": b"x"}, {"date_of_birth": "2000-01-01"}, {"role": "admin"}, {"first_name": "\ud800"}]
)
def test_a_user_built_past_its_validation_is_an_invalid_argument(change: dict[str, object]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        check_entity("user", User.model_construct(**(vars(user()) | change)), User)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "hush" not in str(caught.value)


def test_a_valid_user_passes_unchanged() -> None:
    given = user(date_of_birth=date(2000, 2, 29), role="admin")
    assert check_entity("user", given, User) == given
