import copy
import inspect
import pickle
from decimal import Decimal
from typing import Any

import pytest

from common.data import errors
from common.data.errors import CorruptItemError, DatabaseError, DataError, InsufficientFundsError, InvalidArgumentError

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, DataError)]


def made(cls: type[DataError]) -> DataError:
    where: dict[str, Any] = {
        "operation": "DAO.method",
        "table": "t",
        "key": {"Pk": "a"},
        "code": "C",
        "request_id": "R",
    }
    if issubclass(cls, InsufficientFundsError):
        return cls(available=Decimal(1), required=Decimal("2.50"), **where)
    if issubclass(cls, CorruptItemError):
        return cls(attribute="email", **where)
    return cls(**where)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_survives_pickle_and_copy(cls: type[DataError]) -> None:
    error = made(cls)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own
        assert type(twin) is cls
        assert vars(twin) == vars(error)
        assert str(twin) == str(error)
        assert twin.args == error.args


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_stands_in_the_tree_and_says_what_it_means(cls: type[DataError]) -> None:
    assert cls.__name__ in (errors.__doc__ or "")
    assert cls.__name__ in errors.__all__
    assert str(made(cls)).startswith(f"DAO.method: {cls.summary}")


def test_an_invalid_argument_is_a_value_error() -> None:
    assert issubclass(InvalidArgumentError, ValueError)


def test_a_corrupt_item_names_table_key_and_attribute() -> None:
    text = str(made(CorruptItemError))
    assert "t" in text
    assert "{'Pk': 'a'}" in text
    assert "email" in text


def test_what_aws_reports_becomes_one_of_our_errors() -> None:
    assert all(issubclass(cls, (DatabaseError, errors.ConflictError)) for cls in errors.ERRORS_BY_CODE.values())
