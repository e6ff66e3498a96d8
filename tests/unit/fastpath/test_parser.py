import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.model import OperationModel
from botocore.parsers import JSONParser
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from common.data.fastpath.parser import PlainItemParser
from tests.unit.fastpath.values import answers, attribute_values, items

MODEL = Session().get_service_model("dynamodb")
DATA_OPERATIONS = (
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
)
MODELS = {name: MODEL.operation_model(name) for name in MODEL.operation_names}
OPERATIONS = pytest.mark.parametrize("operation", DATA_OPERATIONS)
OTHER_OPERATIONS = pytest.mark.parametrize("operation", sorted(MODELS.keys() - set(DATA_OPERATIONS)))


def outcome(parser: JSONParser, response: Mapping[str, Any], shape: Any) -> tuple[str, object]:
    """What a parser says: a value, or the class of an error."""
    try:
        parsed = parser.parse(response, shape)
        return "parsed", (parsed, repr(parsed))  # in the same order too
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return "raised", type(error)


def assert_equal(operation: OperationModel, status: int, body: bytes) -> None:
    response = {"status_code": status, "headers": {"x-amzn-RequestId": "ID", "x-amz-crc32": "1"}, "body": body}
    expected = outcome(JSONParser(), response, operation.output_shape)
    assert outcome(PlainItemParser(), response, operation.output_shape) == expected
    if status == 200:
        return
    for shape in operation.error_shapes:  # botocore parses an error a second time, by the error's own shape
        assert outcome(PlainItemParser(), response, shape) == outcome(JSONParser(), response, shape)


@OPERATIONS
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_answers_of_every_operation_and_type_are_parsed_as_botocore_does(operation: str, data: st.DataObject) -> None:
    model = MODELS[operation]
    answer = data.draw(answers(model.output_shape))
    status = data.draw(st.sampled_from([200, 200, 200, 400, 500]))
    ascii_only = data.draw(st.booleans())
    body = json.dumps(answer, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    assert_equal(model, status, body)


@OTHER_OPERATIONS
@settings(max_examples=3, deadline=None)
@given(data=st.data(), status=st.sampled_from([200, 400]))
def test_answers_of_operations_on_tables_are_parsed_as_botocore_does(
    operation: str, data: st.DataObject, status: int
) -> None:
    model = MODELS[operation]
    assert_equal(model, status, json.dumps(data.draw(answers(model.output_shape))).encode())


@settings(max_examples=120, deadline=None)
@given(found=st.lists(items() | items(odd=False), max_size=3), spread=st.sampled_from([None, 1]))
def test_pages_of_sound_and_odd_items_are_parsed_as_botocore_does(found: list[Any], spread: int | None) -> None:
    page = {"Items": found, "Count": len(found), "LastEvaluatedKey": found[0] if found else {}}
    assert_equal(MODEL.operation_model("Query"), 200, json.dumps(page, indent=spread).encode())


@settings(max_examples=80, deadline=None)
@given(value=attribute_values(), code=st.sampled_from(["None", "ConditionalCheckFailed"]))
def test_rows_that_come_with_errors_are_parsed_as_botocore_does(value: Any, code: str) -> None:
    error = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "cancelled",
        "Item": {"a": value},
        "CancellationReasons": [{"Code": code, "Item": {"a": value}}, {"Code": "None"}],
    }
    assert_equal(MODEL.operation_model("TransactWriteItems"), 400, json.dumps(error).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b"not json",
        b"\xff",
        b"<html>",
        b'{"Items": []}',
        b'{"Items": null}',
        b'{"Items": {}}',
        b'{"Items": [null]}',
        b'{"Items": [{"a": {"S":\tnull}}]}',
        b'{"Items": [{"a": ["S"]}]}',
        b'{"Items": [{"a": "S"}, {"a": {"S": "x"}}]}',
        b'{"Items": {"S": {"a": {"S": "x"}}}}',
        b'{"Items": [[{"S": "x"}]]}',
    ],
)
def test_bodies_that_are_no_page_are_parsed_as_botocore_does(body: bytes) -> None:
    for status in (200, 400, 503):
        assert_equal(MODEL.operation_model("Query"), status, body)


def test_values_of_several_kinds_are_in_the_order_that_botocore_gives_them() -> None:
    for odd in ({"N": "5", "S": "x"}, {"NULL": True, "N": "5"}, {"L": [{"N": "5", "S": "x"}]}):
        page = {"Items": [{"a": {"S": "x"}, "b": odd}], "LastEvaluatedKey": {"a": odd}}
        assert_equal(MODEL.operation_model("Query"), 200, json.dumps(page).encode())


def test_plain_items_are_handed_through_and_others_are_not() -> None:
    walked: list[object] = []

    class Walking(PlainItemParser):
        def _handle_structure(self, shape: Any, value: Any) -> Any:
            walked.append(shape.name)
            return super()._handle_structure(shape, value)

    def walk(item: dict[str, Any]) -> list[object]:
        walked.clear()
        body = json.dumps({"Item": item}).encode()
        Walking().parse(
            {"status_code": 200, "headers": {}, "body": body}, MODEL.operation_model("GetItem").output_shape
        )
        return list(walked)

    assert walk({"a": {"S": "x"}, "b": {"M": {"c": {"L": [{"NULL": True}, {"NS": ["1"]}]}}}}) == ["GetItemOutput"]
    assert walk({"a": {"S": "x"}, "b": {"L": [{"B": "AA=="}]}}) == ["GetItemOutput", *["AttributeValue"] * 3]
