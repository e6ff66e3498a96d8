"""The services on whatever is live: these tests run, as they are, before and after each cut-over."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from common.data import Asset
from parity.engines import Engine
from services.shared.context import Daos
from tests.http_sides import Services
from tests.integration.http_steps import customer, ok, problem_of
from tests.running import connected

BITCOIN = Asset(asset_id="BTC", name="Bitcoin", category="currency", amount=Decimal(5), price_usd=Decimal("20.50"))


@pytest.fixture(scope="module")
def http(engine: Engine) -> Iterator[Services]:
    with connected(engine) as connection:
        daos = Daos.live(connection)
        daos.assets.create_asset(BITCOIN)
        yield Services(connection, daos)


def test_a_user_registers_deposits_buys_and_sells(http: Services) -> None:
    token = customer(http, "alice", cash="100")
    order = {"order_type": "market_buy", "asset_id": "BTC", "quantity": "2"}
    bought = ok(http.orders("POST", "/orders", json=order, token=token, key="first"), 201)
    assert ok(http.orders("POST", "/orders", json=order, token=token, key="first"), 201) == bought
    ok(http.orders("POST", "/orders", json=order | {"order_type": "market_sell"}, token=token), 201)
    assert ok(http.user("GET", "/balance", token=token))["current_balance"] == "100"
    assert ok(http.orders("GET", "/holdings/BTC", token=token))["quantity"] == "0"
    assert len(ok(http.orders("GET", "/holdings/BTC/transactions", token=token))["items"]) == 2
    assert len(ok(http.orders("GET", "/orders", token=token))["items"]) == 2
    assert len(ok(http.user("GET", "/balance/transactions", token=token))["items"]) == 3
    assert [asset["asset_id"] for asset in ok(http.inventory("GET", "/assets"))["items"]] == ["BTC"]


def test_nothing_is_taken_that_is_not_there(http: Services) -> None:
    token = customer(http, "bob", cash="20")
    order = {"order_type": "market_buy", "asset_id": "BTC", "quantity": "1"}
    assert problem_of(http.orders("POST", "/orders", json=order, token=token)) == (409, "insufficient-balance")
    sale = order | {"order_type": "market_sell"}
    assert problem_of(http.orders("POST", "/orders", json=sale, token=token)) == (409, "insufficient-holding")
    withdrawal = http.user("POST", "/balance/withdraw", json={"amount": "20.01"}, token=token)
    assert problem_of(withdrawal) == (409, "insufficient-balance")


def test_an_order_waits_and_is_cancelled(http: Services) -> None:
    token = customer(http, "carol")
    order = {"order_type": "limit_buy", "asset_id": "BTC", "quantity": "1", "price": "9"}
    queued = ok(http.orders("POST", "/orders", json=order, token=token), 201)
    assert ok(http.orders("POST", f"/orders/{queued['order_id']}/cancel", token=token))["status"] == "cancelled"
