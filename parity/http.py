"""One POST after the other to one URL, over kept-alive connections.

To loopback the harness sends tens of thousands of requests a run, each beside an engine that answers in a fifth of a millisecond; there it speaks HTTP/1.1
itself, in a third of the time that urllib3 takes. To anywhere else, by way of TLS and proxies, urllib3 does.
"""

from __future__ import annotations

import select
import socket
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO, Final, Protocol
from urllib.parse import urlsplit

from botocore.utils import get_environ_proxies
from urllib3 import PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError

from parity.loopback import is_loopback

__all__ = ["Http", "HttpUnreachableError", "open_http"]

_CONNECTIONS: Final = 16
_CONNECT_SECONDS: Final = 5.0
_LINE: Final = 65_536


class HttpUnreachableError(Exception):
    """No whole answer came: nothing listens there, the connection broke, or the time was up."""


class Http(Protocol):
    """Sends to one URL. Threads may share one; a forked process makes its own."""

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer.

        Raises:
            HttpUnreachableError: no answer came.
        """

    def close(self) -> None:
        """Close the kept connections."""


def open_http(url: str, read_seconds: float) -> Http:
    """Make a client of a URL; an answer that takes longer than `read_seconds` counts as none. Opens nothing yet."""
    if is_loopback(url) and urlsplit(url).scheme == "http":
        return _Loopback(url, read_seconds)
    return _Pool(url, read_seconds)


class _Pool:
    def __init__(self, url: str, read_seconds: float) -> None:
        timeout = Timeout(connect=_CONNECT_SECONDS, read=read_seconds)
        proxies = {} if is_loopback(url) else get_environ_proxies(url)
        self._url = url
        self._http = (
            ProxyManager(proxy, maxsize=_CONNECTIONS, timeout=timeout, retries=False)
            if (proxy := proxies.get(urlsplit(url).scheme))
            else PoolManager(maxsize=_CONNECTIONS, timeout=timeout, retries=False)
        )

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        try:
            response = self._http.request("POST", self._url, body=body, headers=dict(headers))
        except HTTPError as error:
            raise HttpUnreachableError(str(error)) from error
        return response.status, response.data

    def close(self) -> None:
        self._http.clear()


class _Loopback:
    def __init__(self, url: str, read_seconds: float) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "", parts.port or 80
        self._start = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._read_seconds = read_seconds
        self._idle: deque[_Connection] = deque(maxlen=_CONNECTIONS)

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() != "content-length")
        head = f"{self._start}{lines}Content-Length: {len(body)}\r\n\r\n"
        try:
            connection = self._connection()
            try:
                status, answer, reusable = connection.exchange(head.encode("ascii") + body)
            except BaseException:
                connection.close()
                raise
        except (OSError, ValueError) as error:
            raise HttpUnreachableError(f"{self._address[0]}:{self._address[1]}: {error}") from error
        if reusable and len(self._idle) < _CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()
        return status, answer

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> _Connection:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.is_alive():
                    return connection
                connection.close()
        return _Connection(self._address, self._read_seconds)


class _Connection:
    def __init__(self, address: tuple[str, int], read_seconds: float) -> None:
        self._socket = socket.create_connection(address, timeout=_CONNECT_SECONDS)
        self._socket.settimeout(read_seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file: BinaryIO = self._socket.makefile("rb")

    def is_alive(self) -> bool:
        """Whether the other end has left it open, and sent nothing that nobody asked for."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def exchange(self, request: bytes) -> tuple[int, bytes, bool]:
        """Send a request; its answer's status and body, and whether another may follow."""
        self._socket.sendall(request)
        words = self._line().split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1."):  # noqa: PLR2004 - version and status
            raise ValueError("the answer is no HTTP")
        headers = {}
        while line := self._line().strip():
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip().lower()
        reusable = words[0] == b"HTTP/1.1" and headers.get(b"connection") != b"close"
        if headers.get(b"transfer-encoding") == b"chunked":
            return int(words[1]), self._chunks(), reusable
        if b"content-length" in headers:
            return int(words[1]), self._exactly(int(headers[b"content-length"])), reusable
        return int(words[1]), self._file.read(), False

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _line(self) -> bytes:
        line = self._file.readline(_LINE)
        if not line.endswith(b"\n"):
            raise ConnectionError("the connection broke before the answer was whole")
        return line

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise ConnectionError("the connection broke before the answer was whole")
        return data

    def _chunks(self) -> bytes:
        chunks = []
        while size := int(self._line().split(b";")[0], 16):
            chunks.append(self._exactly(size))
            self._line()
        while self._line().strip():
            pass
        return b"".join(chunks)
