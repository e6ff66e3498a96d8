"""AssetTransactionDAO: of many who store a transaction at one instant one wins. The check is proved able to fail."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data import DuplicateTransactionError
from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .asset_transaction_rows import AT, entity, key_of
from .money_checks import Creates

pytestmark = [pytest.mark.concurrent(open_outcome=True), pytest.mark.needs("transactions-atomic")]


def creating(dao: AssetTransactionDAOProtocol, tables: Tables, name: str) -> Creates:
    return Creates(
        create=lambda number: dao.create_asset_transaction(entity(name, quantity=Decimal(number))),
        refusal=DuplicateTransactionError,
        stored=lambda: dao.get_asset_transaction(name, "BTC", AT),
        remove=lambda: tables.delete("users", key_of(name)),
    )


def test_of_those_who_store_a_transaction_at_one_instant_one_wins(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    for _ in range(3):
        creating(asset_transaction_dao, tables, ids.name()).check()


def test_a_create_that_has_no_condition_is_found(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    creating(asset_transaction_dao, tables, ids.name()).check_can_fail()
