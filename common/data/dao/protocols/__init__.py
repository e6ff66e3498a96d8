"""What each DAO promises, whichever library is behind it: one module per entity.

Under `Raises:` stand the declared outcomes of a method, one error class a line.
"""

from common.data.dao.protocols.asset import AssetDAOProtocol
from common.data.dao.protocols.asset_balance import AssetBalanceDAOProtocol
from common.data.dao.protocols.asset_transaction import AssetTransactionDAOProtocol
from common.data.dao.protocols.balance import BalanceDAOProtocol
from common.data.dao.protocols.order import OrderDAOProtocol
from common.data.dao.protocols.user import UserDAOProtocol

__all__ = [
    "AssetBalanceDAOProtocol",
    "AssetDAOProtocol",
    "AssetTransactionDAOProtocol",
    "BalanceDAOProtocol",
    "OrderDAOProtocol",
    "UserDAOProtocol",
]
