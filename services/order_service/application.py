"""The order service as an ASGI application."""

from fastapi import FastAPI

from common.data import Connection
from services.order_service import holdings, orders
from services.shared.application import build
from services.shared.context import Daos
from services.shared.settings import ServiceSettings

__all__ = ["create_app"]


def create_app(settings: ServiceSettings, connection: Connection, daos: Daos | None = None) -> FastAPI:
    """The application on a connection; on the live DAOs unless others are given."""
    return build("Order service", [orders.router, holdings.router], settings, connection, daos)
