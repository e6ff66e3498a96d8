"""Processes that a command starts: ended in order, whatever ends the command; and what an interrupt waits for."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

__all__ = ["end_in_order", "interrupts_held"]

_PATIENCE_SECONDS: Final = 20.0


def end_in_order(processes: Iterable[subprocess.Popen[str]]) -> None:
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


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended: what is half made, and whose request is still on its way, nobody can take away.

    In a thread that is not the main one, which none reaches, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if held and callable(before):
            before(*held[0])
