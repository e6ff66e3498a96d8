"""Rows and entities for the Order suite, and what the contract says of them, worked out without the code under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from common.data import BalanceTransaction, Order
from common.data.dao.protocols import OrderDAOProtocol
from common.data.entities import AssetTransaction, Settlement
from parity.clock import Ids
from parity.requests import Request
from parity.tables import Tables
from parity.wireform import canonical_item, canonical_number

__all__ = [
    "CREATED",
    "UPDATED",
    "Connect",
    "Item",
    "Requests",
    "Trade",
    "balance_row",
    "entity",
    "fields",
    "holding_key",
    "holding_row",
    "key_of",
    "operations",
    "order_row",
    "read_as",
    "same",
    "seed",
    "stored",
    "trade",
]

Item = dict[str, Any]
Requests = Callable[[], Sequence[Request]]
"""The `requests` fixture."""
Connect = Callable[..., Any]
"""The `connect` fixture."""

CREATED = "2023-02-03T04:05:06.123456+00:00"
UPDATED = "2023-02-04T05:06:07.654321+00:00"


def key_of(order_id: str) -> Item:
    """The key of an order's row."""
    return {"Pk": {"S": order_id}, "Sk": {"S": "ORDER"}}


def order_row(order_id: str, username: str, /, *, without: Iterable[str] = (), **attributes: Item) -> Item:
    """An order's row as the contract has it, with some attributes replaced or added and some left out."""
    row: Item = {
        **key_of(order_id),
        "order_id": {"S": order_id},
        "username": {"S": username},
        "order_type": {"S": "limit_buy"},
        "status": {"S": "pending"},
        "asset_id": {"S": "BTC"},
        "quantity": {"N": "1.5"},
        "price": {"N": "2"},
        "total_amount": {"N": "3"},
        "created_at": {"S": CREATED},
        "updated_at": {"S": UPDATED},
        "GSI-PK": {"S": username},
        "GSI-SK": {"S": CREATED},
    }
    row |= attributes
    for name in without:
        del row[name]
    return row


def entity(order_id: str, username: str, **values: object) -> Order:
    """A valid order."""
    given: dict[str, object] = {
        "order_id": order_id,
        "username": username,
        "order_type": "limit_buy",
        "asset_id": "BTC",
        "quantity": Decimal("1.50"),
        "price": Decimal(2),
        "total_amount": Decimal("3.00"),
        "created_at": datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC),
    }
    return Order.model_validate(given | values)


def fields(order: Order) -> dict[str, object]:
    """What an order holds, numbers with their digits."""
    values = {name: getattr(order, name) for name in type(order).model_fields}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def read_as(row: Item) -> dict[str, object]:
    """The fields that an order's row must be read as."""
    texts = {name: row[name]["S"] for name in ("order_id", "username", "order_type", "status", "asset_id")}
    numbers = {name: str(Decimal(row[name]["N"])) for name in ("quantity", "price", "total_amount")}
    instants = {name: _instant(row[name]["S"]) for name in ("created_at", "updated_at")}
    return {**texts, **numbers, **instants, "status_reason": row.get("status_reason", {}).get("S")}


def _instant(text: str) -> datetime:
    seconds, _, fraction = text.removesuffix("Z").removesuffix("+00:00").partition(".")
    whole = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return whole.replace(microsecond=int(fraction.ljust(6, "0")))


def same(row: Item | None) -> Item | None:
    """A row with its sets in one order, to compare."""
    return None if row is None else canonical_item(row)


def stored(tables: Tables, order_id: str) -> Item:
    """An order's row."""
    row = tables.get("orders", key_of(order_id))
    assert row is not None
    return row


def operations(requests: Sequence[Request]) -> list[str]:
    """What was sent, in order."""
    return [request.operation for request in requests]


def balance_row(username: str, amount: str, /, **attributes: Item) -> Item:
    """A cash balance."""
    return {
        "Pk": {"S": username},
        "Sk": {"S": "BALANCE"},
        "username": {"S": username},
        "current_balance": {"N": amount},
        "created_at": {"S": "2023-02-03T04:05:06.123456"},
        "updated_at": {"S": "2023-02-04T05:06:07.654321"},
        "entity_type": {"S": "balance"},
        **attributes,
    }


def holding_key(username: str, asset_id: str) -> Item:
    """The key of a holding's row."""
    return {"Pk": {"S": username}, "Sk": {"S": f"ASSET#{asset_id}"}}


def holding_row(
    username: str, asset_id: str, amount: str, /, *, without: Iterable[str] = (), **attributes: Item
) -> Item:
    """A holding."""
    row: Item = {
        **holding_key(username, asset_id),
        "username": {"S": username},
        "asset_id": {"S": asset_id},
        "quantity": {"S": amount},
        "created_at": {"S": "2023-02-03T04:05:06.123456"},
        "updated_at": {"S": "2023-02-04T05:06:07.654321"},
        **attributes,
    }
    for name in without:
        del row[name]
    return row


