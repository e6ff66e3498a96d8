"""Faults at a test's own choice: what a network or DynamoDB can do to a request, injected through botocore's `before-send` event.

A fault answers or fails the attempt that it meets; those that come after the server applied the write let it through first and lose the answer.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from parity.errors import ParityError
from parity.requests import Request
from parity.wire import Wire

__all__ = ["KINDS", "Faults"]

_AMAZON = "com.amazonaws.dynamodb.v20120810#"
_CORAL = "com.amazon.coral.service#"
_ONGOING = "Transaction is ongoing for the item"
_REQUEST_ID = "INJECTED0FAULT0REQUEST0ID"


@dataclass
class _Planned:
    kind: str
    operation: str
    times: int | None
    skip: int
    callback: Callable[[], object] | None = None
    place: tuple[int, int] | None = None
    fired: int = 0

    def meets(self, request: Request, place: tuple[int, int]) -> bool:
        if self.times is not None and self.fired >= self.times:
            return False
        if request.operation != self.operation if self.place is None else place != self.place:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.fired += 1
        return True


@dataclass
class Faults:
    """The faults planned for one test, and the waits that its clients asked for.

    An `onlooker` sees each request of the call that runs, and its position, before any fault does.
    """

    wire: Wire
    waits: list[float] = field(default_factory=list)
    calls_made: int = 0
    onlooker: Callable[[Request, int], None] | None = None
    _planned: list[_Planned] = field(default_factory=list)

    def add(self, kind: str, operation: str, times: int | None = 1, skip: int = 0) -> None:
        """Let the next attempts of an operation fail.

        Args:
            kind: one of `KINDS`.
            operation: DynamoDB's name of the operation, such as `PutItem`.
            times: how many attempts fail; None for all.
            skip: how many attempts go through before.

        Raises:
            ParityError: the kind is not known.
        """
        if kind not in KINDS:
            raise ParityError(f"there is no fault {kind!r}; there are: {', '.join(sorted(KINDS))}")
        self._planned.append(_Planned(kind, operation, times, skip))

    def add_at(self, kind: str, call: int, request: int, times: int | None = 1) -> None:
        """Let attempts of one request of one call fail: the position counts from 0, through the test's calls and the call's requests."""
        self._planned.append(_Planned(kind, "", times, 0, place=(call, request)))

    def change_at(self, kind: str, call: int, request: int, change: Callable[[], object]) -> None:
        """Make another writer's change before the first attempt of one request of one call, placed as by `add_at`."""
        self._planned.append(_Planned(kind, "", 1, 0, change, place=(call, request)))

    def before(self, operation: str, callback: Callable[[], object], times: int = 1, skip: int = 0) -> None:
        """Run a callback, such as another writer's change, just before an attempt of the operation goes out."""
        self._planned.append(_Planned("callback", operation, times, skip, callback))

    @property
    def used(self) -> bool:
        """Whether the test planned any fault."""
        return bool(self._planned)

    @property
    def unfired(self) -> list[str]:
        """The faults that no attempt has met yet, as text."""
        return [f"{plan.kind} at {plan.operation}" for plan in self._planned if plan.fired == 0]

    def inject(self, request: Request, prepared: AWSPreparedRequest, position: int) -> AWSResponse | None:
        """The hook for the observer: apply the first plan that meets this attempt of the call's request at a position."""
        if self.onlooker is not None:
            self.onlooker(request, position)
        for plan in self._planned:
            if plan.meets(request, (self.calls_made, position)):
                request.injected.append(plan.kind)
                if plan.callback is not None:
                    plan.callback()
                    continue
                return KINDS[plan.kind](_Attempt(request, prepared, self.wire))
        return None


@dataclass(frozen=True)
class _Attempt:
    """What a fault is applied to."""

    request: Request
    prepared: AWSPreparedRequest
    wire: Wire


_Fault = Callable[[_Attempt], AWSResponse]
_MOST_ACTIONS = 100


class _Body(io.BytesIO):
    """What botocore reads a raw response through."""

    def stream(self) -> list[bytes]:
        return [self.read()]


