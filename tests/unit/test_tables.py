import json
import os
import time
from itertools import count

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from typer.testing import CliRunner

from common.data import Connection
from common.data.tables import DEFINITIONS, app, make_table
from tests.unit.test_calls import Body


@pytest.fixture
def run(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> "Run":
    prefix = f"t{abs(hash(request.node.name))}"
    for name in ("users", "orders", "inventory"):
        monkeypatch.setenv(f"{name.upper()}_TABLE", f"{prefix}-{name}")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return Run()


class Run:
    def __call__(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        result = CliRunner().invoke(app, arguments)
        outcomes = [line.partition(": ")[2] for line in result.stdout.splitlines()]
        return result.exit_code, outcomes, result.stderr.splitlines()


def test_tables_are_created_once_and_dropped_once(run: Run) -> None:
    assert run("create") == (0, ["created"] * 3, [])
    assert run("create") == (0, ["exists"] * 3, [])
    code, outcomes, _ = run("describe")
    assert code == 0
    assert [outcome.rpartition(", ")[2] for outcome in outcomes] == ["EmailIndex", "UserOrdersIndex", "no index"]
    assert run("drop") == (0, ["dropped"] * 3, [])
    assert run("drop") == (0, ["is not there"] * 3, [])
    assert run("describe") == (0, ["is not there"] * 3, [])


def test_a_table_that_another_creates_at_the_same_time_exists(connection: Connection) -> None:
    name = f"{connection.settings.users_table}-raced"

    def be_faster(**_: object) -> None:
        connection.table("users").meta.client.create_table(TableName=name, **DEFINITIONS["users"])

    connection.client.meta.events.register("before-call.dynamodb.CreateTable", be_faster)
    assert make_table(connection.client, name, DEFINITIONS["users"]) == "exists"


def test_a_table_that_is_being_deleted_is_created_once_it_is_gone(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    name = f"{connection.settings.users_table}-deleting"
    asked = count()

    def answer(request: AWSRequest, **_: object) -> AWSResponse | None:
        if next(asked) >= 2:
            return None
        body = {"Table": {"TableName": name, "TableStatus": "DELETING"}}
        return AWSResponse(str(request.url), 200, HTTPHeaders(), Body(json.dumps(body).encode()))

    connection.client.meta.events.register_first("before-send.dynamodb.DescribeTable", answer)  # type: ignore[arg-type]  # may answer
    assert make_table(connection.client, name, DEFINITIONS["users"]) == "created"
    assert len(waits) == 2
    assert connection.client.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"


def test_a_table_with_other_keys_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("create")
    orders = os.environ["ORDERS_TABLE"]
    monkeypatch.setenv("USERS_TABLE", orders)
    assert run("create") == (1, [], [f"error: {orders}: exists with other keys or indexes"])


def test_tables_elsewhere_are_not_dropped_without_yes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "https://dynamodb.example.com")
    code, outcomes, errors = run("drop")
    assert (code, outcomes) == (1, [])
    assert errors == ["error: will not drop tables on https://dynamodb.example.com without --yes"]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("AWS_REGION", "", "error: tables: no AWS region: set AWS_REGION, or one that botocore finds"),
        ("AWS_ACCESS_KEY_ID", "", "error: tables: access denied"),
        ("DATA_READ_TIMEOUT", "soon", "error: the settings are not valid: read_timeout"),
    ],
)
def test_errors_are_one_clear_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    code, _, errors = run("describe")
    assert (code, errors) == (1, [expected])


def test_a_server_that_is_not_there_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    monkeypatch.setenv("DATA_MAX_ATTEMPTS", "1")
    code, _, errors = run("describe")
    assert code == 1
    assert len(errors) == 1
    assert "Could not connect" in errors[0]
