import pytest

from parity.clock import Ids
from parity.faults import Faults
from tests.http_sides import ServicesProtocol
from tests.integration.http_steps import PASSWORD, customer, ok, problem_of, registration


@pytest.mark.parametrize(
    ("fault", "answer", "retry"),
    [
        ("throttle", (429, "too-many-requests"), "1"),
        ("server-error", (503, "unavailable"), "1"),
        ("timeout", (503, "unavailable"), "1"),
        ("access-denied", (503, "unavailable"), None),
    ],
)
def test_a_database_that_fails_is_a_problem_that_tells_nothing_of_it(
    http_dao: ServicesProtocol, ids: Ids, faults: Faults, fault: str, answer: tuple[int, str], retry: str | None
) -> None:
    token = customer(http_dao, ids.name("alice"))
    faults.add(fault, "GetItem", times=None)
    failed = http_dao.user("GET", "/balance", token=token)
    assert problem_of(failed) == answer
    assert failed.headers.get("retry-after") == retry
    assert set(failed.body) == {"type", "title", "status"}
    assert not any(word in str(failed.body).lower() for word in ("dynamo", "table", "aws", "users"))


def test_a_deposit_whose_answer_was_lost_is_settled_by_its_key(
    http_dao: ServicesProtocol, ids: Ids, faults: Faults
) -> None:
    token, key = customer(http_dao, ids.name("alice")), str(ids.uuid())
    faults.add("lost-answer", "TransactWriteItems", times=4)
    lost = http_dao.user("POST", "/balance/deposit", json={"amount": "7"}, token=token, key=key)
    again = http_dao.user("POST", "/balance/deposit", json={"amount": "7"}, token=token, key=key)
    assert problem_of(lost) == (503, "unavailable")
    assert ok(again)["balance"]["current_balance"] == "7"


def test_a_user_is_registered_even_if_the_balance_has_to_wait(
    http_dao: ServicesProtocol, ids: Ids, faults: Faults
) -> None:
    username = ids.name("alice")
    faults.add("throttle", "PutItem", times=4, skip=1)
    ok(http_dao.user("POST", "/register", json=registration(username)), 201)
    login = ok(http_dao.user("POST", "/login", json={"username": username, "password": PASSWORD}))
    assert ok(http_dao.user("GET", "/balance", token=login["access_token"]))["current_balance"] == "0"
