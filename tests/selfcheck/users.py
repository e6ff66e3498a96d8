"""User DAOs that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data import (
    Connection,
    DatabaseError,
    InvalidCredentialsError,
    User,
    UserNotFoundError,
)
from common.data.dao.user_dao import UserDAO
from common.data.models.attributes import UtcTimestampAttribute
from common.data.models.user import UserModel
from parity.selfcheck import WrongCandidate
from tests.selfcheck.altered import AlteredUpdates

__all__ = ["USERS"]

DAO = "tests/integration/test_user_dao.py::test_"
UPDATE = "tests/integration/test_user_dao_update.py::test_"
LOGIN = "tests/integration/test_user_dao_credentials.py::test_"
PASSWORD = "tests/integration/test_user_dao_password.py::test_"
EMAIL = "tests/integration/test_user_dao_email.py::test_"


class EmptyPhone(UserDAO):
    """Gives `''` for a phone that is not there."""

    def get_user_by_username(self, username: str) -> User:
        user = super().get_user_by_username(username)
        return user if user.phone is not None else user.model_copy(update={"phone": ""})


class LoudNames(UserDAO):
    """Tidies up the name that it returns."""

    def update_user(self, user: User) -> User:
        updated = super().update_user(user)
        return updated.model_copy(update={"first_name": updated.first_name.upper()})


class AnotherError(UserDAO):
    """Raises another class for a user that is not there."""

    def get_user_by_username(self, username: str) -> User:
        try:
            return super().get_user_by_username(username)
        except UserNotFoundError as error:
            raise DatabaseError(str(error)) from error


class NoKey(UserDAO):
    """Leaves the key off the error."""

    def update_user(self, user: User) -> User:
        try:
            return super().update_user(user)
        except UserNotFoundError as error:
            error.key = None
            raise


class _WithoutNull(UserModel):
    def _container_serialize(self, null_check: bool = True) -> Any:
        item = super()._container_serialize(null_check)
        return {name: value for name, value in item.items() if "NULL" not in value}


class LeavesOutNull(UserDAO):
    """Leaves a NULL out, as PynamoDB does by itself."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._users = connection.bind(_WithoutNull)


class LosesUnknown(UserDAO):
    """Saves the whole item, with the attributes that the model knows."""

    def update_user(self, user: User) -> User:
        updated = super().update_user(user)
        known = {attribute.attr_name for attribute in UserModel.get_attributes().values()}
        client: Any = self._connection.client
        table = self._users.table_name()
        item = client.get_item(TableName=table, Key={"Pk": {"S": user.username}, "Sk": {"S": "USER"}})["Item"]
        client.put_item(TableName=table, Item={name: value for name, value in item.items() if name in known})
        return updated


class ReadsFirst(UserDAO):
    """Makes one request more."""

    def update_user(self, user: User) -> User:
        self._get(user.username, consistent_read=False)
        return super().update_user(user)


class _Unconditional(AlteredUpdates, UserModel):
    @classmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        return actions, UserModel.hash_key.exists()


class DropsACondition(UserDAO):
    """Updates whatever row has the key."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._users = connection.bind(_Unconditional)


class NaiveTimestamps(UserDAO):
    """Returns naive datetimes."""

    def get_user_by_username(self, username: str) -> User:
        user = super().get_user_by_username(username)
        return user.model_copy(update={"created_at": user.created_at.replace(tzinfo=None)})


class _Shifted(UserModel):
    @classmethod
    def of(cls, user: User, *, password_hash: str, now: datetime) -> Self:
        return super().of(user, password_hash=password_hash, now=now + timedelta(hours=1))


class ShiftedTimestamps(UserDAO):
    """Stores local time as UTC."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._users = connection.bind(_Shifted)


class AnotherMessage(UserDAO):
    """Says it in other words."""

    def get_user_by_username(self, username: str) -> User:
        try:
            return super().get_user_by_username(username)
        except UserNotFoundError as error:
            error.args = (f"no user {username}",)
            error.message = f"no user {username}"
            raise


class PasswordOnTheError(UserDAO):
    """Keeps the password on the error that it raises."""

    def authenticate_user(self, username: str, password: str) -> User:
        try:
            return super().authenticate_user(username, password)
        except InvalidCredentialsError as error:
            error.__dict__["password"] = password
            raise


class LogsThePassword(UserDAO):
    """Logs what was given."""

    def authenticate_user(self, username: str, password: str) -> User:
        logging.getLogger("common.data").debug("UserDAO.authenticate_user(%s, %s)", username, password)
        return super().authenticate_user(username, password)


class AnotherAnnotation(UserDAO):
    """Says that it takes None."""

    def get_user_by_email(self, email: str | None) -> User:
        return super().get_user_by_email(email or "")


class RenamedArgument(UserDAO):
    """Calls an argument otherwise."""

    def authenticate_user(self, username: str, secret: str) -> User:
        return super().authenticate_user(username, secret)


class ReadsConsistently(UserDAO):
    """Asks for a consistent read where none is needed, which costs twice as much."""

    def _get(self, username: str, *, consistent_read: bool) -> UserModel | None:
        return super()._get(username, consistent_read=True)