@dataclass(frozen=True)
class Trade:
    """An order with what settles it."""

    order: Order
    payment: BalanceTransaction
    fill: AssetTransaction

    def settle(self, dao: OrderDAOProtocol) -> Settlement:
        """Settle it."""
        return dao.settle_order(self.order, self.payment, self.fill)

    def ordered(self, **values: object) -> Trade:
        """The same with another order."""
        return replace(self, order=self.order.model_copy(update=values))

    def paid(self, **values: object) -> Trade:
        """The same with another payment."""
        return replace(self, payment=self.payment.model_copy(update=values))

    def filled(self, **values: object) -> Trade:
        """The same with another fill."""
        return replace(self, fill=self.fill.model_copy(update=values))

    @property
    def user(self) -> str:
        """Whose trade it is."""
        return self.order.username

    @property
    def keys(self) -> dict[str, tuple[str, Item]]:
        """Table and key of the six rows."""
        user, asset, paid_at = self.user, self.order.asset_id, _naive(self.payment.created_at)
        keys = {
            "cash": (user, "BALANCE"),
            "payment": (f"TRANS#{user}", paid_at),
            "posting": (f"POSTED#{user}", str(self.payment.transaction_id)),
            "holding": (user, f"ASSET#{asset}"),
            "fill": (f"TRANS#{user}#{asset}", _naive(self.fill.created_at)),
        }
        wire = {name: ("users", {"Pk": {"S": pk}, "Sk": {"S": sk}}) for name, (pk, sk) in keys.items()}
        return {"order": ("orders", key_of(self.order.order_id)), **wire}

    def rows(self, tables: Tables) -> dict[str, Item | None]:
        """The six rows as they are."""
        return {name: same(tables.get(table, key)) for name, (table, key) in self.keys.items()}

    def value(self, tables: Tables, row: str, attribute: str) -> Item:
        """One attribute of one of them."""
        found = self.rows(tables)[row]
        assert found is not None
        value: Item = found[attribute]
        return value

    def order_row(self, **attributes: Item) -> Item:
        """The row of the order, still pending."""
        order = self.order
        texts = {name: format(getattr(order, name), "f") for name in ("quantity", "price", "total_amount")}
        numbers = {name: {"N": canonical_number(text)} for name, text in texts.items()}
        created_at = {"S": order.created_at.isoformat()}
        kind = {"order_type": {"S": order.order_type.value}, "asset_id": {"S": order.asset_id}}
        times = {"created_at": created_at, "GSI-SK": created_at}
        return order_row(order.order_id, order.username, **(numbers | kind | times | attributes))

    def posting_row(self, **attributes: Item) -> Item:
        """The row that its posting leaves."""
        return {
            **self.keys["posting"][1],
            "username": {"S": self.user},
            "transaction_id": {"S": str(self.payment.transaction_id)},
            "created_at": {"S": _naive(self.payment.created_at)},
            "entity_type": {"S": "posting"},
            **attributes,
        }


def _naive(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat()


def trade(
    ids: Ids,
    order_type: str = "limit_buy",
    *,
    quantity: str = "1.50",
    price: str = "2",
    total: str = "3.00",
    user: str = "",
    asset: str = "BTC",
) -> Trade:
    """A new order of a user, and a payment and a fill that settle it."""
    username, order_id = user or ids.name(), ids.name("order")
    buys = order_type.endswith("buy")
    shared = {"quantity": Decimal(quantity), "price": Decimal(price), "total_amount": Decimal(total)}
    order = Order.model_validate(
        {"order_id": order_id, "username": username, "order_type": order_type, "asset_id": asset, **shared}
    )
    payment = BalanceTransaction.model_validate(
        {
            "username": username,
            "transaction_id": ids.uuid(),
            "transaction_type": "order_payment" if buys else "order_sale",
            "amount": Decimal(total).copy_negate() if buys else Decimal(total),
            "description": "paid 💸",
            "status": "completed",
            "reference_id": order_id,
        }
    )
    fill = AssetTransaction.model_validate(
        {
            "username": username,
            "asset_id": asset,
            "transaction_type": "BUY" if buys else "SELL",
            "order_id": order_id,
            "status": "COMPLETED",
            **shared,
        }
    )
    return Trade(order, payment, fill)


def seed(tables: Tables, one: Trade, *, cash: str = "100", holding: str | None = "10.00") -> None:
    """Give the user cash and, unless it is None, a holding."""
    tables.put("users", balance_row(one.user, cash))
    if holding is not None:
        tables.put("users", holding_row(one.user, one.order.asset_id, holding))
