"""An engine that runs already, somewhere."""

from __future__ import annotations

from typing import Final, Self
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError
from botocore.session import Session, get_session

from parity.engines.base import Engine, EngineError, await_ready
from parity.loopback import is_loopback
from parity.wire import WireError, local_session

__all__ = ["Endpoint"]

_LOCAL_SECONDS: Final = 1.0
_REMOTE_SECONDS: Final = 120.0


class Endpoint(Engine):
    """Any DynamoDB endpoint.  It is not started or stopped; that a table can be made there is checked.

    On loopback its credentials are dummies.  Elsewhere they are those of the environment, and nothing is done at all
    unless that was allowed and every table has a prefix.
    """

    name = "endpoint"

    def __init__(self, url: str, *, allow_remote: bool = False, table_prefix: str | None = None) -> None:
        """Take the URL of an endpoint.

        :raises EngineError: it is none, or leads off this machine without leave.
        """
        parts = urlsplit(url)
        try:
            usable = parts.hostname is not None and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if parts.scheme not in {"http", "https"} or not usable or "?" in url or "#" in url or "@" in url:
            raise EngineError(f"{_shown(url)} is no endpoint; give http(s)://host[:port]")
        self._remote = not is_loopback(url)
        if self._remote and not (allow_remote and table_prefix):
            raise EngineError(
                f"{parts.hostname} is not this machine; give --allow-remote and --table-prefix to make tables there"
            )
        self._url = url.rstrip("/")
        self.table_prefix = table_prefix or ""

    def start(self) -> Self:
        """Check that a table can be made there."""
        seconds = _REMOTE_SECONDS if self._remote else _LOCAL_SECONDS
        try:
            await_ready(self._url, self.session(), seconds, prefix=self.table_prefix)
        except (WireError, BotoCoreError) as error:
            raise EngineError(f"{self._url} cannot be used: {error}") from error
        self._endpoint = self._url
        return self

    def stop(self) -> None:
        """Leave the endpoint as it is."""
        self._endpoint = None

    def session(self) -> Session:
        """Make a botocore session: with dummies on loopback, from the environment elsewhere."""
        return get_session() if self._remote else local_session()


def _shown(url: str) -> str:
    """The URL without what stands before an @, which may be a password."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
