"""The DAOs that are live, and what each promises; `_live` decides which implementation that is."""

from common.data.dao._live.asset import AssetDAO
from common.data.dao._live.asset_balance import AssetBalanceDAO
from common.data.dao._live.asset_transaction import AssetTransactionDAO
from common.data.dao._live.balance import BalanceDAO
from common.data.dao._live.order import OrderDAO
from common.data.dao._live.user import UserDAO
from common.data.dao.protocols import (
    AssetBalanceDAOProtocol,
    AssetDAOProtocol,
    AssetTransactionDAOProtocol,
    BalanceDAOProtocol,
    OrderDAOProtocol,
    UserDAOProtocol,
)

__all__ = [
    "AssetBalanceDAO",
    "AssetBalanceDAOProtocol",
    "AssetDAO",
    "AssetDAOProtocol",
    "AssetTransactionDAO",
    "AssetTransactionDAOProtocol",
    "BalanceDAO",
    "BalanceDAOProtocol",
    "OrderDAO",
    "OrderDAOProtocol",
    "UserDAO",
    "UserDAOProtocol",
]
