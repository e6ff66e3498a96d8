from common.data.dao.balance_dao import BalanceDAO

__all__ = ["BalanceDAO"]
