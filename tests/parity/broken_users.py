"""User DAOs that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data import (
    Connection,
    DatabaseError,
    DatabaseUnavailableError,
    ThrottledError,
    User,
    UserAlreadyExistsError,
    UserNotFoundError,
)
from common.data.dao.user_dao import UserDAO
from common.data.models.user import UserModel


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


class _Unconditional(UserModel):
    @classmethod
    def change(
        cls,
        key: Sequence[str],
        actions: Sequence[Action],
        condition: Condition,  # noqa: ARG003 - dropped on purpose
        *,
        returning: Literal["new row", "nothing"] = "nothing",
        on_failure: Literal["old row", "nothing"] = "nothing",
    ) -> Self | None:
        return super().change(key, actions, UserModel.hash_key.exists(), returning=returning, on_failure=on_failure)


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
