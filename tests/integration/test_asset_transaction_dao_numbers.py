"""AssetTransactionDAO: every digit that DynamoDB holds goes in and comes out, as it was written."""

from __future__ import annotations

from decimal import Decimal

from common.data import AssetTransaction
from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.clock import Clock, Ids
from parity.tables import Tables

from .asset_transaction_rows import entity, key_of
from .exact_numbers import ANY_SIGN, as_text, assert_sent, spread
from .user_rows import Requests, naive_text

FIELDS = ("quantity", "price", "total_amount")
NUMBERS = [number for number in ANY_SIGN if number or not number.is_signed()]


def read(transaction: AssetTransaction) -> list[str]:
    return [str(getattr(transaction, name)) for name in FIELDS]


def test_a_transaction_keeps_every_digit(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, clock: Clock, requests: Requests
) -> None:
    name, expected = ids.name(), []
    for at in range(len(NUMBERS)):
        given = entity(name, created_at=clock.now(), **spread(NUMBERS, FIELDS, at * 7))
        created = asset_transaction_dao.create_asset_transaction(given)
        texts = [as_text(getattr(given, field)) for field in FIELDS]
        assert_sent(requests(), texts=texts)
        text = naive_text(given.created_at)
        row = tables.get("users", key_of(name, text))
        assert row is not None
        assert [row[field]["S"] for field in FIELDS] == texts
        assert read(created) == [str(Decimal(text)) for text in texts]
        expected.append(read(created))
    assert read(asset_transaction_dao.get_asset_transaction(name, "BTC", text)) == expected[-1]
    listed = asset_transaction_dao.get_user_asset_transactions(name, "BTC")
    assert [read(one) for one in reversed(listed)] == expected
    assert [read(one) for one in reversed(asset_transaction_dao.get_user_transactions(name))] == expected
