"""What an engine is, and how one is known to be ready."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Self

from botocore.session import Session

from parity.errors import ParityError
from parity.wire import Document, Wire, WireError, WireUnreachableError, local_session

__all__ = ["HOST", "Engine", "EngineError", "await_ready", "free_port", "is_taken"]

HOST: Final = "127.0.0.1"

_READY_TABLE: Final[Document] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_POLL_SECONDS: Final = 0.01
# Long for a first table on a busy machine, short beside the wait for an engine.
_ANSWER_SECONDS: Final = 10.0


class EngineError(ParityError):
    """An engine cannot be had.

    The first line of the text says what is wrong and what to do; an engine's own last words may follow.
    """


class Engine(ABC):
    """A DynamoDB engine that is started for a run and stopped after it.

    ``name`` is how ``--engine`` calls it; ``endpoint`` is where it listens, known once it is started; ``version`` is
    its own, ``unknown`` where it tells none; ``table_prefix`` opens the name of every table made on it.  As a context
    manager it is stopped on leaving, whatever happened.
    """

    name: str
    version: str = "unknown"
    table_prefix: str = ""
    _endpoint: str | None = None

    @property
    def endpoint(self) -> str:
        """The URL to talk to.

        :raises EngineError: the engine is not started.
        """
        if self._endpoint is None:
            raise EngineError(f"{self.name} is not started")
        return self._endpoint

    @abstractmethod
    def start(self) -> Self:
        """Start the engine, and return it once it has made, described and deleted a table.

        :raises EngineError: it cannot be started here; nothing of it is left.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop the engine and wait until nothing of it is left.  Stopping one that does not run does nothing."""

    def session(self) -> Session:
        """Make a botocore session whose credentials and region are right for this engine."""
        return local_session()

    def __enter__(self) -> Self:
        return self if self._endpoint is not None else self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def free_port() -> int:
    """Find a port of this machine that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Tell whether something listens on that port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def await_ready(
    endpoint: str, session: Session, seconds: float, check: Callable[[], None] = lambda: None, *, prefix: str = ""
) -> None:
    """Wait until a table can be created, described and deleted.

    ``check`` is called between tries and raises where waiting has become pointless.

    :raises EngineError: what answers refuses a table, or nothing answered within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    with Wire(endpoint, session, read_seconds=_ANSWER_SECONDS) as wire:
        while True:
            check()
            # A name of its own each time: the answer may have been lost after the table was made.
            name = f"{prefix}parity-ready-{secrets.token_hex(4)}"
            try:
                wire.create_table(name, _READY_TABLE, timeout=max(deadline - time.monotonic(), 1.0))
                wire.delete_table(name)
            except WireUnreachableError as error:
                if time.monotonic() >= deadline:
                    raise EngineError(f"nothing answers at {endpoint} after {seconds:g} s") from error
                threading.Event().wait(_POLL_SECONDS)
            except WireError as error:
                raise EngineError(f"{endpoint} does not let a table be made: {error}") from error
            else:
                break
    check()