def _answer(attempt: _Attempt, status: int, body: Mapping[str, object]) -> AWSResponse:
    headers = HTTPHeaders()
    headers["x-amzn-RequestId"] = _REQUEST_ID
    headers["Content-Type"] = "application/x-amz-json-1.0"
    return AWSResponse(attempt.prepared.url, status, headers, _Body(json.dumps(body).encode()))


def _error(code: str, message: str, status: int = 400) -> _Fault:
    return lambda attempt: _answer(attempt, status, {"__type": code, "message": message})


def _raised(make: Callable[[str], Exception]) -> _Fault:
    def fail(attempt: _Attempt) -> AWSResponse:
        raise make(attempt.prepared.url)

    return fail


def _after_applying(fault: _Fault) -> _Fault:
    """Let the server apply the request, and lose its answer."""

    def lose(attempt: _Attempt) -> AWSResponse:
        http = URLLib3Session()
        try:
            http.send(attempt.prepared)
        finally:
            http.close()
        return fault(attempt)

    return lose


def _conflict(attempt: _Attempt, action: int = 0) -> AWSResponse:
    """Another transaction is on the item of a write, or of one action of a transaction."""
    if attempt.request.operation != "TransactWriteItems":
        return _answer(attempt, 400, {"__type": f"{_AMAZON}TransactionConflictException", "message": _ONGOING})
    reasons: list[dict[str, str]] = [{"Code": "None"} for _ in attempt.request.body["TransactItems"]]
    reasons[action] = {"Code": "TransactionConflict", "Message": _ONGOING}
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    body = {"__type": f"{_AMAZON}TransactionCanceledException", "Message": message, "CancellationReasons": reasons}
    return _answer(attempt, 400, body)


def _unprocessed(attempt: _Attempt) -> AWSResponse:
    """None of the keys, or writes, of a batch is processed."""
    requested = attempt.request.body["RequestItems"]
    if attempt.request.operation == "BatchGetItem":
        return _answer(attempt, 200, {"Responses": {table: [] for table in requested}, "UnprocessedKeys": requested})
    return _answer(attempt, 200, {"UnprocessedItems": requested})


def _short_page(attempt: _Attempt) -> AWSResponse:
    """A page that ends after one row, as the 1 MB bound may end it."""
    status, body = attempt.wire.send(attempt.request.operation, {**attempt.request.body, "Limit": 1})
    return _answer(attempt, status, body)


_server_error = _error(f"{_AMAZON}InternalServerError", "The request processing has failed", 500)
_timeout = _raised(lambda url: ReadTimeoutError(endpoint_url=url))
_broken = _raised(lambda url: ConnectionClosedError(endpoint_url=url))

KINDS: Mapping[str, _Fault] = {
    "throttle": _error(
        f"{_AMAZON}ProvisionedThroughputExceededException", "The rate of requests exceeds the allowed throughput"
    ),
    "server-error": _server_error,
    "timeout": _timeout,
    "connection-broken": _broken,
    "refused": _raised(lambda url: EndpointConnectionError(endpoint_url=url, error="connection refused")),
    "lost-answer": _after_applying(_broken),
    "lost-answer-timeout": _after_applying(_timeout),
    "lost-answer-500": _after_applying(_server_error),
    "no-credentials": _raised(lambda _url: NoCredentialsError()),
    "access-denied": _error(f"{_CORAL}AccessDeniedException", "User is not authorized to perform this action"),
    "wrong-credentials": _error(
        f"{_CORAL}UnrecognizedClientException", "The security token included in the request is invalid"
    ),
    "expired-credentials": _error(
        f"{_CORAL}ExpiredTokenException", "The security token included in the request is expired"
    ),
    "conflict": _conflict,
    # On another action of a transaction than the first, counted from 0.
    **{f"conflict-{action}": partial(_conflict, action=action) for action in range(1, _MOST_ACTIONS)},
    "unprocessed": _unprocessed,
    "short-page": _short_page,
}
"""Every kind of fault, by name."""
