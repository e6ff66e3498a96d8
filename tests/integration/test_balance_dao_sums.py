"""BalanceDAO: sums of postings, exact to 38 digits or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from common.data import DuplicateTransactionError, InvalidArgumentError
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .balance_rows import (
    WHEN,
    balance_row,
    cash,
    fields,
    ledger,
    ledger_row,
    posting_row,
    read_balance,
    row_of,
    transaction,
)
from .user_rows import Requests

pytestmark = pytest.mark.needs("sum-38-digits")

AT = datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)

SUMS = [
    ("12345678901234567890123456789012345678", "1"),
    ("1234567890123456789.0123456789012345678", "-0.0123456789012345678"),
    ("0.12345678901234567890123456789012345678", "0.00000000000000000000000000000000000001"),
    ("99999999999999999999999999999999999999", "1"),
    ("9E+37", "9E+37"),
    ("1E-130", "1E-130"),
    ("9E+125", "9E+124"),
]


def test_sums_are_exact_to_the_last_digit(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    for stored, amount in SUMS:
        name = ids.name()
        tables.put("users", balance_row(name, format(Decimal(stored), "f")))
        result = balance_dao.post_transaction(transaction(name, ids.uuid(), amount))
        assert _scaled(result.current_balance) == _scaled(Decimal(stored)) + _scaled(Decimal(amount))
        assert cash(tables, name) == result.current_balance


def _scaled(value: Decimal) -> int:
    """A number of 140 places as a whole number: arithmetic that knows no limit."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits)) + "0" * (140 + exponent))
    return -whole if sign else whole


MISFITS = [
    ("12345678901234567890123456789012345678", "0.5"),
    ("99999999999999999999999999999999999999", "2"),
    ("1", "1E-130"),
    ("9.99E+125", "9E+125"),
    ("12345678901234567890123456789012345678", "-0.5"),
]


def test_a_sum_that_does_not_fit_changes_nothing(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for stored, amount in MISFITS:
        name, identity = ids.name(), ids.uuid()
        row = balance_row(name, format(Decimal(stored), "f"))
        tables.put_all("users", [row, ledger_row(name, ids.uuid())])
        with pytest.raises(InvalidArgumentError) as caught:
            balance_dao.post_transaction(transaction(name, identity, amount, created_at=AT))
        assert type(caught.value) is InvalidArgumentError
        assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": name, "Sk": "BALANCE"})
        assert caught.value.code in {"TransactionCanceledException", "ValidationException"}
        assert requests()[0].operation == "TransactWriteItems"
        assert len(requests()) <= 3
        assert row_of(tables, row) == row
        assert [each["Sk"]["S"] for each in ledger(tables, name)] == [WHEN]


def test_done_before_is_decided_before_fit(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name, identity = ids.name(), ids.uuid()
    row = balance_row(name, "12345678901234567890123456789012345678")
    mine = ledger_row(name, identity, amount={"N": "0.5"})
    tables.put_all("users", [row, mine, posting_row(name, identity)])
    assert fields(balance_dao.post_transaction(transaction(name, identity, "0.5"))) == read_balance(row)
    assert len(requests()) <= 4
    with pytest.raises(DuplicateTransactionError):
        balance_dao.post_transaction(transaction(name, identity, "0.25"))
    assert row_of(tables, row) == row


def test_a_sum_that_fits_once_another_made_room_is_posted(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", balance_row(name, "12345678901234567890123456789012345678"))
    faults.before("GetItem", lambda: tables.put("users", balance_row(name, "1")), skip=0)
    assert balance_dao.post_transaction(transaction(name, ids.uuid(), "0.5")).current_balance == Decimal("1.5")
    assert len(faults.waits) == 1
