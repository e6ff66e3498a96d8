"""Rows loaded by the fast path are those that the models load, and the entities those that validation gives."""

import copy
import pickle
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

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
    BalanceTransactionModel: (rows.balance_transaction(), lambda row: row.to_balance_transaction()),
    OrderModel: (rows.order(), lambda row: row.to_order()),
    AssetModel: (rows.asset(), lambda row: row.to_asset()),
    AssetBalanceModel: (rows.asset_balance(), lambda row: row.to_asset_balance()),
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
    st.sampled_from([{"NULL": True, "S": "1.50"}, {"NULL": True, "N": "5"}, {"N": "5", "S": "BUY"}]),
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


PAGES: dict[type[DataModel], Callable[[Any, Sequence[rows.Row]], Iterable[BaseModel]]] = {
    BalanceTransactionModel: lambda model, items: model.balance_transactions(items),
    OrderModel: lambda model, items: model.orders(items),
    AssetModel: lambda model, items: model.assets(items),
    AssetBalanceModel: lambda model, items: model.asset_balances(items),
    AssetTransactionModel: lambda model, items: model.asset_transactions(items),
}
NO_CHANGE: rows.Row = {}
OF_PAGES = pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)


def described(entity: BaseModel) -> object:
    """All that can be told of an entity."""
    return (type(entity), repr(entity), entity.__dict__, list(entity.__dict__), entity.model_fields_set)


def read_page(model: type[DataModel], connection: Connection, items: Sequence[rows.Row], limit: int) -> object:
    """The entities of a page up to a limit, and the error that ended it, if any."""
    found: list[object] = []
    try:
        found.extend(map(described, islice(PAGES[model](connection.bind(model), items), limit)))
    except CorruptItemError as error:
        return "corrupt", error.attribute, error.key
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return type(error)
    return found


@OF_PAGES
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_pages_of_sound_old_and_corrupt_rows_are_read_as_row_by_row(
    model: type[DataModel], data: st.DataObject
) -> None:
    sound = KINDS[model][0]
    names = sorted(set(sound) - {"Pk", "Sk", "product_id"})
    changes = st.dictionaries(st.sampled_from(names), CONTENTS | st.none(), max_size=2)
    items = [
        {name: value for name, value in {**sound, **change}.items() if value is not None}
        for change in data.draw(st.lists(st.just(NO_CHANGE) | changes, max_size=40))
    ]
    limit = data.draw(st.sampled_from([1, 5, 100]))
    expected = read_page(model, PLAIN, items, limit)
    assert read_page(model, FAST, items, limit) == expected


@OF_PAGES
@pytest.mark.parametrize("broken_text", ["never", "{0} {0}", " {0}", ""])
def test_a_corrupt_row_is_met_by_whoever_gets_that_far_and_by_nobody_else(
    model: type[DataModel], broken_text: str
) -> None:
    sound = {**KINDS[model][0]}
    sound.setdefault("created_at", sound.get("updated_at", {}))
    broken: rows.Row = {**sound, "created_at": {"S": broken_text.format(sound["created_at"]["S"])}}
    page = iter(PAGES[model](FAST.bind(model), [sound] * 20 + [broken]))
    assert len(list(islice(page, 20))) == 20
    with pytest.raises(CorruptItemError) as caught:
        next(page)
    assert caught.value.attribute == "created_at"


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_text_that_is_none_is_corrupt_or_of_no_matter(model: type[DataModel]) -> None:
    sound = KINDS[model][0]
    for name in sorted(set(sound) - {"Pk", "Sk", "product_id"} | {"entity_type"}):
        item: rows.Row = {**sound, name: {"S": 5}}
        found = outcome(model, PLAIN, item)
        assert outcome(model, FAST, item) == found
        assert found is not AttributeError


@OF_PAGES
def test_a_required_attribute_that_is_a_null_too_is_as_row_by_row(model: type[DataModel]) -> None:
    sound = KINDS[model][0]
    for name in sorted(set(sound) - {"Pk", "Sk", "product_id"}):
        page = [sound, {**sound, name: {**sound[name], "NULL": True}}]
        assert read_page(model, FAST, page, 5) == read_page(model, PLAIN, page, 5)


@pytest.mark.parametrize(("name", "amount"), [("quantity", "0"), ("price", "-1"), ("total_amount", "-0.5")])
def test_an_order_of_an_amount_that_none_can_have_is_corrupt_in_a_page_too(name: str, amount: str) -> None:
    page: list[rows.Row] = [rows.order(), {**rows.order(1), name: {"N": amount}}]
    with pytest.raises(CorruptItemError) as caught:
        list(FAST.bind(OrderModel).orders(page))
    assert (caught.value.attribute, caught.value.key) == (name, {"Pk": "order-1", "Sk": "ORDER"})


@OF_PAGES
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_entity_of_the_fast_path_is_like_one_that_pydantic_has_validated(
    model: type[DataModel], data: st.DataObject
) -> None:
    item = dict(KINDS[model][0])
    for name in sorted({"amount", "price", "quantity"} & item.keys()):
        (kind,) = item[name]
        item[name] = {kind: str(data.draw(st.decimals(1, 10**9, places=3)))}
    fast, plain = (next(iter(PAGES[model](connection.bind(model), [item]))) for connection in (FAST, PLAIN))
    fields = {name: getattr(fast, name) for name in type(fast).model_fields}
    assert type(fast)(**fields) == fast == plain
    assert described(fast) == described(plain)
    assert fast.model_dump_json() == plain.model_dump_json()
    assert pickle.loads(pickle.dumps(fast)) == plain  # noqa: S301 - our own
    assert copy.deepcopy(fast) == copy.copy(fast) == plain
    changed = fast.model_copy(update={"created_at": None})
    assert (described(changed), changed == plain) == (described(plain.model_copy(update={"created_at": None})), False)
    if not any(isinstance(value, dict) for value in fields.values()):
        assert hash(fast) == hash(plain)
    with pytest.raises(ValidationError, match="frozen"):
        fast.created_at = None  # type: ignore[attr-defined]


@OF_PAGES
def test_entities_of_one_page_share_nothing_that_can_change(model: type[DataModel]) -> None:
    one, other = PAGES[model](FAST.bind(model), [KINDS[model][0]] * 2)
    one.model_fields_set.clear()
    vars(one).clear()
    assert described(other) == described(next(iter(PAGES[model](PLAIN.bind(model), [KINDS[model][0]]))))
