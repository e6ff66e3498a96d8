"""Holdings in memory."""

from decimal import Decimal

from common.data import (
    AssetBalanceNotFoundError,
    ConflictError,
    InsufficientAssetBalanceError,
    arguments,
    clock,
)
from common.data.entities import AssetBalance
from tests.models.numbers import as_text, total
from tests.models.rows import Key, Rows

__all__ = ["AssetBalanceModel", "holding_key", "quantity_after"]


def holding_key(username: str, asset_id: str) -> Key:
    """Where a holding is kept."""
    return "users", username, f"ASSET#{asset_id}"


def quantity_after(holding: AssetBalance | None, change: Decimal, *, in_the_way: bool) -> Decimal:
    """What a holding is once the change is added; `in_the_way` is a row of another kind at its key."""
    held = Decimal(0) if holding is None else holding.quantity
    if change < 0 and held < change.copy_negate():
        raise InsufficientAssetBalanceError(available=held, required=change.copy_negate())
    if in_the_way:
        raise ConflictError
    return arguments.check_number("quantity", total(held, change))


class AssetBalanceModel(Rows):
    """What `AssetBalanceDAOProtocol` promises, over a dict."""

    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        """Add to a holding."""
        arguments.check_holding(username, asset_id)
        change = arguments.check_number("quantity", quantity)
        key = holding_key(username, asset_id)
        holding = self.get(key, AssetBalance)
        after = as_text(quantity_after(holding, change, in_the_way=holding is None and self.is_taken(key)))
        now = clock.now()
        if holding is None:
            holding = AssetBalance(username=username, asset_id=asset_id, quantity=after, created_at=now, updated_at=now)
        self.put(key, holding := holding.model_copy(update={"quantity": after, "updated_at": now}))
        return holding

    def get_asset_balance(self, username: str, asset_id: str) -> AssetBalance:
        """The holding."""
        arguments.check_holding(username, asset_id)
        holding = self.get(holding_key(username, asset_id), AssetBalance)
        if holding is None:
            raise AssetBalanceNotFoundError
        return holding

    def get_all_asset_balances(self, username: str) -> list[AssetBalance]:
        """All holdings of a user, by asset id."""
        arguments.check_username(username)
        rows = self.within("users", username, "ASSET#")
        return [row for _, row in rows if isinstance(row, AssetBalance)]

    def delete_asset_balance(self, username: str, asset_id: str) -> bool:
        """Remove a holding."""
        arguments.check_holding(username, asset_id)
        key = holding_key(username, asset_id)
        if self.get(key, AssetBalance) is None:
            return False
        self.remove(key)
        return True
