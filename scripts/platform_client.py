"""Uses the platform as clients do: writes as a user and an admin, and reads everything back over HTTP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from scripts.running import Addresses

__all__ = ["ADMIN", "PASSWORD", "Client", "ClientError", "Person", "Reading"]

PASSWORD: Final = "correct horse battery"  # noqa: S105 - of users that live as long as the drill
ADMIN: Final = "drill-admin"

Reading = Mapping[str, tuple[int, Any]]
"""What was asked, to status and body of the answer."""


class ClientError(Exception):
    """The platform gave an answer that it must not give."""


@dataclass
class Person:
    """A user of the drill, the asset that belongs to it, and what was done as that user."""

    name: str
    asset: str
    password: str = PASSWORD
    repeatable: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)


class Client:
    """A client of the three services."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._http = httpx.Client(timeout=30)
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(
        self, service: str, method: str, path: str, *, who: str | None = None, json: Any = None, key: str | None = None
    ) -> tuple[int, Any]:
        """Status and body of an answer."""
        headers = {"Authorization": f"Bearer {self._tokens[who]}"} if who is not None else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        response = self._http.request(method, f"{self._addresses[service]}{path}", json=json, headers=headers)
        return response.status_code, response.json() if response.content else None

    def get_done(self, service: str, method: str, path: str, **arguments: Any) -> Any:
        """The body of an answer that must be a success.

        Raises:
            ClientError: it is none.
        """
        status, body = self.ask(service, method, path, **arguments)
        if status >= 300:  # noqa: PLR2004 - HTTP
            raise ClientError(f"{method} {path} gave {status}: {body}")
        return body

    def log_in(self, name: str, password: str) -> None:
        """Get a token."""
        credentials = {"username": name, "password": password}
        self._tokens[name] = self.get_done("user_service", "POST", "/login", json=credentials)["access_token"]

    def write(self, person: Person) -> int:
        """Do one of everything that writes, in all six entities; gives how many requests that took."""
        done = 0
        for service, method, path, body, key in self._writes(person):
            who = ADMIN if service == "inventory_service" else None if path == "/register" else person.name
            answer = self.get_done(service, method, path, who=who, json=body, key=key)
            done += 1
            if path == "/register":
                self.log_in(person.name, person.password)
            if path == "/me/password":
                person.password = body["new_password"]
            if path == "/orders":
                person.orders.append(answer["order_id"])
            if key is not None:
                person.repeatable.append((service, path, body, key))
        self.get_done("order_service", "POST", f"/orders/{person.orders[-1]}/cancel", who=person.name)
        return done + 1

    @staticmethod
    def _writes(person: Person) -> Iterator[tuple[str, str, str, dict[str, str], str | None]]:
        name, asset = person.name, person.asset
        user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        new = {"asset_id": asset, "name": "Drillcoin", "category": "drill", "amount": "1000", "price_usd": "12.50"}
        passwords = {"current_password": PASSWORD, "new_password": f"{PASSWORD} again"}
        buy = {"order_type": "market_buy", "asset_id": asset, "quantity": "3.50"}
        sell = {"order_type": "market_sell", "asset_id": asset, "quantity": "1"}
        limit = {"order_type": "limit_buy", "asset_id": asset, "quantity": "2", "price": "9.75"}
        yield "user_service", "POST", "/register", {**user, "first_name": "Drill", "last_name": "User"}, None
        yield "user_service", "PATCH", "/me", {"phone": "+4930123", "date_of_birth": "1990-02-03"}, None
        yield "user_service", "PUT", "/me/password", passwords, None
        yield "user_service", "POST", "/balance/deposit", {"amount": "100.10"}, f"{name}-deposit"
        yield "user_service", "POST", "/balance/withdraw", {"amount": "0.05"}, f"{name}-withdraw"
        yield "inventory_service", "POST", "/assets", new, None
        yield "order_service", "POST", "/orders", buy, f"{name}-buy"
        yield "inventory_service", "PATCH", f"/assets/{asset}", {"price_usd": "13.25", "description": "dear"}, None
        yield "order_service", "POST", "/orders", sell, f"{name}-sell"
        yield "order_service", "POST", "/orders", limit, f"{name}-limit"
        yield "order_service", "POST", "/orders", {**limit, "price": "9.5"}, None

    def repeat(self, person: Person) -> Reading:
        """Send every request again that has a key: each must have happened already."""
        return {
            f"POST {path} again as {person.name} ({key})": self.ask(
                service, "POST", path, who=person.name, json=body, key=key
            )
            for service, path, body, key in person.repeatable
        }

    def read(self, people: list[Person]) -> Reading:
        """Read everything of these people, each after a new login, and their assets."""
        found: dict[str, tuple[int, Any]] = {}
        names = [person.asset for person in people]
        for path in (f"/assets?{urlencode([('id', name) for name in names])}", *(f"/assets/{name}" for name in names)):
            found[f"GET {path}"] = self.ask("inventory_service", "GET", path)
        found["GET /assets"] = self._inventory(names)
        for person in people:
            self.log_in(person.name, person.password)
            for service, path in self._paths(person):
                found[f"GET {path} as {person.name}"] = self.ask(service, "GET", path, who=person.name)
            found |= self._ledger(person)
        return found

    def _inventory(self, names: list[str]) -> tuple[int, Any]:
        """Of the whole list those assets, in an order of their own: a scan has none."""
        status, body = self.ask("inventory_service", "GET", "/assets?include_inactive=true")
        return status, {asset["asset_id"]: asset for asset in body["items"] if asset["asset_id"] in names}

    @staticmethod
    def _paths(person: Person) -> Iterator[tuple[str, str]]:
        yield from (("user_service", path) for path in ("/me", "/balance", "/portfolio"))
        yield from (("order_service", path) for path in ("/orders", "/orders?limit=2&offset=1", "/holdings"))
        yield from (("order_service", f"/orders/{order}") for order in person.orders)
        yield "order_service", f"/holdings/{person.asset}"
        yield "order_service", f"/holdings/{person.asset}/transactions"

    def _ledger(self, person: Person) -> Reading:
        """The pages of the cash ledger, each by the cursor of the one before."""
        found: dict[str, tuple[int, Any]] = {}
        cursor = ""
        while True:
            path = f"/balance/transactions?limit=2{cursor}"
            status, page = self.ask("user_service", "GET", path, who=person.name)
            found[f"GET {path} as {person.name}"] = status, page
            if status != httpx.codes.OK or page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"
