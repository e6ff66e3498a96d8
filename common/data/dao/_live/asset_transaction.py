from common.data.dao._archived_boto3 import AssetTransactionDAO

__all__ = ["AssetTransactionDAO"]
