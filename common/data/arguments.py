"""Checks of arguments, made before any request; no message quotes a value."""

import decimal
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from pydantic import ValidationError

from common.data.entities.asset import Asset
from common.data.entities.balance_transaction import BalanceTransaction, TransactionStatus, TransactionType
from common.data.entities.base import LENIENT, Entity
from common.data.errors import InvalidArgumentError

__all__ = [
    "HASHED",
    "PASSWORD_LENGTH",
    "RANGE_KEY_BYTES",
    "SIGNS",
    "arithmetic",
    "check_amount",
    "check_asset",
    "check_asset_id",
    "check_asset_ids",
    "check_cash_user",
    "check_count",
    "check_email",
    "check_entity",
    "check_flag",
    "check_holding",
    "check_holding_ledger",
    "check_key",
    "check_ledger_entry",
    "check_limit",
    "check_new_password",
    "check_number",
    "check_numbers",
    "check_password",
    "check_posting",
    "check_text",
    "check_timestamp",
    "check_transaction_id",
    "check_username",
    "exact_sum",
]

_HASH_KEY_BYTES: Final = 2048
RANGE_KEY_BYTES: Final = 1024
PASSWORD_LENGTH: Final = 128
HASHED: Final = "[HASHED]"
LARGEST_LIMIT: Final = 1000
DEPTH: Final = 31  # of maps and lists; what is in the innermost is DynamoDB's 32nd level
DIGITS: Final = 38
SMALLEST_EXPONENT: Final = -130
LARGEST_EXPONENT: Final = 125

UUID_TEXT: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
SIGNS: Final[Mapping[TransactionType, tuple[int, ...]]] = MappingProxyType(
    {
        TransactionType.DEPOSIT: (1,),
        TransactionType.ORDER_REFUND: (1,),
        TransactionType.ORDER_SALE: (1,),
        TransactionType.WITHDRAW: (-1,),
        TransactionType.ORDER_PAYMENT: (-1,),
        TransactionType.SYSTEM_ADJUSTMENT: (-1, 1),
    }
)
"""The signs that the amount of a posting may have."""

E = TypeVar("E", bound=Entity)


def check_text(name: str, value: object) -> str:
    """A str that has a UTF-8 form; the empty one too."""
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{name} must be a str, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidArgumentError(f"{name} must be text that UTF-8 can encode") from None
    return value


def check_key(name: str, value: object, *, max_bytes: int = _HASH_KEY_BYTES, hash_sign: bool = False) -> str:
    """Text that can be (part of) a key; with a `#` only where `hash_sign` allows it."""
    text = check_text(name, value)
    if not text:
        raise InvalidArgumentError(f"{name} must not be empty")
    if len(text.encode()) > max_bytes:
        raise InvalidArgumentError(f"{name} must be at most {max_bytes} bytes long")
    if not hash_sign and "#" in text:
        raise InvalidArgumentError(f"{name} must not contain a #")
    return text


def check_email(value: object) -> str:
    """Text that can be a key of the index by email."""
    return check_key("email", value, hash_sign=True)


def check_password(name: str, value: object) -> str:
    """A password to be verified: any text."""
    return check_text(name, value)


def check_new_password(name: str, value: object) -> str:
    """A password that may be set."""
    password = check_text(name, value)
    if not password:
        raise InvalidArgumentError(f"{name} must not be empty")
    if len(password) > PASSWORD_LENGTH:
        raise InvalidArgumentError(f"{name} must be at most {PASSWORD_LENGTH} characters long")
    if password == HASHED:
        raise InvalidArgumentError(f"{name} must be a password, not the mark of a hashed one")
    return password


def check_username(value: object) -> str:
    """Text that can be the key of a user."""
    return check_key("username", value)


def check_entity(
    name: str, value: object, cls: type[E], *, lenient: bool = False, ignoring_password: bool = False
) -> E:
    """An entity that is valid by its own rules, even if it was built past them.

    Args:
        name: what to call it in a message.
        value: the argument.
        cls: the class it must have.
        lenient: waive lengths and patterns, which old rows may break.
        ignoring_password: take its password for `[HASHED]`, whatever it is.
    """
    if not isinstance(value, cls):
        raise InvalidArgumentError(f"{name} must be a {cls.__name__}, not {type(value).__name__}")
    fields = vars(value) | ({"password": HASHED} if ignoring_password else {})
    try:
        return cls.model_validate(fields, strict=True, context=LENIENT if lenient else None)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    faults = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in problems)
    raise InvalidArgumentError(f"{name} is not valid: {faults}")


