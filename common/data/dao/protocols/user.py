"""What the DAO of users promises."""

from typing import Protocol

from common.data.connection import Connection
from common.data.entities import User

__all__ = ["UserDAOProtocol"]


class UserDAOProtocol(Protocol):
    """Users and their credentials."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        ...

    def create_user(self, user: User) -> User:
        """Store a new user, the password as a bcrypt hash, both timestamps now. One conditional Put.

        Returns:
            The user as stored, with `[HASHED]` for the password.

        Raises:
            UserAlreadyExistsError: the username is taken, by a row of whatever kind.
            InvalidArgumentError: the user is not valid, has no email, or no password that can be set.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...

    def get_user_by_username(self, username: str) -> User:
        """Read a user by username. One eventually consistent Get.

        Returns:
            The user, with `[HASHED]` for the password.

        Raises:
            UserNotFoundError: no such user.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no username could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_user_by_email(self, email: str) -> User:
        """Find the user with exactly this email. One Query per page of the index, which may lag a write.

        Returns:
            The user; if several have the email, the lowest by created_at, then username.

        Raises:
            UserNotFoundError: nobody has this email.
            CorruptItemError: a user's row with this email cannot be decoded.
            InvalidArgumentError: no email could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table or index.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def authenticate_user(self, username: str, password: str) -> User:
        """Verify a password; its first 72 bytes in UTF-8 count. One strongly consistent Get, one bcrypt check.

        Returns:
            The user, with `[HASHED]` for the password.

        Raises:
            InvalidCredentialsError: unknown user, wrong password, or a stored hash that is none.
            CorruptItemError: the password is right, but the row cannot be decoded.
            InvalidArgumentError: no username could be like that, or the password is no text.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def update_user(self, user: User) -> User:
        """Set email, names, phone, date of birth, consent and updated_at. One conditional Update.

        A phone or date of birth of None leaves the stored value. Role, password and created_at stay as they are.

        Returns:
            The user as stored now, with `[HASHED]` for the password.

        Raises:
            UserNotFoundError: no such user.
            CorruptItemError: the row, now updated, cannot be decoded.
            InvalidArgumentError: the user is not valid (lengths aside), or has no email.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...

    def change_password(self, username: str, current_password: str, new_password: str) -> None:
        """Replace the password if the current one is right. One strongly consistent Get, one conditional Update.

        Raises:
            InvalidCredentialsError: as from authenticate_user, or another change of the password won.
            InvalidArgumentError: a new password that cannot be set, no username could be like that, or no text.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...
