"""Exact numbers as DynamoDB keeps them, worked out another way than the data layer does: in a context wide enough for any sum."""

from decimal import Context, Decimal

from common.data import InvalidArgumentError

__all__ = ["as_number", "as_text", "total"]

_WIDE = Context(prec=700, Emin=-9999, Emax=9999)
_DIGITS = 38
_PLACES = 130


def as_number(number: Decimal) -> Decimal:
    """What is read of a number once it is stored as N: no exponent, no zeros at its end, no sign of zero."""
    return Decimal(format(_WIDE.normalize(number), "f")) if number else Decimal(0)


def as_text(number: Decimal) -> Decimal:
    """What is read of a number once it is stored as text in plain notation: digits as written."""
    return Decimal(format(number, "f"))


def total(first: Decimal, second: Decimal) -> Decimal:
    """A sum with its digits as written, as many as fit.

    Raises:
        InvalidArgumentError: DynamoDB could not hold it.
    """
    exact = _WIDE.add(first, second)
    if not exact:
        return exact if exact.as_tuple().exponent >= -_PLACES else Decimal(0).scaleb(-_PLACES)  # type: ignore[operator]
    shortest = _WIDE.normalize(exact)
    if len(shortest.as_tuple().digits) > _DIGITS or not -_PLACES <= shortest.adjusted() < _PLACES - 4:
        raise InvalidArgumentError
    digits = len(exact.as_tuple().digits)
    return exact if digits <= _DIGITS else Context(prec=_DIGITS, Emin=-9999, Emax=9999).plus(exact)
