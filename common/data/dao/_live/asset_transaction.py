from common.data.dao.asset_transaction_dao import AssetTransactionDAO

__all__ = ["AssetTransactionDAO"]
