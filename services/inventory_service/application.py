"""The inventory service as an ASGI application."""

from fastapi import FastAPI

from common.data import Connection
from services.inventory_service import assets
from services.shared.application import build
from services.shared.context import Daos
from services.shared.settings import ServiceSettings

__all__ = ["create_app"]


def create_app(settings: ServiceSettings, connection: Connection, daos: Daos | None = None) -> FastAPI:
    """The application on a connection; on the live DAOs unless others are given."""
    return build("Inventory service", [assets.router], settings, connection, daos)
