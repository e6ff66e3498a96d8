"""The contract of holdings."""

from decimal import Decimal
from typing import Protocol

from common.data.connection import Connection
from common.data.entities import AssetBalance

__all__ = ["AssetBalanceDAOProtocol"]


class AssetBalanceDAOProtocol(Protocol):
    """What users hold of assets."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        ...

    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        """Add to a holding, or take out of it. One strongly consistent Get, one conditional Put or Update.

        Whoever loses a race against another writer reads and writes again, so that no update is ever lost.

        Args:
            username: the user.
            asset_id: the asset.
            quantity: what is added; negative takes out. A holding that is not there is created, by adding 0 too.

        Returns:
            The holding as stored now; the sum keeps its digits (`1.50` and `0.5` make `2.00`).

        Raises:
            InsufficientAssetBalanceError: there is less than is taken out; nothing changed.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no holding could be like that, or the sum has more digits than fit.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: every try lost a race, or a row of another kind has the key; nothing changed.
        """
        ...

    def get_asset_balance(self, username: str, asset_id: str) -> AssetBalance:
        """Read a holding. One strongly consistent Get.

        Returns:
            The holding.

        Raises:
            AssetBalanceNotFoundError: the user holds none of it.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no username or asset id could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_all_asset_balances(self, username: str) -> list[AssetBalance]:
        """Read all holdings of a user, empty ones too. One strongly consistent Query per page.

        Returns:
            The holdings by asset id.

        Raises:
            CorruptItemError: a row cannot be decoded.
            InvalidArgumentError: no username could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def delete_asset_balance(self, username: str, asset_id: str) -> bool:
        """Remove a holding, whatever its quantity. One conditional Delete.

        Returns:
            Whether this call removed it; after a lost answer perhaps False although it did.

        Raises:
            InvalidArgumentError: no username or asset id could be like that.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...
