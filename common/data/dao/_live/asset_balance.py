from common.data.dao.asset_balance_dao import AssetBalanceDAO

__all__ = ["AssetBalanceDAO"]
