"""The cash balance of a user, which is made on first use."""

import contextlib

from common.data import Balance, BalanceAlreadyExistsError, BalanceNotFoundError
from services.shared.context import Daos

__all__ = ["balance_of", "open_balance", "open_missing_balance"]


def open_balance(daos: Daos, username: str) -> None:
    """Make a user's balance, with nothing on it, unless there is one."""
    with contextlib.suppress(BalanceAlreadyExistsError):
        daos.balances.create_balance(Balance(username=username))


def open_missing_balance(daos: Daos, username: str) -> None:
    """Make the balance that was not found, on first use.

    Raises:
        UserNotFoundError: there is no such user: a token may outlive its user.
    """
    daos.users.get_user_by_username(username)
    open_balance(daos, username)


def balance_of(daos: Daos, username: str) -> Balance:
    """A user's balance, made if it is missing.

    Raises:
        UserNotFoundError: it is missing, and there is no such user.
    """
    try:
        return daos.balances.get_balance(username)
    except BalanceNotFoundError:
        open_missing_balance(daos, username)
        return daos.balances.get_balance(username)
