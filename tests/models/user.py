"""Users in memory."""

import re
from dataclasses import replace
from typing import Final

import bcrypt

from common.data import InvalidCredentialsError, UserAlreadyExistsError, UserNotFoundError, arguments, clock
from common.data.entities import User
from tests.models.rows import KeptUser, Key, Rows

__all__ = ["UserModel"]

_BYTES: Final = 72
_HASH: Final = re.compile(r"\$2[abxy]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}", re.ASCII)


def _key(username: str) -> Key:
    return "users", username, "USER"


class UserModel(Rows):
    """What `UserDAOProtocol` promises, over a dict."""

    def create_user(self, user: User) -> User:
        """Keep a new user."""
        user = arguments.check_entity("user", user, User)
        arguments.check_email(user.email)
        password = arguments.check_new_password("password", user.password)
        now = clock.now()
        if self.is_taken(_key(user.username)):
            raise UserAlreadyExistsError
        user = user.model_copy(update={"password": arguments.HASHED, "created_at": now, "updated_at": now})
        self.put(_key(user.username), KeptUser(user, password))
        return user

    def get_user_by_username(self, username: str) -> User:
        """The user."""
        arguments.check_username(username)
        kept = self.get(_key(username), KeptUser)
        if kept is None:
            raise UserNotFoundError
        return kept.user

    def get_user_by_email(self, email: str) -> User:
        """The first user with this email."""
        arguments.check_email(email)
        found = [(kept.user, key[1]) for key, kept in self.all(KeptUser, "users") if kept.user.email == email]
        if not found:
            raise UserNotFoundError
        return min(found, key=lambda pair: (pair[0].created_at, pair[0].username, pair[1]))[0]

    def authenticate_user(self, username: str, password: str) -> User:
        """The user, if the password is right."""
        arguments.check_username(username)
        arguments.check_password("password", password)
        return self._verified(username, password).user

    def update_user(self, user: User) -> User:
        """Set what a user may change."""
        user = arguments.check_entity("user", user, User, lenient=True, ignoring_password=True)
        arguments.check_username(user.username)
        arguments.check_email(user.email)
        now = clock.now()
        kept = self.get(_key(user.username), KeptUser)
        if kept is None:
            raise UserNotFoundError
        names = ("email", "first_name", "last_name", "marketing_emails_consent")
        changes = {name: getattr(user, name) for name in names} | {"updated_at": now}
        given = {name: getattr(user, name) for name in ("phone", "date_of_birth") if getattr(user, name) is not None}
        self.put(_key(user.username), kept := replace(kept, user=kept.user.model_copy(update=changes | given)))
        return kept.user

    def change_password(self, username: str, current_password: str, new_password: str) -> None:
        """Replace the password, if the current one is right."""
        arguments.check_username(username)
        arguments.check_password("current_password", current_password)
        arguments.check_new_password("new_password", new_password)
        kept = self._verified(username, current_password)
        self.put(_key(username), KeptUser(kept.user.model_copy(update={"updated_at": clock.now()}), new_password))

    def _verified(self, username: str, password: str) -> KeptUser:
        kept = self.get(_key(username), KeptUser)
        possible = 0 < len(password) <= arguments.PASSWORD_LENGTH
        if kept is None or not possible or not _is_right(kept, password.encode()[:_BYTES]):
            raise InvalidCredentialsError
        return kept


def _is_right(kept: KeptUser, password: bytes) -> bool:
    if kept.password is not None:
        return kept.password.encode()[:_BYTES] == password
    text = kept.password_hash or ""
    return _HASH.fullmatch(text) is not None and bcrypt.checkpw(password, text.encode())
