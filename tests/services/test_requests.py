import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from common.data import Connection
from services.shared.context import Daos
from services.shared.logs import REQUEST_ID, JsonFormatter, configure
from services.shared.settings import ServiceSettings
from services.shared.tokens import issue_token
from services.user_service.application import create_app
from tests.http_sides import Services
from tests.integration.http_steps import customer, problem_of, registration


@pytest.fixture
def app(connection: Connection, settings: ServiceSettings) -> FastAPI:
    return create_app(settings, connection)


def send(app: FastAPI, method: str, path: str, **arguments: object) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client:
            return await client.request(method, path, **arguments)  # type: ignore[arg-type]

    return asyncio.run(ask())


def test_a_body_over_the_bound_is_refused_whatever_is_said_of_its_length(app: FastAPI) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    for content in (b" " * 65_537, pieces()):
        refused = send(app, "POST", "/login", content=content, headers={"Content-Type": "application/json"})
        assert refused.status_code == 413
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:problem:body-too-large"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/register", registration("alice")),
        ("POST", "/login", {"username": "alice"}),
        ("PUT", "/me/password", {"current_password": "correct horse battery"}),
    ],
)
def test_a_password_that_has_no_utf_8_form_is_refused_and_not_quoted(
    app: FastAPI, settings: ServiceSettings, method: str, path: str, body: dict[str, str]
) -> None:
    name = "new_password" if path == "/me/password" else "password"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {issue_token(settings, 'alice')}"}
    refused = send(app, method, path, content=json.dumps(body | {name: "hunter2-\ud800"}), headers=headers)
    assert refused.status_code == 422
    assert [fault["place"] for fault in refused.json()["errors"]] == [f"body.{name}"]
    assert "hunter2" not in refused.text


@pytest.mark.parametrize(
    ("content", "media_type", "status", "words"),
    [
        (b'{"username": "alice", "password": "x"}', "application/x-www-form-urlencoded", 422, "application/json"),
        (b'{"username": "alice", "password": "x"}', "", 422, "application/json"),
        (b"[]", "application/json", 422, "valid dictionary"),
        (b'{"username": "\xe9"}', "application/json", 400, "parsing the body"),
        (b'{"username": ' + b"1" * 5000 + b"}", "application/json", 400, "parsing the body"),
    ],
    ids=["form", "untyped", "list", "latin-1", "huge"],
)
def test_a_body_that_is_no_json_is_told_so(
    app: FastAPI, content: bytes, media_type: str, status: int, words: str
) -> None:
    refused = send(app, "POST", "/login", content=content, headers={"Content-Type": media_type} if media_type else {})
    assert refused.status_code == status
    assert words in refused.text


def test_what_is_not_served_is_a_problem(app: FastAPI) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/balance/", 404),
        ("HEAD", "/balance", 405),
        ("OPTIONS", "/balance", 405),
    ):
        refused = send(app, method, path)
        assert refused.status_code == status, path
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers.get("allow") == ("GET" if status == 405 else None)


def test_a_request_has_an_id_that_the_client_may_give(app: FastAPI) -> None:
    assert send(app, "GET", "/healthz", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    for odd in ("", "a b", "x" * 65):
        made = send(app, "GET", "/healthz", headers={"X-Request-ID": odd}).headers["x-request-id"]
        assert len(made) == 32


def test_a_bug_is_a_problem_with_an_id_and_its_trace_is_in_the_log(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError("of all things")

    failed = send(app, "GET", "/bug", headers={"X-Request-ID": "mine-1"})
    assert failed.status_code == 500
    assert failed.json()["type"] == "urn:problem:internal"
    assert "all things" not in failed.text
    assert failed.headers["x-request-id"] == "mine-1"
    assert "of all things" in caplog.text


def test_a_request_is_logged_by_its_route(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "services")
    send(app, "GET", "/balance/transactions?cursor=private")
    fields = [vars(record)["fields"] for record in caplog.records if record.name == "services.requests"]
    assert [(each["method"], each["route"], each["status"]) for each in fields] == [
        ("GET", "/balance/transactions", 401)
    ]
    assert "private" not in str(fields)


def test_a_line_of_the_log_is_json_with_the_id_of_the_request() -> None:
    record = logging.makeLogRecord(
        {"name": "services", "levelname": "INFO", "msg": "one\ntwo", "fields": {"status": 1}}
    )
    token = REQUEST_ID.set("mine-1")
    try:
        text = JsonFormatter().format(record)
    finally:
        REQUEST_ID.reset(token)
    line = json.loads(text)
    assert "\n" not in text
    assert (line["message"], line["request_id"], line["status"]) == ("one\ntwo", "mine-1", 1)


def test_no_password_and_no_token_is_in_a_log(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure("DEBUG")
        http = Services(connection, Daos.live(connection))
        token = customer(http, "alice")
        secrets = [token, "correct horse battery", "another secret", "short"]
        assert problem_of(http.user("POST", "/register", json=registration("alice") | {"password": secrets[2]}))
        assert problem_of(http.user("POST", "/register", json=registration("bob") | {"password": secrets[3]}))
        assert problem_of(http.user("POST", "/login", json={"username": "alice", "password": secrets[2]}))
        change = {"current_password": secrets[1], "new_password": secrets[2]}
        assert http.user("PUT", "/me/password", json=change, token=token).status == 204
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name in ("services", "common.data"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    logged = capsys.readouterr().err
    assert logged.count("\n") >= 10
    assert not [secret for secret in secrets if secret in logged]
