"""Arguments of the fuzzer's calls where types do not suffice: a posting's amount has a sign, and what settles an order agrees with it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.data.arguments import SIGNS
from common.data.entities import (
    AssetTransaction,
    AssetTransactionStatus,
    AssetTransactionType,
    BalanceTransaction,
    Order,
    TransactionStatus,
    TransactionType,
)
from parity.fuzz.drawing import Drawing
from parity.fuzz.plain import PLAIN, WORDS
from tests.integration.order_rows import key_of

__all__ = ["balance", "order", "user"]

# Of the old rows: rows hold no password that could be met.
_PASSWORDS = ("rule password", "a 2a password", "a 2y password", "a cost 5 password", "é" * 36)
_CENT = Decimal("0.01")


def balance(method: str, drawing: Drawing) -> Mapping[str, object] | None:
    """A posting that is completed, with the sign of its type; and what can be cleaned up."""
    if method == "cleanup_failed_transaction":
        return _to_clean_up(drawing)
    if method != "post_transaction":
        return None
    drawn: Any = drawing.entity(BalanceTransaction)
    if not isinstance(drawn.amount, Decimal) or not drawn.amount.is_finite():
        return {"transaction": drawn}
    size = drawn.amount.copy_abs() or _CENT
    known = drawn.transaction_type in set(TransactionType)
    sign = SIGNS[TransactionType(drawn.transaction_type)][0] if known else 1
    amount = size.copy_negate() if sign < 0 else size
    changes = {"amount": amount, "status": TransactionStatus.COMPLETED}
    return {"transaction": drawing.build(BalanceTransaction, {**vars(drawn), **changes})}


def _to_clean_up(drawing: Drawing) -> Mapping[str, object] | None:
    """A ledger row that came to nothing, and is there."""
    if drawing.choices.below(3):
        return None
    username, number = drawing.choices.pick(WORDS), drawing.choices.pick(PLAIN[UUID])
    text = drawing.choices.pick(("2024-05-06T07:08:09.000001", "2024-05-06T07:08:09.25", "2024-05-06T07:08:09Z"))
    fields = {
        "Pk": f"TRANS#{username}",
        "Sk": text,
        "username": username,
        "transaction_id": str(number),
        "transaction_type": "deposit",
        "description": "",
        "status": drawing.choices.pick(("failed", "pending")),
        "created_at": text,
        "entity_type": "balance_transaction",
    }
    row = {name: {"S": value} for name, value in fields.items()}
    drawing.put("users", {**row, "amount": {"N": "5"}, "reference_id": {"NULL": True}})
    return {"username": username, "transaction_id": number}


def order(method: str, drawing: Drawing) -> Mapping[str, object] | None:
    """An order with the payment and the fill that settle it."""
    if method != "settle_order":
        return None
    placed: Any = _placed(drawing)
    is_buy = str(placed.order_type).endswith("buy")
    total = placed.total_amount if isinstance(placed.total_amount, Decimal) else Decimal(1)
    payment = drawing.entity(
        BalanceTransaction,
        username=placed.username,
        reference_id=placed.order_id,
        transaction_type=TransactionType.ORDER_PAYMENT if is_buy else TransactionType.ORDER_SALE,
        amount=total.copy_negate() if is_buy else total,
        status=TransactionStatus.COMPLETED,
    )
    fill = drawing.entity(
        AssetTransaction,
        username=placed.username,
        asset_id=placed.asset_id,
        order_id=placed.order_id,
        transaction_type=AssetTransactionType.BUY if is_buy else AssetTransactionType.SELL,
        quantity=placed.quantity,
        price=placed.price,
        total_amount=placed.total_amount,
        status=AssetTransactionStatus.COMPLETED,
    )
    return {"order": placed, "payment": payment, "fill": fill}


def _placed(drawing: Drawing) -> Any:
    """An order, mostly of a user who has cash and a holding."""
    if drawing.choices.chance(3):
        return drawing.entity(Order)
    username, asset_id = drawing.choices.pick(WORDS), drawing.choices.pick(WORDS)
    if drawing.choices.below(3) == 0:
        _make_rich(drawing, username, asset_id)
    total = drawing.choices.pick((Decimal(1), _CENT, Decimal(10) ** 12))
    placed: Any = drawing.entity(Order, username=username, asset_id=asset_id, total_amount=total)
    if drawing.choices.chance(10) and isinstance(placed.created_at, datetime):
        _close(drawing, placed)
    return placed


def _close(drawing: Drawing, placed: Any) -> None:
    """Let an order be there, and be settled no more."""
    texts = {name: str(getattr(placed, name)) for name in ("order_id", "username", "order_type", "asset_id")} | {
        "created_at": placed.created_at.isoformat(),
        "updated_at": placed.created_at.isoformat(),
    }
    texts |= {"GSI-PK": texts["username"], "GSI-SK": texts["created_at"]}
    texts["status"] = drawing.choices.pick(("cancelled", "failed", "expired"))
    numbers = {name: {"N": str(getattr(placed, name))} for name in ("quantity", "price", "total_amount")}
    drawing.put("orders", key_of(placed.order_id) | {name: {"S": text} for name, text in texts.items()} | numbers)


def _make_rich(drawing: Drawing, username: str, asset_id: str) -> None:
    """Give a user cash and a holding, as old rows have them."""
    since = {"S": "2023-04-05T06:07:08.250Z"}
    shared = {"Pk": {"S": username}, "username": {"S": username}, "created_at": since, "updated_at": since}
    cash = drawing.choices.pick(("100", "0", "99999999999999999999999999999999999999"))
    balance_row = {"Sk": {"S": "BALANCE"}, "current_balance": {"N": cash}, "entity_type": {"S": "balance"}}
    drawing.put("users", shared | balance_row)
    held = drawing.choices.pick(("20.50", "0", "99999999999999999999999999999999999999"))
    drawing.put(
        "users", shared | {"Sk": {"S": f"ASSET#{asset_id}"}, "asset_id": {"S": asset_id}, "quantity": {"S": held}}
    )


def user(method: str, drawing: Drawing) -> Mapping[str, object] | None:
    """The password of an old row."""
    if method not in {"authenticate_user", "change_password"} or drawing.choices.chance(2):
        return None
    username, password = drawing.value("username", str), drawing.choices.pick(_PASSWORDS)
    if drawing.choices.below(3) == 0 and password == _PASSWORDS[0]:
        username = drawing.choices.pick(WORDS)
        drawing.put("users", _old_user(username))
    if method == "authenticate_user":
        return {"username": username, "password": password}
    new = drawing.value("password", str)
    return {"username": username, "current_password": password, "new_password": new}


def _old_user(username: str) -> dict[str, Any]:
    """The row of a user with the first of the passwords."""
    fields = {
        "Pk": username,
        "Sk": "USER",
        "username": username,
        "email": f"{username}@example.com",
        "password_hash": "$2b$04$IfAMfzsrSnSjP9gsDjeAGOEv/p/n.iTgDTWSilNlM8kfHHa.uZJcG",
        "first_name": "Old",
        "last_name": "Row",
        "role": "customer",
        "created_at": "2023-04-05T06:07:08Z",
        "updated_at": "2023-04-05T06:07:08.5",
    }
    return {name: {"S": value} for name, value in fields.items()}
