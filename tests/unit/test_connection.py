import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import RefreshableCredentials
from botocore.session import Session

from common.data import (
    AccessDeniedError,
    Connection,
    DatabaseError,
    Settings,
    TableNotFoundError,
    User,
    UserNotFoundError,
)
from common.data.dao._archived_boto3 import UserDAO as ArchivedUserDAO
from common.data.dao.protocols import UserDAOProtocol
from common.data.dao.user_dao import UserDAO
from tests.unit.conftest import a_session, create_tables
from tests.unit.test_calls import reachable

SIDES = pytest.mark.parametrize("side", [ArchivedUserDAO, UserDAO], ids=["boto3", "pynamodb"])
Side = type[ArchivedUserDAO] | type[UserDAO]


def a_user(name: str = "alice") -> User:
    return User(username=name, email=f"{name}@b.c", password="hush-hush", first_name="A", last_name="L")


def keys_used(connection: Connection) -> list[str]:
    """The access key of each request from now on, of either client."""
    used: list[str] = []

    def note(request: AWSRequest, **_: object) -> None:
        header = request.headers["Authorization"]
        text = header.decode() if isinstance(header, bytes) else str(header)
        used.append(text.partition("Credential=")[2].partition("/")[0])

    for client in (connection.client, connection.table("users").meta.client):
        client.meta.events.register("before-send.dynamodb", note)
    return used


def test_nothing_is_opened_before_the_first_call(settings: Settings) -> None:
    session = Session()
    made = Connection(settings, session=session)
    ArchivedUserDAO(made)
    UserDAO(made)
    assert repr(made) == "<Connection not open>"


