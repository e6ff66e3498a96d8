"""What a client sends to place an order."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from common.data import OrderType
from services.shared.values import Amount, Body

__all__ = ["OrderRequest"]


class OrderRequest(Body):
    """An order: a limit order has a price, a market order takes that of the moment."""

    order_type: Annotated[OrderType, Field(examples=["market_buy"])]
    asset_id: Annotated[str, Field(min_length=1, max_length=64, examples=["BTC"])]
    quantity: Annotated[Amount, Field(examples=["0.5"])]
    price: Annotated[Amount | None, Field(description="Of limit orders alone.", examples=[None])] = None

    @model_validator(mode="after")
    def _has_a_price_if_it_is_limited(self) -> Self:
        limited = self.order_type in {OrderType.LIMIT_BUY, OrderType.LIMIT_SELL}
        if limited != (self.price is not None):
            raise ValueError("a limit order needs a price, and a market order has none")
        return self
