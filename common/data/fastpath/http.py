"""One exchange over a connection that urllib3 has open: a request written at once, and its answer read at once.

Opening connections, TLS, proxies and all their errors stay with botocore's session and urllib3; so does every request
of a form that is not the usual one. Only a small POST over a connection that is open already goes another way, and
answers that are not plain (chunked, folded or repeated headers, interim ones) are read by the standard library and
urllib3. So does all that is sent while urllib3 logs, or while its methods or botocore's are wrapped.
"""

import errno
import http.client
import io
import logging
import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError, SSLError
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import ReadTimeoutError as BodyTimeoutError
from urllib3.exceptions import SSLError as BodySSLError
from urllib3.util import SKIP_HEADER

from common.data.fastpath.originals import original

__all__ = ["OpenConnectionSession"]

CHUNK: Final = 1 << 16
LONGEST_HEAD: Final = 65_000
"""Longer ones, and those of more headers, may be ones that the standard library refuses."""

MOST_HEADERS: Final = 99
HEAD_END: Final = b"\r\n\r\n"
_MOST_URLS: Final = 8
_SWALLOWED: Final = frozenset({errno.EPIPE, errno.EPROTOTYPE, errno.ECONNRESET})
"""What goes wrong with writing when the other end has answered and closed: the answer is still to be read."""

_BLOCKING: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EINPROGRESS})
_PLAIN_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_PLAIN_PATH: Final = re.compile(r"/[A-Za-z0-9/_-]*")
_HEAD: Final = re.compile(rb"HTTP/1\.1 (200|[45][0-9]{2})(?: [^\r\n]*)?\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)*)\r\n")
_NAMES: Final = re.compile(r"[!-9;-~]+(?:\n[!-9;-~]+)*")
_SKIP: Final = SKIP_HEADER.encode()
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_LENGTH: Final = re.compile(r"[0-9]{1,12}")
_SEND: Final = original(URLLib3Session, "send")
_URLOPEN: Final = original(HTTPConnectionPool, "urlopen")
_REQUEST: Final = original(HTTPConnection, "request")
_GETRESPONSE: Final = original(http.client.HTTPConnection, "getresponse")
_log = logging.getLogger("urllib3.connectionpool")


class _Target(NamedTuple):
    """Where requests to a URL go."""

    pool: HTTPConnectionPool
    first_lines: bytes
    connect_timeout: float
    read_timeout: float


class _Raw(NamedTuple):
    """A body that has been read, as botocore reads it."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


class _UnusualError(Exception):
    """The request or the connection is not one for this module; nothing has been sent."""


class OpenConnectionSession:
    """botocore's HTTP session, with a short way for what goes over open connections."""

    def __init__(self, own: URLLib3Session) -> None:
        self._own: Any = own
        self._targets: dict[str, _Target] = {}

    def close(self) -> None:
        """Close all connections."""
        self._targets.clear()
        self._own.close()

    def send(self, request: Any) -> AWSResponse:
        """Send a request and read its answer whole.

        Raises:
            botocore.exceptions.HTTPClientError: as botocore's own session does.
        """
        try:
            head = self._head(request)
            target = self._target(request.url)
            connection = self._open_connection(target.pool)
        except Exception:  # noqa: BLE001 - nothing has been sent: botocore says what is wrong, if anything is
            response: AWSResponse = self._own.send(request)
            return response
        reusable = False
        try:
            answer, reusable = _exchange(connection.sock, target, head + request.body, request.url)
        except (ssl.SSLError, BodySSLError) as error:
            raise SSLError(endpoint_url=request.url, error=error) from error
        except (TimeoutError, BodyTimeoutError) as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and error.errno in _BLOCKING:
                raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
            broken = ProtocolError("Connection aborted.", error)
            raise ConnectionClosedError(error=broken, request=request, endpoint_url=request.url) from error
        except ProtocolError as error:
            raise ConnectionClosedError(error=error, request=request, endpoint_url=request.url) from error
        except Exception as error:
            raise HTTPClientError(error=error) from error
        finally:
            if not reusable:
                connection.close()
            target.pool._put_conn(connection)
        return answer

    def _target(self, url: str) -> _Target:
        target = self._targets.get(url)
        if target is None or target.pool.pool is None:
            if len(self._targets) >= _MOST_URLS or self._own._proxy_config.proxy_url_for(url) is not None:
                raise _UnusualError
            target = self._targets[url] = self._made_target(url)
        return target

    def _made_target(self, url: str) -> _Target:
        parts = urlsplit(url)
        if parts.query or not _PLAIN_HOST.fullmatch(parts.hostname or "") or not _PLAIN_PATH.fullmatch(parts.path):
            raise _UnusualError
        pool = self._own._manager.connection_from_url(url)
        self._own._setup_ssl_cert(pool, url, self._own._verify)
        timeouts = (pool.timeout.connect_timeout, pool.timeout.read_timeout)
        if not all(isinstance(timeout, (int, float)) and timeout > 0 for timeout in timeouts):
            raise _UnusualError
        default = {"http": 80, "https": 443}[parts.scheme]
        host = pool.host if parts.port in {None, default} else f"{pool.host}:{parts.port}"
        lines = f"POST {parts.path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\n"
        return _Target(pool, lines.encode("ascii"), *timeouts)

    @staticmethod
    def _head(request: Any) -> bytes:
        """The headers of a usual request."""
        context = request.context or {}
        if (
            request.method != "POST"
            or request.stream_output
            or type(request.body) is not bytes
            or context.get("read_timeout") is not None
            or _is_wrapped()
            or _log.isEnabledFor(logging.DEBUG)
            or os.environ.get("BOTO_EXPERIMENTAL__ADD_PROXY_HOST_HEADER")
        ):
            raise _UnusualError
        lines: list[bytes] = []
        names: set[str] = set()
        try:
            for name, value in request.headers.items():
                names.add(name.lower())
                if type(value) is bytes:
                    text = value
                elif type(value) is str or type(value) is int:
                    text = str(value).encode("latin-1")
                else:
                    raise _UnusualError
                lines += (name.encode("ascii"), b": ", text, b"\r\n")
        except UnicodeError:
            raise _UnusualError from None
        head = b"".join(lines)
        if head.count(b"\n") != len(names) or head.count(b"\r") != len(names) or _SKIP in head:
            raise _UnusualError
        if _NAMES.fullmatch("\n".join(names)) is None:
            raise _UnusualError
        if names & {"host", "accept-encoding", "expect", "transfer-encoding"} or not names >= {
            "content-length",
            "user-agent",
        }:
            raise _UnusualError
        return head + b"\r\n"

    @staticmethod
    def _open_connection(pool: HTTPConnectionPool) -> Any:
        connection = pool._get_conn()
        if connection.is_closed:
            pool._put_conn(connection)
            raise _UnusualError
        return connection


