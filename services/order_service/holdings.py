"""What the user holds, and how it came about."""

from datetime import datetime

from fastapi import APIRouter

from common.data import AssetTransactionStatus, AssetTransactionType
from services.shared.context import Here
from services.shared.problems import responses
from services.shared.tokens import Caller
from services.shared.values import AssetId, Limit, Number, View

__all__ = ["router"]

router = APIRouter(tags=["holdings"])


class HoldingView(View):
    """What the user holds of an asset."""

    asset_id: str
    quantity: Number
    updated_at: datetime


class HoldingList(View):
    """All holdings, by asset id; empty ones too."""

    items: list[HoldingView]


class FillView(View):
    """A purchase or a sale."""

    asset_id: str
    transaction_type: AssetTransactionType
    quantity: Number
    price: Number
    total_amount: Number
    order_id: str | None
    status: AssetTransactionStatus
    created_at: datetime


class FillList(View):
    """Purchases and sales, newest first."""

    items: list[FillView]


@router.get("/holdings", responses=responses(401, 422, 429, 503))
def holdings(here: Here, username: Caller) -> HoldingList:
    """All that the user holds."""
    found = here.daos.asset_balances.get_all_asset_balances(username)
    return HoldingList(items=[HoldingView.model_validate(held) for held in found])


@router.get("/holdings/{asset_id}", responses=responses(401, 404, 422, 429, 503))
def holding(here: Here, username: Caller, asset_id: AssetId) -> HoldingView:
    """What the user holds of one asset."""
    return HoldingView.model_validate(here.daos.asset_balances.get_asset_balance(username, asset_id))


@router.get("/holdings/{asset_id}/transactions", responses=responses(401, 422, 429, 503))
def fills(here: Here, username: Caller, asset_id: AssetId, limit: Limit = 50) -> FillList:
    """The user's purchases and sales of one asset."""
    found = here.daos.asset_transactions.get_user_asset_transactions(username, asset_id, limit)
    return FillList(items=[FillView.model_validate(fill) for fill in found])
