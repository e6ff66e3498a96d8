"""UserDAO on several connections: other tables, other credentials, threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, RefreshableCredentials
from botocore.session import Session

from common.data import AccessDeniedError, UserAlreadyExistsError, UserNotFoundError
from common.data.dao.protocols import UserDAOProtocol
from parity.clock import Clock, Ids
from parity.faults import Faults
from parity.tables import Tables

from .user_rows import PASSWORD, Connect, Requests, entity, fields, key_of, read_as, user_row

CALLS: dict[str, Callable[[UserDAOProtocol, str], object]] = {
    "create_user": lambda dao, name: dao.create_user(entity(name)),
    "get_user_by_username": lambda dao, name: dao.get_user_by_username(name),
    "get_user_by_email": lambda dao, name: dao.get_user_by_email(f"{name}@example.com"),
    "authenticate_user": lambda dao, name: dao.authenticate_user(name, PASSWORD),
    "update_user": lambda dao, name: dao.update_user(entity(name)),
    "change_password": lambda dao, name: dao.change_password(name, PASSWORD, "new"),
}


class OneProvider(CredentialProvider):
    """Gives the credentials it was made with."""

    METHOD = "tests"

    def __init__(self, credentials: Credentials | None) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials | None:
        return self._credentials


def session_with(credentials: Credentials | None) -> Session:
    """A botocore session that knows these credentials and no others."""
    session = Session()
    session.register_component("credential_provider", CredentialResolver([OneProvider(credentials)]))
    session.set_config_variable("region", "us-east-1")
    return session


def test_two_connections_see_each_others_writes(user_dao: UserDAOProtocol, connect: Connect, ids: Ids) -> None:
    second: UserDAOProtocol = connect()["user"]
    created = user_dao.create_user(entity(ids.name()))
    assert second.get_user_by_username(created.username) == created
    second.change_password(created.username, PASSWORD, "new")
    assert user_dao.authenticate_user(created.username, "new").username == created.username


def test_two_connections_to_different_tables_never_mix(
    user_dao: UserDAOProtocol, tables: Tables, connect: Connect, ids: Ids, requests: Requests
) -> None:
    others = tables.another()
    second: UserDAOProtocol = connect(others)["user"]
    name = ids.name()
    user_dao.create_user(entity(name, first_name="First"))
    with pytest.raises(UserNotFoundError) as caught:
        second.get_user_by_username(name)
    assert caught.value.table == others.name("users") != tables.name("users")
    second.create_user(entity(name, first_name="Second", password="another"))
    user_dao.update_user(entity(name, first_name="First", phone="1"))
    second.change_password(name, "another", "new")
    assert requests()[-1].body["TableName"] == others.name("users")
    assert user_dao.authenticate_user(name, PASSWORD).first_name == "First"
    assert second.authenticate_user(name, "new").phone is None
    assert second.get_user_by_email(f"{name}@example.com").first_name == "Second"
    assert user_dao.get_user_by_email(f"{name}@example.com").first_name == "First"
    for own, first_name in ((tables, "First"), (others, "Second")):
        assert (own.get("users", key_of(name)) or {})["first_name"] == {"S": first_name}


def test_the_connection_made_last_does_not_win(tables: Tables, connect: Connect, ids: Ids) -> None:
    sets = [tables, tables.another(), tables.another()]
    daos: list[UserDAOProtocol] = [connect(one)["user"] for one in sets]
    name = ids.name()
    for number, dao in enumerate(daos):
        dao.create_user(entity(name, first_name=str(number)))
    for number, dao in enumerate(daos):
        assert dao.get_user_by_username(name).first_name == str(number)
        with pytest.raises(UserAlreadyExistsError):
            dao.create_user(entity(name))


def test_a_closed_connection_can_be_used_again(tables: Tables, connect: Connect, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    daos = connect()
    dao: UserDAOProtocol = daos["user"]
    assert dao.get_user_by_username(name).username == name
    daos.connection.close()
    assert dao.get_user_by_username(name).username == name
    dao.update_user(entity(name, first_name="Grace"))
    daos.connection.close()
    assert dao.authenticate_user(name, PASSWORD).first_name == "Grace"


def test_faults_of_one_connection_leave_the_other_alone(
    user_dao: UserDAOProtocol, tables: Tables, connect: Connect, ids: Ids
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    keyless: UserDAOProtocol = connect(session=session_with(None))["user"]
    with pytest.raises(AccessDeniedError):
        keyless.get_user_by_username(name)
    assert user_dao.get_user_by_username(name).username == name


@pytest.mark.parametrize("method", CALLS)
def test_without_credentials_access_is_denied(
    tables: Tables, connect: Connect, ids: Ids, requests: Requests, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    name = ids.name()
    tables.put("users", user_row(name))
    dao: UserDAOProtocol = connect(session=session_with(None))["user"]
    with pytest.raises(AccessDeniedError) as caught:
        CALLS[method](dao, name)
    assert caught.value.operation == f"UserDAO.{method}"
    assert (caught.value.code, caught.value.request_id) == (None, None)
    assert [request.attempts for request in requests()] in ([], [0])
    assert tables.get("users", key_of(name)) == user_row(name)


def refreshing(clock: Clock, *, fails: bool = False) -> tuple[RefreshableCredentials, list[datetime]]:
    """Temporary credentials of one hour, and the instants at which they were renewed."""
    renewed: list[datetime] = []

    def renew() -> dict[str, str]:
        now = clock.now()
        if fails:
            raise ValueError("nobody hands out credentials any more")
        renewed.append(now)
        return {
            "access_key": f"renewed{len(renewed)}",
            "secret_key": "parity",
            "token": "parity",
            "expiry_time": (now + timedelta(hours=1)).isoformat(),
        }

    expiry = clock.now() + timedelta(hours=1)
    return RefreshableCredentials("first", "parity", "parity", expiry, renew, "tests", time_fetcher=clock.now), renewed


def test_temporary_credentials_are_renewed_before_they_expire(
    tables: Tables, connect: Connect, ids: Ids, clock: Clock
) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    credentials, renewed = refreshing(clock)
    dao: UserDAOProtocol = connect(session=session_with(credentials))["user"]
    dao.get_user_by_username(name)
    assert renewed == []
    for times in (1, 2):
        clock.shift(2 * 3600)
        dao.update_user(entity(name))
        dao.authenticate_user(name, PASSWORD)
        assert len(renewed) == times


@pytest.mark.parametrize("method", CALLS)
def test_credentials_that_expired_are_access_denied(
    user_dao: UserDAOProtocol, tables: Tables, ids: Ids, faults: Faults, method: str
) -> None:
    name = ids.name()
    if method != "create_user":
        tables.put("users", user_row(name))
    operations = {"create_user": "PutItem", "get_user_by_email": "Query", "update_user": "UpdateItem"}
    faults.add("expired-credentials", operations.get(method, "GetItem"))
    with pytest.raises(AccessDeniedError) as caught:
        CALLS[method](user_dao, name)
    assert caught.value.code == "ExpiredTokenException"
    CALLS[method](user_dao, name)


@pytest.mark.concurrent
def test_threads_on_two_sets_of_tables_never_mix(
    user_dao: UserDAOProtocol, tables: Tables, connect: Connect, ids: Ids
) -> None:
    others = tables.another()
    second: UserDAOProtocol = connect(others)["user"]
    names = [ids.name() for _ in range(12)]

    def work(place: tuple[UserDAOProtocol, str], name: str) -> None:
        dao, mark = place
        dao.create_user(entity(name, first_name=mark, password=mark))
        assert dao.get_user_by_username(name).first_name == mark
        dao.update_user(entity(name, first_name=mark, last_name=mark))
        dao.change_password(name, mark, f"new {mark}")
        assert dao.authenticate_user(name, f"new {mark}").last_name == mark

    places = [(user_dao, "first"), (second, "second")]
    with ThreadPoolExecutor(max_workers=8) as pool:
        for future in [pool.submit(work, place, name) for name in names for place in places]:
            future.result()
    for own, mark in ((tables, "first"), (others, "second")):
        for name in names:
            row = own.get("users", key_of(name))
            assert row is not None
            assert (row["first_name"], row["last_name"]) == ({"S": mark}, {"S": mark})


@pytest.mark.concurrent
def test_threads_share_one_dao(user_dao: UserDAOProtocol, tables: Tables, ids: Ids) -> None:
    names = [ids.name() for _ in range(16)]
    for name in names:
        tables.put("users", user_row(name))

    def work(name: str) -> None:
        for number in range(3):
            user_dao.update_user(entity(name, phone=str(number)))
            found = user_dao.get_user_by_username(name)
            assert (found.username, found.phone) == (name, str(number))
        with pytest.raises(UserNotFoundError) as caught:
            user_dao.get_user_by_username(f"{name}-other")
        assert caught.value.key == {"Pk": f"{name}-other", "Sk": "USER"}

    with ThreadPoolExecutor(max_workers=8) as pool:
        for future in [pool.submit(work, name) for name in names]:
            future.result()
    for name in names:
        row = tables.get("users", key_of(name))
        assert row is not None
        assert fields(user_dao.get_user_by_username(name)) == read_as(row)
        assert row["phone"] == {"S": "2"}


@pytest.mark.concurrent
def test_threads_that_begin_with_a_fresh_connection_all_succeed(tables: Tables, connect: Connect, ids: Ids) -> None:
    name = ids.name()
    tables.put("users", user_row(name))
    dao: UserDAOProtocol = connect()["user"]
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(lambda _: dao.get_user_by_username(name).username, range(8)))
    assert found == [name] * 8
