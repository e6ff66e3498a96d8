import dataclasses
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.data.entities import Balance, OrderType, User
from parity.fuzz.source import Source

VALUES = [
    None,
    True,
    1.5,
    "it's \ud800",
    b"\x00",
    "x" * 300,
    Decimal("1E-130"),
    Decimal("-0.00"),
    Decimal("NaN"),
    UUID(int=7),
    date(2000, 2, 29),
    datetime(2025, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    datetime(2025, 1, 2, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
    datetime(2025, 1, 2, 3),  # noqa: DTZ001 - a naive one is what it shows
    OrderType.LIMIT_BUY,
    {"a": [1, (2,), {"b"}]},
    Balance(username="ann", current_balance=Decimal("1.50"), created_at=datetime(2025, 1, 2, tzinfo=UTC)),
    User.model_construct(username=None, email=5, password="x" * 200, created_at="never"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_source_makes_the_value_again(value: Any) -> None:
    source = Source()
    text = source.value(value)
    names: dict[str, Any] = {}
    exec("\n".join(source.import_lines()), names)  # noqa: S102 - the source that is tested
    made = eval(text, names)  # noqa: S307 - the same
    assert type(made) is type(value)
    assert repr(made) == repr(value)
    if isinstance(value, User):
        assert made.password == value.password


@dataclasses.dataclass
class Unknown:
    thing: object


def test_a_value_without_source_is_refused() -> None:
    with pytest.raises(TypeError, match="there is no source for a object"):
        Source().value(Unknown(object()))
