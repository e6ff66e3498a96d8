from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from common.data import Connection
from parity.engines import Engine, open_engine
from services.shared.settings import ServiceSettings
from tests.running import connected


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with open_engine("moto") as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Tables of the test's own."""
    with connected(engine) as connection:
        yield connection


@pytest.fixture
def settings() -> ServiceSettings:
    return ServiceSettings(token_secret=SecretStr("a secret of the tests, long enough"))
