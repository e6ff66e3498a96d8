"""The one table from an error of the data layer to its HTTP answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from common.data import (
    AccessDeniedError,
    AlreadyExistsError,
    AssetAlreadyExistsError,
    AssetBalanceNotFoundError,
    AssetNotFoundError,
    BalanceAlreadyExistsError,
    BalanceNotFoundError,
    ConflictError,
    CorruptItemError,
    DatabaseError,
    DatabaseUnavailableError,
    DataError,
    DuplicateTransactionError,
    InsufficientAssetBalanceError,
    InsufficientBalanceError,
    InsufficientFundsError,
    InvalidArgumentError,
    InvalidCredentialsError,
    InvalidCursorError,
    NotFoundError,
    OrderAlreadyExistsError,
    OrderClosedError,
    OrderNotFoundError,
    TableNotFoundError,
    ThrottledError,
    TransactionNotFoundError,
    UserAlreadyExistsError,
    UserNotFoundError,
)

__all__ = ["ANSWERS", "Answer", "answer_to"]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: the HTTP status.
        code: what a program tells it by; the last part of the problem's type.
        title: what a person reads.
        retry_after: seconds after which another try makes sense, or None.
    """

    status: int
    code: str
    title: str
    retry_after: int | None = None


_DOWN = "The service cannot reach its data. Whether a change took effect is unknown: try again with the same Idempotency-Key."

ANSWERS: Mapping[type[DataError], Answer] = MappingProxyType(
    {
        DataError: Answer(503, "unavailable", "The service cannot answer now."),
        NotFoundError: Answer(404, "not-found", "There is no such thing."),
        UserNotFoundError: Answer(404, "user-not-found", "There is no such user."),
        BalanceNotFoundError: Answer(404, "balance-not-found", "There is no such balance."),
        TransactionNotFoundError: Answer(404, "transaction-not-found", "There is no such transaction."),
        OrderNotFoundError: Answer(404, "order-not-found", "There is no such order."),
        AssetNotFoundError: Answer(404, "asset-not-found", "There is no such asset."),
        AssetBalanceNotFoundError: Answer(404, "holding-not-found", "There is no such holding."),
        AlreadyExistsError: Answer(409, "exists", "It exists already."),
        UserAlreadyExistsError: Answer(409, "username-taken", "The username is taken."),
        BalanceAlreadyExistsError: Answer(409, "balance-exists", "The user has a balance already."),
        OrderAlreadyExistsError: Answer(409, "order-exists", "The order exists already."),
        AssetAlreadyExistsError: Answer(409, "asset-exists", "The asset exists already."),
        DuplicateTransactionError: Answer(409, "transaction-exists", "The transaction exists already."),
        InvalidArgumentError: Answer(422, "invalid", "The request has a value that cannot be."),
        InvalidCursorError: Answer(422, "invalid-cursor", "The cursor is not one of this list."),
        InvalidCredentialsError: Answer(401, "invalid-credentials", "Username and password do not belong together."),
        OrderClosedError: Answer(409, "order-closed", "The order is in a final state."),
        InsufficientFundsError: Answer(409, "insufficient-funds", "There is too little of it."),
        InsufficientBalanceError: Answer(409, "insufficient-balance", "The cash balance does not cover it."),
        InsufficientAssetBalanceError: Answer(409, "insufficient-holding", "The holding does not cover it."),
        ConflictError: Answer(409, "conflict", "Others changed the same thing; nothing happened, try again.", 1),
        CorruptItemError: Answer(503, "unreadable-data", "What is stored cannot be read; trying again does not help."),
        DatabaseError: Answer(503, "unavailable", _DOWN),
        ThrottledError: Answer(429, "too-many-requests", "Too much is going on; try again later.", 1),
        DatabaseUnavailableError: Answer(503, "unavailable", _DOWN, 1),
        TableNotFoundError: Answer(503, "unavailable", _DOWN),
        AccessDeniedError: Answer(503, "unavailable", _DOWN),
    }
)
"""Each class of the data layer by itself, so that a new one is missed by a test and not by a caller."""


def answer_to(error: DataError) -> Answer:
    """The answer to an error: that of its class, else of the nearest base."""
    return next(ANSWERS[cls] for cls in type(error).__mro__ if cls in ANSWERS)
