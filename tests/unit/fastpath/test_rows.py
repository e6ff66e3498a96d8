"""Rows loaded by the fast path are those that the models load, and the entities those that validation gives."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bench import rows
from common.data import Connection, CorruptItemError, Settings
from common.data.models.asset import AssetModel
from common.data.models.asset_balance import AssetBalanceModel
from common.data.models.asset_transaction import AssetTransactionModel
from common.data.models.balance import BalanceModel
from common.data.models.balance_transaction import BalanceTransactionModel
from common.data.models.base import DataModel
from common.data.models.order import OrderModel
from common.data.models.user import UserModel
from tests.unit.fastpath.values import attribute_values

FAST, PLAIN = (
    Connection(Settings(aws_region="eu-central-1", fast_path=fast), session=Session()) for fast in (True, False)
)
KINDS: dict[type[DataModel], tuple[rows.Row, Callable[[Any], BaseModel]]] = {
    UserModel: (rows.user(), lambda row: row.to_user()),
    BalanceModel: (rows.balance(), lambda row: row.to_balance()),
    BalanceTransactionModel: (rows.transaction(), lambda row: row.to_transaction()),
    OrderModel: (rows.order(), lambda row: row.to_order()),
    AssetModel: (rows.asset(), lambda row: row.to_asset()),
    AssetBalanceModel: (rows.holding(), lambda row: row.to_asset_balance()),
    AssetTransactionModel: (rows.asset_transaction(), lambda row: row.to_asset_transaction()),
}
CONTENTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.sampled_from(
        [
            {"N": text}
            for text in ("0", "-0", "007", "1.50", "0.0", "-3", "1E+2", "1 2", "1_0", "NaN", "", " 1", "0.10 2")
        ]
    ),
    st.sampled_from(
        [
            {"S": text}
            for text in (
                "2025-10-02T23:47:15",
                "2025-10-02T23:47:15.123Z",
                "2025-10-02T23:47:15+02:00",
                "2025-10-02T23:47:15 2025-10-02T23:47:15",
                "0001-01-01T00:00:00+05:00",
                "2025-13-02T23:47:15",
                "completed",
                "BUY",
                "1.50",
                "1 2",
                "+.5e2",
                "\ud800",
                "",
            )
        ]
    ),
    st.sampled_from([{"NULL": True}, {"BOOL": False}, {"M": {"b": {"N": "1.0"}, "a": {"L": [{"NULL": True}]}}}]),
    attribute_values(odd=False),
)


def outcome(model: type[DataModel], connection: Connection, item: rows.Row) -> object:
    loaded = connection.bind(model).from_raw_data(item)
    try:
        entity = KINDS[model][1](loaded)
    except CorruptItemError as error:
        return "corrupt", error.attribute, error.key
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return type(error)
    return (
        repr(entity),
        entity.__dict__,
        entity.model_fields_set,
        entity.__pydantic_extra__,
        entity.__pydantic_private__,
    )


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_rows_of_every_kind_are_decoded_as_their_models_do(model: type[DataModel], data: st.DataObject) -> None:
    item = dict(KINDS[model][0])
    keys = {"Pk", "Sk", "product_id"}
    for name in data.draw(st.lists(st.sampled_from(sorted(set(item) - keys)), max_size=3, unique=True)):
        if data.draw(st.booleans()):
            item[name] = data.draw(CONTENTS)
        else:
            del item[name]
    assert outcome(model, FAST, item) == outcome(model, PLAIN, item)
    fast, plain = (connection.bind(model).from_raw_data(item) for connection in (FAST, PLAIN))
    assert fast.attribute_values == plain.attribute_values
    assert fast.serialize(null_check=False) == plain.serialize(null_check=False)


@pytest.mark.parametrize("model", [kind for kind in KINDS if kind not in {UserModel, BalanceModel}])
def test_sound_rows_become_entities_without_their_model_being_filled(model: type[DataModel]) -> None:
    item, convert = KINDS[model]
    loaded = FAST.bind(model).from_raw_data(item)
    convert(loaded)
    assert "attribute_values" not in vars(loaded)
