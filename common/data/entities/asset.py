"""An asset that the platform trades: the inventory."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, ValidationInfo

from common.data import clock
from common.data.entities.base import Entity, Number, Text, Timestamp, is_lenient, length

__all__ = ["Asset"]

LEVELS: Final = 64
"""Deeper than DynamoDB nests; it keeps a document that holds itself from being followed for ever."""


def _not_negative(value: Decimal, info: ValidationInfo) -> Decimal:
    if value < 0 and not is_lenient(info):
        raise ValueError("must not be below zero")
    return value


def _document(value: object) -> object:
    """A copy of a map, so that nobody changes it from outside.

    Whole numbers become Decimals, and names are in order: DynamoDB gives them in any, a different one each time.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("must be a map of text to JSON values")  # noqa: TRY004 - pydantic wants a ValueError
    return _json(value, LEVELS)


def _json(value: object, levels: int) -> object:
    if levels == 0:
        raise ValueError(f"must not be nested deeper than {LEVELS} levels")
    found: object = value
    if isinstance(value, str):
        found = _encodable(value)
    elif isinstance(value, Mapping):
        names = sorted(_encodable(name) for name in value)
        found = {name: _json(value[name], levels - 1) for name in names}
    elif isinstance(value, (list, tuple)):
        found = [_json(part, levels - 1) for part in value]
    elif isinstance(value, int) and not isinstance(value, bool):
        found = Decimal(value)
    elif value is not None and not isinstance(value, (bool, Decimal)):
        raise ValueError("must hold JSON values alone, numbers as Decimal")
    return found


def _encodable(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must have text for keys")  # noqa: TRY004 - pydantic wants a ValueError
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be text that UTF-8 can encode") from None  # the cause would quote it
    return value


Stock = Annotated[Number, AfterValidator(_not_negative)]
"""A number that is not below zero; the bound is waived in a lenient validation."""

Document = Annotated[dict[str, Any], BeforeValidator(_document)]
"""A map of text to JSON values, numbers as Decimal."""


class Asset(Entity):
    """An asset with its stock, its price, and what the markets say of it.

    Attributes:
        asset_id: at most 20 characters.
        name: at most 100 characters.
        description: at most 500 characters.
        category: at most 50 characters.
        amount: the stock, not below zero.
        price_usd: the price of one, not below zero.
        is_active: True by default.
        market_cap_rank: a whole number.
        symbol, image, ath_date, atl_date, last_updated: text, passed through as it is.
        sparkline_7d: a map of text to JSON values, numbers as Decimal.
        created_at, updated_at: aware datetimes in UTC, now by default.

    All others are market figures: Decimals, or None where there is none.
    """

    asset_id: Annotated[str, length(20)]
    name: Annotated[str, length(100)]
    description: Annotated[str, length(500)] | None = None
    category: Annotated[str, length(50)]
    amount: Stock
    price_usd: Stock
    is_active: StrictBool = True
    current_price: Number | None = None
    high_24h: Number | None = None
    low_24h: Number | None = None
    circulating_supply: Number | None = None
    total_supply: Number | None = None
    max_supply: Number | None = None
    price_change_24h: Number | None = None
    price_change_percentage_24h: Number | None = None
    price_change_percentage_7d: Number | None = None
    price_change_percentage_30d: Number | None = None
    market_cap: Number | None = None
    market_cap_change_24h: Number | None = None
    market_cap_change_percentage_24h: Number | None = None
    total_volume_24h: Number | None = None
    volume_change_24h: Number | None = None
    ath: Number | None = None
    ath_change_percentage: Number | None = None
    atl: Number | None = None
    atl_change_percentage: Number | None = None
    market_cap_rank: StrictInt | None = None
    symbol: Text | None = None
    image: Text | None = None
    ath_date: Text | None = None
    atl_date: Text | None = None
    last_updated: Text | None = None
    sparkline_7d: Document | None = None
    created_at: Timestamp = Field(default_factory=clock.now)
    updated_at: Timestamp = Field(default_factory=clock.now)
