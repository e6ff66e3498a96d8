"""Applications served over real sockets, and tables for them on an engine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from secrets import token_hex

import uvicorn
from fastapi import FastAPI

from common.data import Connection, Settings
from common.data.tables import DEFINITIONS
from parity.engines import Engine

__all__ = ["connected", "running"]


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """A connection to new tables."""
    stem = f"services-{token_hex(6)}"
    settings = Settings(
        users_table=f"{stem}-users",
        orders_table=f"{stem}-orders",
        inventory_table=f"{stem}-inventory",
        endpoint_url=engine.endpoint,
        bcrypt_rounds=4,
    )
    with Connection(settings, session=engine.session()) as connection:
        for table, definition in DEFINITIONS.items():
            connection.client.create_table(TableName=settings.table_name(table), **definition)
        yield connection


@contextmanager
def running(*apps: FastAPI) -> Iterator[list[str]]:
    """Serve applications on free ports of 127.0.0.1; gives their addresses."""
    with ExitStack() as stack:
        yield [stack.enter_context(_served(app)) for app in apps]


@contextmanager
def _served(app: FastAPI) -> Iterator[str]:
    # It listens before the server runs, so that nobody has to wait for it.
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        host, port = listener.getsockname()
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join()
