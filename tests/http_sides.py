"""The services as the parity harness compares them: on the archived DAOs and on the new ones, asked over ASGI in this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from bench.sides import archived_daos, new_daos
from common.data import Connection
from services.inventory_service.application import create_app as create_inventory
from services.order_service.application import create_app as create_orders
from services.shared.context import Daos
from services.shared.settings import ServiceSettings
from services.user_service.application import create_app as create_users

__all__ = ["SETTINGS", "Answer", "ArchivedServices", "NewServices", "Services", "ServicesProtocol"]

SETTINGS = ServiceSettings(token_secret=SecretStr("a secret of the tests, long enough"))
HEADERS = frozenset({"allow", "cache-control", "content-type", "location", "retry-after", "www-authenticate"})
JSON = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a client sees: the status, the headers that matter, the body."""

    status: int
    headers: dict[str, str]
    body: Any


class ServicesProtocol(Protocol):
    """The three services. None of them raises anything: errors are answers."""

    def user(
        self, method: str, path: str, *, json: JSON | None = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        """Ask the user service."""
        ...

    def inventory(
        self, method: str, path: str, *, json: JSON | None = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        """Ask the inventory service."""
        ...

    def orders(
        self, method: str, path: str, *, json: JSON | None = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        """Ask the order service."""
        ...


class Services:
    """The services on the DAOs of one side."""

    def __init__(self, connection: Connection, daos: Daos) -> None:
        self._connection = connection
        self._daos = daos

    def user(
        self, method: str, path: str, *, json: JSON | None = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        return _ask(self._users, method, path, json, token, key)

    def inventory(
        self, method: str, path: str, *, json: JSON | None = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        return _ask(self._inventory, method, path, json, token, key)

    def orders(
        self, method: str, path: str, *, json: JSON | None = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        return _ask(self._orders, method, path, json, token, key)

    @cached_property
    def _users(self) -> FastAPI:
        return create_users(SETTINGS, self._connection, self._daos)

    @cached_property
    def _inventory(self) -> FastAPI:
        return create_inventory(SETTINGS, self._connection, self._daos)

    @cached_property
    def _orders(self) -> FastAPI:
        return create_orders(SETTINGS, self._connection, self._daos)


class ArchivedServices(Services):
    """The services on the boto3 DAOs."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, archived_daos(connection))


class NewServices(Services):
    """The services on the PynamoDB DAOs."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, new_daos(connection))


def _ask(app: FastAPI, method: str, path: str, json: JSON | None, token: str | None, key: str | None) -> Answer:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if key is not None:
        headers["Idempotency-Key"] = key

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, json=json, headers=headers)

    response = asyncio.run(ask())
    shown = {name: value for name, value in sorted(response.headers.items()) if name in HEADERS}
    return Answer(response.status_code, shown, response.json() if response.content else None)
