"""Wrong, repeated and unreadable checksums end in the same, after as many requests, with the fast path on and off."""

import json
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import rows
from common.data import Connection, Settings
from common.data.dao.balance_dao import BalanceDAO
from tests.unit.conftest import a_session

BODY = json.dumps({"Item": rows.balance()}).encode()
ERROR = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"}).encode()
RIGHT = "right"
CHECKSUMS: tuple[tuple[str, ...], ...] = (
    (),
    (RIGHT,),
    ("1",),
    (RIGHT, RIGHT),
    (RIGHT, "1"),
    ("1", RIGHT),
    ("text",),
    ("",),
    ("-1",),
)


class Server(ThreadingHTTPServer):
    """Says the same to each request, but well to the first."""

    def __init__(self, status: int, body: bytes, checksums: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [(200, BODY, (RIGHT,)), (status, body, checksums)]
        self.requests = 0


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body, checksums = self.server.answers[min(self.server.requests, 1)]
        self.server.requests += 1
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for checksum in checksums:
            self.send_header("x-amz-crc32", str(zlib.crc32(body)) if checksum == RIGHT else checksum)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def running(status: int, body: bytes, checksums: Sequence[str]) -> Iterator[Server]:
    with Server(status, body, checksums) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def outcome(status: int, body: bytes, checksums: Sequence[str], *, fast_path: bool) -> tuple[object, int]:
    with running(status, body, checksums) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        settings = Settings(aws_region="eu-central-1", endpoint_url=url, max_attempts=2, fast_path=fast_path)
        with Connection(settings, session=a_session()) as connection:
            dao = BalanceDAO(connection)
            dao.get_balance("alice")
            try:
                found: object = dao.get_balance("alice")
            except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
                found = (type(error), type(error.__cause__))
        return found, server.requests


@pytest.mark.parametrize("checksums", CHECKSUMS, ids=" ".join)
@pytest.mark.parametrize(("status", "body"), [(200, BODY), (400, ERROR)], ids=["answer", "error"])
def test_checksums_are_looked_at_as_botocore_does(
    status: int, body: bytes, checksums: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    expected = outcome(status, body, checksums, fast_path=False)
    assert outcome(status, body, checksums, fast_path=True) == expected
