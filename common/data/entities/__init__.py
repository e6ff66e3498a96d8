"""The values of the domain: pure data, without keys or persistence."""

from common.data.entities.asset import Asset
from common.data.entities.asset_balance import AssetBalance
from common.data.entities.asset_transaction import AssetTransaction, AssetTransactionStatus, AssetTransactionType
from common.data.entities.balance import Balance
from common.data.entities.balance_transaction import BalanceTransaction, TransactionStatus, TransactionType
from common.data.entities.order import Order, OrderStatus, OrderType
from common.data.entities.settlement import Settlement
from common.data.entities.user import User, UserRole

__all__ = [
    "Asset",
    "AssetBalance",
    "AssetTransaction",
    "AssetTransactionStatus",
    "AssetTransactionType",
    "Balance",
    "BalanceTransaction",
    "Order",
    "OrderStatus",
    "OrderType",
    "Settlement",
    "TransactionStatus",
    "TransactionType",
    "User",
    "UserRole",
]
