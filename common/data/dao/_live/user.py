from common.data.dao.user_dao import UserDAO

__all__ = ["UserDAO"]
