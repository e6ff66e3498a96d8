"""moto's server in this process: no set-up at all."""

from __future__ import annotations

import io
import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

from parity.engines.base import HOST, Engine, EngineError, await_ready
from parity.wire import local_session

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

__all__ = ["Moto"]

_READY_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.02


class Moto(Engine):
    """moto, served by threads of this process on a free port of 127.0.0.1.

    moto keeps one state a process, apart by account; each engine here has an account of its own, so that several share
    nothing.
    """

    name = "moto"

    def __init__(self) -> None:
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        # Not from the random module, which a test runner may have seeded: two engines would get the same.
        self._account = f"{secrets.randbelow(10**12):012}"

    def start(self) -> Self:
        """Start serving."""
        if self._server is not None:
            return self
        if "MOTO_ACCOUNT_ID" in os.environ:
            raise EngineError("MOTO_ACCOUNT_ID is set, which makes all moto engines one; unset it")
        self._server = self._make_server()
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(_POLL_SECONDS,), daemon=True, name="moto")
        self._thread.start()
        endpoint = f"http://{HOST}:{self._server.server_port}"
        try:
            await_ready(endpoint, local_session(), _READY_SECONDS)
        except BaseException:
            self.stop()
            raise
        self._endpoint = endpoint
        return self

    def stop(self) -> None:
        """Stop serving and forget the tables."""
        if self._server is None or self._thread is None:
            return
        from moto.backends import get_backend  # noqa: PLC0415 - heavy, and loaded already

        if self._thread.is_alive():  # not in a forked child, which has no such thread
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        get_backend("dynamodb").pop(self._account, None)
        self._server = self._thread = self._endpoint = None

    def _make_server(self) -> _Server:
        # Heavy imports, wanted only where moto is.
        try:
            import moto  # noqa: PLC0415
            from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415

            from parity.engines import moto_speed  # noqa: PLC0415

            moto_speed.apply()
        except (ImportError, AttributeError) as error:
            raise EngineError(f"there is no server of moto 5.2 ({error}); install 'moto[server]==5.2.*'") from error
        self.version = moto.__version__
        # Without moto's dispatcher, which finds out of each request which service it is for.
        return _Server(create_backend_app("dynamodb"), self._account)


class _Server(ThreadingHTTPServer):
    """A thread for each connection; a port that the system chooses while it binds, so that nobody can come between."""

    daemon_threads = True
    block_on_close = False  # clients keep connections, whose threads end with them
    request_queue_size = 128

    def __init__(self, app: WSGIApplication, account: str) -> None:
        super().__init__((HOST, 0), _Handler)
        self.app = app
        self._kept: set[socket.socket] = set()
        host, port = self.socket.getsockname()
        self.environ: WSGIEnvironment = {
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
            "HTTP_X_MOTO_ACCOUNT_ID": account,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        self._kept.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection has ended."""
        self._kept.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Listen no longer, and close what clients have kept open."""
        super().server_close()
        for connection in list(self._kept):
            with suppress(OSError):  # it has ended meanwhile
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    """Requests of one connection, which is kept: werkzeug's server closes it after each, and a thread and a connection cost more than a read."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        """Hand the request to the application, and its answer to the client at once."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        environ = {
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()},
            **self.server.environ,
            "REQUEST_METHOD": self.command,
            "REMOTE_ADDR": self.client_address[0],
            "RAW_URI": self.path,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        status, headers, content = self._answer(environ)
        lines = [f"{name}: {value}" for name, value in headers if name.lower() != "content-length"]
        lines += [f"Date: {self.date_time_string()}", f"Content-Length: {len(content)}"]
        self.wfile.write("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + content)

    def _answer(self, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
        told: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            told.append((status, headers))
            return written.append

        try:
            written.extend(self.server.app(environ, start))
        except Exception:  # noqa: BLE001 - a request that breaks moto gets what a server answers then
            return "500 Internal Server Error", [], b""
        return *told[-1], b"".join(written)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing of what is asked."""
