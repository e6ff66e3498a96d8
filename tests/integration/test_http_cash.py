import pytest

from parity.clock import Ids
from parity.tables import Tables
from tests.http_sides import ServicesProtocol
from tests.integration.http_steps import an_asset, customer, ok, problem_of


def test_deposits_and_withdrawals_move_exact_amounts(http_dao: ServicesProtocol, ids: Ids) -> None:
    token = customer(http_dao, ids.name("alice"))
    first = ok(http_dao.user("POST", "/balance/deposit", json={"amount": "100.10"}, token=token))
    assert first["balance"]["current_balance"] == "100.1"
    after = ok(http_dao.user("POST", "/balance/withdraw", json={"amount": "0.00000001"}, token=token))
    assert after["balance"]["current_balance"] == "100.09999999"
    assert after["transaction_id"] != first["transaction_id"]


def test_a_withdrawal_needs_cover(http_dao: ServicesProtocol, ids: Ids) -> None:
    token = customer(http_dao, ids.name("alice"), cash="10")
    refused = http_dao.user("POST", "/balance/withdraw", json={"amount": "10.01"}, token=token)
    assert problem_of(refused) == (409, "insufficient-balance")
    assert (refused.body["available"], refused.body["required"]) == ("10", "10.01")
    assert ok(http_dao.user("GET", "/balance", token=token))["current_balance"] == "10"


@pytest.mark.parametrize("first", ["balance", "deposit", "withdraw"])
def test_a_missing_balance_is_made_on_first_use(
    http_dao: ServicesProtocol, tables: Tables, ids: Ids, first: str
) -> None:
    username = ids.name("alice")
    token = customer(http_dao, username)
    tables.delete("users", {"Pk": {"S": username}, "Sk": {"S": "BALANCE"}})
    if first == "balance":
        assert ok(http_dao.user("GET", "/balance", token=token))["current_balance"] == "0"
    elif first == "deposit":
        posted = ok(http_dao.user("POST", "/balance/deposit", json={"amount": "5"}, token=token))
        assert posted["balance"]["current_balance"] == "5"
    else:
        refused = http_dao.user("POST", "/balance/withdraw", json={"amount": "5"}, token=token)
        assert problem_of(refused) == (409, "insufficient-balance")


def test_a_token_of_a_user_who_is_gone_makes_no_balance(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    username = ids.name("alice")
    token, asset_id = customer(http_dao, username), an_asset(tables, ids.name("a"), "2")
    for kind in ("USER", "BALANCE"):
        tables.delete("users", {"Pk": {"S": username}, "Sk": {"S": kind}})
    order = {"order_type": "market_buy", "asset_id": asset_id, "quantity": "1"}
    for answer in (
        http_dao.user("GET", "/balance", token=token),
        http_dao.user("POST", "/balance/deposit", json={"amount": "5"}, token=token),
        http_dao.orders("POST", "/orders", json=order, token=token),
    ):
        assert problem_of(answer) == (404, "user-not-found")
    assert tables.get("users", {"Pk": {"S": username}, "Sk": {"S": "BALANCE"}}) is None


def test_a_key_moves_money_once(http_dao: ServicesProtocol, ids: Ids) -> None:
    token, key = customer(http_dao, ids.name("alice")), str(ids.uuid())
    first = http_dao.user("POST", "/balance/deposit", json={"amount": "25"}, token=token, key=key)
    again = http_dao.user("POST", "/balance/deposit", json={"amount": "25.00"}, token=token, key=key)
    assert ok(first) == ok(again)
    for path, amount in (("/balance/deposit", "26"), ("/balance/withdraw", "25")):
        other = http_dao.user("POST", path, json={"amount": amount}, token=token, key=key)
        assert problem_of(other) == (422, "idempotency-key-reused")
    assert ok(http_dao.user("GET", "/balance", token=token))["current_balance"] == "25"


def test_a_key_is_a_users_own(http_dao: ServicesProtocol, ids: Ids) -> None:
    key = str(ids.uuid())
    ids_of_both = {
        ok(http_dao.user("POST", "/balance/deposit", json={"amount": "1"}, token=token, key=key))["transaction_id"]
        for token in (customer(http_dao, ids.name("alice")), customer(http_dao, ids.name("bob")))
    }
    assert len(ids_of_both) == 2


@pytest.mark.parametrize("amount", ["0", "-1", "1e3", "1.123456789", "1234567890123456", "", "NaN", 1, 1.5, None])
def test_an_amount_is_text_above_zero(http_dao: ServicesProtocol, ids: Ids, amount: object) -> None:
    token = customer(http_dao, ids.name("alice"))
    refused = http_dao.user("POST", "/balance/deposit", json={"amount": amount}, token=token)
    assert problem_of(refused) == (422, "invalid")


@pytest.mark.parametrize("key", ["", "k" * 256, "a b"])
def test_a_key_has_a_form(http_dao: ServicesProtocol, ids: Ids, key: str) -> None:
    token = customer(http_dao, ids.name("alice"))
    refused = http_dao.user("POST", "/balance/deposit", json={"amount": "1"}, token=token, key=key)
    assert problem_of(refused) == (422, "invalid")


def test_the_ledger_comes_in_pages_newest_first(http_dao: ServicesProtocol, ids: Ids) -> None:
    token = customer(http_dao, ids.name("alice"))
    for amount in ("1", "2", "3"):
        ok(http_dao.user("POST", "/balance/deposit", json={"amount": amount}, token=token))
    first = ok(http_dao.user("GET", "/balance/transactions?limit=2", token=token))
    second = ok(http_dao.user("GET", f"/balance/transactions?limit=2&cursor={first['next_cursor']}", token=token))
    assert [row["amount"] for row in first["items"] + second["items"]] == ["3", "2", "1"]
    assert second["next_cursor"] is None


def test_a_cursor_belongs_to_its_list(http_dao: ServicesProtocol, ids: Ids) -> None:
    alice, bob = (customer(http_dao, ids.name(name), cash="1") for name in ("alice", "bob"))
    ok(http_dao.user("POST", "/balance/deposit", json={"amount": "2"}, token=alice))
    cursor = ok(http_dao.user("GET", "/balance/transactions?limit=1", token=alice))["next_cursor"]
    for wrong in (cursor, "e30", "bm90aGluZw", "x", "%F0%9F%98%80", "WzFd"):
        refused = http_dao.user("GET", f"/balance/transactions?cursor={wrong}", token=bob)
        assert problem_of(refused) == (422, "invalid-cursor")
    for limit in ("0", "101", "x"):
        refused = http_dao.user("GET", f"/balance/transactions?limit={limit}", token=bob)
        assert problem_of(refused) == (422, "invalid")


def test_what_is_stored_but_cannot_be_read_is_a_problem_that_tells_nothing(
    http_dao: ServicesProtocol, tables: Tables, ids: Ids
) -> None:
    username = ids.name("alice")
    token = customer(http_dao, username)
    key = {"Pk": {"S": username}, "Sk": {"S": "BALANCE"}}
    row = tables.get("users", key)
    assert row is not None
    tables.put("users", {**row, "current_balance": {"S": "much"}})
    refused = http_dao.user("GET", "/balance", token=token)
    assert problem_of(refused) == (503, "unreadable-data")
    assert set(refused.body) == {"type", "title", "status"}
