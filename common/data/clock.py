"""The one place where the data layer reads the time."""

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """The current instant, as an aware datetime in UTC."""
    return datetime.now(UTC)
