"""Assets, by PynamoDB."""

from collections.abc import Iterable
from typing import Final

from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.entities import Asset
from common.data.errors import AssetAlreadyExistsError, AssetNotFoundError
from common.data.models.asset import AssetModel
from common.data.models.base import WireItem

__all__ = ["AssetDAO"]

BATCH: Final = 100
"""How many keys one BatchGetItem takes."""


class AssetDAO:
    """Assets; the contract stands in `AssetDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection
        self._assets = connection.bind(AssetModel)

    @data_operation
    def create_asset(self, asset: Asset) -> Asset:
        """Store a new asset, both timestamps now. One conditional Put."""
        asset = arguments.check_asset(asset)
        row = self._assets.of(asset, now=clock.now())
        call = self._call(asset.asset_id)
        try:
            call.send(lambda: row.put(AssetModel.hash_key.does_not_exist()))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._assets.rejected(error)
            if not call.unanswered or stored is None or stored.stored != row.serialize():
                raise call.refusal(AssetAlreadyExistsError, error) from error
        return row.as_stored().to_asset()

    @data_operation
    def get_asset_by_id(self, asset_id: str) -> Asset:
        """Read an asset. One eventually consistent Get."""
        arguments.check_asset_id(asset_id)
        call = self._call(asset_id)
        row = self._assets.found((asset_id,), consistent_read=False)
        if row is None or not row.is_asset:
            raise call.error(AssetNotFoundError)
        return row.to_asset()

    @data_operation
    def get_all_assets(self, active_only: bool = False) -> list[Asset]:  # noqa: FBT001, FBT002 - the contract's signature
        """Read every asset. One Scan per page."""
        arguments.check_flag("active_only", active_only)
        self._connection.calls.current.at(self._assets.table_name(), None)
        pages = self._assets.pages(self._assets.scan())
        assets = [asset for page in pages for asset in self._assets.assets(page)]
        return [asset for asset in assets if asset.is_active or not active_only]

    @data_operation
    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        """Read assets by their ids. One BatchGet per 100 ids, more while keys stay unprocessed."""
        wanted = arguments.check_asset_ids(asset_ids)
        self._connection.calls.current.at(self._assets.table_name(), None)
        rows = [row for begin in range(0, len(wanted), BATCH) for row in self._batch(wanted[begin : begin + BATCH])]
        stored = {self._assets.key_text(row): row for row in rows}
        found = [asset_id for asset_id in wanted if asset_id in stored]
        return dict(zip(found, self._assets.assets([stored[asset_id] for asset_id in found]), strict=True))

    @data_operation
    def update_asset(self, asset: Asset) -> Asset:
        """Set every field but created_at, updated_at to now. One conditional Update."""
        asset = arguments.check_asset(asset, lenient=True)
        actions = AssetModel.setting(asset, now=clock.now())
        condition = AssetModel.hash_key.exists() & AssetModel.entity_type.does_not_exist()
        call = self._call(asset.asset_id)
        try:
            row = call.send(lambda: self._assets.change((asset.asset_id,), actions, condition, returning="new row"))
        except ClientError as error:
            if condition_failed(error):
                raise call.refusal(AssetNotFoundError, error) from error
            raise
        if row is None:
            raise call.error(AssetNotFoundError)
        return row.to_asset()

    def _call(self, asset_id: str) -> Call:
        return self._connection.calls.current.at(self._assets.table_name(), AssetModel.key_names(asset_id))

    def _batch(self, asset_ids: list[str]) -> list[WireItem]:
        rows: list[WireItem] = []
        left = asset_ids
        for _ in self._connection.calls.current.batch_tries():
            found, left = self._assets.batch(left)
            rows += found
            if not left:
                break
        return rows
