"""Numbers on the way to DynamoDB and back: in both libraries digit by digit, up to what DynamoDB holds."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.data import Asset, Connection, InvalidArgumentError
from common.data.arguments import check_number, exact_sum
from common.data.dao._archived_boto3.asset_dao import AssetDAO as ArchivedAssetDAO
from common.data.dao.asset_dao import AssetDAO

digits = st.integers(min_value=-(10**38) + 1, max_value=10**38 - 1)


def decimal(whole: int, exponent: int) -> Decimal:
    """Without any context: Python's own rounds to 28 digits."""
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), exponent))


numbers = st.builds(decimal, digits, st.integers(-130, 88))
storable = st.builds(decimal, digits, st.integers(-167, 125)).filter(
    lambda number: not number or -130 <= number.adjusted() <= 125
)


def wire(connection: Connection, asset_id: str) -> dict[str, object]:
    response = connection.client.get_item(  # type: ignore[attr-defined]
        TableName=connection.settings.inventory_table, Key={"product_id": {"S": asset_id}}
    )
    item: dict[str, object] = response["Item"]
    return item


def plain(number: Decimal) -> str:
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if number else "0"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=storable)
@example(number=Decimal("1.2345678901234567890123456789012345678E-130"))
@example(number=Decimal("-9." + "9" * 37 + "E+125"))
def test_every_number_is_sent_and_read_alike_by_both(connection: Connection, number: Decimal) -> None:
    asset = Asset(
        asset_id="BTC",
        name="n",
        category="c",
        amount=number.copy_abs(),
        price_usd=Decimal(0),
        ath=number,
        sparkline_7d={"p": [number]},
    )
    found = []
    for dao in (AssetDAO(connection), ArchivedAssetDAO(connection)):
        connection.client.delete_item(  # type: ignore[attr-defined]
            TableName=connection.settings.inventory_table, Key={"product_id": {"S": "BTC"}}
        )
        created = dao.create_asset(asset)
        item = wire(connection, "BTC")
        assert item["ath"] == {"N": plain(number)}
        assert item["sparkline_7d"] == {"M": {"p": {"L": [{"N": plain(number)}]}}}
        assert created.ath == number
        found += [repr((one.ath, one.amount, one.sparkline_7d)) for one in (created, dao.get_asset_by_id("BTC"))]
    assert len(set(found)) == 1


@given(first=numbers, second=numbers)
def test_a_sum_is_exact_or_refused(first: Decimal, second: Decimal) -> None:
    exact = _sum(first, second)
    try:
        total = exact_sum("quantity", first, second)
    except InvalidArgumentError:
        with pytest.raises(InvalidArgumentError):
            check_number("quantity", exact)
    else:
        assert total == exact
        assert total == check_number("quantity", exact)


def _sum(first: Decimal, second: Decimal) -> Decimal:
    (_, digits_1, exponent_1), (_, digits_2, exponent_2) = first.as_tuple(), second.as_tuple()
    exponent = min(int(exponent_1), int(exponent_2))
    whole = 0
    for number, digits_of, own in ((first, digits_1, exponent_1), (second, digits_2, exponent_2)):
        part = int("".join(map(str, digits_of))) * 10 ** (int(own) - exponent)
        whole += -part if number.is_signed() else part
    return decimal(whole, exponent)


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [("1.50", "0.5", "2.00"), ("0", "-0", "0"), ("9" * 38, "1", "1" + "0" * 38), ("1E+2", "1", "101")],
)
def test_a_sum_keeps_its_digits(first: str, second: str, total: str) -> None:
    assert format(exact_sum("quantity", Decimal(first), Decimal(second)), "f") == total
