"""Processes that a command starts: ended in order, whatever ends the command."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

__all__ = ["end_in_order"]

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
