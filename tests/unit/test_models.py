from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pynamodb.attributes import Attribute
from pynamodb.connection.base import Connection as PynamoConnection
from pynamodb.connection.table import TableConnection
from pynamodb.models import Model

from common.data import Connection, CorruptItemError
from common.data.models.attributes import (
    DecimalAttribute,
    DecimalTextAttribute,
    DocumentAttribute,
    OffsetTimestampAttribute,
    UtcTimestampAttribute,
)
from common.data.models.user import UserModel

ROW: dict[str, dict[str, Any]] = {
    "Pk": {"S": "alice"},
    "Sk": {"S": "USER"},
    "username": {"S": "alice"},
    "email": {"S": "a@b.c"},
    "password_hash": {"S": "$2b$04$x"},
    "first_name": {"S": "A"},
    "last_name": {"S": "L"},
    "phone": {"NULL": True},
    "marketing_emails_consent": {"BOOL": True},
    "role": {"S": "admin"},
    "created_at": {"S": "2025-01-02T03:04:05.123Z"},
    "updated_at": {"S": "2025-01-02T03:04:05"},
    "mfa_secret": {"B": b"\x00\x01"},
    "numbers": {"NS": ["1.50", "2"]},
    "nested": {"M": {"list": {"L": [{"N": "1.10"}, {"NULL": True}]}}},
    "no": {"NULL": True},
}


@pytest.fixture
def users(connection: Connection) -> type[UserModel]:
    return connection.bind(UserModel)


def test_what_we_override_in_pynamodb_is_still_there() -> None:
    for owner, names in (
        (Model, ("_get_connection", "_instantiate", "_container_serialize", "_container_deserialize")),
        (Model, ("_serialize_keys", "get_save_kwargs_from_instance", "_dynamo_to_python_attr")),
        (PynamoConnection, ("client", "dispatch", "get_consumed_capacity_map", "add_meta_table")),
        (TableConnection, ("get_meta_table", "get_operation_kwargs")),
        (Attribute, ("get_value", "serialize", "deserialize")),
    ):
        for name in names:
            assert callable(getattr(owner, name)) or isinstance(vars(owner)[name], property), name


def test_a_row_comes_back_as_it_was_stored(users: type[UserModel]) -> None:
    row = users.from_raw_data(dict(ROW))
    assert {name: row.serialize()[name] for name in ROW if name != "created_at"} == {
        name: value for name, value in ROW.items() if name != "created_at"
    }
    assert "date_of_birth" not in row.serialize()


def test_a_known_null_and_a_missing_attribute_are_both_none(users: type[UserModel]) -> None:
    row = users.from_raw_data(dict(ROW))
    assert row.optional(UserModel.phone) is None
    assert row.optional(UserModel.date_of_birth) is None
    assert row.has(UserModel.phone)
    assert not row.has(UserModel.date_of_birth)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", None),
        ("email", {"NULL": True}),
        ("email", {"N": "5"}),
        ("created_at", {"S": "2025-01-02"}),
        ("created_at", {"S": "2025-W01-1T00:00:00"}),
        ("created_at", {"S": "2025-13-02T00:00:00"}),
        ("role", {"S": "king"}),
        ("date_of_birth", {"S": "20250102"}),
        ("marketing_emails_consent", {"S": "true"}),
    ],
)
def test_a_row_that_cannot_be_decoded_names_the_attribute(
    users: type[UserModel], name: str, value: dict[str, Any] | None
) -> None:
    stored = {key: each for key, each in ROW.items() if key != name} | ({name: value} if value else {})
    row = users.from_raw_data(stored)
    with pytest.raises(CorruptItemError) as caught:
        row.to_user()
    assert caught.value.attribute == name
    assert caught.value.key == {"Pk": "alice", "Sk": "USER"}


def test_an_unbound_model_sends_nothing() -> None:
    with pytest.raises(TypeError, match="not bound"):
        UserModel.get("alice", "USER")


def test_models_bound_to_two_connections_do_not_mix(connection: Connection) -> None:
    other = Connection(connection.settings.model_copy(update={"users_table": "another-table"}))
    one, two = connection.bind(UserModel), other.bind(UserModel)
    assert connection.bind(UserModel) is one
    assert (one.table_name(), two.table_name()) == (connection.settings.users_table, "another-table")
    assert UserModel.__dict__.get("_connection") is None
    theirs: object = one._get_connection().connection.client  # noqa: SLF001 - that is the point
    assert theirs is connection.client


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.50", "1.5"),
        ("1E+2", "100"),
        ("-0", "0"),
        ("0.00", "0"),
        ("1E-8", "0.00000001"),
        ("100", "100"),
        ("-7.10", "-7.1"),
        ("9" * 38, "9" * 38),
        ("1" + "0" * 60, "1" + "0" * 60),
    ],
)
def test_a_number_is_sent_in_dynamodbs_own_form(number: str, text: str) -> None:
    assert DecimalAttribute(attr_name="n").serialize(Decimal(number)) == text


@pytest.mark.parametrize("number", ["1" * 39, "1E+126", "1E-131", "NaN", "Infinity"])
def test_a_number_that_dynamodb_cannot_hold_is_never_rounded(number: str) -> None:
    with pytest.raises(ValueError, match="DynamoDB"):
        DecimalAttribute(attr_name="n").serialize(Decimal(number))


@pytest.mark.parametrize(("number", "text"), [("1.50", "1.50"), ("1E-8", "0.00000001"), ("1E+2", "100")])
def test_a_quantity_keeps_its_digits(number: str, text: str) -> None:
    attribute = DecimalTextAttribute(attr_name="q")
    assert attribute.serialize(Decimal(number)) == text
    assert str(attribute.deserialize("1.50")) == "1.50"


@pytest.mark.parametrize("text", ["", " 1", "1_0", "NaN", "Infinity", "1,5", "0x1", "\u0661", "."])
def test_text_that_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        DecimalTextAttribute(attr_name="q").deserialize(text)


def test_timestamps_are_stored_naive_or_with_their_offset() -> None:
    instant = datetime(2025, 10, 2, 23, 47, 15, 123456, tzinfo=UTC)
    assert UtcTimestampAttribute(attr_name="t").serialize(instant) == "2025-10-02T23:47:15.123456"
    assert OffsetTimestampAttribute(attr_name="t").serialize(instant) == "2025-10-02T23:47:15.123456+00:00"
    assert UtcTimestampAttribute(attr_name="t").serialize(instant.replace(microsecond=0)) == "2025-10-02T23:47:15"


@pytest.mark.parametrize(
    "text",
    ["2025-01-02T03:04:05", "2025-01-02T03:04:05Z", "2025-01-02T03:04:05.000Z", "2025-01-02T05:04:05+02:00"],
)
def test_every_old_spelling_of_an_instant_is_read(text: str) -> None:
    expected = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert UtcTimestampAttribute(attr_name="t").deserialize(text) == expected


def test_a_document_keeps_its_types_and_its_digits() -> None:
    attribute = DocumentAttribute(attr_name="m")
    document = {"S": "x", "price": [Decimal("1.50"), 3, None, True, {"deep": Decimal("1E-8")}]}
    wire = attribute.serialize(document)
    assert wire["price"]["L"][0] == {"N": "1.5"}
    assert wire["price"]["L"][4] == {"M": {"deep": {"N": "0.00000001"}}}
    assert attribute.deserialize(wire) == document
    with pytest.raises(TypeError):
        attribute.serialize({"x": 1.5})
    with pytest.raises(ValueError, match="no JSON value"):
        attribute.deserialize({"x": {"NS": ["1"]}})
