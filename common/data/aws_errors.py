"""What botocore's errors say: read out of whatever a library wrapped them in, and made into an error of `common.data.errors`."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from common.data.errors import (
    ERRORS_BY_CODE,
    ConflictError,
    DatabaseError,
    DatabaseUnavailableError,
    DataError,
    InvalidArgumentError,
    ThrottledError,
)

__all__ = [
    "SERVER_ERROR",
    "aws_code",
    "aws_error",
    "condition_failed",
    "error_class",
    "lost_race",
    "too_large",
    "without_secrets",
]

TOO_LARGE = "Item size"

SERVER_ERROR = 500  # and above: an HTTP status that says nothing of what took effect


def aws_error(error: BaseException) -> ClientError | BotoCoreError | None:
    """The botocore error inside: PynamoDB wraps it once or twice, without the rows and the request id."""
    found: ClientError | BotoCoreError | None = None
    inner: object = error
    while isinstance(inner, BaseException):
        if isinstance(inner, (ClientError, BotoCoreError)):
            found = inner
        inner = getattr(inner, "cause", None) or inner.__cause__
    return found


def aws_code(error: BaseException) -> str | None:
    """AWS's error code, or None where AWS gave no answer."""
    found = aws_error(error)
    if not isinstance(found, ClientError):
        return None
    code = found.response.get("Error", {}).get("Code")
    return None if code is None else str(code)


def condition_failed(error: BaseException) -> bool:
    """Whether a write on one item failed its condition."""
    return aws_code(error) == "ConditionalCheckFailedException"


def lost_race(error: BaseException) -> bool:
    """Whether a write on one item failed its condition, or met a transaction on the item."""
    return condition_failed(error) or aws_code(error) == "TransactionConflictException"


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    """Why a transaction was cancelled, by its actions."""
    response: dict[str, Any] = dict(error.response)
    return list(response.get("CancellationReasons") or [])


def _messages(error: ClientError) -> list[str]:
    """What a validation of AWS's complained of: of the whole request, or of actions of a transaction."""
    texts = [reason.get("Message") for reason in _reasons(error) if reason.get("Code") == "ValidationError"]
    if aws_code(error) == "ValidationException":
        texts.append(error.response["Error"].get("Message"))
    return [str(text) for text in texts]


def too_large(error: BaseException) -> bool:
    """Whether a write was refused because an item would be over 400 KB."""
    found = aws_error(error)
    return found is not None and error_class(found) is InvalidArgumentError


def error_class(error: ClientError | BotoCoreError) -> type[DataError]:
    """The class of ours for what AWS, or the way to it, said."""
    if not isinstance(error, ClientError):
        names = (cls.__name__ for cls in type(error).__mro__)
        return next((ERRORS_BY_CODE[name] for name in names if name in ERRORS_BY_CODE), DatabaseError)
    code = aws_code(error) or ""
    reasons = {str(reason.get("Code")) for reason in _reasons(error)}
    found: type[DataError] = DatabaseError
    if code in ERRORS_BY_CODE:
        found = ERRORS_BY_CODE[code]
    elif int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0) >= SERVER_ERROR:
        found = DatabaseUnavailableError
    elif any(TOO_LARGE in message for message in _messages(error)):
        found = InvalidArgumentError
    elif "TransactionConflict" in reasons:
        found = ConflictError
    elif reasons & {"ThrottlingError", "ProvisionedThroughputExceeded"}:
        found = ThrottledError
    return found


def without_secrets(error: ClientError | BotoCoreError) -> ClientError | BotoCoreError | None:
    """The error as a cause: without stored rows, request bodies, and whatever it was raised from."""
    if isinstance(error, ParamValidationError):
        return None  # its text quotes the parameters
    error.__cause__ = error.__context__ = None
    if isinstance(error, ClientError):
        response: dict[str, Any] = {name: part for name, part in error.response.items() if name != "Item"}
        if "CancellationReasons" in response:
            response["CancellationReasons"] = [
                {name: part for name, part in reason.items() if name != "Item"} for reason in _reasons(error)
            ]
        vars(error)["response"] = response
    else:
        error.kwargs = {name: str(part) for name, part in error.kwargs.items() if name not in {"request", "response"}}
        for name in ("request", "response"):
            if hasattr(error, name):
                setattr(error, name, None)
    return error
