"""AssetDAO: of many who create the same asset at once one wins. The check is proved able to fail."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.data import AssetAlreadyExistsError
from common.data.dao.protocols import AssetDAOProtocol
from parity.clock import Ids
from parity.tables import Tables

from .asset_rows import entity, key_of
from .money_checks import Creates

pytestmark = [pytest.mark.concurrent(open_outcome=True), pytest.mark.needs("transactions-atomic")]


def creating(asset_dao: AssetDAOProtocol, tables: Tables, asset_id: str) -> Creates:
    return Creates(
        create=lambda number: asset_dao.create_asset(entity(asset_id, amount=Decimal(number))),
        refusal=AssetAlreadyExistsError,
        stored=lambda: asset_dao.get_asset_by_id(asset_id),
        remove=lambda: tables.delete("inventory", key_of(asset_id)),
    )


def test_of_those_who_create_the_same_asset_one_wins(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids) -> None:
    for _ in range(3):
        creating(asset_dao, tables, ids.name("asset")).check()


def test_a_create_that_has_no_condition_is_found(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids) -> None:
    creating(asset_dao, tables, ids.name("asset")).check_can_fail()
