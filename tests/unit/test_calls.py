import gc
import io
import json
import logging
import pickle
import random
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from common.data import (
    ConflictError,
    Connection,
    DatabaseUnavailableError,
    DataError,
    InvalidCredentialsError,
    ThrottledError,
    User,
    UserAlreadyExistsError,
)
from common.data.calls import LONGEST_PAUSE
from common.data.dao._archived_boto3 import UserDAO as ArchivedUserDAO
from common.data.dao.protocols import UserDAOProtocol
from common.data.dao.user_dao import UserDAO

SECRET = "hush-hush-hush"

Fault = Callable[[AWSRequest], AWSResponse | None]
Inject = Callable[[str, list[Fault | None]], None]


@pytest.fixture(params=[ArchivedUserDAO, UserDAO], ids=["boto3", "pynamodb"])
def dao(request: pytest.FixtureRequest, connection: Connection) -> UserDAOProtocol:
    made: UserDAOProtocol = request.param(connection)
    return made


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    recorded: list[float] = []
    monkeypatch.setattr(time, "sleep", recorded.append)
    return recorded


@pytest.fixture
def inject(connection: Connection) -> Inject:
    """Meet the next requests of an operation with these faults, one each; None lets one pass."""

    def add(operation: str, faults: list[Fault | None]) -> None:
        remaining = iter(faults)

        def handle(request: AWSRequest, **_: object) -> AWSResponse | None:
            fault = next(remaining, None)
            return None if fault is None else fault(request)

        for client in (connection.client, connection.table("users").meta.client):
            client.meta.events.register_first(f"before-send.dynamodb.{operation}", handle)  # type: ignore[arg-type]  # may answer

    return add


def lost(request: AWSRequest) -> NoReturn:
    URLLib3Session().send(request)
    raise ConnectionClosedError(endpoint_url=str(request.url), request=request)


def timed_out(request: AWSRequest) -> NoReturn:
    raise ReadTimeoutError(endpoint_url=str(request.url))


def refused(request: AWSRequest) -> NoReturn:
    raise EndpointConnectionError(endpoint_url=str(request.url))


