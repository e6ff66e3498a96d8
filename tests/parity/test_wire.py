"""The wire client, against moto's server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session

from parity.engines import open_engine
from parity.wire import Item, Wire, WireError, WireUnreachableError, local_session

DEFINITION = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with open_engine("moto") as engine:
        yield engine.endpoint


@pytest.fixture
def wire(endpoint: str) -> Iterator[Wire]:
    with Wire(endpoint, local_session()) as wire:
        wire.create_table("letters", DEFINITION)
        yield wire
        wire.delete_table("letters")


def items(count: int, text: str = "") -> list[Item]:
    return [{"id": {"S": f"{number:04}"}, "text": {"S": text}} for number in range(count)]


def by_id(rows: list[Item]) -> list[Item]:
    return sorted(rows, key=lambda row: str(row["id"]["S"]))


def test_put_items_writes_more_than_one_batch_takes(wire: Wire) -> None:
    wire.put_items("letters", items(60))
    assert by_id(wire.scan("letters")) == items(60)


def test_scan_reads_pages_beyond_the_first(wire: Wire) -> None:
    rows = items(30, "x" * 50_000)
    wire.put_items("letters", rows)
    first_page = wire.call("Scan", {"TableName": "letters"})
    assert len(first_page["Items"]) < 30
    assert by_id(wire.scan("letters")) == rows


def test_get_items_reads_more_than_one_batch_and_leaves_missing_ones_out(wire: Wire) -> None:
    wire.put_items("letters", items(110))
    keys: list[Item] = [{"id": {"S": f"{number:04}"}} for number in range(120)]
    assert by_id(wire.get_items("letters", [*keys, *keys])) == items(110)


def test_call_raises_the_code_and_keeps_the_whole_answer(wire: Wire) -> None:
    put = {"Put": {"TableName": "letters", "Item": items(1)[0], "ConditionExpression": "attribute_exists(id)"}}
    with pytest.raises(WireError) as caught:
        wire.call("TransactWriteItems", {"TransactItems": [put]})
    assert caught.value.code == "TransactionCanceledException"
    assert caught.value.status == 400
    assert caught.value.body["CancellationReasons"][0]["Code"] == "ConditionalCheckFailed"
    assert caught.value.message in str(caught.value)


def test_create_table_refuses_one_that_is_there(wire: Wire) -> None:
    with pytest.raises(WireError) as caught:
        wire.create_table("letters", DEFINITION)
    assert caught.value.code == "ResourceInUseException"


def test_delete_table_leaves_a_missing_one_so(wire: Wire) -> None:
    wire.delete_table("numbers")
    assert wire.call("ListTables", {})["TableNames"] == ["letters"]


def test_nothing_listening_is_told_apart_from_an_error_that_was_answered() -> None:
    with Wire("http://127.0.0.1:1", local_session()) as wire, pytest.raises(WireUnreachableError) as caught:
        wire.call("ListTables", {})
    assert caught.value.status == 0


def test_a_session_without_a_region_is_refused(endpoint: str) -> None:
    session = local_session()
    session.set_config_variable("region", None)
    with pytest.raises(WireError, match="region"):
        Wire(endpoint, session)


def test_local_session_reads_neither_environment_nor_profile(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shared = tmp_path_factory.mktemp("aws") / "config"
    shared.write_text(
        "[profile mine]\nregion = ap-southeast-2\naws_access_key_id = MINE\naws_secret_access_key = mine\n"
    )
    for name, value in {
        "AWS_ACCESS_KEY_ID": "MINE",
        "AWS_SECRET_ACCESS_KEY": "mine",
        "AWS_SESSION_TOKEN": "mine",
        "AWS_DEFAULT_REGION": "ap-southeast-2",
        "AWS_REGION": "ap-southeast-2",
        "AWS_PROFILE": "mine",
        "AWS_CONFIG_FILE": str(shared),
        "AWS_ENDPOINT_URL": "http://192.0.2.1",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://192.0.2.1",
        "AWS_MAX_ATTEMPTS": "9",
    }.items():
        monkeypatch.setenv(name, value)
    session = local_session()
    credentials = session.get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.token) == ("parity", None)
    assert session.get_config_variable("region") == "us-east-1"
    client = session.create_client("dynamodb")
    assert "192.0.2.1" not in client.meta.endpoint_url
    assert client.meta.region_name == "us-east-1"


def test_wire_and_a_botocore_client_of_one_session_see_the_same_tables(endpoint: str) -> None:
    session: Session = local_session()
    client: Any = session.create_client("dynamodb", endpoint_url=endpoint)
    with Wire(endpoint, session) as wire:
        wire.create_table("shared", DEFINITION)
        assert client.list_tables()["TableNames"] == ["shared"]
        wire.delete_table("shared")
    client.close()


def test_a_botocore_client_of_the_session_fires_events_and_the_wire_none(endpoint: str) -> None:
    session = local_session()
    seen: list[str] = []
    session.register("before-send.dynamodb", lambda **arguments: seen.append(arguments["event_name"]))
    client: Any = session.create_client("dynamodb", endpoint_url=endpoint)
    with Wire(endpoint, session) as wire:
        wire.call("ListTables", {})
        assert seen == []
    client.list_tables()
    assert seen == ["before-send.dynamodb.ListTables"]
    client.close()


def test_bodies_are_plain_json_with_no_shape(wire: Wire) -> None:
    item: Item = {"id": {"S": "é\u2028"}, "n": {"N": "1"}, "deep": {"M": {"l": {"L": [{"NULL": True}, {"B": "AA=="}]}}}}
    wire.put_items("letters", [item])
    assert json.dumps(wire.scan("letters")) == json.dumps([item])
