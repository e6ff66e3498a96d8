"""AssetDAO: every digit that DynamoDB holds goes in and comes out, through every field and method."""

from __future__ import annotations

from common.data.dao.protocols import AssetDAOProtocol
from parity.clock import Ids
from parity.tables import Tables
from parity.wireform import canonical_item

from .asset_rows import FIGURES, entity, exact, read_as, stored
from .exact_numbers import ANY_SIGN, NOT_BELOW_ZERO, as_number, assert_sent, spread
from .user_rows import Requests

RANKS = [0, 1, -7, 10**37 + 1, 10**125]


def values(at: int) -> dict[str, object]:
    """Every numeric field of an asset."""
    inside = spread(ANY_SIGN, ("first", "second", "third"), at * 3)
    return {
        **spread(NOT_BELOW_ZERO, ("amount", "price_usd"), at),
        **spread(ANY_SIGN, FIGURES, at),
        "market_cap_rank": RANKS[at % len(RANKS)],
        "sparkline_7d": {"price": [inside["first"], [inside["second"]]], "last": {"at": inside["third"], "rank": 7}},
    }


def texts(given: dict[str, object], at: int) -> list[str]:
    """All of its numbers in DynamoDB's form."""
    plain = [*spread(ANY_SIGN, ("first", "second", "third"), at * 3).values()]
    plain += [*spread(NOT_BELOW_ZERO, ("amount", "price_usd"), at).values(), *spread(ANY_SIGN, FIGURES, at).values()]
    return [*map(as_number, plain), str(given["market_cap_rank"]), "7"]


def test_an_asset_keeps_every_digit(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests) -> None:
    asset_ids = []
    for at in range(len(NOT_BELOW_ZERO)):
        asset_id = ids.name("a")
        created = asset_dao.create_asset(entity(asset_id, **values(at)))
        assert_sent(requests(), numbers=texts(values(at), at))
        assert exact(created) == read_as(canonical_item(stored(tables, asset_id)))
        later = at + len(NOT_BELOW_ZERO)
        updated = asset_dao.update_asset(entity(asset_id, **values(later)))
        assert_sent(requests(), numbers=texts(values(later), later))
        row = canonical_item(stored(tables, asset_id))
        assert exact(updated) == exact(asset_dao.get_asset_by_id(asset_id)) == read_as(row)
        for name, number in spread(ANY_SIGN, FIGURES, later).items():
            assert row[name] == {"N": as_number(number)}
        asset_ids.append(asset_id)
    many = asset_dao.get_assets_by_ids(asset_ids)
    every = {asset.asset_id: asset for asset in asset_dao.get_all_assets()}
    for asset_id in asset_ids:
        row = canonical_item(stored(tables, asset_id))
        assert exact(many[asset_id]) == exact(every[asset_id]) == read_as(row)
