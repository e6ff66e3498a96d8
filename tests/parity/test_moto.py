"""The embedded engine: moto, changed to answer sooner, answers as it does."""

from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from parity.engines import open_engine
from parity.engines.probes import Scratch
from parity.wire import Item, Wire
from parity.wireform import canonical_item
from tests.integration.user_rows import UNKNOWN

ALL_TYPES: Item = {"id": {"S": "all types"}, **UNKNOWN}


def test_moto_answers_as_it_does_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.core.serialize import SERVICE_SPECIFIC_SERIALIZERS  # noqa: PLC0415 - heavy
    from moto.dynamodb.models.table import Table  # noqa: PLC0415

    from parity.engines import moto_speed  # noqa: PLC0415

    with open_engine("moto") as engine, Wire(engine.endpoint, engine.session()) as wire:
        with Scratch(wire) as scratch:
            changed = list(_asked_of_moto(scratch))
            item = scratch.get("all types")
        monkeypatch.delitem(SERVICE_SPECIFIC_SERIALIZERS, "dynamodb")
        monkeypatch.delattr(Table, "__deepcopy__")
        for owner, name, _ in moto_speed.REPLACED:
            monkeypatch.setattr(owner, name, getattr(owner, name).replaces)
        with Scratch(wire) as scratch:
            assert list(_asked_of_moto(scratch)) == changed
    assert canonical_item(item) == canonical_item(ALL_TYPES)


def _asked_of_moto(scratch: Scratch) -> Iterator[object]:
    """Answers of every operation that sorts, copies, measures or cancels."""
    yield scratch.put(ALL_TYPES)
    yield scratch.put({"id": {"S": "plain"}, "text": {"S": ""}})
    for number in range(20):
        kind = "odd" if number % 2 else "even"
        yield scratch.put({"id": {"S": f"é{number % 7}-{number}"}, "kind": {"S": kind}, "n": {"N": f"{number}.50"}})
    yield scratch.wire.scan(scratch.table)
    first = scratch.send("Scan", Limit=5, ReturnConsumedCapacity="TOTAL")[1]
    yield first["Items"]
    yield scratch.send("Scan", ExclusiveStartKey=first["LastEvaluatedKey"])[1]["Items"]
    wanted = {":kind": {"S": "odd"}, ":n": {"N": "7"}}
    for forward in (True, False):
        yield scratch.send(
            "Query",
            IndexName="by-kind",
            KeyConditionExpression="kind = :kind",
            FilterExpression="n > :n",
            ExpressionAttributeValues=wanted,
            ScanIndexForward=forward,
        )[1]["Items"]
    never = scratch.put_action("never", ConditionExpression="attribute_exists(id)")
    scratch.put({"id": {"S": "sum"}, "n": {"N": "1"}})
    status, cancelled = scratch.transact(scratch.add_action("sum"), scratch.put_action("other"), never)
    yield status, cancelled["CancellationReasons"], scratch.get("sum"), scratch.get("other")
    scratch.put({"id": {"S": "nested"}, "m": {"M": {"l": {"L": [{"N": "1"}]}}}})
    inside = {
        "TableName": scratch.table,
        "Key": {"id": {"S": "nested"}},
        "UpdateExpression": "SET m.l[0] = :two",
        "ExpressionAttributeValues": {":two": {"N": "2"}},
    }
    yield scratch.transact({"Update": inside}, never)[0]
    yield scratch.get("nested")
    yield scratch.transact(scratch.add_action("sum"), scratch.put_action("other"))[0]
    yield scratch.get("sum"), scratch.get("other")
    yield scratch.put({"id": {"S": "long"}, "text": {"S": "é" * 210_000}})


def test_moto_keeps_nothing_of_what_is_gone() -> None:
    from moto.core.model_instances import model_data  # noqa: PLC0415 - heavy

    with open_engine("moto") as engine, Wire(engine.endpoint, engine.session()) as wire:
        with Scratch(wire) as scratch:
            scratch.put(ALL_TYPES)
            wire.scan(scratch.table)
        assert [name for name, model in model_data["dynamodb"].items() if model.instances_tracked] == []  # type: ignore[attr-defined]


def test_moto_keeps_connections_and_a_stopped_one_closes_them() -> None:
    with open_engine("moto") as engine:
        address = urlsplit(engine.endpoint)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
        for _ in range(2):
            connection.request("POST", "/", b"{}", {"X-Amz-Target": "DynamoDB_20120810.ListTables"})
            kept = connection.sock
            assert connection.getresponse().read()
            assert connection.sock is kept
    assert kept.recv(1) == b""
    connection.close()


def test_a_request_that_breaks_moto_is_an_error_of_the_server() -> None:
    with open_engine("moto") as engine, Wire(engine.endpoint, engine.session()) as wire, Scratch(wire) as scratch:
        scratch.put({"id": {"S": "a"}, "n": {"N": "1E+37"}})
        assert scratch.update("a", "SET n = n + :x", x={"N": "1"}) == HTTPStatus.INTERNAL_SERVER_ERROR
        assert scratch.get("a")["n"] == {"N": "1E+37"}
