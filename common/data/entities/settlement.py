"""What a settled order left."""

from common.data.entities.asset_balance import AssetBalance
from common.data.entities.balance import Balance
from common.data.entities.base import Entity
from common.data.entities.order import Order

__all__ = ["Settlement"]


class Settlement(Entity):
    """A settled order, with the cash and the holding of its user after it.

    Attributes:
        order: as stored, completed.
        balance: the user's cash.
        asset_balance: the user's holding of the asset.
    """

    order: Order
    balance: Balance
    asset_balance: AssetBalance
