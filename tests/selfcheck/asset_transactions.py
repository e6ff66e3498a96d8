"""DAOs of the ledger of holdings that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition

from common.data import AssetTransaction, Connection, CorruptItemError
from common.data.calls import data_operation
from common.data.dao.asset_transaction_dao import AssetTransactionDAO
from common.data.models.asset_transaction import AssetTransactionModel
from common.data.models.attributes import UtcTimestampAttribute
from parity.selfcheck import WrongCandidate

__all__ = ["ASSET_TRANSACTIONS"]

DAO = "tests/integration/test_asset_transaction_dao.py::test_"
LISTS = "tests/integration/test_asset_transaction_dao_lists.py::test_"


class _Replacing(AssetTransactionModel):
    def put(self, condition: Condition) -> None:
        super().put(AssetTransactionModel.hash_key.exists() | AssetTransactionModel.hash_key.does_not_exist())


class ReplacesRows(AssetTransactionDAO):
    """Stores a row over another."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._transactions = connection.bind(_Replacing)


class _Milliseconds(UtcTimestampAttribute):
    def serialize(self, value: datetime) -> str:
        return super().serialize(value.replace(microsecond=value.microsecond // 1000 * 1000))


class _Coarse(AssetTransactionModel):
    created_at = _Milliseconds(attr_name=AssetTransactionModel.created_at.attr_name)


class StoresMilliseconds(AssetTransactionDAO):
    """Keeps no more than milliseconds of an instant."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._transactions = connection.bind(_Coarse)


class _NoNulls(AssetTransactionModel):
    def _container_serialize(self, null_check: bool = True) -> Any:
        item = super()._container_serialize(null_check)
        return {name: value for name, value in item.items() if "NULL" not in value}


class LeavesOutTheOrder(AssetTransactionDAO):
    """Leaves out the order where there is none, in place of a NULL."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._transactions = connection.bind(_NoNulls)


class FindsOneSpelling(AssetTransactionDAO):
    """Finds an instant in one spelling alone."""

    def _find(
        self, username: str, asset_id: str, instant: datetime, *, consistent_read: bool = False
    ) -> AssetTransactionModel | None:
        row = super()._find(username, asset_id, instant, consistent_read=consistent_read)
        return row if row is not None and row.range_key == AssetTransactionModel.range_key_of(instant) else None


class DeletesWhatWasStale(AssetTransactionDAO):
    """Looks for what it deletes without asking for consistency."""

    def _find(
        self, username: str, asset_id: str, instant: datetime, *, consistent_read: bool = False
    ) -> AssetTransactionModel | None:
        return super()._find(username, asset_id, instant)


class ReadsItAll(AssetTransactionDAO):
    """Reads the whole ledger to give the first rows of it."""

    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        return super().get_user_asset_transactions(username, asset_id)[:limit]


class OneMore(AssetTransactionDAO):
    """Gives a row more than the limit."""

    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        return super().get_user_asset_transactions(username, asset_id, None if limit is None else limit + 1)


class SkipsTheCorrupt(AssetTransactionDAO):
    """Drops a row that it cannot read from a list, without a word."""

    def get_user_asset_transactions(
        self, username: str, asset_id: str, limit: int | None = None
    ) -> list[AssetTransaction]:
        try:
            return super().get_user_asset_transactions(username, asset_id, limit)
        except CorruptItemError:
            return []


class FiltersTheScan(AssetTransactionDAO):
    """Has the whole table sent to it, and looks itself."""

    @data_operation
    def get_user_transactions(self, username: str, limit: int | None = None) -> list[AssetTransaction]:
        self._connection.calls.current.at(self._transactions.table_name(), None)
        model, mine = self._transactions, AssetTransactionModel.hash_key_of(username, "")
        rows = [row for page in model.pages(model.scan()) for row in page if model.key_text(row)[0].startswith(mine)]
        read = zip(model.asset_transactions(rows), map(model.key_text, rows), strict=True)
        found = sorted(read, key=lambda one: (one[0].created_at, one[1]), reverse=True)
        return [transaction for transaction, _ in found[:limit]]


class ByKeyAlone(AssetTransactionDAO):
    """Puts the ledgers of a user behind each other, by asset."""

    def get_user_transactions(self, username: str, limit: int | None = None) -> list[AssetTransaction]:
        found = super().get_user_transactions(username, limit)
        return sorted(found, key=lambda one: (one.asset_id, one.created_at), reverse=True)


class DeletesTwice(AssetTransactionDAO):
    """Deletes once more, to be sure."""

    def delete_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> bool:
        return super().delete_asset_transaction(username, asset_id, timestamp) and not super().delete_asset_transaction(
            username, asset_id, timestamp
        )


class RemovesWhatAnotherRemoved(AssetTransactionDAO):
    """Says that it removed what another writer removed between its read and its write."""

    _found = False

    def _find(
        self, username: str, asset_id: str, instant: datetime, *, consistent_read: bool = False
    ) -> AssetTransactionModel | None:
        row = super()._find(username, asset_id, instant, consistent_read=consistent_read)
        self._found = row is not None
        return row

    def delete_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> bool:
        self._found = False
        return super().delete_asset_transaction(username, asset_id, timestamp) or self._found


class LogsTwice(AssetTransactionDAO):
    """Logs a call once more, as information."""

    def get_asset_transaction(self, username: str, asset_id: str, timestamp: str | datetime) -> AssetTransaction:
        found = super().get_asset_transaction(username, asset_id, timestamp)
        logging.getLogger("common.data").info("found")
        return found


CREATED = (f"{DAO}create_stores_exactly_the_row_of_the_contract",)
SPELLINGS = (f"{DAO}get_by_instant_finds_every_spelling_of_it_and_no_other",)
BY_TEXT = (f"{DAO}get_by_text_is_one_get_of_that_very_text",)
LIMITED = (f"{LISTS}a_limit_is_not_read_past",)
ALL = (f"{LISTS}the_ledger_of_all_holdings_comes_by_instant_then_by_key_descending",)
CREATE, GET, DELETE = "create_asset_transaction", "get_asset_transaction", "delete_asset_transaction"
LIST, LIST_ALL, ENTITY = "get_user_asset_transactions", "get_user_transactions", "asset_transaction"

ASSET_TRANSACTIONS: Sequence[WrongCandidate] = (
    WrongCandidate(
        ReplacesRows, ENTITY, CREATE, "exception", (f"{DAO}create_refuses_a_taken_key_and_keeps_its_row",), "raised"
    ),
    WrongCandidate(StoresMilliseconds, ENTITY, CREATE, "items", CREATED, "users.(row)"),
    WrongCandidate(LeavesOutTheOrder, ENTITY, CREATE, "items", CREATED, "users.order_id"),
    WrongCandidate(FindsOneSpelling, ENTITY, GET, "exception", SPELLINGS, "raised", also=(DELETE,)),
    WrongCandidate(DeletesWhatWasStale, ENTITY, DELETE, "requests", SPELLINGS, "[0].Query.ConsistentRead"),
    WrongCandidate(ReadsItAll, ENTITY, LIST, "requests", LIMITED),
    WrongCandidate(OneMore, ENTITY, LIST, "return", LIMITED, "(length)"),
    WrongCandidate(
        SkipsTheCorrupt,
        ENTITY,
        LIST,
        "exception",
        (f"{DAO}a_row_that_cannot_be_decoded_is_told_by_every_method",),
        "raised",
    ),
    WrongCandidate(FiltersTheScan, ENTITY, LIST_ALL, "requests", ALL, "[0].Scan.FilterExpression"),
    WrongCandidate(ByKeyAlone, ENTITY, LIST_ALL, "return", ALL),
    WrongCandidate(DeletesTwice, ENTITY, DELETE, "requests", (f"{DAO}delete_by_text_removes_one_row_once",), "count"),
    WrongCandidate(LogsTwice, ENTITY, GET, "logs", BY_TEXT, "records"),
    WrongCandidate(
        RemovesWhatAnotherRemoved,
        ENTITY,
        DELETE,
        "return",
        SPELLINGS,
        "(value)",
        faults=True,
    ),
)
