"""AssetTransactionDAO: storing ledger rows, finding them by text and by instant, and removing them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from common.data import (
    AssetTransaction,
    CorruptItemError,
    DuplicateTransactionError,
    TransactionNotFoundError,
)
from common.data.dao.protocols import AssetTransactionDAOProtocol
from parity.clock import Ids
from parity.faults import Faults
from parity.tables import Tables

from .asset_balance_rows import fields
from .asset_transaction_rows import AT, entity, key_of, ledger_row, read_as
from .user_rows import UNKNOWN, Item, Requests, same

WHEN = datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)


def test_create_stores_exactly_the_row_of_the_contract(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    given = entity(name)
    created = asset_transaction_dao.create_asset_transaction(given)
    assert type(created) is AssetTransaction
    assert created == given
    (request,) = requests()
    assert (request.operation, request.table) == ("PutItem", "users")
    assert request.body["ConditionExpression"]
    assert tables.get("users", key_of(name)) == ledger_row(name)
    assert fields(created) == read_as(ledger_row(name))
    sold = entity(
        name, transaction_type="SELL", status="PENDING", order_id=None, created_at=WHEN.replace(microsecond=0)
    )
    asset_transaction_dao.create_asset_transaction(sold)
    text = "2023-02-03T04:05:06"
    assert tables.get("users", key_of(name, text)) == ledger_row(
        name, text, transaction_type={"S": "SELL"}, status={"S": "PENDING"}, order_id={"NULL": True}
    )


def test_create_refuses_a_taken_key_and_keeps_its_row(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    for row in (
        ledger_row(name),
        ledger_row(name, quantity={"S": "7"}),
        ledger_row(name, entity_type={"S": "fill_draft"}),
    ):
        tables.put("users", row)
        with pytest.raises(DuplicateTransactionError) as caught:
            asset_transaction_dao.create_asset_transaction(entity(name))
        assert caught.value.operation == "AssetTransactionDAO.create_asset_transaction"
        assert caught.value.table == tables.name("users")
        assert caught.value.key == {"Pk": f"TRANS#{name}#BTC", "Sk": AT}
        assert tables.get("users", key_of(name)) == row


def test_create_of_the_same_transaction_again_is_a_plain_duplicate(
    asset_transaction_dao: AssetTransactionDAOProtocol, ids: Ids
) -> None:
    name = ids.name()
    asset_transaction_dao.create_asset_transaction(entity(name))
    with pytest.raises(DuplicateTransactionError):
        asset_transaction_dao.create_asset_transaction(entity(name))
    asset_transaction_dao.create_asset_transaction(entity(name, asset_id="ETH"))
    asset_transaction_dao.create_asset_transaction(entity(name, created_at=WHEN + timedelta(microseconds=1)))
    assert len(asset_transaction_dao.get_user_transactions(name)) == 3


def test_get_by_text_is_one_get_of_that_very_text(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    texts = [AT, "2023-02-03T04:05:06", "2023-02-03T04:05:06Z", "2023-02-03T04:05:06.000Z", "2023-02-03T04:05:06.120"]
    for text in texts:
        tables.put("users", ledger_row(name, text))
    for text in texts:
        found = asset_transaction_dao.get_asset_transaction(name, "BTC", text)
        assert fields(found) == read_as(ledger_row(name, text))
        (request,) = requests()
        assert (request.operation, request.table) == ("GetItem", "users")
        assert not request.body.get("ConsistentRead")
    for text in ("2023-02-03T04:05:06.123", "2023-02-03T04:05:06.000", "yesterday", "LOCK", "#", "x" * 1024):
        with pytest.raises(TransactionNotFoundError) as caught:
            asset_transaction_dao.get_asset_transaction(name, "BTC", text)
        assert caught.value.key == {"Pk": f"TRANS#{name}#BTC", "Sk": text}


SPELLINGS = [
    (datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC), ["", "Z", ".0", ".000", ".000Z", ".000000", ".000000Z"]),
    (datetime(2023, 2, 3, 4, 5, 6, 120000, tzinfo=UTC), [".120000", ".120", ".120Z", ".12", ".120000Z"]),
    (datetime(2023, 2, 3, 4, 5, 6, 123456, tzinfo=UTC), [".123456", ".123456Z", ".123456+00:00"]),
    (datetime(2023, 2, 3, 4, 5, 6, 100, tzinfo=UTC), [".000100", ".0001Z"]),
]
NEIGHBOURS = [".121", ".1", ".0002Z", ".12345", ".123457", ".999999"]


@pytest.mark.parametrize(("instant", "endings"), SPELLINGS, ids=["seconds", "milliseconds", "microseconds", "zeros"])
def test_get_by_instant_finds_every_spelling_of_it_and_no_other(
    asset_transaction_dao: AssetTransactionDAOProtocol,
    tables: Tables,
    ids: Ids,
    requests: Requests,
    instant: datetime,
    endings: list[str],
) -> None:
    name = ids.name()
    for ending in NEIGHBOURS:
        tables.put("users", ledger_row(name, f"2023-02-03T04:05:06{ending}", order_id={"S": "a neighbour's"}))
    texts = [f"2023-02-03T04:05:06{ending}" for ending in endings if ending not in NEIGHBOURS]
    for text in texts:
        tables.put("users", ledger_row(name, text, order_id={"S": text}))
    left = [instant.replace(tzinfo=None).isoformat(), *sorted(texts)]
    for expected in dict.fromkeys(text for text in left if text in texts):
        for when in (instant, instant.replace(tzinfo=None), instant.astimezone(timezone(timedelta(hours=-5)))):
            found = asset_transaction_dao.get_asset_transaction(name, "BTC", when)
            assert (found.order_id, found.created_at) == (expected, instant)
            assert [request.operation for request in requests()] == ["Query"]
            assert not requests()[0].body.get("ConsistentRead")
        assert asset_transaction_dao.delete_asset_transaction(name, "BTC", instant) is True
        assert [request.operation for request in requests()] == ["Query", "DeleteItem"]
        assert requests()[0].body["ConsistentRead"] is True
        assert tables.get("users", key_of(name, expected)) is None
    with pytest.raises(TransactionNotFoundError) as caught:
        asset_transaction_dao.get_asset_transaction(name, "BTC", instant)
    begin = instant.replace(tzinfo=None).isoformat()
    assert caught.value.key == {
        "Pk": f"TRANS#{name}#BTC",
        "Sk": begin.rstrip("0") if instant.microsecond else begin,
    }
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", instant) is False
    assert [request.operation for request in requests()] == ["Query"]
    assert len(asset_transaction_dao.get_user_asset_transactions(name, "BTC")) == len(set(NEIGHBOURS))


def test_an_instant_meets_rows_of_another_kind_and_impossible_days(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    others: list[Item] = [
        ledger_row(name, AT, entity_type={"S": "fill_draft"}),
        ledger_row(name, f"{AT}#NOTE"),
        ledger_row(name, "2023-02-03T04:05:06.123456789"),
    ]
    tables.put_all("users", others)
    for when in (WHEN, AT, f"{AT}#NOTE"):
        with pytest.raises(TransactionNotFoundError):
            asset_transaction_dao.get_asset_transaction(name, "BTC", when)
        assert asset_transaction_dao.delete_asset_transaction(name, "BTC", when) is False
    assert asset_transaction_dao.get_user_asset_transactions(name, "BTC") == []
    assert asset_transaction_dao.get_user_transactions(name) == []
    for row in others:
        assert tables.get("users", {"Pk": row["Pk"], "Sk": row["Sk"]}) == row


def test_an_instant_is_found_behind_a_row_of_another_kind(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", ledger_row(name, AT, entity_type={"S": "fill_draft"}))
    tables.put("users", ledger_row(name, f"{AT}Z"))
    assert asset_transaction_dao.get_asset_transaction(name, "BTC", WHEN).created_at == WHEN
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", WHEN) is True
    assert [row["Sk"]["S"] for row in tables.items("users") if row["Pk"]["S"].startswith(f"TRANS#{name}")] == [AT]


@pytest.mark.parametrize(
    "when", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)], ids=str
)
def test_the_first_and_the_last_instant_are_instants_too(
    asset_transaction_dao: AssetTransactionDAOProtocol, ids: Ids, when: datetime
) -> None:
    name = ids.name()
    created = asset_transaction_dao.create_asset_transaction(entity(name, created_at=when))
    assert asset_transaction_dao.get_asset_transaction(name, "BTC", when) == created
    assert asset_transaction_dao.get_asset_transaction(name, "BTC", when.replace(tzinfo=None).isoformat()) == created
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", when) is True


def test_delete_by_text_removes_one_row_once(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    tables.put("users", ledger_row(name, AT, quantity={"S": "rubbish"}))
    tables.put("users", ledger_row(name, f"{AT}Z"))
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", AT) is True
    assert [request.operation for request in requests()] == ["DeleteItem"]
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", AT) is False
    assert asset_transaction_dao.delete_asset_transaction(name, "ETH", f"{AT}Z") is False
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", "2023-02-30T00:00:00") is False
    assert tables.get("users", key_of(name)) is None
    assert tables.get("users", key_of(name, f"{AT}Z")) == ledger_row(name, f"{AT}Z")


def test_a_delete_by_instant_that_another_overtakes_is_false(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, faults: Faults
) -> None:
    name = ids.name()
    tables.put("users", ledger_row(name))
    faults.before("DeleteItem", lambda: tables.delete("users", key_of(name)))
    assert asset_transaction_dao.delete_asset_transaction(name, "BTC", WHEN) is False


def test_unknown_attributes_and_missing_options_do_not_hinder(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids
) -> None:
    name = ids.name()
    row = ledger_row(name, without=["order_id"], **{f"old_{kind}": value for kind, value in UNKNOWN.items()})
    tables.put("users", row)
    tables.put("users", ledger_row(name, f"{AT}Z", order_id={"NULL": True}))
    for when in (AT, WHEN):
        assert fields(asset_transaction_dao.get_asset_transaction(name, "BTC", when)) == read_as(row)
    newest, oldest = asset_transaction_dao.get_user_asset_transactions(name, "BTC")
    assert (newest.order_id, oldest.order_id) == (None, None)
    assert same(tables.get("users", key_of(name)) or {}) == same(row)


BROKEN: dict[str, list[dict[str, object] | None]] = {
    "username": [None, {"N": "1"}],
    "asset_id": [None],
    "transaction_type": [None, {"S": "buy"}, {"S": "HOLD"}, {"N": "1"}],
    "quantity": [None, {"S": ""}, {"S": "NaN"}, {"S": "1_0"}, {"N": "1"}],
    "price": [None, {"S": "free"}],
    "total_amount": [{"NULL": True}, {"S": "1 "}],
    "order_id": [{"N": "1"}],
    "status": [None, {"S": "completed"}],
    "created_at": [None, {"S": "yesterday"}, {"N": "1"}],
}


@pytest.mark.parametrize("attribute", BROKEN)
def test_a_row_that_cannot_be_decoded_is_told_by_every_method(
    asset_transaction_dao: AssetTransactionDAOProtocol, tables: Tables, ids: Ids, attribute: str
) -> None:
    name = ids.name()
    tables.put("users", ledger_row(name, "2024-01-01T00:00:00"))
    reads: list[Callable[[], object]] = [
        lambda: asset_transaction_dao.get_asset_transaction(name, "BTC", AT),
        lambda: asset_transaction_dao.get_asset_transaction(name, "BTC", WHEN),
        lambda: asset_transaction_dao.get_user_asset_transactions(name, "BTC"),
        lambda: asset_transaction_dao.get_user_transactions(name, 1),
    ]
    for value in BROKEN[attribute]:
        row = ledger_row(name, without=[attribute])
        if value is not None:
            row[attribute] = value
        tables.put("users", row)
        for read in reads:
            with pytest.raises(CorruptItemError) as caught:
                read()
            assert caught.value.attribute == attribute
            assert caught.value.table == tables.name("users")
            assert caught.value.key == {"Pk": f"TRANS#{name}#BTC", "Sk": AT}
        assert [one.created_at.year for one in asset_transaction_dao.get_user_asset_transactions(name, "BTC", 1)] == [
            2024
        ]
        assert tables.get("users", key_of(name)) == row
