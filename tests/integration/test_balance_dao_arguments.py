"""BalanceDAO: arguments that no row can have are refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid5

import pytest

from common.data import BalanceNotFoundError, InvalidArgumentError
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids

from .balance_rows import balance, transaction
from .user_rows import Requests

SURROGATE = "half a pair \ud83d"
BAD_USERNAMES = [None, "", 5, b"alice", True, ["alice"], "alice#1", "USER#alice", SURROGATE, "x" * 2042, "é" * 1021]
BAD_NUMBERS = [
    None,
    1.5,
    True,
    "1",
    [1],
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Decimal("-Infinity"),
    Decimal("1" * 39),
    Decimal("0." + "1" * 39),
    Decimal("1E+126"),
    Decimal("1E-131"),
    10**126,
]
BAD_IDS = [None, "", "x", 5, b"0" * 16, "0" * 31, "0" * 32, "{00000000-0000-4000-8000-000000000001}", SURROGATE]
BAD_LIMITS = [0, -1, 1001, None, "5", 1.0, True]


def refused(call: Callable[[], object], method: str, requests: Requests) -> None:
    """Assert that a call is refused as a bad argument before any request."""
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    error = caught.value
    assert isinstance(error, ValueError)
    assert requests() == []
    assert (error.table, error.key, error.code, error.request_id) == (None, None, None, None)
    assert error.operation == f"BalanceDAO.{method}"
    assert SURROGATE not in str(error)


def by_username(dao: BalanceDAOProtocol, ids: Ids) -> dict[str, Callable[[Any], object]]:
    identity = ids.uuid()
    entry = transaction("alice", identity)

    def renamed(name: object) -> Any:
        return entry.model_copy(update={"username": name})

    return {
        "create_balance": lambda name: dao.create_balance(balance("alice").model_copy(update={"username": name})),
        "get_balance": dao.get_balance,
        "update_balance": lambda name: dao.update_balance(name, Decimal(1)),
        "create_transaction": lambda name: dao.create_transaction(renamed(name)),
        "post_transaction": lambda name: dao.post_transaction(renamed(name)),
        "get_transaction": lambda name: dao.get_transaction(name, identity),
        "get_user_transactions": dao.get_user_transactions,
        "cleanup_failed_transaction": lambda name: dao.cleanup_failed_transaction(name, identity),
    }


def test_a_bad_username_is_refused_by_every_method(
    balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    for method, call in by_username(balance_dao, ids).items():
        for name in BAD_USERNAMES:
            refused(partial(call, name), method, requests)


def test_a_username_as_long_as_a_key_may_be_is_let_pass(balance_dao: BalanceDAOProtocol, ids: Ids) -> None:
    longest = "y" * 2041
    with pytest.raises(InvalidArgumentError):
        balance_dao.get_balance(longest + "y")
    with pytest.raises(BalanceNotFoundError):
        balance_dao.post_transaction(transaction(longest, ids.uuid()))
    entry = balance_dao.create_transaction(transaction(longest, ids.uuid(), status="failed"))
    assert balance_dao.get_user_transactions(longest) == ([entry], None)
    assert balance_dao.cleanup_failed_transaction(longest, entry.transaction_id) is True


def test_a_bad_number_is_refused_and_never_rounded(
    balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    entry = transaction(ids.name(), ids.uuid())
    dao: Any = balance_dao
    for number in BAD_NUMBERS:
        amount = entry.model_copy(update={"amount": number})
        new = balance(ids.name()).model_copy(update={"current_balance": number})
        refused(partial(dao.create_balance, new), "create_balance", requests)
        refused(partial(dao.update_balance, "alice", number), "update_balance", requests)
        refused(partial(dao.create_transaction, amount), "create_transaction", requests)
        refused(partial(dao.post_transaction, amount), "post_transaction", requests)


def test_a_balance_is_never_set_below_zero(balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests) -> None:
    for amount in ("-1E-130", "-1"):
        refused(partial(balance_dao.create_balance, balance("alice", amount)), "create_balance", requests)
        refused(partial(balance_dao.update_balance, ids.name(), Decimal(amount)), "update_balance", requests)


def test_an_id_that_is_no_uuid_and_a_limit_that_is_none_are_refused(
    balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    dao: Any = balance_dao
    name = ids.name()
    for bad in BAD_IDS:
        refused(partial(dao.get_transaction, name, bad), "get_transaction", requests)
        refused(partial(dao.cleanup_failed_transaction, name, bad), "cleanup_failed_transaction", requests)
    for limit in BAD_LIMITS:
        refused(partial(dao.get_user_transactions, name, limit), "get_user_transactions", requests)


def test_an_entity_built_past_its_validation_is_refused(
    balance_dao: BalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    dao: Any = balance_dao
    entry = transaction(ids.name(), ids.uuid())
    wrong: dict[str, list[object]] = {
        "transaction_id": [str(ids.uuid()), None, uuid5],
        "transaction_type": ["deposit", "gift", None],
        "description": [None, 5, SURROGATE],
        "status": ["completed", None],
        "reference_id": [5, SURROGATE],
        "created_at": [None, "2024-01-01T00:00:00", 5],
    }
    for name, values in wrong.items():
        for value in values:
            built = entry.model_copy(update={name: value})
            refused(partial(dao.create_transaction, built), "create_transaction", requests)
            refused(partial(dao.post_transaction, built), "post_transaction", requests)
    others: list[object] = [None, {}, "x", entry, balance("alice").model_copy(update={"created_at": None})]
    for other in others:
        refused(partial(dao.create_balance, other), "create_balance", requests)
    others = [None, {}, "x", balance("alice"), entry.model_dump()]
    for other in others:
        refused(partial(dao.create_transaction, other), "create_transaction", requests)
        refused(partial(dao.post_transaction, other), "post_transaction", requests)
