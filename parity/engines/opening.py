"""From the word after ``--engine`` to an engine that runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from parity.engines.base import Engine, EngineError
from parity.engines.cache import find_dynamodb_local, find_dynoxide, find_java
from parity.engines.container import Container
from parity.engines.embedded import Moto
from parity.engines.local import DynamoDBLocal, Dynoxide
from parity.engines.remote import Endpoint

__all__ = ["ENGINE_NAMES", "installed_engines", "open_engine"]

ENGINE_NAMES: Final = ("moto", "dynoxide", "dynamodb-local", "docker")

# The most faithful first.
_BEST_FIRST: Final = ("dynoxide", "dynamodb-local", "docker", "moto")


def open_engine(
    choice: str,
    *,
    allow_remote: bool = False,
    table_prefix: str | None = None,
    reporter: Callable[[str], None] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Engine:
    """Start the engine of that name and return it; the caller stops it, best by ``with``.

    ``choice`` is one of ``ENGINE_NAMES``, ``auto`` for the best that starts here, or the URL of an endpoint, which must
    be on this machine unless ``allow_remote`` and a ``table_prefix`` are given.  ``reporter`` is told in a line each
    what ``auto`` passes over and what it takes.

    :raises EngineError: no such engine, or it does not start.
    """
    if choice.startswith(("http://", "https://")):
        return Endpoint(choice, allow_remote=allow_remote, table_prefix=table_prefix).start()
    report = reporter or _say_nothing
    engine = _best(environ, report) if choice == "auto" else _engine_named(choice, environ).start()
    engine.table_prefix = table_prefix or ""
    return engine


def installed_engines(environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Name the engines whose files are on this machine, without starting one; containers are not looked for."""
    yield "moto"
    for name, finders in (("dynoxide", (find_dynoxide,)), ("dynamodb-local", (find_dynamodb_local, find_java))):
        try:
            for find in finders:
                find(environ)
        except EngineError:
            continue
        yield name


def _engine_named(name: str, environ: Mapping[str, str]) -> Engine:
    match name:
        case "moto":
            return Moto()
        case "dynoxide":
            return Dynoxide(environ)
        case "dynamodb-local":
            return DynamoDBLocal(environ)
        case "docker":
            return Container(environ)
    names = ", ".join(ENGINE_NAMES)
    raise EngineError(f"there is no engine {name!r}; choose one of {names}, auto, or an endpoint's URL")


def _best(environ: Mapping[str, str], report: Callable[[str], None]) -> Engine:
    for name in _BEST_FIRST:
        try:
            engine = _engine_named(name, environ).start()
        except EngineError as error:
            report(f"{name}: {str(error).splitlines()[0]}")
        else:
            report(f"engine: {engine}")
            return engine
    raise EngineError("no engine starts here; run 'make engines'")


def _say_nothing(_line: str) -> None:
    pass
