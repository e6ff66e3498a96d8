"""What a user's holdings are worth, by the prices of the inventory."""

import functools
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Final

from fastapi import APIRouter

from common.data import Asset, AssetBalance
from services.shared.context import Here
from services.shared.problems import responses
from services.shared.tokens import Caller
from services.shared.values import Number, View

__all__ = ["router"]

router = APIRouter(tags=["portfolio"])

# Two numbers of 38 digits make a product of 76: nothing is rounded. Sums of what is far apart are, for show alone.
_DIGITS: Final = 100


class Position(View):
    """A holding; without a price if the inventory does not know the asset."""

    asset_id: str
    name: str | None
    quantity: Number
    price_usd: Number | None
    value_usd: Number | None


class Portfolio(View):
    """All holdings that are not empty."""

    positions: list[Position]
    total_usd: Number


@router.get("/portfolio", responses=responses(401, 422, 429, 503))
def portfolio(here: Here, username: Caller) -> Portfolio:
    """The user's holdings and what they are worth now."""
    holdings = [held for held in here.daos.asset_balances.get_all_asset_balances(username) if held.quantity]
    assets = here.daos.assets.get_assets_by_ids([held.asset_id for held in holdings])
    positions = [_position(held, assets.get(held.asset_id)) for held in holdings]
    return Portfolio(positions=positions, total_usd=_sum(each.value_usd for each in positions if each.value_usd))


def _position(held: AssetBalance, asset: Asset | None) -> Position:
    price = None if asset is None else asset.price_usd
    return Position(
        asset_id=held.asset_id,
        name=None if asset is None else asset.name,
        quantity=held.quantity,
        price_usd=price,
        value_usd=None if price is None else Context(_DIGITS).multiply(held.quantity, price),
    )


def _sum(values: Iterable[Decimal]) -> Decimal:
    return functools.reduce(Context(_DIGITS).add, values, Decimal(0))
