"""Checks of arguments, made before any request; no message quotes a value."""

import decimal
from decimal import Decimal
from typing import Final, TypeVar

from pydantic import ValidationError

from common.data.entities.base import LENIENT, Entity
from common.data.errors import InvalidArgumentError

__all__ = [
    "HASHED",
    "HASH_KEY_BYTES",
    "RANGE_KEY_BYTES",
    "arithmetic",
    "check_count",
    "check_email",
    "check_entity",
    "check_key",
    "check_new_password",
    "check_number",
    "check_password",
    "check_text",
    "check_username",
]

HASH_KEY_BYTES: Final = 2048
RANGE_KEY_BYTES: Final = 1024
PASSWORD_LENGTH: Final = 128
HASHED: Final = "[HASHED]"
DIGITS: Final = 38
SMALLEST_EXPONENT: Final = -130
LARGEST_EXPONENT: Final = 125

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


def check_key(name: str, value: object, *, max_bytes: int = HASH_KEY_BYTES, hash_sign: bool = False) -> str:
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


def check_number(name: str, value: object) -> Decimal:
    """A Decimal (or an int) that DynamoDB can hold: 38 significant digits, 1E-130 to 9.99E+125 or zero."""
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise InvalidArgumentError(f"{name} must be a Decimal, not {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidArgumentError(f"{name} must be a finite number")
    if number:
        digits = "".join(map(str, number.as_tuple().digits)).strip("0")
        if len(digits) > DIGITS:
            raise InvalidArgumentError(f"{name} must have at most {DIGITS} significant digits")
        if not SMALLEST_EXPONENT <= number.adjusted() <= LARGEST_EXPONENT:
            raise InvalidArgumentError(f"{name} is beyond the magnitude that DynamoDB holds")
    return number


def arithmetic() -> decimal.Context:
    """A context for sums: 38 digits, and an error instead of any rounding."""
    traps = [decimal.Inexact, decimal.Rounded, decimal.Overflow, decimal.InvalidOperation]
    return decimal.Context(prec=DIGITS, traps=traps)
