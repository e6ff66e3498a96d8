"""BalanceDAO: creating, reading and correcting balances."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from common.data import Balance, BalanceAlreadyExistsError, BalanceNotFoundError
from common.data.dao.protocols import BalanceDAOProtocol
from parity.clock import Clock, Ids
from parity.tables import Tables

from .balance_rows import balance, balance_key, balance_row, fields, read_balance, row_of
from .user_rows import UNKNOWN, Requests, naive_text, same

NUMBERS = {
    "0": "0",
    "-0.00": "0",
    "1.50": "1.5",
    "1E+3": "1000",
    "0.1": "0.1",
}


def test_create_stores_exactly_the_row_of_the_contract(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    for given, stored in NUMBERS.items():
        name = ids.name()
        created = balance_dao.create_balance(balance(name, given))
        assert [(request.operation, request.attempts) for request in requests()] == [("PutItem", 1)]
        now = {"S": naive_text(created.created_at)}
        row = balance_row(name, stored, created_at=now, updated_at=now)
        assert tables.get("users", balance_key(name)) == row
        assert fields(created) == read_balance(row)
        assert str(created.current_balance) == str(Decimal(stored))
        assert balance_dao.get_balance(name) == created


def test_create_sets_both_timestamps_to_now_whatever_the_entity_says(
    balance_dao: BalanceDAOProtocol, ids: Ids, clock: Clock
) -> None:
    old = datetime(2001, 2, 3, tzinfo=UTC)
    before = clock.now()
    created = balance_dao.create_balance(Balance(username=ids.name(), created_at=old, updated_at=old))
    assert before < created.created_at < clock.now()
    assert created.updated_at == created.created_at
    assert created.created_at.utcoffset() == timedelta(0)
    assert created.current_balance == Decimal(0)


@pytest.mark.parametrize("entity_type", ["balance", "balance_snapshot"])
def test_create_takes_no_place_that_is_taken(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, entity_type: str
) -> None:
    name = ids.name()
    row = balance_row(name, "7", entity_type={"S": entity_type})
    tables.put("users", row)
    with pytest.raises(BalanceAlreadyExistsError) as caught:
        balance_dao.create_balance(balance(name))
    assert caught.value.operation == "BalanceDAO.create_balance"
    assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": name, "Sk": "BALANCE"})
    assert caught.value.code == "ConditionalCheckFailedException"
    assert row_of(tables, row) == row


def test_get_is_one_strongly_consistent_get(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    row = balance_row(name, "-12.5")
    tables.put("users", row)
    assert fields(balance_dao.get_balance(name)) == read_balance(row)
    (request,) = requests()
    assert (request.operation, request.table, request.attempts) == ("GetItem", "users", 1)
    assert request.body["Key"] == balance_key(name)
    assert request.body["ConsistentRead"] is True
    assert row_of(tables, row) == row


@pytest.mark.parametrize("name", ["ab", "nobody-has-this-name", "x" * 2041], ids=["short", "unknown", "long"])
def test_a_balance_that_is_not_there_is_not_found(
    balance_dao: BalanceDAOProtocol, tables: Tables, requests: Requests, name: str
) -> None:
    with pytest.raises(BalanceNotFoundError) as caught:
        balance_dao.get_balance(name)
    assert (caught.value.table, caught.value.key) == (tables.name("users"), {"Pk": name, "Sk": "BALANCE"})
    assert caught.value.code is None
    with pytest.raises(BalanceNotFoundError) as caught:
        balance_dao.update_balance(name, Decimal(1))
    assert caught.value.code == "ConditionalCheckFailedException"
    assert [request.operation for request in requests()] == ["UpdateItem"]
    assert tables.get("users", balance_key(name)) is None


def test_a_row_of_another_kind_is_no_balance(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    kinds: list[dict[str, object]] = [{"S": "balance_snapshot"}, {"NULL": True}, {"N": "1"}]
    for entity_type in kinds:
        row = balance_row(ids.name(), entity_type=entity_type)
        tables.put("users", row)
        with pytest.raises(BalanceNotFoundError):
            balance_dao.get_balance(row["Pk"]["S"])
        with pytest.raises(BalanceNotFoundError):
            balance_dao.update_balance(row["Pk"]["S"], Decimal(1))
        assert row_of(tables, row) == row
    untyped = balance_row(ids.name(), without=["entity_type"])
    tables.put("users", untyped)
    assert fields(balance_dao.get_balance(untyped["Pk"]["S"])) == read_balance(untyped)
    assert balance_dao.update_balance(untyped["Pk"]["S"], Decimal(1)).current_balance == 1
    assert "entity_type" not in (tables.get("users", balance_key(untyped["Pk"]["S"])) or {})


def test_update_sets_the_amount_and_nothing_else(
    balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids, requests: Requests
) -> None:
    name = ids.name()
    row = balance_row(name, "-3", **{f"old_{kind}": value for kind, value in UNKNOWN.items()})
    tables.put("users", row)
    for given, stored in NUMBERS.items():
        updated = balance_dao.update_balance(name, Decimal(given))
        assert [(request.operation, request.attempts) for request in requests()] == [("UpdateItem", 1)]
        expected = row | {"current_balance": {"N": stored}, "updated_at": {"S": naive_text(updated.updated_at)}}
        assert same(tables.get("users", balance_key(name)) or {}) == same(expected)
        assert fields(updated) == read_balance(expected)
        assert str(updated.current_balance) == str(Decimal(stored))


def test_an_int_will_do_where_a_decimal_is_meant(balance_dao: BalanceDAOProtocol, tables: Tables, ids: Ids) -> None:
    name = ids.name()
    assert balance_dao.create_balance(Balance.model_validate({"username": name, "current_balance": 5})) is not None
    updated = balance_dao.update_balance(name, 10**40)  # type: ignore[arg-type]
    assert updated.current_balance == Decimal(10**40)
    assert type(updated.current_balance) is Decimal
    assert (tables.get("users", balance_key(name)) or {})["current_balance"] == {"N": "1" + "0" * 40}


def test_update_moves_updated_at_forward(balance_dao: BalanceDAOProtocol, ids: Ids, clock: Clock) -> None:
    created = balance_dao.create_balance(balance(ids.name()))
    before = clock.now()
    updated = balance_dao.update_balance(created.username, Decimal(1))
    assert created.created_at == updated.created_at < before < updated.updated_at < clock.now()
