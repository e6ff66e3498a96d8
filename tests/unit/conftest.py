import logging
import uuid
from collections.abc import Iterator

import pytest
from botocore.session import Session
from moto.server import ThreadedMotoServer

from common.data import Connection, Settings
from common.data.tables import DEFINITIONS


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the machine's, and no look-up beyond it."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def a_session(key: str = "AKIDTEST") -> Session:
    session = Session()
    session.set_credentials(key, "secret")
    session.set_config_variable("region", "eu-central-1")
    return session


@pytest.fixture
def session() -> Session:
    return a_session()


@pytest.fixture
def settings(endpoint: str) -> Settings:
    suffix = uuid.uuid4().hex
    return Settings(
        users_table=f"users-{suffix}",
        orders_table=f"orders-{suffix}",
        inventory_table=f"inventory-{suffix}",
        endpoint_url=endpoint,
        bcrypt_rounds=4,
        max_attempts=2,
        conflict_attempts=3,
    )


@pytest.fixture
def connection(settings: Settings, session: Session) -> Iterator[Connection]:
    with Connection(settings, session=session) as connection:
        create_tables(connection)
        yield connection


def create_tables(connection: Connection) -> None:
    for table, definition in DEFINITIONS.items():
        connection.client.create_table(TableName=connection.settings.table_name(table), **definition)
