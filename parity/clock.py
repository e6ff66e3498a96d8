"""One deterministic clock for a test: its body, the entities and the DAOs alike; and the uuids and random numbers that go with it.

Time itself is time-machine's. Each reading by the project's code ticks, so that no two readings are equal; a reading by the standard library, the AWS
clients or the test tools does not, so that a side whose library looks at the clock more often sees the same instants.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Self

import time_machine

__all__ = ["START", "Clock", "Ids", "deterministic_uuids"]

START = datetime(2025, 3, 4, 5, 6, 7, 89012, tzinfo=UTC)
"""When every test begins on a local engine."""

_TICK_NS = 1_001_000
_SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLIENTS = "boto3 botocore cryptography pynamodb requests responses s3transfer urllib3"
_TOOLS = "_pytest flask hypothesis jose moto parity pluggy pytest testcontainers time_machine werkzeug xdist"
_SILENT = (sys.stdlib_module_names - {"__main__"}) | set(_CLIENTS.split()) | set(_TOOLS.split())


class Clock:
    """A clock that ticks when it is read. Use it as a context manager around one test."""

    def __init__(self, start: datetime = START) -> None:
        self._ns = _nanoseconds(start)
        self._lock = threading.Lock()
        self._travel = time_machine.travel(start, tick=False)

    def __enter__(self) -> Self:
        traveller = self._travel.start()
        # time-machine asks the traveller for each reading; tests/parity/test_clock.py holds the pinned version to it.
        traveller.time_ns = self._reading  # type: ignore[method-assign]
        return self

    def __exit__(self, *exc: object) -> None:
        self._travel.stop()

    def now(self) -> datetime:
        """The present instant, aware and in UTC, to the microsecond; ticks as any reading does."""
        return _EPOCH + timedelta(microseconds=self._tick() // 1000)

    def shift(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._ns += round(seconds * _SECOND_NS)

    def move_to(self, instant: datetime) -> None:
        """Make the next reading give exactly this aware instant."""
        with self._lock:
            self._ns = _nanoseconds(instant)

    def peek(self) -> datetime:
        """The present instant, without a tick."""
        return _EPOCH + timedelta(microseconds=self._ns // 1000)

    def align(self) -> None:
        """Go on to the next second, so that one more reading inside a call does not shift what follows it."""
        with self._lock:
            self._ns = (self._ns // _SECOND_NS + 1) * _SECOND_NS + 89_012_000

    def _tick(self) -> int:
        with self._lock:
            reading = self._ns
            self._ns += _TICK_NS
            return reading

    def _reading(self) -> int:
        return self._ns if _is_silent(sys._getframe(1)) else self._tick()


def _nanoseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1) * 1000


def _is_silent(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _SILENT


class Ids:
    """Names and uuids of a test's own, the same on every side and in every run."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def name(self, stem: str = "user") -> str:
        """A name that no other test has: at most 30 characters of `[A-Za-z0-9_-]`."""
        return f"{stem[:17]}-{self._random.getrandbits(48):012x}"

    def uuid(self) -> uuid.UUID:
        """A version 4 uuid."""
        return uuid.UUID(int=self._random.getrandbits(128), version=4)


@contextmanager
def deterministic_uuids(seed: str) -> Iterator[None]:
    """Let `uuid.uuid4()` draw from a seed, however it was imported; the AWS clients and the engines keep their own."""
    source = random.Random(seed)
    real = os.urandom

    def urandom(size: int, /) -> bytes:
        caller = sys._getframe(1)
        asked_by = caller.f_back
        if caller.f_code is not uuid.uuid4.__code__ or asked_by is None:
            return real(size)
        module = str(asked_by.f_globals.get("__name__", "")).partition(".")[0]
        return real(size) if module in _SILENT else source.randbytes(size)

    os.urandom = urandom
    try:
        yield
    finally:
        os.urandom = real
