"""The DAOs that are live; `_live` decides which implementation that is."""

from common.data.dao._live.user import UserDAO

__all__ = ["UserDAO"]
