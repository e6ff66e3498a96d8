"""The DAOs of both sides, each side whole, whatever is live."""

from common.data import Connection
from common.data.dao import _archived_boto3 as archived
from common.data.dao.asset_balance_dao import AssetBalanceDAO
from common.data.dao.asset_dao import AssetDAO
from common.data.dao.asset_transaction_dao import AssetTransactionDAO
from common.data.dao.balance_dao import BalanceDAO
from common.data.dao.order_dao import OrderDAO
from common.data.dao.user_dao import UserDAO
from services.shared.context import Daos

__all__ = ["Daos", "archived_daos", "new_daos"]


def archived_daos(connection: Connection) -> Daos:
    """The boto3 ones."""
    return Daos(
        users=archived.UserDAO(connection),
        balances=archived.BalanceDAO(connection),
        orders=archived.OrderDAO(connection),
        assets=archived.AssetDAO(connection),
        asset_balances=archived.AssetBalanceDAO(connection),
        asset_transactions=archived.AssetTransactionDAO(connection),
    )


def new_daos(connection: Connection) -> Daos:
    """The PynamoDB ones."""
    return Daos(
        users=UserDAO(connection),
        balances=BalanceDAO(connection),
        orders=OrderDAO(connection),
        assets=AssetDAO(connection),
        asset_balances=AssetBalanceDAO(connection),
        asset_transactions=AssetTransactionDAO(connection),
    )
