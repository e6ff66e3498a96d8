from parity.clock import Ids
from parity.tables import Tables
from tests.http_sides import ServicesProtocol
from tests.integration.http_steps import admin, an_asset, customer, ok, problem_of

NEW = {"name": "Testcoin", "category": "currency", "amount": "100", "price_usd": "12.50"}


def test_the_list_has_active_assets_unless_asked_for_all(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    active = an_asset(tables, ids.name("a"), "2")
    inactive = an_asset(tables, ids.name("i"), "3", is_active={"BOOL": False})
    some = {asset["asset_id"] for asset in ok(http_dao.inventory("GET", "/assets"))["items"]}
    every = {asset["asset_id"] for asset in ok(http_dao.inventory("GET", "/assets?include_inactive=true"))["items"]}
    assert {active, inactive} & some == {active}
    assert {active, inactive} <= every


def test_assets_are_found_by_one_id_or_many(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    first, second = an_asset(tables, ids.name("a"), "2.5"), an_asset(tables, ids.name("b"), "3")
    unknown = ids.name("u")
    found = ok(http_dao.inventory("GET", f"/assets?id={second}&id={unknown}&id={first}&id={second}"))["items"]
    assert [asset["asset_id"] for asset in found] == [second, first]
    assert ok(http_dao.inventory("GET", f"/assets/{first}"))["price_usd"] == "2.5"
    assert problem_of(http_dao.inventory("GET", f"/assets/{unknown}")) == (404, "asset-not-found")
    assert problem_of(http_dao.inventory("GET", "/assets/a%23b")) == (422, "invalid")
    many = "&".join(f"id={number}" for number in range(101))
    assert problem_of(http_dao.inventory("GET", f"/assets?{many}")) == (422, "invalid")


def test_an_admin_creates_and_changes_assets(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    token, asset_id = admin(http_dao, tables, ids), ids.name("a")
    made = ok(http_dao.inventory("POST", "/assets", json=NEW | {"asset_id": asset_id, "ath": "1"}, token=token), 201)
    assert (made["price_usd"], made["ath"], made["is_active"]) == ("12.5", "1", True)
    change = {"price_usd": "13", "is_active": False, "ath": None}
    changed = ok(http_dao.inventory("PATCH", f"/assets/{asset_id}", json=change, token=token))
    assert changed == made | change | {"updated_at": changed["updated_at"]}
    taken = http_dao.inventory("POST", "/assets", json=NEW | {"asset_id": asset_id}, token=token)
    assert problem_of(taken) == (409, "asset-exists")
    unknown = http_dao.inventory("PATCH", f"/assets/{ids.name('u')}", json=change, token=token)
    assert problem_of(unknown) == (404, "asset-not-found")


def test_a_change_keeps_what_the_api_cannot_say(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    line = {"M": {"price": {"L": [{"N": "1.5"}, {"N": "2"}]}}}
    asset_id = an_asset(tables, ids.name("a"), "2", sparkline_7d=line, exchange_code={"S": "X"})
    token = admin(http_dao, tables, ids)
    changed = ok(http_dao.inventory("PATCH", f"/assets/{asset_id}", json={"name": "Other"}, token=token))
    assert changed["sparkline_7d"] == {"price": ["1.5", "2"]}
    row = tables.get("inventory", {"product_id": {"S": asset_id}})
    assert row is not None
    assert (row["sparkline_7d"], row["exchange_code"]) == (line, {"S": "X"})


def test_only_an_admin_may_change_the_inventory(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    username = ids.name("alice")
    token, asset_id = customer(http_dao, username), an_asset(tables, ids.name("a"), "2")
    for caller, answer in ((token, (403, "forbidden")), (None, (401, "no-token"))):
        new = http_dao.inventory("POST", "/assets", json=NEW | {"asset_id": ids.name("b")}, token=caller)
        change = http_dao.inventory("PATCH", f"/assets/{asset_id}", json={"price_usd": "1"}, token=caller)
        assert problem_of(new) == problem_of(change) == answer
    tables.delete("users", {"Pk": {"S": username}, "Sk": {"S": "USER"}})
    gone = http_dao.inventory("PATCH", f"/assets/{asset_id}", json={"price_usd": "1"}, token=token)
    assert problem_of(gone) == (403, "forbidden")


def test_numbers_of_an_asset_are_text_and_not_below_zero(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    token = admin(http_dao, tables, ids)
    for price in ("-1", "1e3", 1.5, 1, "", None):
        asset = NEW | {"asset_id": ids.name("a"), "price_usd": price}
        assert problem_of(http_dao.inventory("POST", "/assets", json=asset, token=token)) == (422, "invalid")


def test_an_asset_has_an_id_that_fits_into_a_path(http_dao: ServicesProtocol, tables: Tables, ids: Ids) -> None:
    token = admin(http_dao, tables, ids)
    for asset_id in ("", "A/B", "A#B", "x" * 21):
        refused = http_dao.inventory("POST", "/assets", json=NEW | {"asset_id": asset_id}, token=token)
        assert problem_of(refused) == (422, "invalid"), asset_id
