"""AssetBalanceDAO: adding to holdings, taking out, reading and removing them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from common.data import (
    AssetBalance,
    AssetBalanceNotFoundError,
    ConflictError,
    CorruptItemError,
    InsufficientAssetBalanceError,
    InvalidArgumentError,
)
from common.data.dao.protocols import AssetBalanceDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_balance_rows import fields, holding_row, key_of, read_as, stored
from .user_rows import UNKNOWN, Item, Requests, naive_text, same

NINES = "9" * 38

SUMS = [
    ("1.50", "0.5", "2.00"),
    ("1.50", "-0.5", "1.00"),
    ("1.50", "-1.50", "0.00"),
    ("0", "0.00", "0.00"),
    ("10", "1E+2", "110"),
    ("1E-8", "1", "1.00000001"),
    ("2.5E+3", "0.5", "2500.5"),
    ("+7.50", "1", "8.50"),
    ("-3.25", "1", "-2.25"),
    ("0.1", "0.2", "0.3"),
    ("1234567890123456789.0123456789012345678", "0.0000000000000000001", "1234567890123456789.0123456789012345679"),
    (NINES, "1", "1" + "0" * 38),
    ("9" + "0" * 37, "1" + "0" * 37, "1" + "0" * 38),
    ("9E+125", "9E+124", "99" + "0" * 124),
    ("0." + "0" * 129 + "1", "0." + "0" * 129 + "2", "0." + "0" * 129 + "3"),
    ("1." + "0" * 60, "0.5", "1.5" + "0" * 36),
]


@pytest.mark.parametrize(("held", "change", "total"), SUMS)
def test_a_sum_is_exact_and_keeps_its_digits(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, held: str, change: str, total: str
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "BTC", held))
    after = asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(change))
    row = stored(tables, name)
    assert row == holding_row(name, "BTC", total, updated_at={"S": naive_text(after.updated_at)})
    assert fields(after) == read_as(row)
    assert fields(asset_balance_dao.get_asset_balance(name, "BTC")) == read_as(row)


@pytest.mark.parametrize(
    ("held", "change"),
    [(NINES, "0.1"), ("1", "1E-130"), ("1E+125", "1"), ("9.99E+125", "9.99E+125"), (NINES, NINES), ("1" * 39, "1")],
)
def test_a_sum_that_does_not_fit_is_refused_and_changes_nothing(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests, held: str, change: str
) -> None:
    name = ids.name()
    row = holding_row(name, "BTC", held)
    tables.put("users", row)
    with pytest.raises(InvalidArgumentError) as caught:
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(change))
    assert [request.operation for request in requests()] == ["GetItem"]
    assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": name, "Sk": "ASSET#BTC"})
    assert stored(tables, name) == row


@pytest.mark.parametrize(
    ("given", "text"),
    [("1.50", "1.50"), ("0", "0"), ("0.00", "0.00"), ("-0", "0"), ("1E+2", "100"), ("1E-8", "0.00000001")],
)
def test_the_first_quantity_makes_the_holding(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, clock: Clock, given: str, text: str
) -> None:
    name = ids.name()
    before = clock.now()
    made = asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(given))
    after = clock.now()
    now = {"S": naive_text(made.updated_at)}
    assert type(made) is AssetBalance
    assert before < made.created_at == made.updated_at < after
    assert stored(tables, name) == holding_row(name, "BTC", text, created_at=now, updated_at=now)
    assert fields(made) == read_as(stored(tables, name))


def test_an_int_is_fine_as_a_quantity(asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    asset_balance_dao.upsert_asset_balance(name, "BTC", 7)  # type: ignore[arg-type]
    assert asset_balance_dao.upsert_asset_balance(name, "BTC", -2).quantity == 5  # type: ignore[arg-type]
    assert stored(tables, name)["quantity"] == {"S": "5"}


@pytest.mark.parametrize(
    ("held", "change", "available"),
    [
        ("1.50", "-1.51", "1.50"),
        ("0.00", "-1E-130", "0.00"),
        ("-3.25", "-0.01", "-3.25"),
        (None, "-1", "0"),
        (NINES, "-1" + "0" * 38, NINES),
        ("1", "-9E+125", "1"),
    ],
)
def test_nobody_takes_out_more_than_there_is(
    asset_balance_dao: AssetBalanceDAOProtocol,
    tables: Tables,
    ids: Ids,
    requests: Requests,
    held: str | None,
    change: str,
    available: str,
) -> None:
    name = ids.name()
    row = None if held is None else holding_row(name, "BTC", held)
    if row is not None:
        tables.put("users", row)
    with pytest.raises(InsufficientAssetBalanceError) as caught:
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(change))
    error = caught.value
    assert (str(error.available), str(error.required)) == (available, change.removeprefix("-"))
    assert (error.operation, error.table) == ("AssetBalanceDAO.upsert_asset_balance", tables.name("users"))
    assert error.key == {"Pk": name, "Sk": "ASSET#BTC"}
    assert [request.operation for request in requests()] == ["GetItem"]
    assert tables.get("users", key_of(name)) == row


def test_upsert_is_one_consistent_get_and_one_conditional_write(
    asset_balance_dao: AssetBalanceDAOProtocol, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    for operation in ("PutItem", "UpdateItem"):
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1))
        read, write = requests()
        assert (read.operation, read.table, read.body["ConsistentRead"]) == ("GetItem", "users", True)
        assert (write.operation, write.table) == (operation, "users")
        assert write.body["ConditionExpression"]


def test_upsert_keeps_attributes_it_does_not_know(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    row = holding_row(name, **{f"old_{kind}": value for kind, value in UNKNOWN.items()}, locked_quantity={"S": "0.50"})
    tables.put("users", row)
    after = asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1))
    changes = {"quantity": {"S": "11.50"}, "updated_at": {"S": naive_text(after.updated_at)}}
    assert same(stored(tables, name)) == same(row | changes)
    assert fields(asset_balance_dao.get_asset_balance(name, "BTC")) == read_as(stored(tables, name))


OTHER_WRITERS: dict[str, dict[str, dict[str, str]]] = {
    "another-quantity": {"quantity": {"S": "20"}, "updated_at": {"S": "2024-01-01T00:00:00"}},
    "there-and-back": {"updated_at": {"S": "2024-01-01T00:00:00"}},
}


@pytest.mark.parametrize("writer", OTHER_WRITERS)
def test_an_update_that_lost_a_race_reads_again(
    asset_balance_dao: AssetBalanceDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    writer: str,
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    others = holding_row(name, **OTHER_WRITERS[writer])
    faults.before("UpdateItem", lambda: tables.put("users", others))
    after = asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1))
    assert after.quantity == Decimal(others["quantity"]["S"]) + 1
    assert stored(tables, name)["quantity"] == {"S": str(after.quantity)}
    assert [request.operation for request in requests()] == ["GetItem", "UpdateItem"] * 2
    assert len(faults.waits) == 1


def test_a_first_quantity_that_lost_a_race_is_added(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults, requests: Requests
) -> None:
    name = ids.name()
    faults.before("PutItem", lambda: tables.put("users", holding_row(name)))
    assert asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1)).quantity == Decimal("11.50")
    assert [request.operation for request in requests()] == ["GetItem", "PutItem", "GetItem", "UpdateItem"]


def test_what_was_taken_meanwhile_is_not_there_to_take(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    others = holding_row(name, "BTC", "0.50", updated_at={"S": "2024-01-01T00:00:00"})
    faults.before("UpdateItem", lambda: tables.put("users", others))
    with pytest.raises(InsufficientAssetBalanceError) as caught:
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(-1))
    assert (str(caught.value.available), str(caught.value.required)) == ("0.50", "1")
    assert stored(tables, name) == others


def test_a_holding_deleted_meanwhile_is_made_anew(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    faults.before("UpdateItem", lambda: tables.delete("users", key_of(name)))
    made = asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1))
    assert (str(made.quantity), made.created_at) == ("1", made.updated_at)


@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem"])
def test_whoever_loses_every_race_is_told_of_a_conflict(
    asset_balance_dao: AssetBalanceDAOProtocol,
    tables: Tables,
    ids: Ids,
    faults: Faults,
    requests: Requests,
    clock: Clock,
    operation: str,
) -> None:
    name = ids.name()

    def write() -> None:
        if operation == "PutItem":
            tables.put("users", holding_row(name))
        else:
            tables.put("users", holding_row(name, updated_at={"S": naive_text(clock.now() + timedelta(days=1))}))

    def remove() -> None:
        tables.delete("users", key_of(name))

    if operation == "UpdateItem":
        tables.put("users", holding_row(name))
    else:
        faults.before("GetItem", remove, times=40)
    faults.before(operation, write, times=40)
    with pytest.raises(ConflictError) as caught:
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1))
    assert caught.value.key == {"Pk": name, "Sk": "ASSET#BTC"}
    assert caught.value.code == "ConditionalCheckFailedException"
    assert stored(tables, name)["quantity"] == {"S": "10.50"}
    assert [request.operation for request in requests()] == ["GetItem", operation] * 40
    assert len(faults.waits) == 39
    assert max(faults.waits) <= 0.15


def test_a_row_of_another_kind_is_no_holding_and_is_left_alone(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    row = holding_row(name, entity_type={"S": "asset_snapshot"})
    tables.put("users", row)
    with pytest.raises(AssetBalanceNotFoundError):
        asset_balance_dao.get_asset_balance(name, "BTC")
    assert asset_balance_dao.get_all_asset_balances(name) == []
    assert asset_balance_dao.delete_asset_balance(name, "BTC") is False
    with pytest.raises(InsufficientAssetBalanceError) as caught:
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(-1))
    assert caught.value.available == 0
    with pytest.raises(ConflictError):
        asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1))
    assert [request.operation for request in requests()] == ["GetItem"]
    assert stored(tables, name) == row


def test_get_reads_one_holding_consistently(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    assert fields(asset_balance_dao.get_asset_balance(name, "BTC")) == read_as(holding_row(name))
    (request,) = requests()
    assert (request.operation, request.table, request.body["ConsistentRead"]) == ("GetItem", "users", True)


def test_an_asset_that_is_not_held_is_not_found(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name))
    for asset_id in ("ETH", "btc", "BT", "BTCX", "x" * 1018, "'; DROP TABLE", "Ünïcode 🪙"):
        with pytest.raises(AssetBalanceNotFoundError) as caught:
            asset_balance_dao.get_asset_balance(name, asset_id)
        assert caught.value.key == {"Pk": name, "Sk": f"ASSET#{asset_id}"}
        assert asset_balance_dao.delete_asset_balance(name, asset_id) is False
    assert stored(tables, name) == holding_row(name)


def test_all_holdings_come_in_the_order_of_their_ids_and_nothing_else_does(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    held = [holding_row(name, asset, "0.0") for asset in ("eth", "Z", "BTC", "1INCH", "ÄTH", "🪙", "BT")]
    others: list[Item] = [
        {"Pk": {"S": name}, "Sk": {"S": sk}, "quantity": {"S": "1"}}
        for sk in ("USER", "BALANCE", "ASSET", "ASSET#", "ASSET#BTC#LOT", "ASSETS#BTC")
    ]
    others += [holding_row(name + "x"), holding_row(name, "FOREIGN", entity_type={"S": "asset_snapshot"})]
    tables.put_all("users", held + others)
    found = asset_balance_dao.get_all_asset_balances(name)
    held.sort(key=lambda row: row["Sk"]["S"].encode())
    assert [fields(holding) for holding in found] == [read_as(row) for row in held]
    (request,) = requests()
    assert (request.operation, request.table, request.body["ConsistentRead"]) == ("Query", "users", True)
    assert asset_balance_dao.get_all_asset_balances(name + "y") == []


def test_holdings_of_several_pages_are_all_read(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    for number in range(4):
        row = holding_row(name, f"A{number}", f"{number}.50", note={"S": "x" * 380_000})
        tables.put("users", row if number != 1 else row | {"entity_type": {"S": "asset_snapshot"}})
    found = asset_balance_dao.get_all_asset_balances(name)
    assert [(one.asset_id, str(one.quantity)) for one in found] == [("A0", "0.50"), ("A2", "2.50"), ("A3", "3.50")]
    assert [request.operation for request in requests()] == ["Query", "Query"]


def test_delete_removes_one_holding_once(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "BTC", "rubbish", locked_quantity={"S": "1"}))
    tables.put("users", holding_row(name, "ETH"))
    assert asset_balance_dao.delete_asset_balance(name, "BTC") is True
    assert [request.operation for request in requests()] == ["DeleteItem"]
    assert asset_balance_dao.delete_asset_balance(name, "BTC") is False
    assert tables.get("users", key_of(name)) is None
    assert stored(tables, name, "ETH") == holding_row(name, "ETH")


BROKEN: dict[str, list[dict[str, object] | None]] = {
    "asset_id": [None, {"N": "1"}],
    "quantity": [
        None,
        {"N": "1.5"},
        {"S": ""},
        {"S": "NaN"},
        {"S": "1_000"},
        {"S": " 1"},
        {"S": "1,5"},
        {"S": "\u0661"},
    ],
    "updated_at": [None, {"S": "yesterday"}, {"S": "2023-02-30T00:00:00"}],
    "created_at": [{"N": "1"}, {"S": ""}],
    "username": [{"N": "1"}],
}


@pytest.mark.parametrize("attribute", BROKEN)
def test_a_row_that_cannot_be_decoded_is_told_by_every_method_and_changed_by_none(
    asset_balance_dao: AssetBalanceDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", holding_row(name, "AAA"))
    reads: list[Callable[[], object]] = [
        lambda: asset_balance_dao.get_asset_balance(name, "BTC"),
        lambda: asset_balance_dao.get_all_asset_balances(name),
        lambda: asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(1)),
        lambda: asset_balance_dao.upsert_asset_balance(name, "BTC", Decimal(-1000)),
    ]
    for value in BROKEN[attribute]:
        row = holding_row(name, without=[attribute])
        if value is not None:
            row[attribute] = value
        tables.put("users", row)
        for read in reads:
            with pytest.raises(CorruptItemError) as caught:
                read()
            assert caught.value.attribute == attribute
            assert caught.value.table == tables.name("users")
            assert caught.value.key == {"Pk": name, "Sk": "ASSET#BTC"}
        assert stored(tables, name) == row
