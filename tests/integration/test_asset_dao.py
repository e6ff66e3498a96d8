"""AssetDAO: creating, reading and updating single assets."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from common.data import Asset, AssetAlreadyExistsError, AssetNotFoundError, CorruptItemError, InvalidArgumentError
from common.data.dao.protocols import AssetDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_rows import FIGURES, TEXTS, asset_row, entity, exact, key_of, read_as, stored
from .user_rows import UNKNOWN, Item, Requests, naive_text, same

SPARKLINE: dict[str, Any] = {
    "price": [Decimal("1.50"), Decimal("-0.00000001"), 7, Decimal("1E+100"), Decimal("9" * 38)],
    "S": "a key that looks like a type",
    "N": "5",
    "nested": {"L": [[], {}, None, True, False, "", "🪙"], "M": {"M": {"NULL": Decimal(0)}}},
}
SPARKLINE_WIRE: dict[str, Any] = {
    "M": {
        "price": {"L": [{"N": n} for n in ("1.5", "-0.00000001", "7", "1" + "0" * 100, "9" * 38)]},
        "S": {"S": "a key that looks like a type"},
        "N": {"S": "5"},
        "nested": {
            "M": {
                "L": {
                    "L": [
                        {"L": []},
                        {"M": {}},
                        {"NULL": True},
                        {"BOOL": True},
                        {"BOOL": False},
                        {"S": ""},
                        {"S": "🪙"},
                    ]
                },
                "M": {"M": {"M": {"M": {"NULL": {"N": "0"}}}}},
            }
        },
    }
}
OLD = datetime(2001, 2, 3, tzinfo=UTC)


def short(ids: Ids) -> str:
    """An id of at most 20 characters that no other test has."""
    return ids.name("asset")[:18]


def test_create_stores_exactly_the_row_of_the_contract(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, clock: Clock, requests: Requests
) -> None:
    asset_id = short(ids)
    before = clock.now()
    created = asset_dao.create_asset(entity(asset_id, created_at=OLD, updated_at=OLD))
    after = clock.now()
    (request,) = requests()
    assert (request.operation, request.table) == ("PutItem", "inventory")
    assert request.body["ConditionExpression"]
    now = {"S": naive_text(created.created_at)}
    assert before < created.created_at == created.updated_at < after
    assert stored(tables, asset_id) == asset_row(asset_id, created_at=now, updated_at=now)
    assert type(created) is Asset
    assert exact(created) == read_as(stored(tables, asset_id)) == exact(asset_dao.get_asset_by_id(asset_id))


def test_every_field_is_stored_and_read(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = short(ids)
    asset = entity(
        asset_id,
        is_active=False,
        market_cap_rank=10**60,
        sparkline_7d=SPARKLINE,
        **{name: f"{name} \u0000 🪙" for name in TEXTS},
    )
    created = asset_dao.create_asset(asset)
    now = {"S": naive_text(created.created_at)}
    expected = asset_row(
        asset_id,
        is_active={"BOOL": False},
        market_cap_rank={"N": "1" + "0" * 60},
        sparkline_7d=SPARKLINE_WIRE,
        created_at=now,
        updated_at=now,
        **{name: {"S": f"{name} \u0000 🪙"} for name in TEXTS},
    )
    assert stored(tables, asset_id) == expected
    assert exact(created) == exact(asset_dao.get_asset_by_id(asset_id)) == read_as(expected)
    tables.put("inventory", asset_row(asset_id))
    updated = asset_dao.update_asset(asset)
    expected |= {"created_at": asset_row(asset_id)["created_at"], "updated_at": {"S": naive_text(updated.updated_at)}}
    assert stored(tables, asset_id) == expected
    assert exact(updated) == read_as(expected)


def test_numbers_in_a_document_are_read_as_dynamodb_keeps_them(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids
) -> None:
    asset_id = short(ids)
    kept = {"1E+2": "100", "0E+5": "0", "1.50": "1.5", "-0": "0", "1E-8": "1E-8", "-0.0": "0"}
    numbers = [{"N": sent} for sent in kept]  # some engines keep them as they are sent
    tables.put("inventory", asset_row(asset_id, sparkline_7d={"M": {"p": {"L": [*numbers, {"M": {"a": numbers[0]}}]}}}))
    document = asset_dao.get_asset_by_id(asset_id).sparkline_7d
    assert document is not None
    *read, nested = document["p"]
    assert [str(number) for number in (*read, nested["a"])] == [*kept.values(), "100"]


def test_create_leaves_its_argument_alone(asset_dao: AssetDAOProtocol, ids: Ids) -> None:
    asset = entity(short(ids), sparkline_7d={"price": [Decimal("1.50"), {"a": Decimal("2.0")}]}, ath=Decimal("1.50"))
    before = repr(asset)
    asset_dao.create_asset(asset)
    asset_dao.update_asset(asset)
    assert repr(asset) == before


def test_create_refuses_a_taken_id_and_keeps_its_row(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    asset_id = short(ids)
    for row in (asset_row(asset_id), asset_row(asset_id, entity_type={"S": "draft"}), key_of(asset_id)):
        tables.put("inventory", row)
        with pytest.raises(AssetAlreadyExistsError) as caught:
            asset_dao.create_asset(entity(asset_id))
        assert caught.value.operation == "AssetDAO.create_asset"
        assert (caught.value.table, caught.value.key) == (tables.name("inventory"), {"product_id": asset_id})
        assert [request.operation for request in requests()] == ["PutItem"]
        assert stored(tables, asset_id) == row


def test_create_of_the_same_asset_again_is_a_plain_duplicate(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids
) -> None:
    asset = entity(short(ids))
    asset_dao.create_asset(asset)
    row = stored(tables, asset.asset_id)
    with pytest.raises(AssetAlreadyExistsError):
        asset_dao.create_asset(asset)
    assert stored(tables, asset.asset_id) == row


def test_get_is_one_get(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests) -> None:
    asset_id = short(ids)
    tables.put("inventory", asset_row(asset_id))
    assert exact(asset_dao.get_asset_by_id(asset_id)) == read_as(asset_row(asset_id))
    (request,) = requests()
    assert (request.operation, request.table, bool(request.body.get("ConsistentRead"))) == (
        "GetItem",
        "inventory",
        False,
    )


def test_what_is_no_asset_is_not_found(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = short(ids)
    tables.put("inventory", asset_row(asset_id, entity_type={"S": "draft"}))
    for wanted in (asset_id, asset_id.upper(), asset_id[:-1], "x" * 2048, "a b", "🪙", "'; DROP TABLE"):
        with pytest.raises(AssetNotFoundError) as caught:
            asset_dao.get_asset_by_id(wanted)
        assert caught.value.key == {"product_id": wanted}
        with pytest.raises(AssetNotFoundError):
            asset_dao.update_asset(entity("x").model_copy(update={"asset_id": wanted}))
        assert asset_dao.get_assets_by_ids([wanted]) == {}
    assert stored(tables, asset_id) == asset_row(asset_id, entity_type={"S": "draft"})


def test_update_sets_every_field_but_created_at(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, clock: Clock, requests: Requests
) -> None:
    asset_id = short(ids)
    full = {name: {"N": "1"} for name in [*FIGURES, "market_cap_rank"]} | {name: {"S": "old"} for name in TEXTS}
    tables.put("inventory", asset_row(asset_id, sparkline_7d=SPARKLINE_WIRE, **full))
    asset = entity(asset_id, name="Ether", amount=Decimal("0.10"), is_active=False, created_at=OLD, updated_at=OLD)
    before = clock.now()
    updated = asset_dao.update_asset(asset)
    after = clock.now()
    (request,) = requests()
    assert (request.operation, request.table, request.body["Key"]) == ("UpdateItem", "inventory", key_of(asset_id))
    assert before < updated.updated_at < after
    assert stored(tables, asset_id) == asset_row(
        asset_id,
        name={"S": "Ether"},
        amount={"N": "0.1"},
        is_active={"BOOL": False},
        updated_at={"S": naive_text(updated.updated_at)},
    )
    assert exact(updated) == read_as(stored(tables, asset_id))


def test_update_keeps_attributes_it_does_not_know(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = short(ids)
    row = asset_row(asset_id, **{f"old_{kind}": value for kind, value in UNKNOWN.items()}, exchange_code={"S": "X"})
    tables.put("inventory", row)
    read = asset_dao.get_asset_by_id(asset_id)
    updated = asset_dao.update_asset(read)
    assert same(stored(tables, asset_id)) == same(row | {"updated_at": {"S": naive_text(updated.updated_at)}})
    assert updated.model_copy(update={"updated_at": read.updated_at}) == read


def test_update_keeps_what_another_writer_added_and_an_old_created_at(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    asset_id = short(ids)
    row = asset_row(asset_id, created_at={"S": "2023-02-03T04:05:06Z"})
    tables.put("inventory", row)
    read = asset_dao.get_asset_by_id(asset_id)
    faults.before("UpdateItem", lambda: tables.put("inventory", row | {"flags": {"SS": ["a", "b"]}}))
    updated = asset_dao.update_asset(read)
    expected = row | {"flags": {"SS": ["a", "b"]}, "updated_at": {"S": naive_text(updated.updated_at)}}
    assert same(stored(tables, asset_id)) == same(expected)


def test_update_of_an_unknown_asset_is_not_found_and_creates_nothing(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    asset_id = short(ids)
    with pytest.raises(AssetNotFoundError) as caught:
        asset_dao.update_asset(entity(asset_id))
    assert caught.value.operation == "AssetDAO.update_asset"
    assert (caught.value.table, caught.value.key) == (tables.name("inventory"), {"product_id": asset_id})
    assert [request.operation for request in requests()] == ["UpdateItem"]
    assert tables.get("inventory", key_of(asset_id)) is None


DEFAULTS: dict[str, tuple[str, object]] = {
    "name": ("name", ""),
    "category": ("category", "unknown"),
    "amount": ("amount", Decimal(0)),
    "is_active": ("is_active", True),
}


@pytest.mark.parametrize("attribute", DEFAULTS)
def test_what_an_old_row_lacks_has_a_value(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    asset_id = short(ids)
    for row in (asset_row(asset_id, without=[attribute]), asset_row(asset_id, **{attribute: {"NULL": True}})):
        tables.put("inventory", row)
        found = asset_dao.get_asset_by_id(asset_id)
        assert getattr(found, attribute) == DEFAULTS[attribute][1]
        assert exact(found) == read_as(row) == exact(asset_dao.get_assets_by_ids([asset_id])[asset_id])
        assert stored(tables, asset_id) == row


def test_missing_options_read_as_nothing(asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids) -> None:
    asset_id = short(ids)
    row = asset_row(asset_id, without=[*FIGURES, *TEXTS, "market_cap_rank", "sparkline_7d"])
    tables.put("inventory", row)
    assert exact(asset_dao.get_asset_by_id(asset_id)) == read_as(asset_row(asset_id))


def test_lengths_and_bounds_that_an_old_row_breaks_are_let_pass(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids
) -> None:
    asset_id = ids.name("an-old-over-long-id")
    texts = {"name": {"S": "n" * 200}, "category": {"S": "c" * 60}, "description": {"S": "d" * 600}}
    tables.put("inventory", asset_row(asset_id, **texts))
    read = asset_dao.get_asset_by_id(asset_id)
    assert exact(read) == read_as(asset_row(asset_id, **texts))
    updated = asset_dao.update_asset(read)
    assert stored(tables, asset_id) == asset_row(asset_id, **texts, updated_at={"S": naive_text(updated.updated_at)})
    negative = asset_row(asset_id, amount={"N": "-1"}, price_usd={"N": "-0.5"})
    tables.put("inventory", negative)
    read = asset_dao.get_asset_by_id(asset_id)
    assert exact(read) == read_as(negative)
    with pytest.raises(InvalidArgumentError):
        asset_dao.update_asset(read)
    assert stored(tables, asset_id) == negative


BROKEN: dict[str, list[dict[str, Any] | None]] = {
    "asset_id": [None, {"N": "1"}],
    "name": [{"N": "1"}],
    "category": [{"BOOL": True}],
    "description": [{"N": "1"}],
    "amount": [{"S": "1"}],
    "price_usd": [None, {"NULL": True}, {"S": "1.5"}],
    "is_active": [{"S": "true"}, {"N": "1"}],
    "max_supply": [{"S": "1"}],
    "market_cap_rank": [{"S": "1"}, {"N": "1.5"}],
    "last_updated": [{"N": "1"}],
    "sparkline_7d": [
        {"S": "{}"},
        {"L": []},
        {"M": {"a": {"B": "AAE="}}},
        {"M": {"a": {"L": [{"SS": ["x"]}]}}},
        {"M": {"a": {"M": {"b": {"NS": ["1"]}}}}},
    ],
    "created_at": [None, {"S": "yesterday"}],
    "updated_at": [None, {"N": "1"}],
}


@pytest.mark.parametrize("attribute", BROKEN)
def test_a_row_that_cannot_be_decoded_is_told_by_every_method(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    asset_id = short(ids)
    for value in BROKEN[attribute]:
        row: Item = asset_row(asset_id, without=[attribute])
        if value is not None:
            row[attribute] = value
        tables.put("inventory", row | {"is_active": row.get("is_active", {"BOOL": False})})
        for read in (
            lambda: asset_dao.get_asset_by_id(asset_id),
            lambda: asset_dao.get_assets_by_ids(["nobody", asset_id]),
            asset_dao.get_all_assets,
            lambda: asset_dao.get_all_assets(active_only=True),
        ):
            with pytest.raises(CorruptItemError) as caught:
                read()
            assert caught.value.attribute == attribute
            assert caught.value.table == tables.name("inventory")
            assert caught.value.key == {"product_id": asset_id}


def test_an_updated_row_that_cannot_be_decoded_is_told_and_updated(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids
) -> None:
    asset_id = short(ids)
    for value in (None, {"S": "yesterday"}, {"N": "1"}):
        tables.put("inventory", asset_row(asset_id, without=["created_at"]) | ({"created_at": value} if value else {}))
        with pytest.raises(CorruptItemError) as caught:
            asset_dao.update_asset(entity(asset_id, name="Ether"))
        assert caught.value.attribute == "created_at"
        assert stored(tables, asset_id)["name"] == {"S": "Ether"}


def test_an_inactive_row_that_cannot_be_decoded_is_told_by_its_update_too(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids
) -> None:
    asset_id = short(ids)
    tables.put("inventory", asset_row(asset_id, created_at={"S": ""}, is_active={"BOOL": False}))
    with pytest.raises(CorruptItemError):
        asset_dao.update_asset(entity(asset_id))


def test_an_asset_over_400_kb_is_refused_by_the_service(
    asset_dao: AssetDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    asset_id = short(ids)
    large = entity(asset_id, sparkline_7d={"text": "x" * 410_000})
    with pytest.raises(InvalidArgumentError) as caught:
        asset_dao.create_asset(large)
    assert [request.operation for request in requests()] == ["PutItem"]
    assert (caught.value.table, caught.value.key) == (tables.name("inventory"), {"product_id": asset_id})
    assert tables.get("inventory", key_of(asset_id)) is None
    tables.put("inventory", asset_row(asset_id))
    with pytest.raises(InvalidArgumentError):
        asset_dao.update_asset(large)
    assert stored(tables, asset_id) == asset_row(asset_id)
