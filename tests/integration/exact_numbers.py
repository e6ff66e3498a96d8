"""Numbers for every numeric field of every method: the edges of what DynamoDB holds, and some of 38 digits drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from parity.requests import Request
from parity.wireform import canonical_number

__all__ = ["ABOVE_ZERO", "ANY_SIGN", "NOT_BELOW_ZERO", "as_number", "as_text", "assert_sent", "nothing_of", "spread"]

NINES = "9" * 38
DIGITS = "12345678901234567890123456789012345678"


def _drawn(count: int) -> Iterator[Decimal]:
    """Numbers of 38 digits, the last of them no zero, anywhere in DynamoDB's range."""
    dice = random.Random(38)  # noqa: S311 - the same numbers on both sides
    for _ in range(count):
        digits = (dice.randint(1, 9), *(dice.randint(0, 9) for _ in range(36)), dice.randint(1, 9))
        yield Decimal((0, digits, dice.randint(-130, 125) - 37))


ABOVE_ZERO = (
    Decimal("1.50"),
    Decimal(NINES),
    Decimal(f"0.{DIGITS}"),
    Decimal(f"{DIGITS[:19]}.{DIGITS[19:]}"),
    Decimal("1E-130"),
    Decimal(f"{DIGITS[0]}.{DIGITS[1:]}E-130"),
    Decimal(f"9.{NINES[1:]}E+125"),
    Decimal("2.500E+3"),
    Decimal("1E-8"),
    *_drawn(2),
)
NOT_BELOW_ZERO = (*ABOVE_ZERO, Decimal("0.000"))
# Without any context: unary minus rounds to 28 digits.
ANY_SIGN = (
    *NOT_BELOW_ZERO,
    Decimal("-0"),
    Decimal("1." + "0" * 60),
    *(number.copy_negate() for number in ABOVE_ZERO[::2]),
)


def as_number(value: Decimal) -> str:
    """The text of a number that is stored as such: canonical."""
    return canonical_number(format(value, "f"))


def as_text(value: Decimal) -> str:
    """The text of a number that is stored as text: plain notation, digits as written."""
    return format(value, "f")


def nothing_of(value: Decimal) -> Decimal:
    """What is left when all of it is taken: a zero of as many places, and at most 130."""
    _, _, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return Decimal((0, (0,), min(max(exponent, -130), 0)))


def spread(numbers: Sequence[Decimal], fields: Sequence[str], at: int) -> dict[str, Decimal]:
    """A number for each field: over as many rounds as there are numbers each field has each of them."""
    return {name: numbers[(at + place) % len(numbers)] for place, name in enumerate(fields)}


def assert_sent(requests: Sequence[Request], *, numbers: Sequence[str] = (), texts: Sequence[str] = ()) -> None:
    """Assert that these went over the wire in just this form, and no number in any other than DynamoDB's own."""
    sent = [leaf for request in requests for leaf in _leaves(request.body)]
    for kind, text in sent:
        assert kind != "N" or text == canonical_number(text), f"sent {text}"
    missing = {*(("N", text) for text in numbers), *(("S", text) for text in texts)} - set(sent)
    assert not missing, f"not sent: {missing}"


def _leaves(part: Any) -> Iterator[tuple[str, str]]:
    """The numbers and texts in a request's body."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in {"N", "S"} and isinstance(value, str):
                yield name, value
            else:
                yield from _leaves(value)
    elif isinstance(part, list):
        for value in part:
            yield from _leaves(value)