def _is_wrapped() -> bool:
    """Whether somebody wants to see each request where botocore's session and urllib3 would send it."""
    return (
        URLLib3Session.send is not _SEND
        or HTTPConnectionPool.urlopen is not _URLOPEN
        or HTTPConnection.request is not _REQUEST
        or http.client.HTTPConnection.getresponse is not _GETRESPONSE
    )


def _exchange(sock: socket.socket, target: _Target, request: bytes, url: str) -> tuple[AWSResponse, bool]:
    """Write the request and read the answer; whether the connection can be used again."""
    sock.settimeout(target.connect_timeout)
    try:
        sock.sendall(target.first_lines + request)
    except ssl.SSLError:
        raise
    except OSError as error:
        if error.errno not in _SWALLOWED:
            raise ConnectionAbortedError(str(error)) from error  # a time-out of writing is none of reading
    sock.settimeout(target.read_timeout)
    read = sock.recv(CHUNK)
    while HEAD_END not in read and len(read) < LONGEST_HEAD:
        more = sock.recv(CHUNK) if read else b""
        if not more:
            break
        read += more
    if not read:
        raise http.client.RemoteDisconnected("Remote end closed connection without response")
    plain = _HEAD.match(read)
    headers = None if plain is None else _headers(plain[2])
    if plain is None or headers is None:
        return _by_the_libraries(sock, read, url), False
    by_name = {name.lower(): value for name, value in headers}
    body, whole = _body(sock, read[plain.end() :], int(by_name["content-length"]))
    reusable = whole and "close" not in by_name.get("connection", "").lower()
    return _response(url, int(plain[1]), headers, body), reusable


def _headers(block: bytes) -> list[tuple[str, str]] | None:
    """The headers of a plain answer; None if there is more to them than names, values and the length of the body."""
    lines = [line.partition(":") for line in block.decode("latin-1").split("\r\n")[:-1]]
    headers = [(name, value.lstrip(" \t")) for name, _, value in lines]
    by_name = {name.lower(): value for name, value in headers}
    if len(by_name) != len(headers) or "transfer-encoding" in by_name:
        return None
    if len(headers) > MOST_HEADERS or len(block) > LONGEST_HEAD:
        return None
    return headers if _LENGTH.fullmatch(by_name.get("content-length", "")) else None


def _body(sock: socket.socket, begun: bytes, length: int) -> tuple[bytes, bool]:
    """The body as far as it came, and whether the connection is just behind its end."""
    parts, missing = [begun], length - len(begun)
    while missing > 0:
        part = sock.recv(min(missing, CHUNK * 4))
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)[:length], missing == 0


class _Replayed(io.RawIOBase):
    """What has been read of a socket, then the rest of it."""

    def __init__(self, sock: socket.socket, read: bytes) -> None:
        self._sock, self._read = sock, io.BytesIO(read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._read.readinto(buffer) or self._sock.recv_into(buffer)

    def makefile(self, *_: object) -> io.BufferedReader:
        """What `http.client` wants of a socket."""
        return io.BufferedReader(self)


def _by_the_libraries(sock: socket.socket, read: bytes, url: str) -> AWSResponse:
    """An answer that is not plain: its head is read by the standard library, its body by urllib3."""
    response: Any = http.client.HTTPResponse(_Replayed(sock, read), method="POST")  # type: ignore[arg-type]  # all it wants is makefile
    with response:
        response.begin()
        headers = HTTPHeaderDict([(name, _FOLD.sub(" ", value)) for name, value in response.msg.items()])
        whole = HTTPResponse(  # as urllib3 makes it for botocore
            body=response,
            headers=headers,
            status=response.status,
            preload_content=False,
            decode_content=False,
            original_response=response,
            enforce_content_length=False,
            request_method="POST",
        )
        return _response(url, response.status, headers, b"".join(whole.stream()))


def _response(url: str, status: int, headers: Any, body: bytes) -> AWSResponse:
    return AWSResponse(url, status, headers, _Raw(body))
