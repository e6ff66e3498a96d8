"""moto's server in this process: no set-up at all."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Self

from parity.engines.base import HOST, Engine, EngineError, await_ready
from parity.wire import local_session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer

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
        self._server: BaseWSGIServer | None = None
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
        endpoint = f"http://{HOST}:{self._server.port}"
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

    def _make_server(self) -> BaseWSGIServer:
        # Heavy imports, wanted only where moto is.
        try:
            import moto  # noqa: PLC0415
            from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
                DomainDispatcherApplication,
                MotoRequestHandler,
                create_backend_app,
            )
            from werkzeug.serving import ThreadedWSGIServer  # noqa: PLC0415
        except ImportError as error:
            raise EngineError(f"moto's server is not installed ({error}); install moto[server]") from error

        class QuietHandler(MotoRequestHandler):
            """moto's handler without werkzeug's line a request."""

            def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
                pass

        class QuietServer(ThreadedWSGIServer):
            """werkzeug's server without its tracebacks; a request that breaks moto still gets its 500."""

            def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
                pass

        serialize_items_as_they_are()
        self.version = moto.__version__
        app = _of_account(self._account, DomainDispatcherApplication(create_backend_app))
        # Port 0: the system chooses while it binds, so that nobody can come between.
        return QuietServer(HOST, 0, app, QuietHandler)


def serialize_items_as_they_are() -> None:
    """Give moto a serializer that hands attribute values on, which are in DynamoDB's JSON already.

    Its own looks each of the ten members of AttributeValue up under six names, five sixths of the time that reading a table takes.
    What is not plainly an attribute value, and binary, it still serializes itself.
    """
    from moto.core.serialize import SERVICE_SPECIFIC_SERIALIZERS, JSONSerializer  # noqa: PLC0415 - heavy

    class ItemSerializer(JSONSerializer):
        """moto's own, but for attribute values."""

        def _serialize_type_structure(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
            plain = attribute_value(value) if shape.name == "AttributeValue" else None
            if plain is None:
                super()._serialize_type_structure(serialized, value, shape, key)
            else:
                self._default_serialize(serialized, plain, shape, key)

    SERVICE_SPECIFIC_SERIALIZERS.setdefault("dynamodb", {"json": ItemSerializer})


def attribute_value(value: object) -> dict[str, Any] | None:
    """A copy of an attribute value in DynamoDB's JSON; None for anything else, and for binary."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((kind, content),) = value.items()
    if (kind in {"S", "N"} and isinstance(content, str)) or (kind in {"BOOL", "NULL"} and isinstance(content, bool)):
        return {kind: content}
    if kind in {"SS", "NS"} and isinstance(content, list) and all(isinstance(part, str) for part in content):
        return {kind: list(content)}
    if kind == "L" and isinstance(content, list):
        parts = [attribute_value(part) for part in content]
        return None if None in parts else {kind: parts}
    if kind == "M" and isinstance(content, dict):
        named = {name: attribute_value(part) for name, part in content.items()}
        return None if None in named.values() else {kind: named}
    return None


def _of_account(account: str, app: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        return app(environ, start_response)

    return answer
