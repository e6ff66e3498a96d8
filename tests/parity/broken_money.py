"""DAOs of cash and of holdings that are wrong on purpose, in ways that it takes some calls in a row to see."""

from __future__ import annotations

from decimal import Decimal

from common.data import AssetBalance, Balance, BalanceNotFoundError, BalanceTransaction
from common.data.dao.asset_balance_dao import AssetBalanceDAO
from common.data.dao.balance_dao import BalanceDAO
from tests.models.balance import BalanceModel, balance_key


class RoundsLargeSums(BalanceDAO):
    """Returns what a float would have made of a large balance."""

    def post_transaction(self, transaction: BalanceTransaction) -> Balance:
        found = super().post_transaction(transaction)
        return found.model_copy(update={"current_balance": Decimal(str(float(found.current_balance)))})


class ForgetsUpdated(BalanceDAO):
    """Says of a balance that was updated that it is not there."""

    def get_balance(self, username: str) -> Balance:
        found = super().get_balance(username)
        if found.updated_at != found.created_at:
            raise BalanceNotFoundError(operation="BalanceDAO.get_balance")
        return found


class ReadsTwice(BalanceDAO):
    """Reads a balance before it sets it."""

    def update_balance(self, username: str, new_balance: Decimal) -> Balance:
        self.get_balance(username)
        return super().update_balance(username, new_balance)


class DropsZeros(AssetBalanceDAO):
    """Stores a holding as it is written, and returns it without the zeros at its end."""

    def upsert_asset_balance(self, username: str, asset_id: str, quantity: Decimal) -> AssetBalance:
        found = super().upsert_asset_balance(username, asset_id, quantity)
        return found.model_copy(update={"quantity": Decimal(format(found.quantity.normalize(), "f"))})


class ForgetfulModel(BalanceModel):
    """A model that takes an update for nothing."""

    def update_balance(self, username: str, new_balance: Decimal) -> Balance:
        before = self.get_balance(username)
        after = super().update_balance(username, new_balance)
        self.put(balance_key(username), before)
        return after
