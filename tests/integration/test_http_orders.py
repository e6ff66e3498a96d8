from typing import Any

import pytest

from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables
from tests.http_sides import Answer, ServicesProtocol
from tests.integration.http_steps import an_asset, customer, ok, problem_of
from tests.integration.order_rows import Connect


def market(kind: str, asset_id: str, quantity: str) -> dict[str, Any]:
    return {"order_type": f"market_{kind}", "asset_id": asset_id, "quantity": quantity}


def test_a_user_registers_deposits_buys_and_sells(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = an_asset(tables, ids.name("a"), "20.5")
    token = customer(http_dao, ids.name("alice"), cash="100")
    bought = ok(http_dao.orders("POST", "/orders", json=market("buy", asset_id, "2.50"), token=token), 201)
    assert (bought["status"], bought["price"], bought["total_amount"]) == ("completed", "20.5", "51.25")
    held = ok(http_dao.user("GET", "/portfolio", token=token))
    assert held["positions"][0]["quantity"] == "2.50"
    assert held["total_usd"] == "51.250"
    an_asset(tables, asset_id, "30")
    sold = ok(http_dao.orders("POST", "/orders", json=market("sell", asset_id, "1"), token=token), 201)
    assert sold["total_amount"] == "30"
    assert ok(http_dao.user("GET", "/balance", token=token))["current_balance"] == "78.75"
    assert ok(http_dao.orders("GET", f"/holdings/{asset_id}", token=token))["quantity"] == "1.50"
    assert [each["asset_id"] for each in ok(http_dao.orders("GET", "/holdings", token=token))["items"]] == [asset_id]
    fills = ok(http_dao.orders("GET", f"/holdings/{asset_id}/transactions", token=token))["items"]
    assert [(fill["transaction_type"], fill["order_id"]) for fill in fills] == [
        ("SELL", sold["order_id"]),
        ("BUY", bought["order_id"]),
    ]
    orders = ok(http_dao.orders("GET", "/orders", token=token))["items"]
    assert [order["order_id"] for order in orders] == [sold["order_id"], bought["order_id"]]
    ledger = ok(http_dao.user("GET", "/balance/transactions", token=token))["items"]
    assert [row["amount"] for row in ledger] == ["30", "-51.25", "100"]


def test_an_order_needs_cash_or_a_holding(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = an_asset(tables, ids.name("a"), "10")
    token = customer(http_dao, ids.name("alice"), cash="9.99")
    bought = http_dao.orders("POST", "/orders", json=market("buy", asset_id, "1"), token=token)
    assert problem_of(bought) == (409, "insufficient-balance")
    assert (bought.body["available"], bought.body["required"]) == ("9.99", "10")
    sold = http_dao.orders("POST", "/orders", json=market("sell", asset_id, "1"), token=token)
    assert problem_of(sold) == (409, "insufficient-holding")
    assert ok(http_dao.orders("GET", "/orders", token=token)) == {"items": []}
    assert problem_of(http_dao.orders("GET", f"/holdings/{asset_id}", token=token)) == (404, "holding-not-found")


def test_a_retried_market_order_is_the_stored_one_whatever_the_price(
    http_dao: ServicesProtocol, tables: Tables, ids: Ids
) -> None:
    asset_id, key = an_asset(tables, ids.name("a"), "10"), str(ids.uuid())
    token = customer(http_dao, ids.name("alice"), cash="100")
    order = market("buy", asset_id, "2")
    first = http_dao.orders("POST", "/orders", json=order, token=token, key=key)
    an_asset(tables, asset_id, "11", is_active={"BOOL": False})
    again = http_dao.orders("POST", "/orders", json=order | {"quantity": "2.0"}, token=token, key=key)
    assert ok(first, 201) == ok(again, 201)
    assert first.headers["location"] == f"/orders/{first.body['order_id']}"
    assert ok(http_dao.user("GET", "/balance", token=token))["current_balance"] == "80"


def test_a_key_places_one_order(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id, other, key = an_asset(tables, ids.name("a"), "10"), ids.name("b"), str(ids.uuid())
    token = customer(http_dao, ids.name("alice"), cash="100")
    limit = market("buy", asset_id, "2") | {"order_type": "limit_buy", "price": "9"}
    first = ok(http_dao.orders("POST", "/orders", json=limit, token=token, key=key), 201)
    assert ok(http_dao.orders("POST", "/orders", json=limit, token=token, key=key), 201) == first
    for wrong in (
        limit | {"price": "9.1"},
        limit | {"quantity": "3"},
        limit | {"asset_id": other},
        limit | {"order_type": "limit_sell"},
        market("buy", asset_id, "2"),
    ):
        refused = http_dao.orders("POST", "/orders", json=wrong, token=token, key=key)
        assert problem_of(refused) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("limited", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_of_two_orders_under_one_key_at_once_one_is_placed(
    http_dao: ServicesProtocol, tables: Tables, ids: Ids, faults: Faults, connect: Connect, *, limited: bool, same: bool
) -> None:
    other: ServicesProtocol = connect()["http"]
    asset_id, key = an_asset(tables, ids.name("a"), "10"), str(ids.uuid())
    token = customer(http_dao, ids.name("alice"), cash="100")
    order = market("buy", asset_id, "2") | ({"order_type": "limit_buy", "price": "9"} if limited else {})
    rival = order if same else order | {"quantity": "3"}
    placed: list[Answer] = []

    def overtake() -> None:
        an_asset(tables, asset_id, "11")
        placed.append(other.orders("POST", "/orders", json=rival, token=token, key=key))

    faults.before("PutItem" if limited else "TransactWriteItems", overtake)
    answer = http_dao.orders("POST", "/orders", json=order, token=token, key=key)
    assert ok(placed[0], 201)["price"] == ("9" if limited else "11")
    if same:
        assert answer == placed[0]
    else:
        assert problem_of(answer) == (422, "idempotency-key-reused")
    cash = "100" if limited else "78" if same else "67"
    assert ok(http_dao.user("GET", "/balance", token=token))["current_balance"] == cash


def test_a_key_of_a_deposit_pays_for_no_order(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id, key = an_asset(tables, ids.name("a"), "10"), str(ids.uuid())
    token = customer(http_dao, ids.name("alice"))
    ok(http_dao.user("POST", "/balance/deposit", json={"amount": "100"}, token=token, key=key))
    refused = http_dao.orders("POST", "/orders", json=market("buy", asset_id, "1"), token=token, key=key)
    assert problem_of(refused) == (422, "idempotency-key-reused")


def test_a_limit_order_waits_until_it_is_cancelled(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = an_asset(tables, ids.name("a"), "10")
    token = customer(http_dao, ids.name("alice"), cash="5")
    limit = market("buy", asset_id, "2") | {"order_type": "limit_buy", "price": "9.5"}
    queued = ok(http_dao.orders("POST", "/orders", json=limit, token=token), 201)
    assert (queued["status"], queued["total_amount"]) == ("queued", "19")
    path = f"/orders/{queued['order_id']}"
    cancelled = ok(http_dao.orders("POST", f"{path}/cancel", token=token))
    assert (cancelled["status"], cancelled["status_reason"]) == ("cancelled", "cancelled by the user")
    assert ok(http_dao.orders("POST", f"{path}/cancel", token=token))["status"] == "cancelled"
    assert ok(http_dao.orders("GET", path, token=token))["status"] == "cancelled"


def test_a_settled_order_cannot_be_cancelled(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = an_asset(tables, ids.name("a"), "10")
    token = customer(http_dao, ids.name("alice"), cash="50")
    order = ok(http_dao.orders("POST", "/orders", json=market("buy", asset_id, "2"), token=token), 201)
    refused = http_dao.orders("POST", f"/orders/{order['order_id']}/cancel", token=token)
    assert problem_of(refused) == (409, "order-closed")


def test_an_order_of_another_user_is_not_found(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = an_asset(tables, ids.name("a"), "10")
    alice, bob = customer(http_dao, ids.name("alice")), customer(http_dao, ids.name("bob"))
    limit = market("sell", asset_id, "2") | {"order_type": "limit_sell", "price": "9.5"}
    order = ok(http_dao.orders("POST", "/orders", json=limit, token=alice), 201)
    path = f"/orders/{order['order_id']}"
    theirs = [http_dao.orders("GET", path, token=bob), http_dao.orders("POST", f"{path}/cancel", token=bob)]
    none = http_dao.orders("GET", f"/orders/{ids.uuid()}", token=bob)
    assert [problem_of(answer) for answer in (*theirs, none)] == [(404, "order-not-found")] * 3
    assert ok(http_dao.orders("GET", path, token=alice))["status"] == "queued"


def test_orders_are_listed_newest_first_in_pages(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = an_asset(tables, ids.name("a"), "10")
    token = customer(http_dao, ids.name("alice"))
    for price in ("1", "2", "3"):
        limit = market("buy", asset_id, "1") | {"order_type": "limit_buy", "price": price}
        ok(http_dao.orders("POST", "/orders", json=limit, token=token), 201)
    page = ok(http_dao.orders("GET", "/orders?limit=2&offset=1", token=token))["items"]
    assert [order["price"] for order in page] == ["2", "1"]
    for query in ("limit=0", "limit=101", "offset=-1", "offset=10001"):
        assert problem_of(http_dao.orders("GET", f"/orders?{query}", token=token)) == (422, "invalid")


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"price": "1"}, (422, "invalid")),
        ({"order_type": "limit_buy"}, (422, "invalid")),
        ({"order_type": "gift"}, (422, "invalid")),
        ({"quantity": "0"}, (422, "invalid")),
        ({"asset_id": "a#b"}, (422, "invalid")),
        ({"asset_id": "unknown-asset"}, (404, "asset-not-found")),
    ],
)
def test_an_impossible_order_is_refused(
    http_dao: ServicesProtocol,
    tables: Tables,
    ids: Ids,
    change: dict[str, Any],
    answer: tuple[int, str],
) -> None:
    asset_id = an_asset(tables, ids.name("a"), "10")
    token = customer(http_dao, ids.name("alice"))
    refused = http_dao.orders("POST", "/orders", json=market("buy", asset_id, "1") | change, token=token)
    assert problem_of(refused) == answer


def test_what_is_not_active_or_too_exact_is_not_traded(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    token = customer(http_dao, ids.name("alice"), cash="5")
    inactive = an_asset(tables, ids.name("a"), "10", is_active={"BOOL": False})
    exact = an_asset(tables, ids.name("b"), "1." + "3" * 36)
    refused = http_dao.orders("POST", "/orders", json=market("buy", inactive, "1"), token=token)
    assert problem_of(refused) == (409, "asset-not-traded")
    refused = http_dao.orders("POST", "/orders", json=market("buy", exact, "1.33333333"), token=token)
    assert problem_of(refused) == (422, "invalid")


def test_the_portfolio_leaves_out_what_is_empty_and_tells_what_has_no_price(
    http_dao: ServicesProtocol, tables: Tables, ids: Ids
) -> None:
    username = ids.name("alice")
    token = customer(http_dao, username)
    for asset_id, quantity in (("gone", "2.50"), ("none", "0.00")):
        tables.put(
            "users",
            {
                "Pk": {"S": username},
                "Sk": {"S": f"ASSET#{asset_id}"},
                "asset_id": {"S": asset_id},
                "quantity": {"S": quantity},
                "updated_at": {"S": "2024-01-02T03:04:05Z"},
            },
        )
    held = ok(http_dao.user("GET", "/portfolio", token=token))
    empty = {"asset_id": "gone", "name": None, "quantity": "2.50", "price_usd": None, "value_usd": None}
    assert held == {"positions": [empty], "total_usd": "0"}
