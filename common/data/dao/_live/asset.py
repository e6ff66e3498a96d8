from common.data.dao.asset_dao import AssetDAO

__all__ = ["AssetDAO"]
