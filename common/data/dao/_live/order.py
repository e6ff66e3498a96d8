from common.data.dao._archived_boto3 import OrderDAO

__all__ = ["OrderDAO"]
