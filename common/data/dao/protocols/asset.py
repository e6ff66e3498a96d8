"""The contract of assets."""

from collections.abc import Iterable
from typing import Protocol

from common.data.connection import Connection
from common.data.entities import Asset

__all__ = ["AssetDAOProtocol"]


class AssetDAOProtocol(Protocol):
    """The assets of the inventory."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        ...

    def create_asset(self, asset: Asset) -> Asset:
        """Store a new asset, both timestamps now. One conditional Put.

        Returns:
            The asset as stored: numbers without trailing zeros.

        Raises:
            AssetAlreadyExistsError: the id is taken, by a row of whatever kind.
            InvalidArgumentError: the asset is not valid.
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...

    def get_asset_by_id(self, asset_id: str) -> Asset:
        """Read an asset. One eventually consistent Get.

        Returns:
            The asset.

        Raises:
            AssetNotFoundError: no such asset.
            CorruptItemError: the row cannot be decoded.
            InvalidArgumentError: no asset id could be like that.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_all_assets(self, active_only: bool = False) -> list[Asset]:  # noqa: FBT001, FBT002 - the contract's signature
        """Read every asset, in DynamoDB's order. One eventually consistent Scan per page.

        Args:
            active_only: leave out those that are not active, once all are decoded.

        Returns:
            The assets.

        Raises:
            CorruptItemError: a row cannot be decoded, be it active or not.
            ThrottledError: DynamoDB throttled the request.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        """Read assets by their ids. One eventually consistent BatchGet per 100 different ids.

        Keys that DynamoDB leaves unprocessed are asked for again, `max_attempts` times in all per batch.

        Args:
            asset_ids: the ids, as many as there are; one given twice counts once.

        Returns:
            The assets by id, in the order of the ids; unknown ones are absent.

        Raises:
            CorruptItemError: a row cannot be decoded.
            InvalidArgumentError: no asset id could be like that, or no ids were given but a text.
            ThrottledError: DynamoDB throttled the request, or left keys unprocessed.
            DatabaseUnavailableError: no answer.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
        """
        ...

    def update_asset(self, asset: Asset) -> Asset:
        """Set every field but created_at, None as NULL, and updated_at to now. One conditional Update.

        Returns:
            The asset as stored now.

        Raises:
            AssetNotFoundError: no such asset.
            CorruptItemError: the row, now updated, cannot be decoded.
            InvalidArgumentError: the asset is not valid (lengths aside).
            ThrottledError: DynamoDB throttled the request; nothing changed.
            DatabaseUnavailableError: no answer; the outcome may be unknown.
            TableNotFoundError: there is no such table.
            AccessDeniedError: credentials are missing, wrong or expired, or do not suffice.
            ConflictError: transactions kept the row busy; nothing changed.
        """
        ...
