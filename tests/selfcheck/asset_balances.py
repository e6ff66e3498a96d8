"""DAOs of holdings that are wrong on purpose, one fault each, for the harness to find."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data import AssetBalance, Connection, InsufficientAssetBalanceError
from common.data.dao.asset_balance_dao import AssetBalanceDAO
from common.data.models.asset_balance import AssetBalanceModel
from common.data.models.attributes import DecimalTextAttribute
from parity.selfcheck import WrongCandidate

__all__ = ["ASSET_BALANCES"]

DAO = "tests/integration/test_asset_balance_dao.py::test_"


class LosesZeros(AssetBalanceDAO):
    """Takes the zeros off the end of a quantity."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._holdings = connection.bind(_WithoutZeros)


class _Normal(DecimalTextAttribute):
    def serialize(self, value: Decimal) -> str:
        text = super().serialize(value)
        return text.rstrip("0").rstrip(".") if "." in text else text


class _WithoutZeros(AssetBalanceModel):
    quantity = _Normal(attr_name=AssetBalanceModel.quantity.attr_name)


class _AsPython(DecimalTextAttribute):
    def serialize(self, value: Decimal) -> str:
        return str(value)


class _Scientific(AssetBalanceModel):
    quantity = _AsPython(attr_name=AssetBalanceModel.quantity.attr_name)


class StoresExponents(AssetBalanceDAO):
    """Stores a small quantity with an exponent, as Python writes it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._holdings = connection.bind(_Scientific)


class AddsIn28Digits(AssetBalanceDAO):
    """Adds in Python's default context."""

    def _total(self, call: object, row: AssetBalanceModel | None, change: Decimal) -> Decimal:
        held = Decimal(0) if row is None else row.to_asset_balance().quantity
        return held + change


class _Unguarded(AssetBalanceModel):
    def unchanged(self) -> Condition:
        return AssetBalanceModel.hash_key.exists()


class LosesUpdates(AssetBalanceDAO):
    """Writes whatever was written since it read."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._holdings = connection.bind(_Unguarded)


class _UnguardedAmongThreads(AssetBalanceModel):
    def unchanged(self) -> Condition:
        if threading.current_thread() is threading.main_thread():
            return super().unchanged()
        return AssetBalanceModel.hash_key.exists()


class LosesUpdatesAmongThreads(AssetBalanceDAO):
    """Writes over what another thread wrote since it read."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._holdings = connection.bind(_UnguardedAmongThreads)


class RemovesAtZero(AssetBalanceDAO):
    """Removes a holding of which nothing is left."""

    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        held = super().upsert_asset_balance(username, asset_id, quantity)
        if held.quantity == 0:
            super().delete_asset_balance(username, asset_id)
        return held


class _Undated(AssetBalanceModel):
    def setting(self, quantity: Decimal, *, now: datetime) -> list[Action]:
        return super().setting(quantity, now=now)[:2]


class GivesNoDate(AssetBalanceDAO):
    """Leaves an old holding without created_at."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._holdings = connection.bind(_Undated)


class AlwaysRemoved(AssetBalanceDAO):
    """Says that it removed what was not there."""

    def delete_asset_balance(self, username: str, asset_id: str) -> bool:
        super().delete_asset_balance(username, asset_id)
        return True


class LastFirst(AssetBalanceDAO):
    """Lists holdings from the last asset to the first."""

    def get_all_asset_balances(self, username: str) -> list[AssetBalance]:
        return sorted(super().get_all_asset_balances(username), key=lambda held: held.asset_id, reverse=True)


class SaysWhatIsMissing(AssetBalanceDAO):
    """Says how much is missing, where it should say how much is wanted."""

    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        try:
            return super().upsert_asset_balance(username, asset_id, quantity)
        except InsufficientAssetBalanceError as error:
            error.required -= error.available
            raise


class KeepsTheLast(AssetBalanceDAO):
    """Never lets the whole holding go."""

    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        held = super().upsert_asset_balance(username, asset_id, quantity)
        if held.quantity == 0 and quantity < 0:
            super().upsert_asset_balance(username, asset_id, -quantity)
            raise InsufficientAssetBalanceError(available=-quantity, required=-quantity)
        return held


class GivesUpAtOnce(AssetBalanceDAO):
    """Is told of a conflict and gives up."""

    def __init__(self, connection: Connection) -> None:
        once = connection.settings.model_copy(update={"conflict_attempts": 1})
        super().__init__(Connection(once, session=connection._session))


SUMS = (f"{DAO}a_sum_is_exact_and_keeps_its_digits",)
FIRST = (f"{DAO}the_first_quantity_makes_the_holding",)
ONE_WRITE = (f"{DAO}upsert_is_one_consistent_get_and_one_conditional_write",)
SHORT = (f"{DAO}nobody_takes_out_more_than_there_is",)
UPSERT, ENTITY = "upsert_asset_balance", "asset_balance"

ASSET_BALANCES: Sequence[WrongCandidate] = (
    WrongCandidate(LosesZeros, ENTITY, UPSERT, "items", FIRST, "users.quantity"),
    WrongCandidate(StoresExponents, ENTITY, UPSERT, "items", FIRST, "users.quantity"),
    WrongCandidate(AddsIn28Digits, ENTITY, UPSERT, "return", SUMS, "quantity"),
    WrongCandidate(LosesUpdates, ENTITY, UPSERT, "requests", ONE_WRITE, "[1].UpdateItem.ConditionExpression"),
    WrongCandidate(
        LosesUpdatesAmongThreads,
        ENTITY,
        "(test)",
        "return",
        (
            "tests/integration/test_asset_balance_dao_concurrency.py::test_sixteen_threads_that_add_lose_no_update_and_meet_no_conflict",
        ),
        "(test)",
    ),
    WrongCandidate(RemovesAtZero, ENTITY, UPSERT, "requests", SUMS, "count"),
    WrongCandidate(
        GivesNoDate,
        ENTITY,
        UPSERT,
        "items",
        (
            "tests/integration/test_asset_balance_dao_seeded.py::test_a_holding_without_created_at_is_given_its_last_update_in_naive_form",
        ),
        "users.created_at",
    ),
    WrongCandidate(
        AlwaysRemoved, ENTITY, "delete_asset_balance", "return", (f"{DAO}delete_removes_one_holding_once",), "(value)"
    ),
    WrongCandidate(
        LastFirst,
        ENTITY,
        "get_all_asset_balances",
        "return",
        (f"{DAO}all_holdings_come_in_the_order_of_their_ids_and_nothing_else_does",),
    ),
    WrongCandidate(SaysWhatIsMissing, ENTITY, UPSERT, "exception", SHORT, "attributes.required"),
    WrongCandidate(KeepsTheLast, ENTITY, UPSERT, "exception", SUMS, "raised"),
    WrongCandidate(GivesUpAtOnce, ENTITY, UPSERT, "exception", ONE_WRITE, "raised", faults=True),
)
