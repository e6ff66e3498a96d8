from common.data.dao.order_dao import OrderDAO

__all__ = ["OrderDAO"]
