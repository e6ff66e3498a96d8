"""The DAOs by boto3's Table resource."""

from common.data.dao._archived_boto3.asset_balance_dao import AssetBalanceDAO
from common.data.dao._archived_boto3.asset_dao import AssetDAO
from common.data.dao._archived_boto3.asset_transaction_dao import AssetTransactionDAO
from common.data.dao._archived_boto3.balance_dao import BalanceDAO
from common.data.dao._archived_boto3.order_dao import OrderDAO
from common.data.dao._archived_boto3.user_dao import UserDAO

__all__ = ["AssetBalanceDAO", "AssetDAO", "AssetTransactionDAO", "BalanceDAO", "OrderDAO", "UserDAO"]
