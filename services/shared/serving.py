"""Runs applications until the process is told to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from common.data import Connection, DataError, Settings
from services.shared.logs import configure
from services.shared.settings import ServiceSettings

__all__ = ["Service", "load", "opened", "serve"]

_GRACE_SECONDS: Final = 5

S = TypeVar("S", bound=BaseSettings)


@dataclass(frozen=True)
class Service:
    """An application and where it listens."""

    name: str
    app: FastAPI
    port: int


def load(settings: type[S]) -> S:
    """Settings from the environment; ends the process with one line where they are not valid."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        faults = (
            f"{prefix}{'.'.join(map(str, fault['loc']))}".upper() + f": {fault['msg']}"
            for fault in error.errors(include_input=False)
        )
        raise SystemExit(f"error: the settings are not valid: {'; '.join(faults)}") from None


@contextmanager
def opened() -> Iterator[Connection]:
    """A connection by the environment, for one command; an error of the data layer ends the process with one line."""
    with Connection(load(Settings)) as connection:
        try:
            yield connection
        except DataError as error:
            raise SystemExit(f"error: {error}") from None


def serve(services: Sequence[Service], settings: ServiceSettings) -> None:
    """Serve applications in this process until SIGINT or SIGTERM, and print where each of them listens."""
    configure(settings.log_level)
    with contextlib.ExitStack() as stack:
        servers = []
        for service in services:
            listener = stack.enter_context(_listen(settings.host, service.port))
            typer.echo(f"{service.name}: {_address(listener)}")
            servers.append((_Server(_config(service.app)), listener))
        asyncio.run(_run(servers))


class _Server(uvicorn.Server):
    """A server that leaves signals to `serve`: there may be several in one process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=1024)
    except (OSError, OverflowError) as error:
        raise SystemExit(f"error: cannot listen on {host}:{port}: {error}") from None


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


async def _run(servers: Sequence[tuple[uvicorn.Server, socket.socket]]) -> None:
    def stop() -> None:
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop)
    await asyncio.gather(*(server.serve([listener]) for server, listener in servers))
