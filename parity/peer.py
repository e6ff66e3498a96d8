"""A process that reads for the other side: it makes the calls it is sent on the tables it is told, and answers with their outcomes.

Each side of a run has a process of its own, so that neither library can disturb the other; what one side wrote is read by the other in a third.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from botocore.awsrequest import AWSPreparedRequest

from parity.clock import Clock
from parity.errors import ParityError, PeerError
from parity.job import Job
from parity.observer import Observer
from parity.outcomes import Outcome, bound, drained, encode_exception, encode_outcome, refuse_async
from parity.recorder import encode_arguments
from parity.redaction import Redactor
from parity.requests import Request
from parity.sides import Connector, SideConnection, new_session
from parity.values import Encoder

__all__ = ["Peer", "ReadCall", "make_read"]


@dataclass(frozen=True)
class ReadCall:
    """A call to make again."""

    entity: str
    method: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tables: dict[str, str]
    instant: datetime


class _WouldWriteError(BaseException):
    """A call that had only read would now write. No DAO takes it for a failure of its own."""


def make_read(call: ReadCall, connection: SideConnection, encoder: Encoder, observer: Observer) -> Outcome | None:
    """Make a call and encode what comes of it; None if it would now write, which it is kept from.

    Raises:
        ParityError: the method is async.
    """
    dao = connection.dao(call.entity)
    function = bound(dao, call.method)
    encode_arguments(function, call.args, call.kwargs, encoder)
    hook, observer.before_send = observer.before_send, _refuse_writes
    try:
        with observer.observing():
            result = drained(function(*call.args, **call.kwargs))
    except _WouldWriteError:
        return None
    except Exception as error:  # noqa: BLE001 - the outcome of the call
        return ["raise", encode_exception(error, encoder)]
    finally:
        observer.before_send = hook
    refuse_async(result, dao, call.method)
    return encode_outcome(result, None, encoder)


def _refuse_writes(request: Request, _prepared: AWSPreparedRequest, _position: int) -> None:
    if request.is_write:
        raise _WouldWriteError


class Peer:
    """The other side's process, as this side sees it: forked before this one has started a thread or imported a side's classes."""

    def __init__(self, job_file: Path, side: str) -> None:
        to_read, self_write = os.pipe()
        self_read, to_write = os.pipe()
        arguments = [str(job_file), side, str(to_read), str(to_write)]
        if (
            threading.active_count() > 1
        ):  # a project's plugin has started one: a fork would be without it, and its locks may be held
            command = [sys.executable, "-m", "parity.peer", *arguments]
            self._pid = subprocess.Popen(command, pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL).pid
        else:
            self._pid = os.fork()
            if self._pid == 0:
                os.close(self_write)
                os.close(self_read)
                _become(arguments)
        os.close(to_read)
        os.close(to_write)
        self._send: BinaryIO = os.fdopen(self_write, "wb")
        self._receive: BinaryIO = os.fdopen(self_read, "rb")

    def read(self, calls: Sequence[ReadCall]) -> list[Outcome | None]:
        """The outcomes of calls made by the other side; None for a call whose arguments cannot be sent, or that would write.

        Raises:
            PeerError: the process ended.
        """
        packed = [_pickled(call) for call in calls]
        try:
            pickle.dump([data for data in packed if data is not None], self._send)
            self._send.flush()
            answer = pickle.load(self._receive)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise PeerError(f"the process that reads for the other side ended: {error!r}") from error
        if isinstance(answer, str):
            raise PeerError(answer)
        outcomes = iter(answer)
        return [None if data is None else next(outcomes) for data in packed]

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._send.close()
        self._receive.close()
        os.kill(self._pid, signal.SIGKILL)  # it keeps nothing
        os.waitpid(self._pid, 0)


def _pickled(call: ReadCall) -> bytes | None:
    try:
        return pickle.dumps(call)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None


class _Server:
    def __init__(self, job: Job, side: str) -> None:
        config = job.load_config()
        self._observer = Observer.started(str)
        config.import_from_root()
        self._connector = Connector(config, side, job.endpoint)
        self._encoder = Encoder(Redactor(config.secrets, bytes.fromhex(job.secret)))
        self._session = new_session(job)
        self._connections: dict[str, SideConnection] = {}

    def answer(self, data: bytes) -> Outcome | None:
        call: ReadCall = pickle.loads(data)
        prefix = repr(sorted(call.tables.items()))
        if prefix not in self._connections:
            self._connections[prefix] = self._connector.open(call.tables, self._session)
        with Clock(call.instant):
            return make_read(call, self._connections[prefix], self._encoder, self._observer)


def _become(arguments: Sequence[str]) -> NoReturn:
    """Serve, and exit: of the process that this was forked from nothing goes on here, not even its end."""
    status = 1
    try:
        status = main(arguments)
    except BaseException:  # noqa: BLE001 - told, and the end of the process
        traceback.print_exc()
    finally:
        os._exit(status)


def main(argv: Sequence[str]) -> int:
    """Serve until the other end closes the pipe."""
    job_file, side, read_fd, write_fd = argv
    with os.fdopen(int(read_fd), "rb") as receive, os.fdopen(int(write_fd), "wb") as send:
        server: _Server | None = None
        while True:
            try:
                batch = pickle.load(receive)
            except EOFError:
                return 0
            try:
                server = server or _Server(Job.read(Path(job_file)), side)
                answer: list[Outcome | None] | str = [server.answer(data) for data in batch]
            except ParityError as error:
                answer = str(error)
            pickle.dump(answer, send)
            send.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
