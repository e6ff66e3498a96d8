"""What the tests of the services do again and again."""

from typing import Any, Final

from parity.clock import Ids
from parity.tables import Tables
from tests.http_sides import Answer, ServicesProtocol

__all__ = ["PASSWORD", "admin", "an_asset", "customer", "ok", "problem_of", "registration"]

PASSWORD: Final = "correct horse battery"


def registration(username: str) -> dict[str, Any]:
    return {
        "username": username,
        "email": f"{username}@example.org",
        "password": PASSWORD,
        "first_name": "Alice",
        "last_name": "Archer",
    }


def ok(answer: Answer, status: int = 200) -> Any:
    """The body of an answer that must have gone well."""
    assert answer.status == status, answer
    return answer.body


def problem_of(answer: Answer) -> tuple[int, str]:
    """Status and code of an answer that must be a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    assert answer.body["status"] == answer.status
    return answer.status, answer.body["type"].removeprefix("urn:problem:")


def customer(http: ServicesProtocol, username: str, cash: str | None = None) -> str:
    """Register and log in a user, perhaps with some cash; gives the token."""
    ok(http.user("POST", "/register", json=registration(username)), 201)
    token: str = ok(http.user("POST", "/login", json={"username": username, "password": PASSWORD}))["access_token"]
    if cash is not None:
        ok(http.user("POST", "/balance/deposit", json={"amount": cash}, token=token))
    return token


def admin(http: ServicesProtocol, tables: Tables, ids: Ids) -> str:
    """A user whose stored role is admin; gives the token."""
    username = ids.name("admin")
    token = customer(http, username)
    key = {"Pk": {"S": username}, "Sk": {"S": "USER"}}
    row = tables.get("users", key)
    assert row is not None
    tables.put("users", {**row, "role": {"S": "admin"}})
    return token


def an_asset(tables: Tables, asset_id: str, price: str, **attributes: dict[str, Any]) -> str:
    """Store an active asset, as the old code did."""
    item: dict[str, Any] = {
        "product_id": {"S": asset_id},
        "asset_id": {"S": asset_id},
        "name": {"S": "Bitcoin"},
        "category": {"S": "currency"},
        "amount": {"N": "1000"},
        "price_usd": {"N": price},
        "is_active": {"BOOL": True},
        "created_at": {"S": "2025-01-02T03:04:05.678901"},
        "updated_at": {"S": "2025-01-02T03:04:05.678901"},
    }
    tables.put("inventory", item | attributes)
    return asset_id
