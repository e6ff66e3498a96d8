"""Asset DAOs that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data import Asset, AssetNotFoundError, Connection, CorruptItemError, ThrottledError
from common.data.calls import data_operation
from common.data.dao.asset_dao import AssetDAO
from common.data.models.asset import AssetModel
from common.data.models.base import kind_of
from parity.selfcheck import WrongCandidate
from tests.selfcheck.altered import AlteredUpdates

__all__ = ["ASSETS"]

DAO = "tests/integration/test_asset_dao.py::test_"
LISTS = "tests/integration/test_asset_dao_lists.py::test_"


class NothingIsZero(AssetDAO):
    """Gives zero for a figure that is not there."""

    def get_asset_by_id(self, asset_id: str) -> Asset:
        asset = super().get_asset_by_id(asset_id)
        return asset if asset.market_cap is not None else asset.model_copy(update={"market_cap": Decimal(0)})


class RankIsADecimal(AssetDAO):
    """Gives a whole number as a Decimal."""

    def get_asset_by_id(self, asset_id: str) -> Asset:
        asset = super().get_asset_by_id(asset_id)
        rank = asset.market_cap_rank
        return asset if rank is None else asset.model_copy(update={"market_cap_rank": Decimal(rank)})


class InactiveUnlessSaid(AssetDAO):
    """Takes an old row that does not say so for inactive."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._assets = connection.bind(_Inactive)


class _Inactive(AssetModel):
    def to_asset(self) -> Asset:
        asset = super().to_asset()
        return asset if self.has(AssetModel.is_active) else asset.model_copy(update={"is_active": False})


class FiltersInTheScan(AssetDAO):
    """Leaves it to the service to find what is active, unread."""

    @data_operation
    def get_all_assets(self, active_only: bool = False) -> list[Asset]:
        self._connection.calls.current.at(self._assets.table_name(), None)
        wanted = (AssetModel.is_active == True) if active_only else None  # noqa: E712 - PynamoDB's condition
        return [row.to_asset() for row in self._assets.scan(wanted) if row.is_asset]


class TakesAnyRow(AssetDAO):
    """Lists rows of other kinds among the assets."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._assets = connection.bind(_AnyKind)


class _AnyKind(AssetModel):
    kind = kind_of(AssetModel.entity_type)


class ScansConsistently(AssetDAO):
    """Scans consistently, which costs twice as much."""

    @data_operation
    def get_all_assets(self, active_only: bool = False) -> list[Asset]:
        self._connection.calls.current.at(self._assets.table_name(), None)
        assets = [row.to_asset() for row in self._assets.scan(consistent_read=True) if row.is_asset]
        return [asset for asset in assets if asset.is_active or not active_only]


class HalfABatch(AssetDAO):
    """Asks for fifty keys at a time, where a hundred fit."""

    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        wanted = list(asset_ids)
        parts = [wanted[begin : begin + 50] for begin in range(0, len(wanted), 50)]
        return {key: asset for part in parts for key, asset in super(HalfABatch, self).get_assets_by_ids(part).items()}


class OneByOne(AssetDAO):
    """Reads one asset after another."""

    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        found: dict[str, Asset] = {}
        for asset_id in asset_ids:
            try:
                found[asset_id] = super().get_asset_by_id(asset_id)
            except AssetNotFoundError:
                continue
        return found


class AnyOrder(AssetDAO):
    """Gives assets in an order of its own."""

    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        found = super().get_assets_by_ids(asset_ids)
        return dict(sorted(found.items(), reverse=True))


class TakesWhatItGot(AssetDAO):
    """Gives nothing where keys stay unprocessed, without a word."""

    def get_assets_by_ids(self, asset_ids: Iterable[str]) -> dict[str, Asset]:
        try:
            return super().get_assets_by_ids(asset_ids)
        except ThrottledError:
            return {}


class _NewlyMade(AlteredUpdates, AssetModel):
    @classmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        return [*actions, AssetModel.created_at.set(datetime(2020, 1, 1, tzinfo=UTC))], condition


class MadeAnew(AssetDAO):
    """Overwrites created_at."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._assets = connection.bind(_NewlyMade)


class KeepsWhatIsNone(AssetDAO):
    """Leaves the stored value where None is given."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._assets = connection.bind(_Keeping)


class _Keeping(AlteredUpdates, AssetModel):
    @classmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        return [action for action in actions if "NULL" not in str(action.values[-1])], condition


class ShoutsNames(AssetDAO):
    """Stores a name in capitals."""

    def create_asset(self, asset: Asset) -> Asset:
        return super().create_asset(asset.model_copy(update={"name": asset.name.upper()}))


class CorruptIsNotFound(AssetDAO):
    """Says that a row is not there which cannot be read."""

    def get_asset_by_id(self, asset_id: str) -> Asset:
        try:
            return super().get_asset_by_id(asset_id)
        except CorruptItemError as error:
            raise AssetNotFoundError(error.message) from error


CREATED = (f"{DAO}create_stores_exactly_the_row_of_the_contract",)
LACKING = (f"{DAO}what_an_old_row_lacks_has_a_value",)
EVERY = (f"{DAO}every_field_is_stored_and_read",)
LISTED = (f"{LISTS}all_assets_are_those_of_the_table_and_nothing_else",)
BY_IDS = (f"{LISTS}assets_by_ids_come_in_the_order_of_the_ids",)
UPDATED = (f"{DAO}update_sets_every_field_but_created_at",)
BATCH, ALL = "get_assets_by_ids", "get_all_assets"

ASSETS: Sequence[WrongCandidate] = (
    WrongCandidate(
        NothingIsZero, "asset", "get_asset_by_id", "return", (f"{DAO}missing_options_read_as_nothing",), "market_cap"
    ),
    WrongCandidate(RankIsADecimal, "asset", "get_asset_by_id", "return", EVERY, "market_cap_rank"),
    WrongCandidate(
        InactiveUnlessSaid,
        "asset",
        "get_asset_by_id",
        "return",
        LACKING,
        "is_active",
        also=(ALL, BATCH, "update_asset"),
    ),
    WrongCandidate(FiltersInTheScan, "asset", ALL, "requests", LISTED, "[0].Scan.FilterExpression"),
    WrongCandidate(TakesAnyRow, "asset", ALL, "exception", LISTED, "raised", also=(BATCH, "get_asset_by_id")),
    WrongCandidate(ScansConsistently, "asset", ALL, "cost", LISTED, "read"),
    WrongCandidate(HalfABatch, "asset", BATCH, "requests", (f"{LISTS}many_ids_are_asked_for_by_the_hundred",), "count"),
    WrongCandidate(OneByOne, "asset", BATCH, "requests", BY_IDS),
    WrongCandidate(AnyOrder, "asset", BATCH, "return", BY_IDS),
    WrongCandidate(TakesWhatItGot, "asset", BATCH, "exception", BY_IDS, "raised", faults=True),
    WrongCandidate(MadeAnew, "asset", "update_asset", "items", UPDATED, "inventory.created_at"),
    WrongCandidate(KeepsWhatIsNone, "asset", "update_asset", "requests", UPDATED, "[0].UpdateItem.UpdateExpression"),
    WrongCandidate(ShoutsNames, "asset", "create_asset", "items", EVERY, "inventory.name", also=("get_asset_by_id",)),
    WrongCandidate(
        CorruptIsNotFound,
        "asset",
        "get_asset_by_id",
        "exception",
        (f"{DAO}a_row_that_cannot_be_decoded_is_told_by_every_method",),
        "class",
    ),
)
