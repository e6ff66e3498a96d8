"""The ledger of holdings, by PynamoDB."""

from datetime import datetime
from itertools import chain, islice
from operator import itemgetter

from botocore.exceptions import ClientError

from common.data import arguments
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.entities import AssetTransaction
from common.data.errors import DuplicateTransactionError, TransactionNotFoundError
from common.data.models.asset_transaction import AssetTransactionModel

__all__ = ["AssetTransactionDAO"]


class AssetTransactionDAO:
    """The ledger of holdings; the contract stands in `AssetTransactionDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection
        self._transactions = connection.bind(AssetTransactionModel)

    @data_operation
    def create_asset_transaction(self, transaction: AssetTransaction) -> AssetTransaction:
        """Store a ledger row. One conditional Put."""
        transaction = arguments.check_entity("transaction", transaction, AssetTransaction)
        arguments.check_holding_ledger(transaction.username, transaction.asset_id)
        arguments.check_numbers(transaction)
        row = self._transactions.of(transaction)
        call = self._call(transaction.username, transaction.asset_id, row.range_key)
        try:
            call.send(lambda: row.put(AssetTransactionModel.hash_key.does_not_exist()))
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = self._transactions.rejected(error)
            if not call.unanswered or stored is None or stored.stored != row.serialize():
                raise call.refusal(DuplicateTransactionError, error) from error
        return row.as_stored().to_asset_transaction()

    @data_operation
    def get_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> AssetTransaction:
        """Find a ledger row by its text, or by an instant in any spelling. One Get or one Query."""
        arguments.check_holding_ledger(username, asset_id)
        when = arguments.check_timestamp("timestamp", timestamp)
        row = self._get(username, asset_id, when) if isinstance(when, str) else self._find(username, asset_id, when)
        if row is None:
            raise self._connection.calls.current.error(TransactionNotFoundError)
        return row.to_asset_transaction()

    @data_operation
    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        """Read the ledger of one holding, newest first. One Query per page."""
        arguments.check_holding_ledger(username, asset_id)
        arguments.check_limit(limit)
        self._call(username, asset_id)
        hash_key = AssetTransactionModel.hash_key_of(username, asset_id)
        rows = self._transactions.query(hash_key, scan_index_forward=False, page_size=limit)
        pages = map(self._transactions.asset_transactions, self._transactions.pages(rows))
        return list(islice(chain.from_iterable(pages), limit))

    @data_operation
    def get_user_transactions(self, username: str, limit: int | None = None) -> list[AssetTransaction]:
        """Read the ledger of all holdings of a user, newest first. Scans the whole table, one Scan per page."""
        arguments.check_username(username)
        arguments.check_limit(limit)
        self._connection.calls.current.at(self._transactions.table_name(), None)
        rows = self._transactions.scan(AssetTransactionModel.of_user(username))
        found: list[tuple[datetime, tuple[str, str], AssetTransaction]] = []
        for page in self._transactions.pages(rows):
            keys = map(self._transactions.key_text, page)
            transactions = list(self._transactions.asset_transactions(page))
            found += zip([each.created_at for each in transactions], keys, transactions, strict=True)
        found.sort(key=itemgetter(0, 1), reverse=True)
        return [transaction for *_, transaction in found[:limit]]

    @data_operation
    def delete_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> bool:
        """Remove a ledger row by its text, or by an instant in any spelling. One Delete, or one Query and one Delete."""
        arguments.check_holding_ledger(username, asset_id)
        when = arguments.check_timestamp("timestamp", timestamp)
        if isinstance(when, datetime):
            row = self._find(username, asset_id, when, consistent_read=True)
            if row is None:
                return False
            when = row.range_key
        elif not AssetTransactionModel.is_range_key(when):
            return False
        range_key = when
        call = self._call(username, asset_id, range_key)
        key = (AssetTransactionModel.hash_key_of(username, asset_id), range_key)
        condition = AssetTransactionModel.hash_key.exists() & AssetTransactionModel.entity_type.does_not_exist()
        try:
            call.send(lambda: self._transactions.remove(key, condition))
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def _call(self, username: str, asset_id: str, range_key: str | None = None) -> Call:
        key = AssetTransactionModel.key_names(username, asset_id, range_key)
        return self._connection.calls.current.at(self._transactions.table_name(), key)

    def _get(self, username: str, asset_id: str, range_key: str) -> AssetTransactionModel | None:
        self._call(username, asset_id, range_key)
        key = (AssetTransactionModel.hash_key_of(username, asset_id), range_key)
        row = self._transactions.found(key, consistent_read=False)
        return row if row is not None and row.is_asset_transaction else None

    def _find(
        self, username: str, asset_id: str, instant: datetime, *, consistent_read: bool = False
    ) -> AssetTransactionModel | None:
        """The row of an instant: the canonical spelling if it is there, else the lowest key."""
        begin = AssetTransactionModel.first_digits(instant)
        self._call(username, asset_id, begin)
        rows = self._transactions.query(
            AssetTransactionModel.hash_key_of(username, asset_id),
            AssetTransactionModel.range_key.startswith(begin),
            consistent_read=consistent_read,
        )
        found = {row.range_key: row for row in rows if row.is_asset_transaction and row.is_at(instant)}
        canonical = AssetTransactionModel.range_key_of(instant)
        return found.get(canonical) or next(iter(found.values()), None)
