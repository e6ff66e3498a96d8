"""The cash balance of a user, which is made on first use."""

import contextlib

from common.data import Balance, BalanceAlreadyExistsError, BalanceNotFoundError
from services.shared.context import Daos

__all__ = ["balance_of", "open_balance"]


def open_balance(daos: Daos, username: str) -> None:
    """Make a user's balance, with nothing on it, unless there is one."""
    with contextlib.suppress(BalanceAlreadyExistsError):
        daos.balances.create_balance(Balance(username=username))


def balance_of(daos: Daos, username: str) -> Balance:
    """A user's balance, made if it is missing."""
    try:
        return daos.balances.get_balance(username)
    except BalanceNotFoundError:
        open_balance(daos, username)
        return daos.balances.get_balance(username)
