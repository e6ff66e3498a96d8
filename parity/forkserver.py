"""A process that imports the suites once and then forks: each fleet of a run begins there, and shares the memory of all that none of them changes.

The suites and `connect` are imported, and of the sides' classes those that they import. What a suite starts or makes while it is imported
belongs to this process: if that is a thread, which no fork has, each fleet begins anew; what it registered to run at exit runs here alone.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

import pytest

from parity.errors import ParityError
from parity.job import PARENT_PIPE
from parity.processes import end_in_order, interrupts_held

__all__ = ["ForkServer", "Forked", "serve", "tail"]

# pytest imports the plugin itself, as it would without a server: it must see the asserts of what it imports. What the standard library does at
# the exit of each process is imported before; what is registered later is the suites'.
_PROGRAM: Final = """
import atexit, concurrent.futures.thread, functools, logging, multiprocessing.util, os, sys, weakref
import pytest

server, register = os.getpid(), atexit.register

def here_alone(function, /, *arguments, **keywords):
    def at_exit():
        if os.getpid() == server:
            function(*arguments, **keywords)
    register(at_exit)
    return function

weakref.finalize(sys.modules["__main__"], int).detach()
atexit.register = here_alone
pytest.main(sys.argv[3:])
atexit.register = register
from parity.forkserver import serve
serve(int(sys.argv[1]), int(sys.argv[2]))
"""
_POLL_SECONDS: Final = 0.02
_PATIENCE_SECONDS: Final = 5.0


class Forked:
    """A process that a server forked, as `subprocess.Popen` would show it."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server, self.pid = server, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, as a shell would tell it, or None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.ask({"poll": self.pid})
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the process, if it still runs: until `poll` has told of its end, no other can have its number."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has.

        Raises:
            subprocess.TimeoutExpired: it runs on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(_POLL_SECONDS)
        return code


class ForkServer:
    """The server, as the run's own process sees it. It answers one request at a time, so Ctrl-C waits for the answer.

    Args:
        arguments: with which pytest collects the suites.
        directory: where it, and whatever it forks, runs.
        environment: of all of them.
        log: takes what it prints.
        inherited: descriptors that all of them keep.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        log: Path,
        inherited: Sequence[int] = (),
    ) -> None:
        to_read, self_write = os.pipe()
        self_read, to_write = os.pipe()
        self._log, self._is_ready = log, False
        output = log.open("w", encoding="utf-8")
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(to_read), str(to_write), *arguments],
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                process_group=0,  # Ctrl-C reaches the run's own process alone, which ends the others in order
                pass_fds=(to_read, to_write, *inherited),
            )
        finally:
            os.close(to_read)
            os.close(to_write)
            output.close()
        self._requests: BinaryIO = os.fdopen(self_write, "wb")
        self._answers: BinaryIO = os.fdopen(self_read, "rb")

    def wait_until_ready(self) -> None:
        """Wait until the suites are imported, which may take its time.

        Raises:
            ParityError: the server ended.
        """
        if not self._is_ready:
            self._answer()
            self._is_ready = True

    def fork(self, arguments: Sequence[str], log: Path) -> Forked:
        """Run pytest with these arguments in a process group of its own; what it prints goes to the log.

        Raises:
            ParityError: the server ended.
        """
        self.wait_until_ready()
        pid = self.ask({"fork": list(arguments), "log": str(log)})
        return Forked(self, int(pid or 0))

    def ask(self, request: Mapping[str, Any]) -> int | None:
        """What the server answers to one request.

        Raises:
            ParityError: it ended.
        """
        with interrupts_held():
            try:
                self._requests.write(json.dumps(request).encode() + b"\n")
                self._requests.flush()
            except OSError as error:
                raise ParityError(f"the process that starts the sides ended: {error!r}") from error
            return self._answer()

    def _answer(self) -> int | None:
        line = self._answers.readline()
        if not line:
            raise ParityError(f"the process that starts the sides ended with {self.process.wait()}:\n{tail(self._log)}")
        answer: int | None = json.loads(line)
        return answer

    def close(self) -> None:
        """End the server, in order: suites may have left it something to do at its exit."""
        self._requests.close()
        self._answers.close()
        if self._is_ready:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_PATIENCE_SECONDS)
        end_in_order([self.process])


def tail(log: Path) -> str:
    """What a log of pytest says was wrong, or its last lines."""
    lines = [line.rstrip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    usage = [
        line.removeprefix("ERROR: ").removeprefix("E   ") for line in lines if line.startswith(("ERROR: ", "E   "))
    ]
    return "\n".join(dict.fromkeys(usage) if usage else lines[-15:])


def serve(requests: int, answers: int) -> None:
    """Fork, and tell how forked processes ended, until the other end closes its pipe. In a forked process this exits."""
    gc.collect()
    gc.freeze()  # a search for garbage would write to every object, and so copy its page
    anew: dict[int, subprocess.Popen[bytes]] = {}
    with os.fdopen(requests, "rb", buffering=0) as lines, os.fdopen(answers, "wb", buffering=0) as told:
        told.write(b"null\n")  # ready
        for line in iter(lines.readline, b""):
            request = json.loads(line)
            answer: int | None
            if "fork" in request and threading.active_count() > 1:
                process = _begin_anew(request["fork"], request["log"])
                anew[process.pid] = process
                answer = process.pid
            elif "fork" in request:
                answer = os.fork()
                if answer == 0:
                    lines.close()
                    told.close()
                    _become(request["fork"], request["log"])
            elif request["poll"] in anew:
                answer = anew[request["poll"]].poll()
            else:
                pid, status = os.waitpid(request["poll"], os.WNOHANG)
                answer = os.waitstatus_to_exitcode(status) if pid else None
            told.write(json.dumps(answer).encode() + b"\n")


def _begin_anew(arguments: Sequence[str], log: str) -> subprocess.Popen[bytes]:
    with Path(log).open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=(int(os.environ[PARENT_PIPE]),),
        )


def _become(arguments: Sequence[str], log: str) -> NoReturn:
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False  # whoever imported what it belongs to ends it
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.exit(pytest.main(list(arguments)))
