"""The user service as an ASGI application."""

from fastapi import FastAPI

from common.data import Connection
from services.shared.application import build
from services.shared.context import Daos
from services.shared.settings import ServiceSettings
from services.user_service import accounts, cash, portfolio

__all__ = ["create_app"]


def create_app(settings: ServiceSettings, connection: Connection, daos: Daos | None = None) -> FastAPI:
    """The application on a connection; on the live DAOs unless others are given."""
    routers = [accounts.router, cash.router, portfolio.router]
    return build("User service", routers, settings, connection, daos)
