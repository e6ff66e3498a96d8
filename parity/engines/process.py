"""Engines that are programs of their own: started as a child, watched, and never left behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from parity.engines.base import HOST, Engine, EngineError, await_ready, free_port, is_taken
from parity.wire import local_session

__all__ = ["ProcessEngine"]

_PORT_TRIES: Final = 5
_STOP_SECONDS: Final = 5.0
_LOG_TAIL_LINES: Final = 12

# Reads until the pipe from its parent ends, which it does however the parent ends, and then kills the engine.
_WATCHER: Final = 'read -r _; kill -KILL "$1" 2>/dev/null'


class _PortTakenError(Exception):
    """Another program took the port between its choice and the engine's start."""


class ProcessEngine(Engine):
    """An engine in a child process on a free port of 127.0.0.1.

    The child has a session of its own, so that Ctrl-C in a terminal reaches the harness alone, which then stops it; a
    small watcher kills it where the harness dies without stopping it.  What it prints goes to a file whose end stands
    in the error if it does not start.
    """

    ready_seconds: float = 20.0

    def __init__(self, choose_port: Callable[[], int] = free_port) -> None:
        self._choose_port = choose_port
        self._owner = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._log: Path | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Find what is needed and set ``version``.

        :raises EngineError: something is missing.
        """

    @abstractmethod
    def command(self, port: int) -> Sequence[str]:
        """Give the command line that serves on ``port``."""

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return None if self._child is None else self._child.pid

    def start(self) -> Self:
        """Start the child on a free port; where another program takes the port meanwhile, on the next."""
        if self._child is not None:
            return self
        self.prepare()
        for _ in range(_PORT_TRIES):
            try:
                self._start_on(self._choose_port())
            except _PortTakenError:
                continue
            return self
        raise EngineError(f"{self.name} found no free port on {HOST} in {_PORT_TRIES} tries")

    def stop(self) -> None:
        """Stop the child, by force if it does not listen.  In a fork of the process that started it, do nothing."""
        if self._child is None or self._owner != os.getpid():
            return
        _end(self._child)
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.wait()
            if self._watcher.stdin is not None:
                self._watcher.stdin.close()
        if self._log is not None:
            self._log.unlink(missing_ok=True)
        self._child = self._watcher = self._log = self._endpoint = None

    def _start_on(self, port: int) -> None:
        if is_taken(port):
            raise _PortTakenError
        endpoint = f"http://{HOST}:{port}"
        try:
            self._spawn(self.command(port))
            await_ready(endpoint, local_session(), self.ready_seconds, self._check_alive)
        except BaseException as error:
            said = self._log_tail()
            self.stop()
            if isinstance(error, EngineError) and said:
                raise EngineError(f"{error}; its last words:\n{said}") from error
            raise
        self._endpoint = endpoint

    def _spawn(self, command: Sequence[str]) -> None:
        self._owner = os.getpid()
        with tempfile.NamedTemporaryFile(prefix=f"parity-{self.name}-", suffix=".log", delete=False) as output:
            log = Path(output.name)
            try:
                self._child = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
                )
            except OSError as error:
                log.unlink()
                raise EngineError(f"{self.name} cannot be run: {command[0]}: {error.strerror}") from error
        self._log = log
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, "sh", str(self._child.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _check_alive(self) -> None:
        if self._child is None or self._child.poll() is None:
            return
        if "already in use" in self._log_tail():
            raise _PortTakenError
        raise EngineError(f"{self.name} ended at once with status {self._child.returncode}")

    def _log_tail(self) -> str:
        if self._log is None:
            return ""
        with contextlib.suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
        return ""


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
