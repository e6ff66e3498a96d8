"""Holdings of assets, by PynamoDB."""

from datetime import datetime
from decimal import Decimal

from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws_errors import condition_failed, lost_race
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.entities import AssetBalance
from common.data.errors import (
    AssetBalanceNotFoundError,
    ConflictError,
    InsufficientAssetBalanceError,
    InvalidArgumentError,
)
from common.data.models.asset_balance import FOREIGN_ROW, AssetBalanceModel

__all__ = ["AssetBalanceDAO"]


class AssetBalanceDAO:
    """Holdings of assets; the contract stands in `AssetBalanceDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection
        self._holdings = connection.bind(AssetBalanceModel)

    @data_operation
    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        """Add to a holding, or take out of it. One strongly consistent Get, one conditional Put or Update."""
        arguments.check_holding(username, asset_id)
        change = arguments.check_number("quantity", quantity)
        call = self._call(username, asset_id)
        key = AssetBalanceModel.key_of(username, asset_id)
        for _ in call.tries():
            row = self._holdings.found(key, consistent_read=True)
            total = self._total(call, row, change)
            now = clock.now()
            try:
                if row is None:
                    return self._create(username, asset_id, total, now)
                return self._set(row, total, now)
            except ClientError as error:
                if not lost_race(error):
                    raise
                stored = self._holdings.rejected(error)
                if call.unanswered and stored is not None and stored.shows(total, now=now):
                    return stored.to_asset_balance()
                call.lost(error)
        raise AssertionError("tries() ends by raising")

    @data_operation
    def get_asset_balance(self, username: str, asset_id: str) -> AssetBalance:
        """Read a holding. One strongly consistent Get."""
        arguments.check_holding(username, asset_id)
        call = self._call(username, asset_id)
        row = self._holdings.found(AssetBalanceModel.key_of(username, asset_id), consistent_read=True)
        if row is None or not row.is_asset_balance:
            raise call.error(AssetBalanceNotFoundError)
        return row.to_asset_balance()

    @data_operation
    def get_all_asset_balances(self, username: str) -> list[AssetBalance]:
        """Read all holdings of a user, by asset id. One strongly consistent Query per page."""
        arguments.check_username(username)
        prefix = AssetBalanceModel.key_names(username, "")
        self._connection.calls.current.at(self._holdings.table_name(), prefix)
        rows = self._holdings.query(username, AssetBalanceModel.any_asset(), consistent_read=True)
        return [holding for page in self._holdings.pages(rows) for holding in self._holdings.asset_balances(page)]

    @data_operation
    def delete_asset_balance(self, username: str, asset_id: str) -> bool:
        """Remove a holding, whatever its quantity. One conditional Delete."""
        arguments.check_holding(username, asset_id)
        call = self._call(username, asset_id)
        key = AssetBalanceModel.key_of(username, asset_id)
        condition = AssetBalanceModel.hash_key.exists() & AssetBalanceModel.entity_type.does_not_exist()
        try:
            call.send(lambda: self._holdings.remove(key, condition))
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def _call(self, username: str, asset_id: str) -> Call:
        key = AssetBalanceModel.key_names(username, asset_id)
        return self._connection.calls.current.at(self._holdings.table_name(), key)

    def _total(self, call: Call, row: AssetBalanceModel | None, change: Decimal) -> Decimal:
        """What the holding will be; a row of another kind is none, and in the way."""
        foreign = row is not None and not row.is_asset_balance
        held = Decimal(0) if row is None or foreign else row.to_asset_balance().quantity
        if change < 0 and held < change.copy_abs():
            raise call.shortage(InsufficientAssetBalanceError, None, available=held, required=change.copy_abs())
        if foreign:
            raise call.error(ConflictError, message=FOREIGN_ROW)
        try:
            return arguments.exact_sum("quantity", held, change)
        except InvalidArgumentError as error:
            raise call.error(InvalidArgumentError, message=error.message) from None

    def _create(self, username: str, asset_id: str, quantity: Decimal, now: datetime) -> AssetBalance:
        row = self._holdings.of(username, asset_id, quantity, now=now)
        row.put(AssetBalanceModel.hash_key.does_not_exist())
        return row.as_stored().to_asset_balance()

    def _set(self, row: AssetBalanceModel, quantity: Decimal, now: datetime) -> AssetBalance:
        stored = self._holdings.change(
            (row.hash_key, row.range_key),
            row.setting(quantity, now=now),
            row.unchanged(),
            returning="new row",
            on_failure="old row",
        )
        if stored is None:
            raise self._connection.calls.current.error(AssetBalanceNotFoundError)
        return stored.to_asset_balance()
