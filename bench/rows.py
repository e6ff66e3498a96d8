"""Rows as production holds them, in wire form: of 5 attributes (an old holding), 15 (an order) and 36 (an asset)."""

import bcrypt

from common.data import Asset

__all__ = [
    "FIGURES",
    "TEXTS",
    "Row",
    "asset",
    "asset_balance",
    "asset_transaction",
    "balance",
    "balance_transaction",
    "order",
    "user",
    "without_bcrypt",
]

Row = dict[str, dict[str, object]]

NAIVE = "2025-10-02T23:47:15.123456"
HASH = "$2b$12$abcdefghijklmnopqrstuuD3RPhQJTCEgLuYoFUVnmN7VJWv4nRxK"
TEXTS = ("symbol", "image", "ath_date", "atl_date", "last_updated")
FIGURES = [
    name
    for name, field in Asset.model_fields.items()
    if field.default is None and name not in {*TEXTS, "description", "market_cap_rank", "sparkline_7d"}
]


def _text(**values: str) -> Row:
    return {name: {"S": value} for name, value in values.items()}


def _row(**values: dict[str, object]) -> Row:
    return values


def _numbers(**values: str) -> Row:
    return {name: {"N": value} for name, value in values.items()}


def _instant(number: int) -> str:
    return f"2025-10-02T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.123456"


def asset_balance(number: int = 0) -> Row:
    """A holding as old code wrote it: 5 attributes."""
    asset_id = f"asset-{number:04}"
    return _text(Pk="alice", Sk=f"ASSET#{asset_id}", asset_id=asset_id, quantity="1.50", updated_at=NAIVE)


def user() -> Row:
    """A user."""
    return _text(
        Pk="alice",
        Sk="USER",
        username="alice",
        email="alice@example.com",
        password_hash=HASH,
        first_name="Alice",
        last_name="Liddell",
        date_of_birth="1990-05-04",
        role="customer",
        created_at=NAIVE,
        updated_at=NAIVE,
    ) | _row(phone={"NULL": True}, marketing_emails_consent={"BOOL": True})


def balance() -> Row:
    """A cash balance."""
    texts = _text(Pk="alice", Sk="BALANCE", username="alice", created_at=NAIVE, updated_at=NAIVE, entity_type="balance")
    return texts | _numbers(current_balance="10250.75")


def balance_transaction(number: int = 0, status: str = "completed") -> Row:
    """A row of the cash ledger."""
    created_at = _instant(number)
    return _text(
        Pk="TRANS#alice",
        Sk=created_at,
        username="alice",
        transaction_id=f"8a2b3c4d-0000-4000-8000-{number:012}",
        transaction_type="order_payment",
        description="payment of an order",
        status=status,
        reference_id=f"order-{number}",
        created_at=created_at,
        entity_type="balance_transaction",
    ) | _numbers(amount="-125.5")


def order(number: int = 0, status: str = "pending") -> Row:
    """An order: 15 attributes."""
    created_at = f"{_instant(number)}+00:00"
    texts = _text(
        Pk=f"order-{number}",
        Sk="ORDER",
        order_id=f"order-{number}",
        username="alice",
        order_type="limit_buy",
        status=status,
        asset_id="asset-0000",
        status_reason="waiting for its price",
        created_at=created_at,
        updated_at=created_at,
    )
    key: Row = {"GSI-PK": {"S": "alice"}, "GSI-SK": {"S": created_at}}
    return texts | _numbers(quantity="0.5", price="251", total_amount="125.5") | key


def asset(number: int = 0) -> Row:
    """An asset: 36 attributes."""
    asset_id = f"asset-{number:04}"
    texts = _text(
        product_id=asset_id,
        asset_id=asset_id,
        name=f"Asset {number}",
        description="What it is, and what it is good for, in a sentence or two.",
        category="layer-1",
        created_at=NAIVE,
        updated_at=NAIVE,
        **dict.fromkeys(TEXTS, "2025-10-02T23:47:15.123Z"),
    )
    figures = {name: f"{number + 1}{place}.25" for place, name in enumerate(FIGURES)}
    numbers = _numbers(amount="1000", price_usd="251.04", market_cap_rank=str(number + 1), **figures)
    sparkline: dict[str, object] = {"M": {"price": {"L": [{"N": f"{251 + place}.5"} for place in range(4)]}}}
    return texts | numbers | _row(is_active={"BOOL": True}, sparkline_7d=sparkline)


def asset_transaction(number: int = 0) -> Row:
    """A purchase of an asset."""
    created_at = _instant(number)
    return _text(
        Pk="TRANS#alice#asset-0000",
        Sk=created_at,
        username="alice",
        asset_id="asset-0000",
        transaction_type="BUY",
        quantity="0.50",
        price="251.00",
        total_amount="125.50",
        order_id=f"order-{number}",
        status="COMPLETED",
        created_at=created_at,
    )


def without_bcrypt() -> None:
    """Let hashing cost nothing: it takes a hundred times as long as the rest, and is the same for everybody."""

    def hashpw(password: bytes, salt: bytes) -> bytes:  # noqa: ARG001 - bcrypt's signature
        return HASH.encode()

    def checkpw(password: bytes, hashed_password: bytes) -> bool:  # noqa: ARG001 - bcrypt's signature
        return True

    bcrypt.hashpw, bcrypt.checkpw = hashpw, checkpw
