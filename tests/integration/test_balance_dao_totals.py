"""BalanceDAO on old rows: reading, correcting and posting there and back again leaves every sum as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import transaction
from .totals import totals

pytestmark = pytest.mark.seeded


def test_cash_and_its_ledger_sum_up_to_what_they_did(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    before = totals(tables)
    balances = {
        row["Pk"]["S"]: Decimal(row["current_balance"]["N"])
        for row in tables.items("users")
        if row["Sk"] == {"S": "BALANCE"} and row.get("entity_type") == {"S": "balance"} and "#" not in row["Pk"]["S"]
    }
    cents = {name: cash for name, cash in balances.items() if 0 <= cash < 10**9 and not cash * 100 % 1}
    plain = sorted(cents)  # the sums of others may not fit
    assert len(plain) > 10
    for name in plain[::4]:
        assert balance_dao.get_balance(name).current_balance == balances[name]
        balance_dao.get_user_transactions(name)
        for amount in ("12.34", "-12.34"):
            balance_dao.post_transaction(transaction(name, ids.uuid(), amount))
        balance_dao.update_balance(name, balances[name])
    assert totals(tables) == before
