from common.data.dao._archived_boto3 import BalanceDAO

__all__ = ["BalanceDAO"]
