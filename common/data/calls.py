"""What every method of a DAO needs around its requests: whichever library sends them.

A `Call` is one method call. It learns from botocore's events how many requests were sent and whether a write went
unanswered, and turns what botocore raises into the errors of `common.data.errors`.
"""

import functools
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from botocore.awsrequest import AWSRequest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)
from botocore.hooks import BaseEventHooks

from common.data.aws_errors import SERVER_ERROR, aws_code, aws_error, error_class, without_secrets
from common.data.errors import (
    ConflictError,
    DatabaseError,
    DatabaseUnavailableError,
    DataError,
    InsufficientFundsError,
    InvalidArgumentError,
    ThrottledError,
)
from common.data.settings import Settings

__all__ = ["LONGEST_PAUSE", "UNREAD", "Call", "Calls", "data_operation"]

logger = logging.getLogger("common.data")

OUTCOME_UNKNOWN = "a write went unanswered: whether it took effect is unknown"
UNREAD = "the write took effect, but what it left could not be read"
LONGEST_PAUSE = 0.150  # seconds between two tries of a method that lost a race
LONGEST_BATCH_PAUSE = 1.0  # seconds between two tries at keys that DynamoDB left unprocessed

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_LIBRARIES = frozenset({"boto3", "botocore", "pynamodb", "pydantic", "pydantic_core", "urllib3"})

P = ParamSpec("P")
R = TypeVar("R")


def _pause(longest: float) -> None:
    """Full jitter: whoever met the same obstacle does not come back at the same time."""
    time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter, not a secret


