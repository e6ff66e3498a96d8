"""The engines that are programs on this machine: dynoxide, and Amazon's DynamoDB Local."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from parity.engines.base import HOST, EngineError, free_port
from parity.engines.cache import find_dynamodb_local, find_dynoxide, find_java
from parity.engines.process import ProcessEngine

__all__ = ["DynamoDBLocal", "Dynoxide"]

_VERSION_SECONDS: Final = 10
_SERVER: Final = "software.amazon.dynamodb.services.local.main.ServerRunner"


class Dynoxide(ProcessEngine):
    """DynamoDB over SQLite in one binary, in memory."""

    name = "dynoxide"

    def __init__(self, environ: Mapping[str, str] = os.environ, choose_port: Callable[[], int] = free_port) -> None:
        super().__init__(choose_port)
        self._environ = environ
        self._program = Path("dynoxide")

    def prepare(self) -> None:
        """Find the binary and ask its version."""
        self._program = find_dynoxide(self._environ)
        try:
            told = subprocess.run(
                [self._program, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"{self._program} is no dynoxide that runs here ({error}); run 'make engines'") from error
        self.version = told.stdout.strip().rpartition(" ")[2] or "unknown"

    def command(self, port: int) -> Sequence[str]:
        """Give the command line that serves on ``port``."""
        return [str(self._program), "--host", HOST, "--port", str(port)]


class DynamoDBLocal(ProcessEngine):
    """Amazon's own engine, from its jars, in memory.

    It listens on all interfaces and has no flag against that.  One database serves all credentials and regions, so that
    a test may change either.
    """

    name = "dynamodb-local"
    ready_seconds = 60.0

    def __init__(self, environ: Mapping[str, str] = os.environ, choose_port: Callable[[], int] = free_port) -> None:
        super().__init__(choose_port)
        self._environ = environ
        self._home = Path()
        self._java = Path("java")

    def prepare(self) -> None:
        """Find the jars, a Java that runs them, and the version in the jar's name."""
        self._home = find_dynamodb_local(self._environ)
        self._java = find_java(self._environ)
        jar = next(iter(sorted(self._home.glob("DynamoDBLocal*.jar"))))
        self.version = jar.stem.removeprefix("DynamoDBLocal").removeprefix("-") or "unknown"

    def command(self, port: int) -> Sequence[str]:
        """Give the command line that serves on ``port``."""
        # Amazon's own archive keeps the libraries in a directory beside the jar; Maven puts all in one.
        places = [self._home, self._home / "DynamoDBLocal_lib"]
        return [
            str(self._java),
            f"-Djava.library.path={os.pathsep.join(map(str, places))}",
            "-cp",
            os.pathsep.join(f"{place}/*" for place in places),
            _SERVER,
            *("-inMemory", "-sharedDb", "-disableTelemetry"),
            *("-port", str(port)),
        ]
