"""Assets: anyone may look, admins may change."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StrictInt, field_serializer

from common.data import Asset
from services.shared.context import Here
from services.shared.problems import responses
from services.shared.tokens import Admin
from services.shared.values import AssetId, Body, Figure, Number, View, plain

__all__ = ["router"]

router = APIRouter(tags=["assets"])


_Stock = Annotated[Figure, Field(ge=0)]


class _Figures(Body):
    """What the markets say, and texts that are passed on."""

    description: Annotated[str, Field(max_length=500)] | None = None
    symbol: Annotated[str, Field(max_length=50)] | None = None
    image: Annotated[str, Field(max_length=500)] | None = None
    market_cap_rank: Annotated[StrictInt, Field(ge=0, le=1_000_000)] | None = None
    current_price: Figure | None = None
    high_24h: Figure | None = None
    low_24h: Figure | None = None
    circulating_supply: Figure | None = None
    total_supply: Figure | None = None
    max_supply: Figure | None = None
    price_change_24h: Figure | None = None
    price_change_percentage_24h: Figure | None = None
    price_change_percentage_7d: Figure | None = None
    price_change_percentage_30d: Figure | None = None
    market_cap: Figure | None = None
    market_cap_change_24h: Figure | None = None
    market_cap_change_percentage_24h: Figure | None = None
    total_volume_24h: Figure | None = None
    volume_change_24h: Figure | None = None
    ath: Figure | None = None
    ath_change_percentage: Figure | None = None
    ath_date: Annotated[str, Field(max_length=50)] | None = None
    atl: Figure | None = None
    atl_change_percentage: Figure | None = None
    atl_date: Annotated[str, Field(max_length=50)] | None = None
    last_updated: Annotated[str, Field(max_length=50)] | None = None


class NewAsset(_Figures):
    """An asset to be."""

    asset_id: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^#/]+$", examples=["BTC"])]
    name: Annotated[str, Field(min_length=1, max_length=100, examples=["Bitcoin"])]
    category: Annotated[str, Field(min_length=1, max_length=50, examples=["currency"])]
    amount: Annotated[_Stock, Field(examples=["21000000"])]
    price_usd: Annotated[_Stock, Field(examples=["64250.10"])]
    is_active: bool = True


class AssetChange(_Figures):
    """What of an asset shall change; what is left out stays, and null removes what need not be there."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = Field(default="", examples=["Bitcoin"])
    category: Annotated[str, Field(min_length=1, max_length=50)] = Field(default="", examples=["currency"])
    amount: _Stock = Decimal(0)
    price_usd: Annotated[_Stock, Field(examples=["65100.00"])] = Decimal(0)
    is_active: bool = True


class AssetView(View):
    """An asset."""

    asset_id: str
    name: str
    description: str | None
    category: str
    amount: Number
    price_usd: Number
    is_active: bool
    symbol: str | None
    image: str | None
    market_cap_rank: int | None
    current_price: Number | None
    high_24h: Number | None
    low_24h: Number | None
    circulating_supply: Number | None
    total_supply: Number | None
    max_supply: Number | None
    price_change_24h: Number | None
    price_change_percentage_24h: Number | None
    price_change_percentage_7d: Number | None
    price_change_percentage_30d: Number | None
    market_cap: Number | None
    market_cap_change_24h: Number | None
    market_cap_change_percentage_24h: Number | None
    total_volume_24h: Number | None
    volume_change_24h: Number | None
    ath: Number | None
    ath_change_percentage: Number | None
    ath_date: str | None
    atl: Number | None
    atl_change_percentage: Number | None
    atl_date: str | None
    last_updated: str | None
    sparkline_7d: dict[str, object] | None = Field(description="Numbers inside are text.")
    created_at: datetime
    updated_at: datetime

    @field_serializer("sparkline_7d")
    def _sparkline(self, value: dict[str, object] | None) -> object:
        return _as_text(value)


class AssetList(View):
    """Assets, in no order that means anything."""

    items: list[AssetView]


def _as_text(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {name: _as_text(part) for name, part in value.items()}
    return [_as_text(part) for part in value] if isinstance(value, list) else value


@router.get("/assets", responses=responses(422, 429, 503))
def assets(
    here: Here,
    ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]] | None,
        Query(alias="id", max_length=100, description="These alone, active or not; unknown ones are left out."),
    ] = None,
    include_inactive: Annotated[bool, Query(description="Of the whole list.")] = False,  # noqa: FBT002 - a query parameter
) -> AssetList:
    """All assets that are active, or those asked for."""
    dao = here.daos.assets
    found = dao.get_all_assets(active_only=not include_inactive) if ids is None else dao.get_assets_by_ids(ids).values()
    return AssetList(items=[AssetView.model_validate(asset) for asset in found])


@router.get("/assets/{asset_id}", responses=responses(404, 422, 429, 503))
def asset(here: Here, asset_id: AssetId) -> AssetView:
    """One asset, active or not."""
    return AssetView.model_validate(here.daos.assets.get_asset_by_id(asset_id))


@router.post("/assets", status_code=201, responses=responses(400, 401, 403, 409, 413, 422, 429, 503))
def create_asset(here: Here, _admin: Admin, new: NewAsset) -> AssetView:
    """Add an asset. For admins."""
    return AssetView.model_validate(here.daos.assets.create_asset(Asset(**new.model_dump(exclude_unset=True))))


@router.patch("/assets/{asset_id}", responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503))
def update_asset(here: Here, _admin: Admin, asset_id: AssetId, change: AssetChange) -> AssetView:
    """Change some of an asset. For admins."""
    stored = here.daos.assets.get_asset_by_id(asset_id)
    changed = stored.model_copy(update=change.model_dump(exclude_unset=True))
    return AssetView.model_validate(here.daos.assets.update_asset(changed))
