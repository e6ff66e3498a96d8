"""The services of some checkout in a child process, and the environment that points them at an engine."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final, TextIO

from common.data import Connection, Settings
from common.data.tables import DEFINITIONS
from parity.engines import Engine
from parity.wire import Wire

__all__ = ["Addresses", "ServicesError", "engine_variables", "environment_for", "make_tables", "services"]

Addresses = Mapping[str, str]
"""Where each service listens."""

_NAMES: Final = ("user_service", "inventory_service", "order_service")
_STOP_SECONDS: Final = 15.0
_LAST_LINES: Final = 5


class ServicesError(Exception):
    """The services did not start; the text has their last words."""


def engine_variables(engine: Engine) -> dict[str, str]:
    """The variables that point the data layer at an engine.

    Raises:
        ServicesError: there are no credentials for it.
    """
    session = engine.session()
    credentials = session.get_credentials()
    if credentials is None:
        raise ServicesError(f"there are no credentials for {engine}")
    frozen = credentials.get_frozen_credentials()
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": engine.endpoint,
        "AWS_REGION": str(session.get_config_variable("region")),
        "AWS_ACCESS_KEY_ID": str(frozen.access_key),
        "AWS_SECRET_ACCESS_KEY": str(frozen.secret_key),
    }


def environment_for(engine: Engine) -> dict[str, str]:
    """The variables that point data layer and services at an engine, at tables of their own and at free ports."""
    stem = f"{engine.table_prefix}drill-{token_hex(4)}"
    return {
        **engine_variables(engine),
        "USERS_TABLE": f"{stem}-users",
        "ORDERS_TABLE": f"{stem}-orders",
        "INVENTORY_TABLE": f"{stem}-inventory",
        "SERVICE_TOKEN_SECRET": token_hex(32),
        "SERVICE_USER_PORT": "0",
        "SERVICE_INVENTORY_PORT": "0",
        "SERVICE_ORDER_PORT": "0",
        "SERVICE_LOG_LEVEL": "WARNING",
        "DATA_BCRYPT_ROUNDS": "4",
    }


@contextmanager
def make_tables(engine: Engine, environment: Mapping[str, str]) -> Iterator[Connection]:
    """Make the tables that an environment names, give a connection to them, and drop them afterwards."""
    settings = Settings(
        users_table=environment["USERS_TABLE"],
        orders_table=environment["ORDERS_TABLE"],
        inventory_table=environment["INVENTORY_TABLE"],
        endpoint_url=engine.endpoint,
        bcrypt_rounds=4,
    )
    with Connection(settings, session=engine.session()) as connection:
        names = {settings.table_name(table): definition for table, definition in DEFINITIONS.items()}
        with Wire(engine.endpoint, engine.session()) as wire:
            for name, definition in names.items():
                wire.create_table(name, definition)
            try:
                yield connection
            finally:
                for name in names:
                    wire.delete_table(name)


@contextmanager
def services(checkout: Path, environment: Mapping[str, str]) -> Iterator[Addresses]:
    """Run the three services of a checkout; gives their addresses once they listen.

    Raises:
        ServicesError: they ended before that.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "services"],
            cwd=checkout,
            env={**os.environ, **environment, "PYTHONPATH": str(checkout)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the drill alone, which then stops them
        )
        try:
            yield _addresses(child, log)
        finally:
            _stop(child)


def _addresses(child: subprocess.Popen[str], log: TextIO) -> Addresses:
    found: dict[str, str] = {}
    for line in child.stdout or ():
        name, _, address = line.strip().partition(": ")
        if name in _NAMES:
            found[name] = address
        if len(found) == len(_NAMES):
            return found
    log.seek(0)
    said = "\n".join(log.read().splitlines()[-_LAST_LINES:])
    raise ServicesError(f"the services ended with status {child.wait()} before they listened:\n{said}")


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()
