"""Sees every DynamoDB request of this process through botocore's public events, on whichever client it is made.

`botocore.register_initializer` reaches every botocore session made afterwards, PynamoDB's own too; nothing of boto3, botocore or PynamoDB is patched.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import botocore
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.session import Session

from parity.requests import Attempt, Request

__all__ = ["Observation", "Observer", "SendHook"]

SendHook = Callable[[Request, AWSPreparedRequest, int], AWSResponse | None]
"""Sees a request, and its position in the call, just before it goes out; may answer it, raise, or return None to let it go."""


class Observation:
    """The requests seen while one call ran, in the order in which they began."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._open: dict[int, Request] = {}

    def begin(self, request: Request) -> None:
        """A new logical request of the current thread."""
        self.requests.append(request)
        self._open[threading.get_ident()] = request

    def current(self) -> Request | None:
        """The request that the current thread is sending."""
        return self._open.get(threading.get_ident())


class Observer:
    """Hooks every session made between `start` and `stop`, and routes what it sees to the call that is running."""

    def __init__(self, logical_name: Callable[[str], str]) -> None:
        self._logical_name = logical_name
        self._local = threading.local()
        self._shared: list[Observation] = []
        self.before_send: SendHook | None = None

    _inherited: ClassVar[Observer | None] = None

    @classmethod
    def start_before_forks(cls) -> None:
        """Reach the sessions that are made while suites are imported: whatever is forked afterwards goes on with this observer."""
        cls._inherited = cls(str)
        cls._inherited.start()

    @classmethod
    def started(cls, logical_name: Callable[[str], str]) -> Observer:
        """The observer of this process, of sessions that were made before it was forked too."""
        observer, cls._inherited = cls._inherited, None
        if observer is None:
            observer = cls(logical_name)
            observer.start()
        observer._logical_name = logical_name
        return observer

    def start(self) -> None:
        """Reach every botocore session made from now on."""
        botocore.register_initializer(self._initialize)

    def stop(self) -> None:
        """Leave sessions made from now on alone."""
        botocore.unregister_initializer(self._initialize)

    @contextmanager
    def observing(self) -> Iterator[Observation]:
        """Collect the requests of the current thread, and of threads that it starts while no other call runs."""
        observation = Observation()
        before = getattr(self._local, "observation", None)
        self._local.observation = observation
        self._shared.append(observation)
        try:
            yield observation
        finally:
            self._local.observation = before
            self._shared.remove(observation)

    def is_observing(self) -> bool:
        """Whether the current thread runs inside an observed call."""
        return self._observation() is not None

    def _observation(self) -> Observation | None:
        own: Observation | None = getattr(self._local, "observation", None)
        if own is None and len(self._shared) == 1:
            return self._shared[0]
        return own

    def _initialize(self, session: Session) -> None:
        handlers: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("before-parameter-build.dynamodb", self._ask_for_capacity),
            ("before-call.dynamodb", self._begin),
            ("before-send.dynamodb", self._send),
            ("response-received.dynamodb", self._receive),
        )
        for event, handler in handlers:
            session.register(event, handler)

    def _ask_for_capacity(self, params: dict[str, Any], model: Any, **_: object) -> None:
        if self._observation() is not None and "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _begin(self, model: Any, params: Mapping[str, Any], **_: object) -> None:
        observation = self._observation()
        if observation is None:
            return
        body = params["body"] or "{}"
        text = body.decode() if isinstance(body, bytes) else body
        content = json.loads(text)
        table = content.get("TableName")
        observation.begin(Request(model.name, content, None if table is None else self._logical_name(table), text))

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        observation = self._observation()
        current = observation.current() if observation is not None else None
        if current is None:
            return None
        current.attempts_made.append(Attempt())
        if observation is None or self.before_send is None:
            return None
        return self.before_send(current, request, observation.requests.index(current))

    def _receive(self, parsed_response: Mapping[str, Any] | None, exception: Exception | None, **_: object) -> None:
        observation = self._observation()
        current = observation.current() if observation is not None else None
        if current is None or not current.attempts_made:
            return
        attempt = current.attempts_made[-1]
        if parsed_response is None:
            attempt.outcome = type(exception).__name__
            return
        attempt.outcome = str(parsed_response.get("Error", {}).get("Code") or "ok")
        request_id = parsed_response.get("ResponseMetadata", {}).get("RequestId")
        if request_id:
            current.request_ids.append(str(request_id))
        capacity = parsed_response.get("ConsumedCapacity")
        if capacity:
            current.capacity.extend(capacity if isinstance(capacity, list) else [capacity])
