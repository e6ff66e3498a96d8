"""The user's cash: balance, deposits, withdrawals, and the ledger of them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from common.data import (
    Balance,
    BalanceNotFoundError,
    BalanceTransaction,
    DataError,
    DuplicateTransactionError,
    TransactionStatus,
    TransactionType,
)
from services.shared.cash import balance_of, open_missing_balance
from services.shared.context import Daos, Here
from services.shared.idempotency import IdempotencyKey, id_for, key_reused
from services.shared.problems import responses
from services.shared.tokens import Caller
from services.shared.values import Amount, Body, Limit, Number, View, decode_cursor, encode_cursor

__all__ = ["router"]

router = APIRouter(tags=["cash"])

_TRIES: Final = 3
_DESCRIPTIONS: Final = {TransactionType.DEPOSIT: "Deposit", TransactionType.WITHDRAW: "Withdrawal"}


class Movement(Body):
    """How much is paid in or out."""

    amount: Amount


class BalanceView(View):
    """A balance."""

    username: str
    current_balance: Number
    updated_at: datetime


class Posted(View):
    """A deposit or withdrawal that happened, and the balance after it."""

    transaction_id: UUID
    balance: BalanceView


class TransactionView(View):
    """A row of the ledger; what was taken out is negative."""

    transaction_id: UUID
    transaction_type: TransactionType
    amount: Number
    description: str
    status: TransactionStatus
    reference_id: str | None
    created_at: datetime


class TransactionPage(View):
    """Some of the ledger, newest first."""

    items: list[TransactionView]
    next_cursor: str | None


@router.get("/balance", responses=responses(401, 404, 409, 422, 429, 503))
def balance(here: Here, username: Caller) -> BalanceView:
    """The user's cash."""
    return BalanceView.model_validate(balance_of(here.daos, username))


@router.post("/balance/deposit", responses=responses(400, 401, 404, 409, 413, 422, 429, 503))
def deposit(here: Here, username: Caller, movement: Movement, key: IdempotencyKey = None) -> Posted:
    """Pay in."""
    return _post(here.daos, username, TransactionType.DEPOSIT, movement.amount, key)


@router.post("/balance/withdraw", responses=responses(400, 401, 404, 409, 413, 422, 429, 503))
def withdraw(here: Here, username: Caller, movement: Movement, key: IdempotencyKey = None) -> Posted:
    """Pay out, if the balance covers it."""
    return _post(here.daos, username, TransactionType.WITHDRAW, -movement.amount, key)


@router.get("/balance/transactions", responses=responses(401, 422, 429, 503))
def transactions(
    here: Here,
    username: Caller,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=1024, description="The next_cursor of the page before.")] = None,
) -> TransactionPage:
    """The ledger, newest first."""
    found, following = here.daos.balances.get_user_transactions(username, limit, decode_cursor(cursor))
    items = [TransactionView.model_validate(transaction) for transaction in found]
    return TransactionPage(items=items, next_cursor=encode_cursor(following))


def _post(daos: Daos, username: str, kind: TransactionType, amount: Decimal, key: str | None) -> Posted:
    transaction_id = id_for(username, key)
    after = _posted(daos, username, kind, amount, transaction_id, keyed=key is not None)
    return Posted(transaction_id=transaction_id, balance=BalanceView.model_validate(after))


def _posted(
    daos: Daos, username: str, kind: TransactionType, amount: Decimal, transaction_id: UUID, *, keyed: bool
) -> Balance:
    """Post, at another instant if the ledger's row of this one is taken: that is a duplicate for the data layer too."""
    last: DataError = BalanceNotFoundError()
    for _ in range(_TRIES):
        transaction = BalanceTransaction(
            username=username,
            transaction_id=transaction_id,
            transaction_type=kind,
            amount=amount,
            description=_DESCRIPTIONS[kind],
            status=TransactionStatus.COMPLETED,
        )
        try:
            return daos.balances.post_transaction(transaction)
        except BalanceNotFoundError as error:
            last = error
            open_missing_balance(daos, username)
        except DuplicateTransactionError as error:
            last = error
    if keyed and isinstance(last, DuplicateTransactionError):
        raise key_reused()
    raise last
