"""The cash balance of a user."""

from decimal import Decimal

from pydantic import Field

from common.data import clock
from common.data.entities.base import Entity, Number, Text, Timestamp

__all__ = ["Balance"]


class Balance(Entity):
    """The cash of one user, in the currency of the platform.

    Attributes:
        username: whose it is.
        current_balance: zero by default.
        created_at, updated_at: aware datetimes in UTC, now by default.
    """

    username: Text
    current_balance: Number = Decimal(0)
    created_at: Timestamp = Field(default_factory=clock.now)
    updated_at: Timestamp = Field(default_factory=clock.now)
