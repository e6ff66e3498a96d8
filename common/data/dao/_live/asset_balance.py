from common.data.dao._archived_boto3 import AssetBalanceDAO

__all__ = ["AssetBalanceDAO"]
