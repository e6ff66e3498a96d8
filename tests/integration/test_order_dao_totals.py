"""OrderDAO on old rows: what old users buy and sell again adds to every sum just what it must, and to most of them nothing."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest

from common.data.dao.protocols import OrderDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .balance_rows import cash
from .order_rows import trade
from .totals import totals

pytestmark = [pytest.mark.seeded, pytest.mark.needs("transactions-atomic")]

QUANTITY, TOTAL = "0.75", "12.34"


def old_holdings(tables: Tables) -> list[tuple[str, str]]:
    """User and asset of holdings whose users can pay; the sums of others may not fit."""
    rows = tables.items("users")
    can_pay = {
        row["Pk"]["S"]
        for row in rows
        if row["Sk"] == {"S": "BALANCE"} and 100 <= Decimal(row["current_balance"]["N"]) < 10**9
    }
    held = {row["Pk"]["S"]: row["asset_id"]["S"] for row in rows if row["Sk"]["S"].startswith("ASSET#")}
    return sorted((user, asset) for user, asset in held.items() if user in can_pay and not user.startswith("rule-"))


def test_what_old_users_buy_and_sell_again_sums_up(order_dao: OrderDAOProtocol, tables: Tables, ids: Ids) -> None:
    before = totals(tables)
    holdings = old_holdings(tables)
    assert len(holdings) > 10
    settled = holdings[::4]
    for user, asset in settled:
        paid = cash(tables, user)
        for kind in ("market_buy", "market_sell"):
            one = trade(ids, kind, user=user, asset=asset, quantity=QUANTITY, total=TOTAL)
            one.settle(order_dao)
            assert cash(tables, user) == paid - (Decimal(TOTAL) if kind == "market_buy" else 0)
    added: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for name, each in (("quantity", QUANTITY), ("total_amount", TOTAL)):
        for kind_of_row in (("users", "TRANS", ""), ("orders", "", "ORDER")):  # two more rows a user, both above zero
            added[(*kind_of_row, name)] = Fraction(each) * 2 * len(settled)
    after = totals(tables)
    changed = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)}
    assert changed == added
    assert after.keys() >= before.keys()


def test_an_old_order_that_is_settled_moves_what_it_says_and_no_other_sum(
    order_dao: OrderDAOProtocol, tables: Tables, ids: Ids
) -> None:
    user, asset = old_holdings(tables)[0]
    one = trade(ids, "limit_buy", user=user, asset=asset, quantity=QUANTITY, total=TOTAL)
    tables.put("orders", one.order_row())
    before = totals(tables)
    one.settle(order_dao)
    after = totals(tables)
    assert {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)} == {
        ("users", "", "BALANCE", "current_balance"): -Fraction(TOTAL),
        ("users", "TRANS", "", "amount"): -Fraction(TOTAL),
        ("users", "", "ASSET", "quantity"): Fraction(QUANTITY),
        ("users", "TRANS", "", "quantity"): Fraction(QUANTITY),
        ("users", "TRANS", "", "total_amount"): Fraction(TOTAL),
    }
