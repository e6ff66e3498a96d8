"""Signature version 4 of the requests that DynamoDB gets: a POST of bytes to a fixed URL.

The signing key, four of the five HMACs, changes once a day or with the credentials; URL and body need no second look.
A request of any other form is left to botocore's signer.
"""

import hmac
import logging
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.auth
from botocore.auth import SIGNED_HEADERS_BLACKLIST, SIGV4_TIMESTAMP, SigV4Auth
from botocore.credentials import ReadOnlyCredentials
from botocore.signers import RequestSigner

from common.data.fastpath.originals import original

__all__ = ["Kept", "KeptKeySigner", "keeping_signers"]

_SET_BY_SIGNING: Final = frozenset(
    {"authorization", "date", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
)
_MOST_URLS: Final = 8
_ADD_AUTH: Final = original(SigV4Auth, "add_auth")
_auth: Any = botocore.auth  # more than its stubs know
_log = logging.getLogger("botocore.auth")


class Kept:
    """What the signers of one client need not compute again. Threads share it: each entry is written in one step."""

    def __init__(self) -> None:
        self._key: tuple[tuple[str, ...], bytes] = ((), b"")
        self.urls: dict[str, tuple[str, str]] = {}

    def key(self, secret: str, day: str, region: str, service: str) -> bytes:
        """The signing key of a day."""
        parts = (secret, day, region, service)
        made_of, key = self._key
        if made_of != parts:
            key = f"AWS4{secret}".encode()
            for part in (day, region, service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = (parts, key)
        return key


class KeptKeySigner(SigV4Auth):
    """botocore's signer of one request, with what is kept between requests."""

    def __init__(self, credentials: ReadOnlyCredentials, service_name: str, region_name: str, kept: Kept) -> None:
        super().__init__(credentials, service_name, region_name)
        self._region, self._service, self._kept = region_name, service_name, kept

    def add_auth(self, request: Any) -> None:
        """Sign the request: one of another form, or while botocore's signer logs, by botocore's own code."""
        headers = self._signed(request)
        if headers is None:
            super().add_auth(request)
            return
        now = _auth.get_current_datetime().strftime(SIGV4_TIMESTAMP)
        request.context["timestamp"] = now
        request.headers["X-Amz-Date"] = headers["x-amz-date"] = now
        credentials: Any = self.credentials
        token = credentials.token
        if token:
            request.headers["X-Amz-Security-Token"] = headers["x-amz-security-token"] = token
        path, host = self._kept.urls[request.url]
        headers.setdefault("host", host)
        names = sorted(headers)
        lines = "".join([f"{name}:{' '.join(headers[name].split())}\n" for name in names])
        signed, body = ";".join(names), sha256(request.data).hexdigest()
        canonical = f"POST\n{path}\n\n{lines}\n{signed}\n{body}"
        scope = f"{now[:8]}/{self._region}/{self._service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = self._kept.key(credentials.secret_key, now[:8], self._region, self._service)
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )

    def _signed(self, request: Any) -> dict[str, str] | None:
        """The headers to sign, by lower-case name; None if the request is none that this class knows."""
        if (
            _log.isEnabledFor(logging.DEBUG)
            or not self.credentials
            or request.method != "POST"
            or request.params
            or type(request.data) is not bytes
            or not request.data
            or not request.context.get("payload_signing_enabled", True)
            or _auth.SigV4Auth._is_streaming_checksum_payload(self, request)
        ):
            return None
        if request.url not in self._kept.urls and not self._know(request.url):
            return None
        items = list(request.headers.raw_items())
        headers = {name.lower(): value for name, value in items}
        if len(headers) != len(items) or headers.keys() & _SET_BY_SIGNING:
            return None
        if not all([type(value) is str for value in headers.values()]):
            return None
        return {name: value for name, value in headers.items() if name not in SIGNED_HEADERS_BLACKLIST}

    def _know(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.query or len(self._kept.urls) >= _MOST_URLS:
            return False
        self._kept.urls[url] = (_auth.SigV4Auth._normalize_url_path(self, parts.path), _auth._host_from_url(url))
        return True


def keeping_signers(signer: RequestSigner) -> Callable[..., Any]:
    """`get_auth_instance` of the signer, with our signer in place of botocore's where it is signature version 4."""
    own, kept = type(signer), Kept()

    def get_auth_instance(*args: Any, **kwargs: Any) -> Any:
        auth: Any = own.get_auth_instance(signer, *args, **kwargs)
        version_4 = type(auth) is SigV4Auth
        if not version_4 or auth.credentials is None or SigV4Auth.add_auth is not _ADD_AUTH:
            return auth
        return KeptKeySigner(auth.credentials, auth._service_name, auth._region_name, kept)

    return get_auth_instance
