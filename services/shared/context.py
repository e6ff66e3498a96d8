"""What a service works with: settings, connection, DAOs. Endpoints get it as a dependency."""

from dataclasses import dataclass
from typing import Annotated, Self

from fastapi import Depends, Request

from common.data import Connection
from common.data.dao import (
    AssetBalanceDAO,
    AssetBalanceDAOProtocol,
    AssetDAO,
    AssetDAOProtocol,
    AssetTransactionDAO,
    AssetTransactionDAOProtocol,
    BalanceDAO,
    BalanceDAOProtocol,
    OrderDAO,
    OrderDAOProtocol,
    UserDAO,
    UserDAOProtocol,
)
from services.shared.settings import ServiceSettings

__all__ = ["Context", "Daos", "Here"]


@dataclass(frozen=True)
class Daos:
    """One DAO of each kind, on one connection."""

    users: UserDAOProtocol
    balances: BalanceDAOProtocol
    orders: OrderDAOProtocol
    assets: AssetDAOProtocol
    asset_balances: AssetBalanceDAOProtocol
    asset_transactions: AssetTransactionDAOProtocol

    @classmethod
    def live(cls, connection: Connection) -> Self:
        """The DAOs that are live."""
        return cls(
            users=UserDAO(connection),
            balances=BalanceDAO(connection),
            orders=OrderDAO(connection),
            assets=AssetDAO(connection),
            asset_balances=AssetBalanceDAO(connection),
            asset_transactions=AssetTransactionDAO(connection),
        )


@dataclass(frozen=True)
class Context:
    """What the endpoints of one application share."""

    settings: ServiceSettings
    connection: Connection
    daos: Daos


async def _context(request: Request) -> Context:
    context = request.app.state.context
    if not isinstance(context, Context):
        raise TypeError("the application was not made by services.shared.application")
    return context


Here = Annotated[Context, Depends(_context)]
"""The context, as a parameter of an endpoint."""
