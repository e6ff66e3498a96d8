"""Arguments of the fuzzer's calls where types do not suffice: a posting's amount has a sign, and what settles an order agrees with it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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

__all__ = ["balance", "order", "user"]

# Of the old rows: rows hold no password that could be met.
_PASSWORDS = ("rule password", "a 2a password", "a 2y password", "a cost 5 password", "é" * 36)
_CENT = Decimal("0.01")


def balance(method: str, drawing: Drawing) -> Mapping[str, object] | None:
    """A posting that is completed, with the sign of its type."""
    if method != "post_transaction":
        return None
    drawn: Any = drawing.entity(BalanceTransaction)
    if not isinstance(drawn.amount, Decimal) or not drawn.amount.is_finite():
        return {"transaction": drawn}
    size = drawn.amount.copy_abs() or _CENT
    sign = SIGNS[TransactionType(drawn.transaction_type)][0] if isinstance(drawn.transaction_type, str) else 1
    amount = size.copy_negate() if sign < 0 else size
    changes = {"amount": amount, "status": TransactionStatus.COMPLETED}
    return {"transaction": drawing.build(BalanceTransaction, {**vars(drawn), **changes})}


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


def _placed(drawing: Drawing) -> Order:
    """An order, mostly of a user who has cash, and of little."""
    rich = [row["Pk"]["S"] for _, row in drawing.memory.rows if row.get("Sk") == {"S": "BALANCE"}]
    if not rich or not drawing.choices.below(3):
        return drawing.entity(Order)
    username = drawing.choices.pick(rich[::-1])
    return drawing.entity(
        Order, username=username, total_amount=drawing.choices.pick((Decimal(1), _CENT, Decimal(10) ** 12))
    )


def user(method: str, drawing: Drawing) -> Mapping[str, object] | None:
    """The password of an old row."""
    if method not in {"authenticate_user", "change_password"} or not drawing.choices.below(2):
        return None
    username, password = drawing.value("username", str), drawing.choices.pick(_PASSWORDS)
    if method == "authenticate_user":
        return {"username": username, "password": password}
    new = drawing.value("password", str)
    return {"username": username, "current_password": password, "new_password": new}
