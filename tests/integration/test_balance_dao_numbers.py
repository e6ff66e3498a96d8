"""BalanceDAO: every digit that DynamoDB holds goes in and comes out, through every method."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data import BalanceAlreadyExistsError
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables
from parity.wireform import canonical_item

from .balance_rows import balance, balance_key, balance_row, ledger_key, number, row_of, transaction
from .exact_numbers import ABOVE_ZERO, ANY_SIGN, NOT_BELOW_ZERO, as_number, assert_sent
from .user_rows import Requests, naive_text


def stored_cash(tables: Tables, username: str) -> str:
    return str((row_of(tables, balance_key(username)) or {})["current_balance"]["N"])


def test_a_balance_keeps_every_digit(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for first, second in zip(NOT_BELOW_ZERO, reversed(NOT_BELOW_ZERO), strict=True):
        name = ids.name()
        created = balance_dao.create_balance(balance(name, str(first)))
        assert_sent(requests(), numbers=[as_number(first)])
        assert stored_cash(tables, name) == as_number(first)
        assert str(created.current_balance) == str(Decimal(as_number(first)))
        updated = balance_dao.update_balance(name, second)
        assert_sent(requests(), numbers=[as_number(second)])
        assert stored_cash(tables, name) == as_number(second)
        found = balance_dao.get_balance(name)
        assert str(updated.current_balance) == str(found.current_balance) == str(Decimal(as_number(second)))


def test_a_ledger_row_keeps_every_digit(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    for amount in ANY_SIGN:
        entry = transaction(name, ids.uuid(), str(amount))
        created = balance_dao.create_transaction(entry)
        assert_sent(requests(), numbers=[as_number(amount)])
        row = row_of(tables, ledger_key(name, naive_text(entry.created_at)))
        assert row is not None
        assert row["amount"] == {"N": as_number(amount)}
        assert str(created.amount) == str(Decimal(as_number(amount)))
    found = balance_dao.get_transaction(name, entry.transaction_id)
    assert str(found.amount) == str(Decimal(as_number(amount)))
    rows, _ = balance_dao.get_user_transactions(name)
    assert [str(row.amount) for row in rows] == [str(Decimal(as_number(amount))) for amount in reversed(ANY_SIGN)]


@pytest.mark.needs("sum-38-digits")
def test_a_posting_moves_every_digit_there_and_back(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name, "0"))
    for amount in ABOVE_ZERO:
        for signed, after in ((amount, as_number(amount)), (amount.copy_negate(), "0")):
            entry = transaction(name, ids.uuid(), str(signed))
            posted = balance_dao.post_transaction(entry)
            assert_sent(requests(), numbers=[as_number(signed)])
            assert number(posted.current_balance) == stored_cash(tables, name) == after
            row = row_of(tables, ledger_key(name, naive_text(entry.created_at)))
            assert row is not None
            assert row["amount"] == {"N": as_number(signed)}


def test_numbers_of_any_length_in_what_nobody_knows_do_no_harm(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    texts = [as_number(value) for value in ABOVE_ZERO]
    name = ids.name()
    row = balance_row(name, "3", old_set={"NS": texts}, old_map={"M": {"L": {"L": [{"N": text} for text in texts]}}})
    tables.put("users", row)
    assert balance_dao.get_balance(name).current_balance == 3
    with pytest.raises(BalanceAlreadyExistsError):
        balance_dao.create_balance(balance(name))
    assert balance_dao.update_balance(name, Decimal(4)).current_balance == 4
    kept = canonical_item(row_of(tables, balance_key(name)) or {})
    assert {key: kept[key] for key in ("old_set", "old_map")} == {
        key: canonical_item(row)[key] for key in ("old_set", "old_map")
    }