class Call:
    """One call of one method, in one thread.

    Attributes:
        operation: its name, as `UserDAO.create_user`.
        requests: requests sent so far, retries included.
        unanswered: a write was sent, its answer was lost or a 5xx, and no later answer said that it took effect.
    """

    def __init__(self, operation: str, settings: Settings) -> None:
        self.operation = operation
        self.requests = 0
        self.table: str | None = None
        self._key: Mapping[str, str] | None = None
        self._conflict_attempts = settings.conflict_attempts
        self._max_attempts = settings.max_attempts
        self._lost: BaseException | None = None
        self._in_flight = False
        self._unanswered = False
        self._applied = False
        self._last_failure = "?"

    @property
    def unanswered(self) -> bool:
        """Whether the outcome of a write of this call is unknown."""
        return self._unanswered or self._in_flight

    def at(self, table: str, key: Mapping[str, str] | None) -> Self:
        """Say what the next requests are about: the physical table and the key, or a Query's values."""
        self.table, self._key = table, key
        return self

    def error(
        self, error_class: type[DataError], cause: BaseException | None = None, message: str | None = None
    ) -> DataError:
        """An error of this call, with the code and request id of its cause."""
        return self._placed(error_class(message), cause)

    def _placed(self, error: DataError, cause: BaseException | None) -> DataError:
        found = None if cause is None else aws_error(cause)
        error.operation = self.operation
        if self.requests > 0:
            error.table = self.table
            error.key = None if self._key is None else dict(self._key)
        if found is not None:
            error.code = aws_code(found)
        if isinstance(found, ClientError):
            error.request_id = found.response.get("ResponseMetadata", {}).get("RequestId")
        return error

    def refusal(self, error_class: type[DataError], cause: BaseException) -> DataError:
        """The error of a failed condition: after an unanswered attempt nobody knows what made it fail."""
        if self.unanswered:
            return self.error(DatabaseUnavailableError, cause, OUTCOME_UNKNOWN)
        return self.error(error_class, cause)

    def gone(self, error_class: type[DataError]) -> DataError:
        """The error of a row that is not there: after a write that took effect it must not say that nothing changed."""
        if self._applied or self.unanswered:
            return self.error(DatabaseUnavailableError, message=UNREAD)
        return self.error(error_class)

    def shortage(
        self,
        error_class: type[InsufficientFundsError],
        cause: BaseException | None,
        *,
        available: Decimal,
        required: Decimal,
    ) -> DataError:
        """The error of a failed cover, with the stored amount and the one wanted; else as `refusal`."""
        if self.unanswered:
            return self.error(DatabaseUnavailableError, cause, OUTCOME_UNKNOWN)
        return self._placed(error_class(available=available, required=required), cause)

    def tries(self) -> Iterator[int]:
        """The tries that a method has: asking for another one says that this one lost a race, and waits.

        Raises:
            ConflictError: when none is left.
        """
        for attempt in range(1, self._conflict_attempts + 1):
            yield attempt
            self._log_conflict(attempt)
            if attempt < self._conflict_attempts:
                _pause(min(LONGEST_PAUSE, 0.005 * 2 ** min(attempt, 10)))
        raise self.error(ConflictError, self._lost) from self._lost

    def lost(self, error: BaseException) -> None:
        """Say what a try of `tries()` lost by: the last one is the cause of the ConflictError.

        Raises:
            DatabaseUnavailableError: a write of this call went unanswered, so that another try could count twice.
        """
        if self.unanswered:
            raise self.error(DatabaseUnavailableError, error, OUTCOME_UNKNOWN) from error
        self._lost = error

    def batch_tries(self) -> Iterator[int]:
        """The tries at the keys of one batch: asking for another one says that some stayed unprocessed, and waits.

        Raises:
            ThrottledError: when none is left.
        """
        for attempt in range(1, self._max_attempts + 1):
            yield attempt
            logger.warning("%s on %s: keys left %d of %d", self.operation, self.table, attempt, self._max_attempts)
            if attempt < self._max_attempts:
                _pause(min(LONGEST_BATCH_PAUSE, 0.05 * 2 ** min(attempt, 10)))
        raise self.error(ThrottledError)

    def _log_conflict(self, attempt: int) -> None:
        logger.warning("%s on %s: conflict %d of %d", self.operation, self.table, attempt, self._conflict_attempts)

    def send(self, request: Callable[[], R]) -> R:
        """Send a write, again while it meets a transaction on the same item.

        An unanswered attempt ends that: another try could count twice.
        """
        for attempt in self.tries():
            try:
                return request()
            except Exception as error:
                found = aws_error(error)
                conflict = found is not None and error_class(found) is ConflictError
                if not conflict or self.unanswered:
                    raise
                if attempt == self._conflict_attempts:
                    self._log_conflict(attempt)
                    raise
        raise AssertionError("tries() ends by raising")

    def failure(self, error: Exception) -> DataError | None:
        """The error as the caller of the method shall see it, or None for a bug of ours."""
        if isinstance(error, DataError):
            if error.operation is None:
                error.operation = self.operation
            if error.table is None and error.key is not None:
                error.table = self.table
            result: DataError = error
            found = None if error.__cause__ is None else aws_error(error.__cause__)
        elif (found := aws_error(error)) is not None:
            if self.unanswered:
                result = self.error(DatabaseUnavailableError, found, OUTCOME_UNKNOWN)
            elif self._applied:  # any other error would say that nothing changed
                result = self.error(DatabaseUnavailableError, found, UNREAD)
            else:
                named = error_class(found)
                size = "an item over 400 KB" if named is InvalidArgumentError else None
                result = self.error(named, found, size)
        elif type(error).__module__.partition(".")[0] in _LIBRARIES:
            result = self.error(DatabaseUnavailableError if self.unanswered else DatabaseError)
        else:
            return None
        result.__context__ = None  # the wrapper that it was raised in holds rows
        result.__cause__ = None if found is None else without_secrets(found)
        return result

    def on_request(self, request: AWSRequest) -> None:
        """A request is about to be signed and sent."""
        attempt = int(request.context.get("retries", {}).get("attempt", 1))
        if attempt > 1:
            logger.warning("%s on %s: retry %d after %s", self.operation, self.table, attempt - 1, self._last_failure)

    def on_send(self, aws_operation: str) -> None:
        """A request goes out."""
        self._in_flight = aws_operation in _WRITES

    def on_response(
        self, aws_operation: str, status: int, parsed: Mapping[str, Any] | None, exception: Exception | None
    ) -> None:
        """An attempt ended, in an answer or in an exception."""
        self.requests += 1
        self._in_flight = False
        succeeded = exception is None and status < 300  # noqa: PLR2004 - HTTP
        if exception is not None:
            self._last_failure = type(exception).__name__
            lost = not isinstance(exception, _NEVER_SENT)
        else:
            self._last_failure = str((parsed or {}).get("Error", {}).get("Code") or status)
            lost = status >= SERVER_ERROR
        if aws_operation in _WRITES:
            self._unanswered = not succeeded and (lost or self._unanswered)
            self._applied = self._applied or succeeded


