"""User DAOs that are wrong only where something fails on the way, for the harness to find."""

from __future__ import annotations

import time
from collections.abc import Sequence

from common.data import (
    Connection,
    DatabaseUnavailableError,
    InvalidCredentialsError,
    ThrottledError,
    User,
    UserAlreadyExistsError,
)
from common.data.dao.user_dao import UserDAO
from parity.selfcheck import WrongCandidate

__all__ = ["USERS_UNDER_FAULTS"]

DAO = "tests/integration/test_user_dao.py::test_"


class RetriesOnceMore(UserDAO):
    """Tries again what botocore has given up."""

    def get_user_by_username(self, username: str) -> User:
        try:
            return super().get_user_by_username(username)
        except ThrottledError:
            return super().get_user_by_username(username)


class GivesUpEarlier(UserDAO):
    """Tries once less than it is told to."""

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        fewer = settings.model_copy(update={"max_attempts": settings.max_attempts - 1})
        super().__init__(Connection(fewer, session=connection._session))


class SleepsTwiceAsLong(UserDAO):
    """Waits too long between its tries."""

    def get_user_by_username(self, username: str) -> User:
        real = time.sleep
        time.sleep = lambda seconds: real(2 * float(seconds))
        try:
            return super().get_user_by_username(username)
        finally:
            time.sleep = real


class LostAnswerIsADuplicate(UserDAO):
    """Takes the user that it may have stored itself for somebody else's."""

    def create_user(self, user: User) -> User:
        try:
            return super().create_user(user)
        except DatabaseUnavailableError as error:
            raise UserAlreadyExistsError(str(error)) from error


class SaysNothingWhenOvertaken(UserDAO):
    """Says nothing where another change of the password came between its read and its write."""

    def change_password(self, username: str, current_password: str, new_password: str) -> None:
        try:
            super().change_password(username, current_password, new_password)
        except InvalidCredentialsError as error:
            if error.code is None:
                raise


BASICS = (f"{DAO}get_by_username_returns_every_field", f"{DAO}create_stores_an_absent_optional_as_null")

USERS_UNDER_FAULTS: Sequence[WrongCandidate] = (
    WrongCandidate(RetriesOnceMore, "user", "get_user_by_username", "requests", BASICS, "count", faults=True),
    WrongCandidate(
        GivesUpEarlier,
        "user",
        "get_user_by_username",
        "requests",
        BASICS,
        "attempts",
        faults=True,
        also=("create_user",),
    ),
    WrongCandidate(SleepsTwiceAsLong, "user", "get_user_by_username", "requests", BASICS, "waits", faults=True),
    WrongCandidate(LostAnswerIsADuplicate, "user", "create_user", "exception", BASICS, "class", faults=True),
    WrongCandidate(
        SaysNothingWhenOvertaken,
        "user",
        "change_password",
        "exception",
        ("tests/integration/test_user_dao_password.py::test_change_password_returns_nothing",),
        "raised",
        faults=True,
    ),
)