class Body(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


def not_applied(code: str, status: int) -> Fault:
    def fault(request: AWSRequest) -> AWSResponse:
        text = json.dumps({"__type": code, "message": "injected"})
        return AWSResponse(str(request.url), status, HTTPHeaders(), Body(text.encode()))

    return fault


def applied(code: str, status: int) -> Fault:
    def fault(request: AWSRequest) -> AWSResponse | None:
        URLLib3Session().send(request)
        return not_applied(code, status)(request)

    return fault


def a_user(name: str = "alice") -> User:
    return User(username=name, email="a@b.c", password=SECRET, first_name="A", last_name="L")


def reachable(error: BaseException) -> str:
    """Everything that hangs on an error, as text; tracebacks aside."""
    texts, seen, queue = [], set(), [error]
    while queue:
        one = queue.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        queue += [each for each in (one.__cause__, one.__context__) if each is not None]
        queue += [each for each in gc.get_referents(vars(one)) if isinstance(each, BaseException)]
    return " ".join(texts)


def test_a_create_whose_answer_was_lost_succeeds_once(dao: UserDAOProtocol, inject: Inject) -> None:
    inject("PutItem", [lost])
    assert dao.create_user(a_user()).password == "[HASHED]"
    assert dao.authenticate_user("alice", SECRET).username == "alice"


def test_a_create_over_another_row_after_a_lost_answer_has_no_known_outcome(
    dao: UserDAOProtocol, inject: Inject
) -> None:
    dao.create_user(a_user())
    inject("PutItem", [lost])
    with pytest.raises(DatabaseUnavailableError) as caught:
        dao.create_user(a_user())
    assert caught.value.code == "ConditionalCheckFailedException"


@pytest.mark.parametrize("fault", [refused, not_applied("ThrottlingException", 400)])
def test_an_attempt_that_the_server_never_took_leaves_a_duplicate_a_duplicate(
    dao: UserDAOProtocol, inject: Inject, fault: Fault
) -> None:
    dao.create_user(a_user())
    inject("PutItem", [fault])
    with pytest.raises(UserAlreadyExistsError):
        dao.create_user(a_user())


def test_a_throttle_after_a_lost_answer_leaves_the_outcome_unknown(dao: UserDAOProtocol, inject: Inject) -> None:
    inject("PutItem", [timed_out, not_applied("ThrottlingException", 400)])
    with pytest.raises(DatabaseUnavailableError, match="unknown"):
        dao.create_user(a_user())


def test_a_throttle_alone_says_that_nothing_changed(dao: UserDAOProtocol, inject: Inject) -> None:
    inject("PutItem", [not_applied("ThrottlingException", 400)] * 2)
    with pytest.raises(ThrottledError) as caught:
        dao.create_user(a_user())
    assert caught.value.code == "ThrottlingException"


@pytest.mark.parametrize("fault", [lost, applied("InternalServerError", 500)])
def test_a_password_change_whose_answer_was_lost_succeeds(dao: UserDAOProtocol, inject: Inject, fault: Fault) -> None:
    dao.create_user(a_user())
    inject("UpdateItem", [fault])
    dao.change_password("alice", SECRET, "another one")
    assert dao.authenticate_user("alice", "another one").username == "alice"


def test_a_read_that_finds_no_server_is_unavailable(dao: UserDAOProtocol, inject: Inject) -> None:
    inject("GetItem", [refused, refused])
    with pytest.raises(DatabaseUnavailableError) as caught:
        dao.get_user_by_username("alice")
    assert caught.value.key == {"Pk": "alice", "Sk": "USER"}
    assert caught.value.code is None


def test_a_conflict_is_tried_again_with_bounded_pauses(
    dao: UserDAOProtocol, inject: Inject, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    inject("PutItem", [not_applied("TransactionConflictException", 400)] * 2)
    dao.create_user(a_user())
    assert len(waits) == 2
    assert all(0 <= wait <= LONGEST_PAUSE for wait in waits)
    assert [record.levelname for record in caplog.records if record.name == "common.data"] == ["WARNING"] * 2


def test_conflicts_without_end_are_a_conflict_error(dao: UserDAOProtocol, inject: Inject, waits: list[float]) -> None:
    inject("PutItem", [not_applied("TransactionConflictException", 400)] * 3)
    with pytest.raises(ConflictError) as caught:
        dao.create_user(a_user())
    assert caught.value.code == "TransactionConflictException"
    assert len(waits) == 2


def test_a_conflict_after_a_lost_answer_is_not_tried_again(
    dao: UserDAOProtocol, inject: Inject, waits: list[float]
) -> None:
    inject("UpdateItem", [timed_out, not_applied("TransactionConflictException", 400)])
    with pytest.raises(DatabaseUnavailableError):
        dao.update_user(a_user())
    assert len(waits) == 1  # botocore's, after the time-out


def test_no_secret_hangs_on_an_error(dao: UserDAOProtocol, connection: Connection, inject: Inject) -> None:
    dao.create_user(a_user())
    row = connection.table("users").get_item(Key={"Pk": "alice", "Sk": "USER"})["Item"]
    caught: list[DataError] = []
    inject("PutItem", [None, lost, lost])
    for attempt in (
        lambda: dao.create_user(a_user()),
        lambda: dao.create_user(a_user()),
        lambda: dao.authenticate_user("alice", "wrong " + SECRET),
        lambda: dao.change_password("alice", SECRET, "x" * 200),
    ):
        with pytest.raises(DataError) as info:
            attempt()
        caught.append(info.value)
    assert [type(error).__name__ for error in caught][:2] == ["UserAlreadyExistsError", "DatabaseUnavailableError"]
    for error in caught:
        text = reachable(error)
        assert SECRET not in text
        assert row["password_hash"] not in text
        assert "$2b$" not in text
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own


def test_an_error_keeps_botocores_as_its_cause_and_nothing_as_context(dao: UserDAOProtocol) -> None:
    dao.create_user(a_user())
    with pytest.raises(UserAlreadyExistsError) as caught:
        dao.create_user(a_user())
    cause = caught.value.__cause__
    assert isinstance(cause, ClientError)
    assert cause.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert "Item" not in cause.response
    assert caught.value.__context__ is None
    assert caught.value.request_id == cause.response["ResponseMetadata"]["RequestId"]


def test_an_error_of_the_callers_stays_the_context(dao: UserDAOProtocol) -> None:
    with pytest.raises(InvalidCredentialsError) as caught:  # noqa: PT012 - the nesting is the point
        try:
            raise KeyError("the caller's")  # noqa: TRY301 - as above
        except KeyError:
            dao.authenticate_user("nobody", "x")
    assert isinstance(caught.value.__context__, KeyError)


def test_each_call_logs_one_line_without_values(
    dao: UserDAOProtocol, inject: Inject, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "common.data")
    inject("GetItem", [refused])
    dao.create_user(a_user())
    dao.authenticate_user("alice", SECRET)
    records = [record for record in caplog.records if record.name == "common.data"]
    assert [record.levelname for record in records] == ["DEBUG", "WARNING", "DEBUG"]
    texts = [record.getMessage() for record in records]
    assert texts[0].startswith("UserDAO.create_user on users-")
    assert texts[0].endswith("1 requests")
    assert "retry 1 after EndpointConnectionError" in texts[1]
    assert texts[2].endswith("2 requests")
    assert not any(secret in text for text in texts for secret in (SECRET, "a@b.c", "$2b$", "alice"))


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_a_call_that_was_interrupted_is_not_logged_as_ok(
    connection: Connection, caplog: pytest.LogCaptureFixture, interruption: type[BaseException]
) -> None:
    caplog.set_level(logging.DEBUG, "common.data")

    def interrupted() -> None:
        raise interruption

    with pytest.raises(interruption):
        connection.calls.run("DAO.method", interrupted)
    connection.calls.run("DAO.method", str)
    assert [record.getMessage().split(": ")[1].split(",")[0] for record in caplog.records] == ["interrupted", "ok"]


def test_tries_end_in_a_conflict(connection: Connection, waits: list[float]) -> None:
    random.seed(1)
    with pytest.raises(ConflictError):
        connection.calls.run("DAO.method", lambda: list(connection.calls.current.tries()))
    assert len(waits) == connection.settings.conflict_attempts - 1


def test_a_bug_is_not_dressed_up_as_a_database_error(connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError):
        connection.calls.run("DAO.method", lambda: 1 // 0)
    with pytest.raises(RuntimeError):
        _ = connection.calls.current
