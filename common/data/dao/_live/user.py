from common.data.dao._archived_boto3 import UserDAO

__all__ = ["UserDAO"]
