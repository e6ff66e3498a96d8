"""The errors of the data layer, and the one table from an AWS error to its class.

What a caller catches::

    DataError
    ├── NotFoundError
    │   ├── UserNotFoundError
    │   ├── BalanceNotFoundError
    │   ├── TransactionNotFoundError
    │   ├── OrderNotFoundError
    │   ├── AssetNotFoundError
    │   └── AssetBalanceNotFoundError
    ├── AlreadyExistsError
    │   ├── UserAlreadyExistsError
    │   ├── BalanceAlreadyExistsError
    │   ├── OrderAlreadyExistsError
    │   ├── AssetAlreadyExistsError
    │   └── DuplicateTransactionError
    ├── InvalidArgumentError            (also a ValueError)
    │   └── InvalidCursorError
    ├── InvalidCredentialsError
    ├── OrderClosedError
    ├── InsufficientFundsError          (available, required)
    │   ├── InsufficientBalanceError
    │   └── InsufficientAssetBalanceError
    ├── ConflictError
    ├── CorruptItemError                (attribute)
    └── DatabaseError
        ├── ThrottledError
        ├── DatabaseUnavailableError
        ├── TableNotFoundError
        └── AccessDeniedError

Every error can be pickled and copied. None holds a password, a hash or a stored row.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

__all__ = [
    "ERRORS_BY_CODE",
    "AccessDeniedError",
    "AlreadyExistsError",
    "AssetAlreadyExistsError",
    "AssetBalanceNotFoundError",
    "AssetNotFoundError",
    "BalanceAlreadyExistsError",
    "BalanceNotFoundError",
    "ConflictError",
    "CorruptItemError",
    "DataError",
    "DatabaseError",
    "DatabaseUnavailableError",
    "DuplicateTransactionError",
    "InsufficientAssetBalanceError",
    "InsufficientBalanceError",
    "InsufficientFundsError",
    "InvalidArgumentError",
    "InvalidCredentialsError",
    "InvalidCursorError",
    "NotFoundError",
    "OrderAlreadyExistsError",
    "OrderClosedError",
    "OrderNotFoundError",
    "TableNotFoundError",
    "ThrottledError",
    "TransactionNotFoundError",
    "UserAlreadyExistsError",
    "UserNotFoundError",
]


class DataError(Exception):
    """Base of all errors of the data layer.

    Attributes:
        message: what went wrong, for a person; the class's own summary if none is given.
        operation: the method that failed, as `UserDAO.create_user`.
        table: the physical name of the table, or None before any request.
        key: the key asked for; for a Query the values of its key condition; None for a Scan and before any request.
        code: the error code of AWS, or None where AWS answered no error.
        request_id: the request id of that answer, or None.
    """

    summary: ClassVar[str] = "the data layer failed"

    def __init__(
        self,
        message: str | None = None,
        *,
        operation: str | None = None,
        table: str | None = None,
        key: Mapping[str, str] | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.message = self.summary if message is None else message
        super().__init__(self.message)
        self.operation = operation
        self.table = table
        self.key = None if key is None else dict(key)
        self.code = code
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.operation}: {self.message}" if self.operation else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[DataError], args: tuple[str, ...], state: dict[str, object]) -> DataError:
    """Rebuild an error without its constructor: the keyword arguments of subclasses differ."""
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class NotFoundError(DataError):
    """What was asked for is not stored."""

    summary = "not found"


class UserNotFoundError(NotFoundError):
    """No such user."""

    summary = "no such user"


class BalanceNotFoundError(NotFoundError):
    """The user has no balance row."""

    summary = "no such balance"


class TransactionNotFoundError(NotFoundError):
    """No such ledger row, of cash or of a holding."""

    summary = "no such transaction"


class OrderNotFoundError(NotFoundError):
    """No such order."""

    summary = "no such order"


class AssetNotFoundError(NotFoundError):
    """No such asset."""

    summary = "no such asset"


class AssetBalanceNotFoundError(NotFoundError):
    """The user holds none of this asset."""

    summary = "no such asset balance"


class AlreadyExistsError(DataError):
    """The key is taken."""

    summary = "exists already"


class UserAlreadyExistsError(AlreadyExistsError):
    """The username is taken."""

    summary = "the username is taken"


class BalanceAlreadyExistsError(AlreadyExistsError):
    """The user has a balance already."""

    summary = "the user has a balance already"


class OrderAlreadyExistsError(AlreadyExistsError):
    """The order id is taken by another order."""

    summary = "the order id is taken"


class AssetAlreadyExistsError(AlreadyExistsError):
    """The asset id is taken."""

    summary = "the asset id is taken"


class DuplicateTransactionError(AlreadyExistsError):
    """The transaction id or the ledger key is taken by another transaction."""

    summary = "the transaction id or its ledger key is taken"


class InvalidArgumentError(DataError, ValueError):
    """An argument that no stored row can have; found before any request, except for an item over 400 KB."""

    summary = "invalid argument"


class InvalidCursorError(InvalidArgumentError):
    """A page cursor that is malformed or belongs to another list."""

    summary = "invalid cursor"


class InvalidCredentialsError(DataError):
    """Username and password do not belong together; which of the two is wrong stays untold."""

    summary = "invalid username or password"


class OrderClosedError(DataError):
    """The order is in a final state."""

    summary = "the order is closed"


class InsufficientFundsError(DataError):
    """Too little of something; nothing was taken.

    Attributes:
        available: the stored amount.
        required: the absolute amount wanted.
    """

    summary = "insufficient funds"

    def __init__(
        self,
        message: str | None = None,
        *,
        available: Decimal,
        required: Decimal,
        operation: str | None = None,
        table: str | None = None,
        key: Mapping[str, str] | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, table=table, key=key, code=code, request_id=request_id)
        self.available = available
        self.required = required

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.available} available, {self.required} required"


class InsufficientBalanceError(InsufficientFundsError):
    """The cash balance does not cover the amount."""

    summary = "insufficient balance"


class InsufficientAssetBalanceError(InsufficientFundsError):
    """The holding does not cover the quantity."""

    summary = "insufficient asset balance"


class ConflictError(DataError):
    """Lost a race as often as `conflict_attempts` allows; nothing changed, the call may be made again."""

    summary = "lost a race against other writers too often"


class CorruptItemError(DataError):
    """A stored row of a known kind cannot be decoded.

    Attributes:
        attribute: DynamoDB's name of the first attribute that is missing, of a wrong type, or unreadable.
    """

    summary = "a stored item cannot be decoded"

    def __init__(
        self,
        message: str | None = None,
        *,
        attribute: str,
        operation: str | None = None,
        table: str | None = None,
        key: Mapping[str, str] | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, table=table, key=key, code=code, request_id=request_id)
        self.attribute = attribute

    def __str__(self) -> str:
        return f"{super().__str__()}: attribute {self.attribute} of {self.key} in table {self.table}"


class DatabaseError(DataError):
    """DynamoDB, or the way to it, failed."""

    summary = "the request to DynamoDB failed"


class ThrottledError(DatabaseError):
    """DynamoDB throttled the request, retries included; nothing changed."""

    summary = "DynamoDB throttled the request"


class DatabaseUnavailableError(DatabaseError):
    """No answer, or a 5xx; of a write that was sent, the outcome may be unknown."""

    summary = "DynamoDB is unavailable"


class TableNotFoundError(DatabaseError):
    """The table or its index does not exist."""

    summary = "no such table or index"

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.table}" if self.table else super().__str__()


class AccessDeniedError(DatabaseError):
    """Credentials are missing, wrong or expired, or do not allow the request."""

    summary = "access denied"


# AWS error codes, and the names of botocore's exceptions (of a base class too) where there is no answer at all.
ERRORS_BY_CODE: Mapping[str, type[DataError]] = MappingProxyType(
    {
        "ProvisionedThroughputExceededException": ThrottledError,
        "RequestLimitExceeded": ThrottledError,
        "ThrottlingException": ThrottledError,
        "InternalServerError": DatabaseUnavailableError,
        "ServiceUnavailable": DatabaseUnavailableError,
        "ConnectionError": DatabaseUnavailableError,
        "HTTPClientError": DatabaseUnavailableError,
        "ResourceNotFoundException": TableNotFoundError,
        "AccessDeniedException": AccessDeniedError,
        "ExpiredToken": AccessDeniedError,
        "ExpiredTokenException": AccessDeniedError,
        "IncompleteSignature": AccessDeniedError,
        "IncompleteSignatureException": AccessDeniedError,
        "InvalidClientTokenId": AccessDeniedError,
        "InvalidSignatureException": AccessDeniedError,
        "MissingAuthenticationToken": AccessDeniedError,
        "MissingAuthenticationTokenException": AccessDeniedError,
        "UnrecognizedClientException": AccessDeniedError,
        "CredentialRetrievalError": AccessDeniedError,
        "InvalidConfigError": AccessDeniedError,
        "NoCredentialsError": AccessDeniedError,
        "PartialCredentialsError": AccessDeniedError,
        "ProfileNotFound": AccessDeniedError,
        "SSOError": AccessDeniedError,
        "TransactionConflictException": ConflictError,
    }
)
