"""What a user holds of an asset."""

from pydantic import Field

from common.data import clock
from common.data.entities.base import Entity, Number, Text, Timestamp

__all__ = ["AssetBalance"]


class AssetBalance(Entity):
    """A user's holding of one asset.

    Attributes:
        username: the user.
        asset_id: the asset.
        quantity: how much of it, digits as written (`1.50`).
        created_at, updated_at: aware datetimes in UTC, now by default.
    """

    username: Text
    asset_id: Text
    quantity: Number
    created_at: Timestamp = Field(default_factory=clock.now)
    updated_at: Timestamp = Field(default_factory=clock.now)
