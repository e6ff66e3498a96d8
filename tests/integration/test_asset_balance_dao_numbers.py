"""AssetBalanceDAO: every digit that DynamoDB holds goes in and comes out, as it was written."""

from __future__ import annotations

from decimal import Decimal

from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .asset_balance_rows import stored
from .exact_numbers import NOT_BELOW_ZERO, as_text, assert_sent, nothing_of
from .user_rows import Requests


def test_a_holding_keeps_every_digit_there_and_back(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    for at, quantity in enumerate(NOT_BELOW_ZERO):
        asset = f"A{at}"
        for change, after in ((quantity, quantity), (quantity.copy_negate(), nothing_of(quantity))):
            result = asset_balance_dao.upsert_asset_balance(name, asset, change)
            assert_sent(requests(), texts=[as_text(after)])
            assert stored(tables, name, asset)["quantity"] == {"S": as_text(after)}
            found = asset_balance_dao.get_asset_balance(name, asset)
            assert str(result.quantity) == str(found.quantity) == str(Decimal(as_text(after)))
        asset_balance_dao.upsert_asset_balance(name, asset, quantity)
    listed = {one.asset_id: str(one.quantity) for one in asset_balance_dao.get_all_asset_balances(name)}
    assert listed == {f"A{at}": str(Decimal(as_text(quantity))) for at, quantity in enumerate(NOT_BELOW_ZERO)}
