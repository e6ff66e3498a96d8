import inspect
from decimal import Decimal

import pytest

from common import data
from common.data import (
    ConflictError,
    CorruptItemError,
    DatabaseUnavailableError,
    DataError,
    InsufficientFundsError,
    ThrottledError,
)
from services.shared.answers import ANSWERS, answer_to
from services.shared.problems import problem

ERRORS = [cls for _, cls in inspect.getmembers(data, inspect.isclass) if issubclass(cls, DataError)]


def test_every_error_of_the_data_layer_has_an_answer_of_its_own() -> None:
    assert set(ANSWERS) == set(ERRORS)
    assert {answer.status for answer in ANSWERS.values()} <= {401, 404, 409, 422, 429, 503}


@pytest.mark.parametrize("cls", ERRORS)
def test_an_answer_tells_nothing_of_what_failed(cls: type[DataError]) -> None:
    told = {"operation": "UserDAO.create_user", "table": "users", "key": {"Pk": "alice"}, "code": "Oops"}
    if issubclass(cls, InsufficientFundsError):
        error: DataError = cls("secret", available=Decimal(1), required=Decimal(2), **told)  # type: ignore[arg-type]
    elif issubclass(cls, CorruptItemError):
        error = cls("secret", attribute="phone", **told)  # type: ignore[arg-type]
    else:
        error = cls("secret", **told)  # type: ignore[arg-type]
    body = bytes(problem(answer_to(error)).body).decode()
    assert not any(word in body for word in ("secret", "UserDAO", "users", "alice", "Oops", "phone"))


def test_what_may_be_tried_again_says_when() -> None:
    for cls in (ThrottledError, DatabaseUnavailableError, ConflictError):
        assert problem(ANSWERS[cls]).headers["retry-after"] == "1"


def test_an_error_without_an_answer_has_that_of_its_base() -> None:
    class OddError(ThrottledError):
        pass

    assert answer_to(OddError()) is ANSWERS[ThrottledError]
