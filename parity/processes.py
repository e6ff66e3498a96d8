"""Processes that a command starts: ended in order, whatever ends the command; and what an interrupt waits for."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, Protocol

__all__ = ["ParentWatch", "Process", "end_in_order", "interrupts_held"]

_PATIENCE_SECONDS: Final = 20.0


class Process(Protocol):
    """What `subprocess.Popen` shows of a process."""

    def poll(self) -> int | None:
        """How it ended, or None while it runs."""

    def send_signal(self, sig: int, /) -> None:
        """Signal it, if it runs."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has: `subprocess.TimeoutExpired` if that takes longer."""


def end_in_order(processes: Iterable[Process]) -> None:
    """Interrupt what still runs, as Ctrl-C would, so that it drops its tables; kill what does not end."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
    for process in running:
        try:
            process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class ParentWatch:
    """Ends this process, in order, as soon as the run's own process is gone: the pipe that only that one holds open closes then."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._stopped, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        ready, _, _ = select.select([self._pipe, self._stopped], [], [])
        if self._stopped not in ready:
            os.kill(os.getpid(), signal.SIGINT)

    def close(self) -> None:
        """Watch no longer: there is no thread after that."""
        os.write(self._stop, b"0")  # closing it would not be seen while a process that a test forked holds it too
        self._thread.join()
        os.close(self._stop)
        os.close(self._stopped)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C, and SIGTERM where it means the same, wait until the block has ended.

    What is half made, and whose request is still on its way, nobody can take away. In a thread that is not the main one, which none reaches, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in before.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if held:
            before[held[0][0]](*held[0])
