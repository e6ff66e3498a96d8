import json
from collections.abc import Mapping
from typing import Any

import pytest

from parity.differ import Rules, diff_items, diff_requests
from parity.requests import Request, TableNames, written_keys

NAMES = TableNames({"run-1-notes": "notes"}, {"notes": ("id", "at")})
KEY = {"id": {"S": "a"}, "at": {"S": "1"}}


def made(operation: str, body: Mapping[str, Any], table: str | None) -> Request:
    return Request(operation, body, table, json.dumps(body))


def tree(operation: str, **body: Any) -> dict[str, Any]:
    return made(operation, {"TableName": "run-1-notes", **body}, "notes").canonical(NAMES)


def paths(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [path for path, _, _ in diff_requests([one], [other], Rules("run"))]


@pytest.mark.parametrize(
    "stated",
    [
        {"ConsistentRead": False},
        {"ReturnConsumedCapacity": "TOTAL"},
        {"ReturnValues": "NONE"},
        {"ReturnValuesOnConditionCheckFailure": "NONE"},
        {"ClientRequestToken": "x"},
        {"ScanIndexForward": True},
    ],
)
def test_what_is_default_or_asked_by_the_harness_is_as_good_as_absent(stated: dict[str, Any]) -> None:
    assert tree("GetItem", Key=KEY, **stated) == tree("GetItem", Key=KEY)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("ConsistentRead", True),
        ("ReturnValues", "ALL_NEW"),
        ("ScanIndexForward", False),
        ("IndexName", "by-kind"),
        ("Limit", 3),
        ("Select", "COUNT"),
        ("ExclusiveStartKey", KEY),
        ("SomethingNew", 1),
    ],
)
def test_every_other_parameter_is_compared(parameter: str, value: object) -> None:
    assert paths(tree("Query", **{parameter: value}), tree("Query")) == [f"[0].Query.{parameter}"]


def test_placeholders_are_resolved() -> None:
    one = tree(
        "UpdateItem",
        Key=KEY,
        UpdateExpression="SET #t = :t",
        ConditionExpression="attribute_exists(id) AND #t <> :u",
        ExpressionAttributeNames={"#t": "text"},
        ExpressionAttributeValues={":t": {"S": "new"}, ":u": {"N": "1.50"}},
    )
    other = tree(
        "UpdateItem",
        Key=KEY,
        UpdateExpression="SET #0 = :0",
        ConditionExpression="(#0 <> :1 AND attribute_exists (#1))",
        ExpressionAttributeNames={"#0": "text", "#1": "id"},
        ExpressionAttributeValues={":0": {"S": "new"}, ":1": {"N": "1.50"}},
    )
    assert paths(one, other) == []


def test_number_operands_are_compared_as_sent() -> None:
    one, other = (
        tree("UpdateItem", Key=KEY, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": text}})
        for text in ("1.5", "1.50")
    )
    assert paths(one, other) == ["[0].UpdateItem.UpdateExpression"]


def test_batch_keys_are_unordered_and_transactions_are_not() -> None:
    keys = [{"id": {"S": name}, "at": {"S": "1"}} for name in "ab"]
    batches = [
        made("BatchGetItem", {"RequestItems": {"run-1-notes": {"Keys": order}}}, None) for order in (keys, keys[::-1])
    ]
    assert batches[0].canonical(NAMES) == batches[1].canonical(NAMES)
    parts = [{"Delete": {"TableName": "run-1-notes", "Key": key}} for key in keys]
    orders = [
        made("TransactWriteItems", {"TransactItems": order}, None).canonical(NAMES) for order in (parts, parts[::-1])
    ]
    assert orders[0] != orders[1]


def test_one_more_request_is_told_as_such() -> None:
    get = tree("GetItem", Key=KEY)
    assert [path for path, _, _ in diff_requests([get], [get, get], Rules("run"))] == ["count"]


def test_the_keys_of_every_write_are_found() -> None:
    item = {**KEY, "text": {"S": "x"}}
    table = "run-1-notes"
    requests = [
        made("PutItem", {"TableName": table, "Item": item}, "notes"),
        made("UpdateItem", {"TableName": table, "Key": KEY}, "notes"),
        made("DeleteItem", {"TableName": table, "Key": KEY}, "notes"),
        made("BatchWriteItem", {"RequestItems": {table: [{"PutRequest": {"Item": item}}]}}, None),
        made("BatchWriteItem", {"RequestItems": {table: [{"DeleteRequest": {"Key": KEY}}]}}, None),
        made("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": table, "Item": item}}]}, None),
        made("TransactWriteItems", {"TransactItems": [{"Update": {"TableName": table, "Key": KEY}}]}, None),
        made("TransactWriteItems", {"TransactItems": [{"Delete": {"TableName": table, "Key": KEY}}]}, None),
    ]
    assert [written_keys(request, NAMES) for request in requests] == [[("notes", KEY)]] * len(requests)
    checks = [{"ConditionCheck": {"TableName": table, "Key": KEY}}]
    assert written_keys(made("TransactWriteItems", {"TransactItems": checks}, None), NAMES) == []


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": {"NULL": True}}, {}, ["notes.a"]),
        ({"a": {"N": "1"}}, {"a": {"S": "1"}}, ["notes.a"]),
        ({"a": {"S": "1.0"}}, {"a": {"S": "1.00"}}, ["notes.a"]),
        ({"a": {"L": [{"N": "1"}, {"N": "2"}]}}, {"a": {"L": [{"N": "2"}, {"N": "1"}]}}, ["notes.a"]),
        ({"a": {"BOOL": True}}, {"a": {"BOOL": True}}, []),
    ],
)
def test_items_are_compared_by_wire_type_and_text(one: dict[str, Any], other: dict[str, Any], found: list[str]) -> None:
    places = diff_items({"notes": {"k": one}}, {"notes": {"k": other}}, Rules("run"))
    assert [path for path, _, _ in places] == found


def test_a_missing_row_is_one_difference() -> None:
    places = diff_items({"notes": {"k": {"a": {"S": "x"}}}}, {"notes": {"k": None}}, Rules("run"))
    assert [path for path, _, _ in places] == ["notes.(row)"]
