"""A method that is wrapped is told from the library's own, whoever came first."""

import functools
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from common.data.fastpath.originals import original


def test_a_method_of_the_library_is_itself() -> None:
    assert original(Endpoint, "prepare_request") is Endpoint.prepare_request


def test_one_that_was_wrapped_before_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    own: Any = Endpoint.prepare_request

    @functools.wraps(own)
    def wrapped(*args: Any) -> Any:
        return own(*args)

    monkeypatch.setattr(Endpoint, "prepare_request", wrapped)
    assert original(Endpoint, "prepare_request") is not Endpoint.prepare_request