def check_count(name: str, value: object, *, minimum: int, maximum: int | None = None) -> int:
    """A whole number within bounds, as a limit or an offset is."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgumentError(f"{name} must be an int, not {type(value).__name__}")
    if value < minimum or (maximum is not None and value > maximum):
        bounds = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise InvalidArgumentError(f"{name} must be {bounds}")
    return value


def check_flag(name: str, value: object) -> bool:
    """True or False, and nothing that only counts as one of them."""
    if not isinstance(value, bool):
        raise InvalidArgumentError(f"{name} must be a bool, not {type(value).__name__}")
    return value


def check_limit(value: object) -> None:
    """How many rows to give at most, or None for all of them."""
    if value is not None:
        check_count("limit", value, minimum=1, maximum=LARGEST_LIMIT)


def check_number(name: str, value: object) -> Decimal:
    """A Decimal (or an int) that DynamoDB can hold: 38 significant digits, 1E-130 to 9.99E+125 or zero.

    Its zeros are bounded too, since a quantity is kept as text with all of them: those of a zero to 130 places, those
    at the end of another number to 167, where the last digit of the smallest one stands.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise InvalidArgumentError(f"{name} must be a Decimal, not {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidArgumentError(f"{name} must be a finite number")
    if _exponent(number) < SMALLEST_EXPONENT - (DIGITS - 1 if number else 0):
        raise InvalidArgumentError(f"{name} has more zeros at its end than DynamoDB has places")
    if number:
        digits = "".join(map(str, number.as_tuple().digits)).strip("0")
        if len(digits) > DIGITS:
            raise InvalidArgumentError(f"{name} must have at most {DIGITS} significant digits")
        if not SMALLEST_EXPONENT <= number.adjusted() <= LARGEST_EXPONENT:
            raise InvalidArgumentError(f"{name} is beyond the magnitude that DynamoDB holds")
    return number


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0  # of a finite number it is an int


def arithmetic() -> decimal.Context:
    """A context for sums: 38 digits, and an error instead of any rounding."""
    traps = [decimal.Inexact, decimal.Rounded, decimal.Overflow, decimal.InvalidOperation]
    return decimal.Context(prec=DIGITS, traps=traps)


def exact_sum(name: str, first: Decimal, second: Decimal) -> Decimal:
    """A sum that keeps the digits as written: `1.50` and `0.5` make `2.00`.

    Raises:
        InvalidArgumentError: DynamoDB could not hold it.
    """
    try:
        total = arithmetic().add(first, second)
    except ArithmeticError:
        # All the same it may fit: 1E+38 has one significant digit. What goes then are zeros, so nothing is rounded.
        context = arithmetic()
        context.traps[decimal.Rounded] = False
        try:
            total = context.add(first, second)
        except ArithmeticError:
            raise InvalidArgumentError(f"{name}: the sum has more digits than DynamoDB holds") from None
    if not total and _exponent(total) < SMALLEST_EXPONENT:  # what is stored may have any number of zeros
        total = Decimal((0, (0,), SMALLEST_EXPONENT))
    return check_number(name, total)


def check_numbers(entity: Entity) -> None:
    """Check every number in an entity, those inside of documents too, and how deep these are nested."""
    for name in type(entity).model_fields:
        _check_numbers_in(name, getattr(entity, name), DEPTH)


def _check_numbers_in(name: str, value: object, depth: int) -> None:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        if depth == 0:
            raise InvalidArgumentError(f"{name} must be nested at most {DEPTH} levels deep")
        for part in value:
            _check_numbers_in(name, part, depth - 1)
    elif isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        check_number(name, value)


def check_asset(value: object, *, lenient: bool = False) -> Asset:
    """An asset that can be stored."""
    asset = check_entity("asset", value, Asset, lenient=lenient)
    check_asset_id(asset.asset_id)
    check_numbers(asset)
    for name, number in (("amount", asset.amount), ("price_usd", asset.price_usd)):
        if number < 0:
            raise InvalidArgumentError(f"{name} must not be below zero")
    return asset


def check_asset_id(value: object) -> str:
    """Text that can be the key of an asset."""
    return check_key("asset_id", value)


def check_asset_ids(values: object) -> list[str]:
    """Ids of assets, each once, in the order given."""
    if isinstance(values, (str, bytes, bytearray)) or not isinstance(values, Iterable):
        raise InvalidArgumentError(f"asset_ids must be ids, not {type(values).__name__}")
    return list(dict.fromkeys([check_asset_id(value) for value in values]))


def check_holding(username: object, asset_id: object) -> None:
    """A username and an asset id that can be the key of a holding."""
    check_username(username)
    check_key("asset_id", asset_id, max_bytes=RANGE_KEY_BYTES - len("ASSET#"))


def check_holding_ledger(username: object, asset_id: object) -> None:
    """A username and an asset id that together can be the hash key of a holding's ledger."""
    length = len(check_username(username).encode()) + len(check_asset_id(asset_id).encode())
    if length > _HASH_KEY_BYTES - len("TRANS##"):
        raise InvalidArgumentError("username and asset_id are too long together")


def check_timestamp(name: str, value: object) -> str | datetime:
    """A range key as stored, or an instant, which comes back aware and in UTC."""
    if not isinstance(value, datetime):
        return check_key(name, value, max_bytes=RANGE_KEY_BYTES, hash_sign=True)
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise InvalidArgumentError(f"{name} is out of range in UTC") from None


def check_cash_user(value: object) -> str:
    """Text that can be the key of a user, and with a prefix the hash key of a ledger and of postings."""
    return check_key("username", value, max_bytes=_HASH_KEY_BYTES - len("POSTED#"))


def check_amount(name: str, value: object) -> Decimal:
    """A number that may be set as a balance."""
    amount = check_number(name, value)
    if amount < 0:
        raise InvalidArgumentError(f"{name} must not be negative")
    return amount


def check_transaction_id(value: object) -> UUID:
    """A UUID or its text."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or UUID_TEXT.fullmatch(value) is None:
        raise InvalidArgumentError("transaction_id must be a UUID or its text")
    return UUID(value)


def check_ledger_entry(name: str, value: object) -> BalanceTransaction:
    """A transaction that the ledger can hold."""
    transaction = check_entity(name, value, BalanceTransaction)
    check_cash_user(transaction.username)
    check_number("amount", transaction.amount)
    return transaction


def check_posting(name: str, value: object) -> BalanceTransaction:
    """A transaction that can be posted: completed, and with the sign of its type."""
    transaction = check_ledger_entry(name, value)
    if transaction.status is not TransactionStatus.COMPLETED:
        raise InvalidArgumentError(f"{name} must be completed to be posted")
    sign = (transaction.amount > 0) - (transaction.amount < 0)
    if sign not in SIGNS[transaction.transaction_type]:
        raise InvalidArgumentError(f"{name}: the amount has not the sign of its type")
    return transaction