class Calls:
    """The calls of one connection; each thread has its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._local = threading.local()

    @property
    def current(self) -> Call:
        """The call that this thread is in.

        Raises:
            RuntimeError: outside of any, which is a bug.
        """
        call = self._running
        if call is None:
            raise RuntimeError("no data operation is running: decorate the method with data_operation")
        return call

    @property
    def _running(self) -> Call | None:
        call: Call | None = getattr(self._local, "call", None)
        return call

    def run(self, operation: str, function: Callable[[], R]) -> R:
        """Run a method's body as one call: translate what it raises and log it."""
        outer = self._running
        call = self._local.call = Call(operation, self._settings)
        started = time.perf_counter()
        outcome = "interrupted"  # unless it returns, or ends in an error
        try:
            result = function()
        except Exception as error:
            outcome = type(error).__name__
            failure = call.failure(error)
            if failure is None:
                raise
            outcome = type(failure).__name__
        else:
            outcome = "ok"
            return result
        finally:
            self._local.call = outer
            milliseconds = (time.perf_counter() - started) * 1000
            logger.debug(
                "%s on %s: %s, %.1f ms, %d requests", operation, call.table, outcome, milliseconds, call.requests
            )
        # Raised here, outside of the handler, so that the wrapper does not come back as its context.
        raise failure

    def watch(self, events: BaseEventHooks) -> None:
        """Attach to a client's events."""
        events.register_first("request-created.dynamodb", self._request_created)
        events.register_last("before-send.dynamodb", self._before_send)
        events.register_first("response-received.dynamodb", self._response_received)

    def _request_created(self, request: AWSRequest, **_: object) -> None:
        if (call := self._running) is not None:
            call.on_request(request)

    def _before_send(self, event_name: str, **_: object) -> None:
        if (call := self._running) is not None:
            call.on_send(event_name.rpartition(".")[2])

    def _response_received(
        self,
        event_name: str,
        response_dict: Mapping[str, Any] | None,
        parsed_response: Mapping[str, Any] | None,
        exception: Exception | None,
        **_: object,
    ) -> None:
        if (call := self._running) is not None:
            status = int((response_dict or {}).get("status_code", 0))
            call.on_response(event_name.rpartition(".")[2], status, parsed_response, exception)


class HasCalls(Protocol):
    """A connection, as far as its calls go."""

    @property
    def calls(self) -> Calls:
        """The calls of the connection."""
        ...


class OnConnection(Protocol):
    """An object that works on a connection, as a DAO does."""

    @property
    def _connection(self) -> HasCalls: ...


D = TypeVar("D", bound=OnConnection)


def data_operation(method: Callable[Concatenate[D, P], R]) -> Callable[Concatenate[D, P], R]:
    """Make a method one call of the data layer, named after class and method."""
    operation = method.__qualname__

    @functools.wraps(method)
    def run(self: D, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._connection.calls.run(operation, lambda: method(self, *args, **kwargs))

    return run
