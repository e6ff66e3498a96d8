"""Which versions of the libraries the fast path is proved with."""

from collections.abc import Mapping
from types import MappingProxyType

import botocore
import pydantic
from urllib3._version import __version__ as urllib3_version

from common.data.errors import DatabaseError

__all__ = ["SUPPORTED", "check_versions", "installed"]

SUPPORTED: Mapping[str, str] = MappingProxyType(
    {"botocore": "1.44", "pydantic": "2.14", "pynamodb": "6.1", "urllib3": "2.8"}
)
"""The versions by the beginning of their numbers."""


def installed() -> dict[str, str]:
    """The versions of what every connection stands on; PynamoDB's is looked at where models are bound."""
    return {"botocore": botocore.__version__, "pydantic": pydantic.VERSION, "urllib3": urllib3_version}


def check_versions(found: Mapping[str, str]) -> None:
    """Make sure that libraries are of versions that the fast path is proved with.

    Raises:
        DatabaseError: one is not; it tells how to do without.
    """
    for package, version in found.items():
        wanted = SUPPORTED[package]
        if not f"{version}.".startswith(f"{wanted}."):
            advice = "set DATA_FAST_PATH=false"
            raise DatabaseError(
                f"the fast path is proved with {package} {wanted}, but {version} is installed: {advice}"
            )
