"""Admins are made by a command, not over HTTP."""

from common.data import User, UserRole
from services.shared.cash import open_balance
from services.shared.context import Daos

__all__ = ["create_admin"]


def create_admin(daos: Daos, username: str, email: str, password: str) -> User:
    """Make a user who may change the inventory.

    Raises:
        pydantic.ValidationError: no user can be like that.
        UserAlreadyExistsError: the username is taken.
        DataError: as from `create_user`.
    """
    admin = daos.users.create_user(
        User(
            username=username,
            email=email,
            password=password,
            first_name="Admin",
            last_name="Admin",
            role=UserRole.ADMIN,
        )
    )
    open_balance(daos, username)
    return admin