def test_importing_reads_no_environment() -> None:
    script = """
import os, sys
import boto3, bcrypt, pydantic_settings, typer, pynamodb.models, pynamodb.indexes, botocore.session
class Environment(dict):
    def __getattribute__(self, name):
        module = sys._getframe(1).f_globals["__name__"]
        if module.startswith("common"):
            raise SystemExit(f"{module} uses os.environ.{name}")
        return super().__getattribute__(name)
os.environ = Environment(os.environ)
import common.data, common.data.dao, common.data.dao.user_dao, common.data.tables
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


@SIDES
def test_two_connections_side_by_side_never_mix(connection: Connection, side: Side) -> None:
    names = {field: f"{name}-b" for field, name in connection.settings if field.endswith("_table")}
    with Connection(connection.settings.model_copy(update=names), session=a_session("AKIDTWO")) as other:
        create_tables(other)
        mine, theirs = keys_used(connection), keys_used(other)
        one, two = side(connection), side(other)
        one.create_user(a_user())
        with pytest.raises(UserNotFoundError) as caught:
            two.get_user_by_username("alice")
        assert caught.value.table == f"{connection.settings.users_table}-b"
        assert one.get_user_by_username("alice").username == "alice"
    assert (set(mine), set(theirs)) == ({"AKIDTEST"}, {"AKIDTWO"})


@SIDES
def test_one_dao_serves_many_threads(connection: Connection, side: Side) -> None:
    dao = side(connection)
    barrier = threading.Barrier(8)

    def work(number: int) -> str:
        barrier.wait()
        return dao.create_user(a_user(f"user-{number}")).username

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == [f"user-{number}" for number in range(8)]
    assert connection.client is connection.client


def _in_child(
    connection: Connection, dao: UserDAOProtocol, parent: int, answers: "multiprocessing.Queue[object]"
) -> None:
    name = dao.get_user_by_username("alice").username
    answers.put((name, id(connection.client) != parent))


@SIDES
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # moto's threads; forking is the point
def test_a_connection_made_before_a_fork_is_good_after_it(connection: Connection, side: Side) -> None:
    dao = side(connection)
    dao.create_user(a_user())
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[object] = context.Queue()
    held = threading.Event()
    done = threading.Event()

    def hold() -> None:
        with connection._here.lock:  # noqa: SLF001 - as a thread that makes a client at that moment
            held.set()
            done.wait()

    holder = threading.Thread(target=hold)
    parent = id(connection.client)
    holder.start()
    held.wait()
    child = context.Process(target=_in_child, args=(connection, dao, parent, answers))
    child.start()
    assert answers.get(timeout=30) == ("alice", True)
    child.join()
    done.set()
    holder.join()
    assert child.exitcode == 0
    assert dao.get_user_by_username("alice").username == "alice"


@SIDES
@pytest.mark.parametrize("used", ["before-the-fork", "after-it"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # as above
def test_a_child_forked_during_a_refresh_of_credentials_makes_its_own(
    connection: Connection, side: Side, used: str
) -> None:
    side(connection).create_user(a_user())
    refreshing, done = threading.Event(), threading.Event()
    parent = os.getpid()

    def metadata() -> dict[str, str]:
        if os.getpid() == parent:
            refreshing.set()
            done.wait(60)
        expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return {"access_key": "AKIDNEW", "secret_key": "s", "token": "t", "expiry_time": expiry}

    expired = metadata_of("AKIDOLD", timedelta(minutes=-5))
    session = Session()
    session.set_config_variable("region", "eu-central-1")
    credentials = RefreshableCredentials.create_from_metadata(expired, metadata, "test")
    vars(session)["_credentials"] = credentials  # it has no setter
    with Connection(connection.settings, session=session) as temporary:
        if used == "before-the-fork":
            assert temporary.client.meta.region_name == "eu-central-1"
        holder = threading.Thread(target=credentials.get_frozen_credentials)
        holder.start()
        refreshing.wait(30)
        context = multiprocessing.get_context("fork")
        answers: multiprocessing.Queue[object] = context.Queue()
        child = context.Process(target=_in_child, args=(temporary, side(temporary), 0, answers))
        child.start()
        try:
            assert answers.get(timeout=30) == ("alice", True)
        finally:
            child.kill()
            child.join()
            done.set()
            holder.join()


@SIDES
def test_closed_connections_can_be_used_again(connection: Connection, side: Side) -> None:
    dao = side(connection)
    dao.create_user(a_user())
    before = connection.client
    connection.close()
    connection.close()
    assert dao.get_user_by_username("alice").username == "alice"
    assert connection.client is not before


@SIDES
def test_without_credentials_access_is_denied_until_there_are_some(
    connection: Connection, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Session()
    bare.set_config_variable("region", "eu-central-1")
    with Connection(connection.settings, session=bare) as without:
        dao = side(without)
        with pytest.raises(AccessDeniedError) as caught:
            dao.get_user_by_username("alice")
        assert (caught.value.operation, caught.value.table) == ("UserDAO.get_user_by_username", None)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDLATE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        used = keys_used(without)
        with pytest.raises(UserNotFoundError):
            dao.get_user_by_username("alice")
        assert used == ["AKIDLATE"]


@SIDES
def test_without_a_region_the_first_call_says_so(
    settings: Settings, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with Connection(settings) as nowhere, pytest.raises(DatabaseError, match="no AWS region"):
        side(nowhere).get_user_by_username("alice")


def metadata_of(key: str, lifetime: timedelta) -> dict[str, str]:
    expiry = (datetime.now(UTC) + lifetime).isoformat()
    return {"access_key": key, "secret_key": "s", "token": "t", "expiry_time": expiry}


def refreshable(keys: list[str], lifetime: timedelta) -> RefreshableCredentials:
    def metadata() -> dict[str, str]:
        return metadata_of(keys.pop(0), lifetime)

    return RefreshableCredentials.create_from_metadata(metadata(), metadata, "test")


@SIDES
def test_temporary_credentials_refresh_by_themselves(connection: Connection, side: Side) -> None:
    session = Session()
    session.set_config_variable("region", "eu-central-1")
    vars(session)["_credentials"] = refreshable(
        [f"AKID{n}" for n in range(50)], timedelta(minutes=5)
    )  # it has no setter
    with Connection(connection.settings, session=session) as temporary:
        dao = side(temporary)
        used = keys_used(temporary)
        for _ in range(2):
            with pytest.raises(UserNotFoundError):
                dao.get_user_by_username("alice")
    assert len(set(used)) == 2


@SIDES
def test_credentials_that_cannot_be_refreshed_are_denied(connection: Connection, side: Side) -> None:
    session = Session()
    session.set_config_variable("region", "eu-central-1")
    vars(session)["_credentials"] = refreshable(["AKID0"], timedelta(minutes=-5))  # it has no setter
    with Connection(connection.settings, session=session) as expired, pytest.raises(AccessDeniedError):
        side(expired).get_user_by_username("alice")


SECRET = "hush-hush-hush"
CONFIGURATIONS = {
    "what-a-process-printed-is-no-json": f'[default]\ncredential_process = printf \'{{"SecretAccessKey": "{SECRET}"\'\n',
    "no-such-profile": "[profile other]\n",
    "a-profile-that-is-not-valid": "[profile mine]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = nobody\n",
}


@SIDES
@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_credentials_that_cannot_be_read_are_denied_without_a_secret(
    settings: Settings, side: Side, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, case: str
) -> None:
    (tmp_path / "config").write_text(CONFIGURATIONS[case])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    if case != "what-a-process-printed-is-no-json":
        monkeypatch.setenv("AWS_PROFILE", "mine")
    with Connection(settings) as without:
        for _ in range(2):
            with pytest.raises(AccessDeniedError) as caught:
                side(without).get_user_by_username("alice")
            assert (caught.value.operation, caught.value.table) == ("UserDAO.get_user_by_username", None)
            assert SECRET not in reachable(caught.value)


def test_both_libraries_get_the_same_client_configuration(connection: Connection) -> None:
    clients = (connection.client, connection.table("users").meta.client)
    expected = {
        "connect_timeout": 2.0,
        "read_timeout": 5.0,
        "max_pool_connections": 32,
        "retries": {"total_max_attempts": 2, "mode": "standard"},
    }
    for client in clients:
        assert {name: getattr(client.meta.config, name) for name in expected} == expected


def test_ping_tells_which_table_is_missing(connection: Connection) -> None:
    connection.ping()
    connection.client.delete_table(TableName=connection.settings.orders_table)
    with pytest.raises(TableNotFoundError) as caught:
        connection.ping()
    assert caught.value.table == connection.settings.orders_table
    assert caught.value.operation == "Connection.ping"
