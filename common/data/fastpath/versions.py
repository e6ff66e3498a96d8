"""Which versions of the libraries the fast path is proved with."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from common.data.errors import DatabaseError

__all__ = ["SUPPORTED", "check_versions"]

SUPPORTED: Mapping[str, str] = MappingProxyType(
    {"botocore": "1.44", "pynamodb": "6.1", "pydantic": "2.14", "urllib3": "2"}
)
"""The versions by the beginning of their numbers."""


def check_versions(supported: Mapping[str, str] = SUPPORTED) -> None:
    """Make sure that the installed libraries are those that the fast path is proved with.

    Raises:
        DatabaseError: one is not; it tells how to do without.
    """
    for package, wanted in supported.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            found = "none"
        if not f"{found}.".startswith(f"{wanted}."):
            message = (
                f"the fast path is proved with {package} {wanted}, but {found} is installed: set DATA_FAST_PATH=false"
            )
            raise DatabaseError(message)
