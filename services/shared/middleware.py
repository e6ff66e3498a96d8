"""What happens around every request: its id, the bound on its body, its log line, and the answer to a bug."""

import logging
import re
import time
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.shared.answers import Answer
from services.shared.logs import REQUEST_ID
from services.shared.problems import ServiceError, problem

__all__ = ["AroundRequests"]

logger = logging.getLogger("services.requests")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOO_LARGE: Final = Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", "The body is too large.")
_BUG: Final = Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The service failed; the request id tells where to look."
)


class AroundRequests:
    """Wraps an ASGI application."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event of ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        token = REQUEST_ID.set(given if _REQUEST_ID.fullmatch(given) else uuid4().hex)
        answer = _Response(send)
        try:
            if _declared_length(headers) > self._max_body_bytes:
                await problem(_TOO_LARGE)(scope, receive, answer.send)
            else:
                await self._app(scope, _Bounded(receive, self._max_body_bytes).receive, answer.send)
        except Exception:
            logger.exception("unexpected error")
            if answer.status is not None:
                raise
            await problem(_BUG)(scope, receive, answer.send)
        finally:
            answer.log(scope)
            REQUEST_ID.reset(token)


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


class _Bounded:
    """Reads a body up to a bound: a client may say too little, or nothing, of its length."""

    def __init__(self, receive: Receive, left: int) -> None:
        self._receive = receive
        self._left = left

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise ServiceError(_TOO_LARGE)
        return message


class _Response:
    """Sends a response, and remembers what it was."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._began = time.perf_counter()
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = REQUEST_ID.get() or ""
            headers["Cache-Control"] = "no-store"
            headers["X-Content-Type-Options"] = "nosniff"
        await self._send(message)

    def log(self, scope: Scope) -> None:
        """One line a request: the route, not the path or the query, which may name people."""
        route = getattr(scope.get("route"), "path", None)
        milliseconds = round((time.perf_counter() - self._began) * 1000, 1)
        fields = {"method": scope["method"], "route": route, "status": self.status, "milliseconds": milliseconds}
        logger.info("request", extra={"fields": fields})
