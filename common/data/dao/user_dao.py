"""Users, by PynamoDB."""

import re
from typing import Final

import bcrypt
from botocore.exceptions import ClientError
from pynamodb.exceptions import DoesNotExist

from common.data import arguments, clock
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.entities import User
from common.data.errors import InvalidCredentialsError, UserAlreadyExistsError, UserNotFoundError
from common.data.models.user import UserModel

__all__ = ["UserDAO"]

BCRYPT_BYTES: Final = 72
"""What bcrypt sees of a password."""

_HASH: Final = re.compile(r"\$2[abxy]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_NO_HASH: Final = "$2b${rounds:02d}$" + "." * 53  # well-formed, and the hash of no password that is known


class UserDAO:
    """Users and their credentials; the contract stands in `UserDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection
        self._users = connection.bind(UserModel)

    @data_operation
    def create_user(self, user: User) -> User:
        """Store a new user, the password as a bcrypt hash, both timestamps now. One conditional Put."""
        user = arguments.check_entity("user", user, User)
        arguments.check_email(user.email)
        password = arguments.check_new_password("password", user.password)
        row = self._users.of(user, password_hash=self._hash(password), now=clock.now())
        call = self._call(user.username)
        try:
            call.send(lambda: row.put(UserModel.hash_key.does_not_exist()))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._users.rejected(error)
            if not call.unanswered or stored is None or stored.stored != row.serialize():
                raise call.refusal(UserAlreadyExistsError, error) from error
        return row.to_user()

    @data_operation
    def get_user_by_username(self, username: str) -> User:
        """Read a user by username. One eventually consistent Get."""
        arguments.check_username(username)
        row = self._get(username, consistent_read=False)
        if row is None:
            raise self._connection.calls.current.error(UserNotFoundError)
        return row.to_user()

    @data_operation
    def get_user_by_email(self, email: str) -> User:
        """Find the user with exactly this email. One Query per page of the index, which may lag a write."""
        arguments.check_email(email)
        call = self._connection.calls.current
        call.at(self._users.table_name(), {UserModel.email.attr_name: email})
        found = [(row.to_user(), row.hash_key) for row in self._users.by_email.query(email) if row.is_user]
        if not found:
            raise call.error(UserNotFoundError)
        return min(found, key=lambda one: (one[0].created_at, one[0].username, one[1]))[0]

    @data_operation
    def authenticate_user(self, username: str, password: str) -> User:
        """Verify a password; its first 72 bytes in UTF-8 count. One strongly consistent Get, one bcrypt check."""
        arguments.check_username(username)
        arguments.check_password("password", password)
        row, _ = self._verified(username, password)
        return row.to_user()

    @data_operation
    def update_user(self, user: User) -> User:
        """Set email, names, phone, date of birth, consent and updated_at. One conditional Update."""
        user = arguments.check_entity("user", user, User, lenient=True, ignoring_password=True)
        arguments.check_username(user.username)
        arguments.check_email(user.email)
        actions = [
            UserModel.email.set(user.email),
            UserModel.first_name.set(user.first_name),
            UserModel.last_name.set(user.last_name),
            UserModel.marketing_emails_consent.set(user.marketing_emails_consent),
            UserModel.updated_at.set(clock.now()),
        ]
        if user.phone is not None:
            actions.append(UserModel.phone.set(user.phone))
        if user.date_of_birth is not None:
            actions.append(UserModel.date_of_birth.set(user.date_of_birth))
        condition = UserModel.hash_key.exists() & UserModel.entity_type.does_not_exist()
        key = UserModel.key_of(user.username)
        call = self._call(user.username)
        try:
            row = call.send(lambda: self._users.change(key, actions, condition, returning="new row"))
        except ClientError as error:
            if condition_failed(error):
                raise call.refusal(UserNotFoundError, error) from error
            raise
        if row is None:
            raise call.error(UserNotFoundError)
        return row.to_user()

    @data_operation
    def change_password(self, username: str, current_password: str, new_password: str) -> None:
        """Replace the password if the current one is right. One strongly consistent Get, one conditional Update."""
        arguments.check_username(username)
        arguments.check_password("current_password", current_password)
        arguments.check_new_password("new_password", new_password)
        _, verified = self._verified(username, current_password)
        password_hash = self._hash(new_password)
        actions = [UserModel.password_hash.set(password_hash), UserModel.updated_at.set(clock.now())]
        condition = (UserModel.password_hash == verified) & UserModel.entity_type.does_not_exist()
        key = UserModel.key_of(username)
        call = self._connection.calls.current
        try:
            call.send(lambda: self._users.change(key, actions, condition, on_failure="old row"))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._users.rejected(error)
            if not call.unanswered or stored is None or stored.password_hash != password_hash:
                raise call.refusal(InvalidCredentialsError, error) from error

    def _call(self, username: str) -> Call:
        return self._connection.calls.current.at(self._users.table_name(), UserModel.key_names(username))

    def _get(self, username: str, *, consistent_read: bool) -> UserModel | None:
        self._call(username)
        try:
            row = self._users.get(*UserModel.key_of(username), consistent_read=consistent_read)
        except DoesNotExist:
            return None
        return row if row.is_user else None

    def _verified(self, username: str, password: str) -> tuple[UserModel, str]:
        """The row and its hash, after exactly one bcrypt check, whatever is stored and asked."""
        row = self._get(username, consistent_read=True)
        stored = None if row is None else row.password_hash
        verifiable = stored if stored is not None and _HASH.fullmatch(stored) else None
        dummy = _NO_HASH.format(rounds=self._connection.settings.bcrypt_rounds)
        matches = bcrypt.checkpw(_seen(password), (verifiable or dummy).encode())
        possible = 0 < len(password) <= arguments.PASSWORD_LENGTH
        if row is None or verifiable is None or not (matches and possible):
            raise self._connection.calls.current.error(InvalidCredentialsError)
        return row, verifiable

    def _hash(self, password: str) -> str:
        return bcrypt.hashpw(_seen(password), bcrypt.gensalt(self._connection.settings.bcrypt_rounds)).decode()


def _seen(password: str) -> bytes:
    """The bytes of a password that count; bcrypt refuses more."""
    return password.encode()[:BCRYPT_BYTES]
