"""The services over real sockets, on the archived DAOs and on the new ones."""

import asyncio
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bench.sides import archived_daos, new_daos
from common.data import Asset, Connection
from parity.engines import Engine, installed_engines, open_engine
from services.inventory_service.application import create_app as create_inventory
from services.order_service.application import create_app as create_orders
from services.shared.context import Daos
from services.user_service.application import create_app as create_users
from tests.http_sides import SETTINGS
from tests.integration.http_steps import PASSWORD, registration
from tests.running import connected, running

SIDES: dict[str, Callable[[Connection], Daos]] = {"archived": archived_daos, "new": new_daos}
# Nothing about transactions under concurrency is shown by moto. The slower engine sees one side.
STORMS = [
    (name, side)
    for name, side in (("dynoxide", "archived"), ("dynoxide", "new"), ("dynamodb-local", "new"))
    if name in installed_engines()
]
DEPOSITS = 200


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.config.getoption("--parity-engine") or "moto") as engine:
        yield engine


def body(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def log_in(users: httpx.Client, username: str) -> dict[str, str]:
    body(users.post("/register", json=registration(username)), 201)
    token = body(users.post("/login", json={"username": username, "password": PASSWORD}))["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("side", SIDES)
def test_a_user_registers_deposits_buys_and_sells(engine: Engine, side: str) -> None:
    with connected(engine) as connection:
        daos = SIDES[side](connection)
        daos.assets.create_asset(
            Asset(asset_id="BTC", name="Bitcoin", category="currency", amount=Decimal(5), price_usd=Decimal("20.50"))
        )
        apps = [create(SETTINGS, connection, daos) for create in (create_users, create_inventory, create_orders)]
        with (
            running(*apps) as (users_at, inventory_at, orders_at),
            httpx.Client(base_url=users_at) as users,
            httpx.Client(base_url=orders_at) as orders,
        ):
            headers = log_in(users, "alice")
            body(users.post("/balance/deposit", json={"amount": "100"}, headers=headers))
            price = body(httpx.get(f"{inventory_at}/assets"))["items"][0]["price_usd"]
            order = {"order_type": "market_buy", "asset_id": "BTC", "quantity": "2"}
            bought = body(orders.post("/orders", json=order, headers=headers), 201)
            assert (bought["status"], bought["price"]) == ("completed", price)
            sale = order | {"order_type": "market_sell", "quantity": "0.5"}
            body(orders.post("/orders", json=sale, headers=headers), 201)
            assert body(users.get("/balance", headers=headers))["current_balance"] == "69.25"
            assert body(users.get("/portfolio", headers=headers))["positions"][0]["quantity"] == "1.5"
            assert body(users.get("/readyz")) == {"status": "ok"}


@pytest.mark.parametrize(("stormy", "side"), STORMS)
def test_a_storm_of_deposits_ends_with_exactly_the_right_balance(stormy: str, side: str) -> None:
    with open_engine(stormy) as engine, connected(engine) as connection:
        daos = SIDES[side](connection)
        with running(create_users(SETTINGS, connection, daos)) as (address,):
            with httpx.Client(base_url=address) as users:
                headers = log_in(users, "alice")
            asyncio.run(_storm(address, headers))
        assert daos.balances.get_balance("alice").current_balance == sum(map(_amount, range(DEPOSITS)))
        rows, rest = daos.balances.get_user_transactions("alice", limit=DEPOSITS + 1)
        assert (sorted(row.amount for row in rows), rest) == ([_amount(number) for number in range(DEPOSITS)], None)


def _amount(number: int) -> Decimal:
    return Decimal(number) + Decimal("0.01")


async def _storm(address: str, headers: dict[str, str]) -> None:
    """Every deposit twice at the same time; of every fifth pair the client cuts one connection."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
        calls = []
        for number in range(DEPOSITS):
            calls.append(_deposit(client, headers, number))
            calls.append(_cut(address, headers, number) if number % 5 == 0 else _deposit(client, headers, number))
        await asyncio.gather(*calls)


async def _deposit(client: httpx.AsyncClient, headers: dict[str, str], number: int) -> None:
    """Deposit, again under the same key while the answer says that another try makes sense."""
    for _ in range(50):
        response = await client.post(
            "/balance/deposit",
            json={"amount": str(_amount(number))},
            headers=headers | {"Idempotency-Key": f"storm-{number}"},
        )
        if "retry-after" not in response.headers:
            break
    assert response.status_code == 200, response.text


async def _cut(address: str, headers: dict[str, str], number: int) -> None:
    """Send a deposit, all of it or a part, and go away without the answer."""
    content = f'{{"amount": "{_amount(number)}"}}'
    lines = {**headers, "Idempotency-Key": f"storm-{number}", "Content-Type": "application/json"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    request = f"POST /balance/deposit HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n{head}\r\n{content}"
    where = urlsplit(address)
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(request.encode()[: -7 if number % 10 else None])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
