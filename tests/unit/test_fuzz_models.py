import json
from decimal import Decimal
from pathlib import Path

import pytest

from common.data import Balance, InvalidArgumentError
from common.data.arguments import exact_sum
from common.data.dao.protocols import (
    AssetBalanceDAOProtocol,
    AssetDAOProtocol,
    AssetTransactionDAOProtocol,
    BalanceDAOProtocol,
    OrderDAOProtocol,
    UserDAOProtocol,
)
from parity.fuzz.plain import EDGES, PLAIN
from tests.models.asset import AssetModel
from tests.models.asset_balance import AssetBalanceModel
from tests.models.asset_transaction import AssetTransactionModel
from tests.models.balance import BalanceModel, balance_key
from tests.models.numbers import total
from tests.models.order import OrderModel
from tests.models.rows import Rows
from tests.models.user import UserModel

DATA = Path(__file__).resolve().parents[1] / "data"
KEYS = {"users": ("Pk", "Sk"), "orders": ("Pk", "Sk"), "inventory": ("product_id",)}


def test_each_model_has_the_methods_of_its_contract() -> None:
    balance: BalanceDAOProtocol = BalanceModel()
    user: UserDAOProtocol = UserModel()
    order: OrderDAOProtocol = OrderModel()
    asset: AssetDAOProtocol = AssetModel()
    holding: AssetBalanceDAOProtocol = AssetBalanceModel()
    fill: AssetTransactionDAOProtocol = AssetTransactionModel()
    assert all(isinstance(model, Rows) for model in (balance, user, order, asset, holding, fill))


@pytest.mark.parametrize("table", KEYS)
@pytest.mark.parametrize("folder", ["legacy", "rules"])
def test_models_read_every_old_row(folder: str, table: str) -> None:
    rows = Rows()
    for line in (DATA / folder / f"{table}.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)["Item"]
        rows.store(table, {name: item[name] for name in KEYS[table]}, item)
    assert rows.all(object, table)


def test_a_call_that_meets_a_row_that_cannot_be_read_is_declined() -> None:
    model = BalanceModel()
    table, username, kind = balance_key("ann")
    key = {"Pk": {"S": username}, "Sk": {"S": kind}}
    model.store(table, key, {**key, "current_balance": {"S": "much"}})
    with pytest.raises(NotImplementedError):
        model.get_balance("ann")
    model.store(table, key, None)
    assert model.create_balance(Balance(username="ann")).current_balance == 0


SUMS = [*PLAIN[Decimal], *EDGES[Decimal]]


@pytest.mark.parametrize("first", SUMS, ids=str)
def test_a_models_sums_are_those_of_the_data_layer(first: Decimal) -> None:
    for second in SUMS:
        try:
            wanted = exact_sum("sum", first, second)
        except InvalidArgumentError:
            with pytest.raises(InvalidArgumentError):
                total(first, second)
        else:
            assert str(total(first, second)) == str(wanted)
