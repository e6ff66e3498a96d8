"""One case per DAO method and size: the call, and what DynamoDB answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from bench import rows
from bench.server import Answer
from bench.sides import Daos
from common.data import (
    Asset,
    AssetTransaction,
    AssetTransactionStatus,
    AssetTransactionType,
    Balance,
    BalanceTransaction,
    Order,
    OrderStatus,
    OrderType,
    TransactionStatus,
    TransactionType,
    User,
)

__all__ = ["CASES", "TRANSACTION", "Case"]

WHEN = datetime(2025, 10, 2, 0, 0, 0, 123456, tzinfo=UTC)
ID = UUID("8a2b3c4d-0000-4000-8000-000000000000")
PASSWORD = "correct horse"  # noqa: S105 - a made-up user's
NOTHING: dict[str, object] = {}


@dataclass(frozen=True)
class Case:
    """A call of one DAO method.

    Attributes:
        name: the method, and the size where it has several.
        kind: what bounds it: `get`, `put`, `update`, `query of 100`, ... or `other`.
        call: what is measured.
        answers: what the server says.
        same: whether both sides give equal values; not where the value holds the time of the call.
    """

    name: str
    kind: str
    call: Callable[[Daos], object]
    answers: Sequence[Answer]
    same: bool = True


def _get(row: rows.Row, marker: str = "") -> Answer:
    return Answer("GetItem", {"Item": row}, marker)


def _page(operation: str, found: Sequence[rows.Row]) -> Answer:
    return Answer(operation, {"Items": list(found), "Count": len(found), "ScannedCount": len(found)})


def _query(found: Sequence[rows.Row]) -> list[Answer]:
    return [_page("Query", found)]


USER = User(username="alice", email="alice@example.com", password=PASSWORD, first_name="Alice", last_name="Liddell")
BALANCE = Balance(username="alice", current_balance=Decimal("10250.75"))
TRANSACTION = BalanceTransaction(
    username="alice",
    transaction_id=ID,
    transaction_type=TransactionType.ORDER_PAYMENT,
    amount=Decimal("-125.5"),
    description="payment of an order",
    status=TransactionStatus.COMPLETED,
    reference_id="order-0",
    created_at=WHEN,
)
ORDER = Order(
    order_id="order-0",
    username="alice",
    order_type=OrderType.LIMIT_BUY,
    asset_id="asset-0000",
    quantity=Decimal("0.5"),
    price=Decimal(251),
    total_amount=Decimal("125.5"),
    created_at=WHEN,
)
FILL = AssetTransaction(
    username="alice",
    asset_id="asset-0000",
    transaction_type=AssetTransactionType.BUY,
    quantity=Decimal("0.5"),
    price=Decimal(251),
    total_amount=Decimal("125.5"),
    order_id="order-0",
    status=AssetTransactionStatus.COMPLETED,
    created_at=WHEN,
)
ASSET = Asset.model_validate(
    {
        "asset_id": "asset-0000",
        "name": "Asset 0",
        "description": "What it is, and what it is good for, in a sentence or two.",
        "category": "layer-1",
        "amount": Decimal(1000),
        "price_usd": Decimal("251.04"),
        "market_cap_rank": 1,
        "sparkline_7d": {"price": [Decimal("251.5"), Decimal("252.5"), Decimal("253.5"), Decimal("254.5")]},
        **dict.fromkeys(rows.TEXTS, "2025-10-02T23:47:15.123Z"),
        **{name: Decimal(f"1{place}.25") for place, name in enumerate(rows.FIGURES)},
    }
)
PUT = [Answer("PutItem", NOTHING)]


def _users() -> list[Case]:
    user = _get(rows.user())
    changed = [Answer("UpdateItem", {"Attributes": rows.user()})]
    return [
        Case("create_user", "put", lambda daos: daos.users.create_user(USER), PUT, same=False),
        Case("get_user_by_username", "get", lambda daos: daos.users.get_user_by_username("alice"), [user]),
        Case(
            "get_user_by_email",
            "other",
            lambda daos: daos.users.get_user_by_email("alice@example.com"),
            _query([rows.user()]),
        ),
        Case("authenticate_user", "other", lambda daos: daos.users.authenticate_user("alice", PASSWORD), [user]),
        Case("update_user", "update", lambda daos: daos.users.update_user(USER), changed),
        Case(
            "change_password",
            "other",
            lambda daos: daos.users.change_password("alice", PASSWORD, "battery staple"),
            [user, Answer("UpdateItem", NOTHING)],
        ),
    ]


def _balances() -> list[Case]:
    balance = _get(rows.balance(), "BALANCE")
    return [
        Case("create_balance", "put", lambda daos: daos.balances.create_balance(BALANCE), PUT, same=False),
        Case("get_balance", "get", lambda daos: daos.balances.get_balance("alice"), [balance]),
        Case(
            "update_balance",
            "update",
            lambda daos: daos.balances.update_balance("alice", Decimal("10250.75")),
            [Answer("UpdateItem", {"Attributes": rows.balance()})],
        ),
        Case("create_transaction", "put", lambda daos: daos.balances.create_transaction(TRANSACTION), PUT),
        Case(
            "post_transaction",
            "transaction",
            lambda daos: daos.balances.post_transaction(TRANSACTION),
            [Answer("TransactWriteItems", NOTHING), balance],
        ),
        Case(
            "get_transaction",
            "other",
            lambda daos: daos.balances.get_transaction("alice", ID),
            _query([rows.balance_transaction()]),
        ),
        *(
            Case(
                f"get_user_transactions of {size}",
                "query of 100" if size == 100 else "other",  # noqa: PLR2004 - the size that has a goal
                lambda daos, size=size: daos.balances.get_user_transactions("alice", size),  # type: ignore[misc]
                _query([rows.balance_transaction(number) for number in range(size)]),
            )
            for size in (1, 100)
        ),
        Case(
            "cleanup_failed_transaction",
            "other",
            lambda daos: daos.balances.cleanup_failed_transaction("alice", ID),
            [*_query([rows.balance_transaction(status="failed")]), Answer("DeleteItem", NOTHING)],
        ),
    ]


def _orders() -> list[Case]:
    whole = rows.order()
    key = {name: whole[name] for name in ("Pk", "Sk")}
    settled = [
        _get(whole, "order-0"),
        _get(rows.asset_balance(), "ASSET#"),
        _get(rows.balance(), "BALANCE"),
        Answer("TransactWriteItems", NOTHING),
    ]
    return [
        Case("create_order", "put", lambda daos: daos.orders.create_order(ORDER), PUT, same=False),
        Case("get_order", "get", lambda daos: daos.orders.get_order("order-0"), [_get(whole)]),
        Case("order_exists", "get", lambda daos: daos.orders.order_exists("order-0"), [_get(key)]),
        *(
            Case(
                f"get_orders_by_user of {size}",
                "query of 100" if size == 100 else "other",  # noqa: PLR2004 - the size that has a goal
                lambda daos, size=size: daos.orders.get_orders_by_user("alice", size),  # type: ignore[misc]
                _query([rows.order(number) for number in range(size)]),
            )
            for size in (1, 100, 1000)
        ),
        Case(
            "update_order_status",
            "update",
            lambda daos: daos.orders.update_order_status("order-0", OrderStatus.QUEUED, "soon"),
            [Answer("UpdateItem", {"Attributes": whole})],
        ),
        Case(
            "settle_order",
            "transaction",
            lambda daos: daos.orders.settle_order(ORDER, TRANSACTION, FILL),
            settled,
            same=False,
        ),
    ]


def _assets() -> list[Case]:
    ids = [f"asset-{number:04}" for number in range(100)]
    batch = {"Responses": {"inventory": [rows.asset(number) for number in range(100)]}, "UnprocessedKeys": NOTHING}
    return [
        Case("create_asset", "put", lambda daos: daos.assets.create_asset(ASSET), PUT, same=False),
        Case("get_asset_by_id", "get", lambda daos: daos.assets.get_asset_by_id("asset-0000"), [_get(rows.asset())]),
        Case(
            "get_all_assets of 1000",
            "scan of 1000",
            lambda daos: daos.assets.get_all_assets(),
            [_page("Scan", [rows.asset(number) for number in range(1000)])],
        ),
        Case(
            "get_assets_by_ids of 100",
            "batch get of 100",
            lambda daos: daos.assets.get_assets_by_ids(ids),
            [Answer("BatchGetItem", batch)],
        ),
        Case(
            "update_asset",
            "update",
            lambda daos: daos.assets.update_asset(ASSET),
            [Answer("UpdateItem", {"Attributes": rows.asset()})],
        ),
    ]


def _asset_balances() -> list[Case]:
    holding = _get(rows.asset_balance())
    return [
        Case(
            "upsert_asset_balance",
            "update",
            lambda daos: daos.asset_balances.upsert_asset_balance("alice", "asset-0000", Decimal("0.5")),
            [holding, Answer("UpdateItem", {"Attributes": rows.asset_balance()})],
        ),
        Case(
            "get_asset_balance",
            "get",
            lambda daos: daos.asset_balances.get_asset_balance("alice", "asset-0000"),
            [holding],
        ),
        Case(
            "get_all_asset_balances of 100",
            "query of 100",
            lambda daos: daos.asset_balances.get_all_asset_balances("alice"),
            _query([rows.asset_balance(number) for number in range(100)]),
        ),
        Case(
            "delete_asset_balance",
            "other",
            lambda daos: daos.asset_balances.delete_asset_balance("alice", "asset-0000"),
            [Answer("DeleteItem", NOTHING)],
        ),
    ]


def _asset_transactions() -> list[Case]:
    trade, text = rows.asset_transaction(), "2025-10-02T00:00:00.123456"
    return [
        Case(
            "create_asset_transaction", "put", lambda daos: daos.asset_transactions.create_asset_transaction(FILL), PUT
        ),
        Case(
            "get_asset_transaction",
            "get",
            lambda daos: daos.asset_transactions.get_asset_transaction("alice", "asset-0000", text),
            [_get(trade)],
        ),
        Case(
            "get_asset_transaction by instant",
            "other",
            lambda daos: daos.asset_transactions.get_asset_transaction("alice", "asset-0000", WHEN),
            _query([trade]),
        ),
        Case(
            "get_user_asset_transactions of 100",
            "query of 100",
            lambda daos: daos.asset_transactions.get_user_asset_transactions("alice", "asset-0000"),
            _query([rows.asset_transaction(number) for number in range(100)]),
        ),
        Case(
            "get_user_transactions by scan of 1000",
            "scan of 1000",
            lambda daos: daos.asset_transactions.get_user_transactions("alice"),
            [_page("Scan", [rows.asset_transaction(number) for number in range(1000)])],
        ),
        Case(
            "delete_asset_transaction",
            "other",
            lambda daos: daos.asset_transactions.delete_asset_transaction("alice", "asset-0000", text),
            [Answer("DeleteItem", NOTHING)],
        ),
    ]


CASES: Sequence[Case] = (*_users(), *_balances(), *_orders(), *_assets(), *_asset_balances(), *_asset_transactions())
"""All of them."""
