import pytest

from parity.clock import Clock, Ids
from tests.http_sides import ServicesProtocol
from tests.integration.http_steps import PASSWORD, customer, ok, problem_of, registration


def test_a_registered_user_has_a_balance_and_can_log_in(http_dao: ServicesProtocol, ids: Ids) -> None:
    username = ids.name("alice")
    user = ok(http_dao.user("POST", "/register", json=registration(username)), 201)
    assert user["role"] == "customer"
    assert "password" not in user
    login = ok(http_dao.user("POST", "/login", json={"username": username, "password": PASSWORD}))
    assert login["expires_in"] == 1800
    assert ok(http_dao.user("GET", "/me", token=login["access_token"])) == user
    assert ok(http_dao.user("GET", "/balance", token=login["access_token"]))["current_balance"] == "0"


def test_a_username_is_taken_once(http_dao: ServicesProtocol, ids: Ids) -> None:
    username = ids.name("alice")
    ok(http_dao.user("POST", "/register", json=registration(username)), 201)
    other = registration(username) | {"password": "another password"}
    assert problem_of(http_dao.user("POST", "/register", json=other)) == (409, "username-taken")
    ok(http_dao.user("POST", "/login", json={"username": username, "password": PASSWORD}))


def test_wrong_credentials_are_all_alike(http_dao: ServicesProtocol, ids: Ids) -> None:
    username = ids.name("alice")
    ok(http_dao.user("POST", "/register", json=registration(username)), 201)
    wrong = http_dao.user("POST", "/login", json={"username": username, "password": "wrong horse"})
    unknown = http_dao.user("POST", "/login", json={"username": ids.name("nobody"), "password": PASSWORD})
    assert problem_of(wrong) == (401, "invalid-credentials")
    assert wrong == unknown
    assert wrong.headers["www-authenticate"] == "Bearer"


def test_what_cannot_be_registered_is_told_by_place_and_not_quoted(http_dao: ServicesProtocol) -> None:
    answer = http_dao.user("POST", "/register", json=registration("a#") | {"password": "short", "is_admin": True})
    assert problem_of(answer) == (422, "invalid")
    places = {fault["place"] for fault in answer.body["errors"]}
    assert places == {"body.username", "body.email", "body.password", "body.is_admin"} - {"body.email"}
    assert "short" not in str(answer.body)


def test_no_token_is_needed_to_be_refused(http_dao: ServicesProtocol, ids: Ids, clock: Clock) -> None:
    token = customer(http_dao, ids.name("alice"))
    signature = token.rpartition(".")[2]
    for wrong in (None, "", "x", token.removesuffix(signature), token.replace(".", "", 1)):
        assert problem_of(http_dao.user("GET", "/me", token=wrong)) == (401, "no-token")
    clock.shift(30 * 60)
    assert problem_of(http_dao.user("GET", "/me", token=token)) == (401, "no-token")
    assert problem_of(http_dao.orders("GET", "/orders", token=token)) == (401, "no-token")


def test_a_profile_changes_where_it_is_told_to(http_dao: ServicesProtocol, ids: Ids) -> None:
    token = customer(http_dao, ids.name("alice"))
    before = ok(http_dao.user("GET", "/me", token=token))
    change = {"first_name": "Alicia", "phone": "+4930", "date_of_birth": "1990-02-03", "last_name": None}
    after = ok(http_dao.user("PATCH", "/me", json=change, token=token))
    same = before | change | {"last_name": "Archer", "updated_at": after["updated_at"]}
    assert after == same
    assert after["updated_at"] > before["updated_at"]
    refused = http_dao.user("PATCH", "/me", json={"role": "admin"}, token=token)
    assert problem_of(refused) == (422, "invalid")


def test_a_password_is_changed_by_who_knows_it(http_dao: ServicesProtocol, ids: Ids) -> None:
    username = ids.name("alice")
    token = customer(http_dao, username)
    new = "another good password"
    wrong = {"current_password": "wrong horse", "new_password": new}
    assert problem_of(http_dao.user("PUT", "/me/password", json=wrong, token=token)) == (401, "invalid-credentials")
    right = {"current_password": PASSWORD, "new_password": new}
    assert http_dao.user("PUT", "/me/password", json=right, token=token).status == 204
    old = http_dao.user("POST", "/login", json={"username": username, "password": PASSWORD})
    assert problem_of(old) == (401, "invalid-credentials")
    ok(http_dao.user("POST", "/login", json={"username": username, "password": new}))


@pytest.mark.parametrize("service", ["user", "inventory", "orders"])
def test_each_service_is_alive_ready_and_has_problems_for_unknown_routes(
    http_dao: ServicesProtocol, service: str
) -> None:
    ask = getattr(http_dao, service)
    assert ok(ask("GET", "/healthz")) == ok(ask("GET", "/readyz")) == {"status": "ok"}
    assert problem_of(ask("GET", "/nothing")) == (404, "not-found")
    refused = ask("DELETE", "/healthz")
    assert problem_of(refused) == (405, "method-not-allowed")
    assert refused.headers["allow"] == "GET"
