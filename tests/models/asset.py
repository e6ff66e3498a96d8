"""The inventory in memory."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from common.data import AssetAlreadyExistsError, AssetNotFoundError, arguments, clock
from common.data.entities import Asset
from parity.fuzz.model import AnyOrder
from tests.models.numbers import as_number
from tests.models.rows import Key, Rows

__all__ = ["AssetModel"]


def _key(asset_id: str) -> Key:
    return "inventory", asset_id, ""


def _stored(value: Any) -> Any:
    """A value as it is read once it is stored: every number as DynamoDB keeps it."""
    if isinstance(value, Decimal):
        return as_number(value)
    if isinstance(value, Mapping):
        return {name: _stored(part) for name, part in value.items()}
    return [_stored(part) for part in value] if isinstance(value, list) else value


def _fields(asset: Asset) -> dict[str, Any]:
    return {name: _stored(value) for name, value in vars(asset).items()}


class AssetModel(Rows):
    """What `AssetDAOProtocol` promises, over a dict."""

    def create_asset(self, asset: Asset) -> Asset:
        """Keep a new asset."""
        asset = arguments.check_asset(asset)
        now = clock.now()
        if self.is_taken(_key(asset.asset_id)):
            raise AssetAlreadyExistsError
        fields = _fields(asset) | {"created_at": now, "updated_at": now}
        self.put(_key(asset.asset_id), asset := asset.model_copy(update=fields))
        return asset

    def get_asset_by_id(self, asset_id: str) -> Asset:
        """The asset."""
        arguments.check_asset_id(asset_id)
        asset = self.get(_key(asset_id), Asset)
        if asset is None:
            raise AssetNotFoundError
        return asset

    def get_all_assets(self, active_only: bool = False) -> list[Asset]:  # noqa: FBT001, FBT002 - the contract's signature
        """Every asset; DynamoDB knows in which order."""
        arguments.check_flag("active_only", active_only)
        assets = (asset for _, asset in self.all(Asset, "inventory"))
        return AnyOrder(asset for asset in assets if asset.is_active or not active_only)

    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        """Assets by id, in the order of the ids."""
        wanted = arguments.check_asset_ids(asset_ids)
        found = {asset_id: self.get(_key(asset_id), Asset) for asset_id in wanted}
        return {asset_id: asset for asset_id, asset in found.items() if asset is not None}

    def update_asset(self, asset: Asset) -> Asset:
        """Set every field but created_at."""
        asset = arguments.check_asset(asset, lenient=True)
        now = clock.now()
        kept = self.get(_key(asset.asset_id), Asset)
        if kept is None:
            raise AssetNotFoundError
        fields = _fields(asset) | {"created_at": kept.created_at, "updated_at": now}
        self.put(_key(asset.asset_id), kept := kept.model_copy(update=fields))
        return kept
