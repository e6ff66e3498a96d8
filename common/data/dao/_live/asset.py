from common.data.dao._archived_boto3 import AssetDAO

__all__ = ["AssetDAO"]
