"""UserDAO: of many who create the same user at once one wins. The check is proved able to fail."""

from __future__ import annotations

import pytest

from common.data import UserAlreadyExistsError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .money_checks import Creates
from .user_rows import entity, key_of

pytestmark = [pytest.mark.concurrent(open_outcome=True), pytest.mark.needs("transactions-atomic")]


def creating(user_dao: UserDAOProtocol, tables: Tables, name: str) -> Creates:
    return Creates(
        create=lambda number: user_dao.create_user(entity(name, first_name=f"Ada {number}")),
        refusal=UserAlreadyExistsError,
        stored=lambda: user_dao.get_user_by_username(name),
        remove=lambda: tables.delete("users", key_of(name)),
    )


def test_of_those_who_create_the_same_user_one_wins(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(3):
        creating(user_dao, tables, ids.name()).check()


def test_a_create_that_has_no_condition_is_found(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    creating(user_dao, tables, ids.name()).check_can_fail()