class TakesTheNewest(UserDAO):
    """Gives the newest of several users with one email."""

    def get_user_by_email(self, email: str) -> User:
        super().get_user_by_email(email)
        found = [row.to_user() for row in self._users.by_email.query(email) if row.is_user]
        return max(found, key=lambda user: user.created_at)


class _AnyKind(UserModel):
    @property
    def is_user(self) -> bool:
        return True


class RowOfAnotherKind(UserDAO):
    """Takes any row under the key for a user."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._users = connection.bind(_AnyKind)


class _Forgetful(AlteredUpdates, UserModel):
    @classmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        kept = [
            action for action in actions if getattr(action.values[0], "path", None) != UserModel.updated_at.attr_path
        ]
        return kept, condition


class ForgetsUpdatedAt(UserDAO):
    """Leaves updated_at as it was."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._users = connection.bind(_Forgetful)


class SwallowsTheRefusal(UserDAO):
    """Says nothing where a password is wrong."""

    def change_password(self, username: str, current_password: str, new_password: str) -> None:
        try:
            super().change_password(username, current_password, new_password)
        except InvalidCredentialsError:
            return


class _WithZone(UtcTimestampAttribute):
    def serialize(self, value: datetime) -> str:
        return f"{super().serialize(value)} UTC"

    def deserialize(self, value: str) -> datetime:
        return super().deserialize(value.removesuffix(" UTC"))


class _Zoned(UserModel):
    created_at = _WithZone(attr_name=UserModel.created_at.attr_name)


class RowsThatOnlyItReads(UserDAO):
    """Stores an instant in a spelling that the control cannot read."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._users = connection.bind(_Zoned)


BASICS = (f"{DAO}get_by_username_returns_every_field", f"{DAO}create_stores_an_absent_optional_as_null")
UNKNOWN = (f"{DAO}get_by_an_unknown_username_is_not_found",)
UPDATED = (f"{UPDATE}update_sets_every_field_that_it_is_for",)

USERS: Sequence[WrongCandidate] = (
    WrongCandidate(
        EmptyPhone,
        "user",
        "get_user_by_username",
        "return",
        ("tests/integration/test_user_dao_old_rows.py::test_a_null_optional_attribute_reads_as_nothing",),
        "phone",
    ),
    WrongCandidate(LoudNames, "user", "update_user", "return", UPDATED, "first_name"),
    WrongCandidate(AnotherError, "user", "get_user_by_username", "exception", UNKNOWN, "class"),
    WrongCandidate(AnotherMessage, "user", "get_user_by_username", "exception", UNKNOWN, "message"),
    WrongCandidate(
        NoKey,
        "user",
        "update_user",
        "exception",
        (f"{UPDATE}update_of_an_unknown_user_is_not_found_and_creates_nothing",),
        "attributes.key",
    ),
    WrongCandidate(LeavesOutNull, "user", "create_user", "items", BASICS, "users.phone"),
    WrongCandidate(
        LosesUnknown,
        "user",
        "update_user",
        "items",
        (f"{UPDATE}update_keeps_an_attribute_it_does_not_know",),
        "users.mfa_secret",
    ),
    WrongCandidate(ReadsFirst, "user", "update_user", "requests", UPDATED, "count"),
    WrongCandidate(DropsACondition, "user", "update_user", "requests", UPDATED, "[0].UpdateItem.ConditionExpression"),
    WrongCandidate(NaiveTimestamps, "user", "get_user_by_username", "return", BASICS, "created_at"),
    WrongCandidate(ShiftedTimestamps, "user", "create_user", "items", BASICS, "users.created_at"),
    WrongCandidate(
        PasswordOnTheError,
        "user",
        "authenticate_user",
        "exception",
        (f"{LOGIN}a_wrong_password_is_refused",),
        "attributes.password",
    ),
    WrongCandidate(
        LogsThePassword, "user", "authenticate_user", "logs", (f"{LOGIN}authenticate_returns_the_user",), "secret"
    ),
    WrongCandidate(AnotherAnnotation, "user", "get_user_by_email", "surface", UNKNOWN, "signature"),
    WrongCandidate(RenamedArgument, "user", "authenticate_user", "surface", UNKNOWN, "signature"),
    WrongCandidate(ReadsConsistently, "user", "get_user_by_username", "cost", BASICS, "read"),
    WrongCandidate(
        TakesTheNewest,
        "user",
        "get_user_by_email",
        "return",
        (f"{EMAIL}of_several_users_with_one_email_the_oldest_is_returned",),
        "username",
    ),
    WrongCandidate(
        RowOfAnotherKind,
        "user",
        "get_user_by_username",
        "exception",
        (f"{DAO}get_by_username_never_returns_a_row_of_another_kind",),
        "raised",
    ),
    WrongCandidate(
        RowsThatOnlyItReads,
        "user",
        "authenticate_user",
        "exception",
        (f"{LOGIN}a_created_user_logs_in_with_the_password",),
        "(cross-read new to old) raised",
        also=("create_user",),
    ),
    WrongCandidate(ForgetsUpdatedAt, "user", "update_user", "items", UPDATED, "users.updated_at"),
    WrongCandidate(
        SwallowsTheRefusal,
        "user",
        "change_password",
        "exception",
        (f"{PASSWORD}a_wrong_current_password_is_refused_before_any_write",),
        "raised",
    ),
)
