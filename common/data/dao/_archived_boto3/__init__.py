"""The DAOs by boto3's Table resource."""

from common.data.dao._archived_boto3.user_dao import UserDAO

__all__ = ["UserDAO"]
