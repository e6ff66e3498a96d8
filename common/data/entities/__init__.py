"""The values of the domain: pure data, without keys or persistence."""

from common.data.entities.user import User, UserRole

__all__ = ["User", "UserRole"]
