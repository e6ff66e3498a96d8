"""The DAOs of one side over one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.session import Session

from parity.config import Config, load_object
from parity.errors import ConfigError
from parity.job import Job
from parity.wire import local_session

__all__ = ["Connector", "SideConnection", "new_session"]


def new_session(job: Job) -> Session:
    """A botocore session for a run: with made-up credentials on a local engine, by botocore's own chain on a remote endpoint."""
    return Session() if job.remote else local_session()


class SideConnection:
    """One connection of one side, and the DAOs on it, made when first asked for."""

    def __init__(self, connection: Any, class_of: Callable[[str], Callable[[Any], Any]]) -> None:
        self.connection = connection
        self._class_of = class_of
        self._daos: dict[str, Any] = {}

    def dao(self, entity: str) -> Any:
        """The DAO of an entity."""
        if entity not in self._daos:
            self._daos[entity] = self._class_of(entity)(self.connection)
        return self._daos[entity]

    def close(self) -> None:
        """Close the connection, if it can be."""
        close = getattr(self.connection, "close", None)
        if callable(close):
            close()


class Connector:
    """Connects one side of a project to an endpoint."""

    def __init__(self, config: Config, side: str, endpoint: str) -> None:
        self._side, self._endpoint = side, endpoint
        self._connect = load_object(config.connect, "connect")
        self._entities = config.entities
        self._classes: dict[str, Callable[[Any], Any]] = {}

    def class_of(self, entity: str) -> Callable[[Any], Any]:
        """The DAO class of an entity, whose module is loaded when it is first asked for: not every process needs every one.

        Raises:
            ConfigError: there is no such class.
        """
        if entity in self._classes:
            return self._classes[entity]
        chosen = self._entities[entity]
        reference = chosen.control if self._side == "control" else chosen.candidate
        found = load_object(reference, f"the {self._side} of {entity}")
        if not callable(found):
            raise ConfigError(f"the {self._side} of {entity} = {reference!r} is no class")
        self._classes[entity] = found
        return self._classes[entity]

    def open(self, tables: Mapping[str, str], session: Session) -> SideConnection:
        """A new connection to tables of these physical names."""
        return SideConnection(self._connect(self._endpoint, tables, session), self.class_of)
