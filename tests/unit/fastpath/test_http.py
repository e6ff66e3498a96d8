"""Over an open connection our session and botocore's get the same, whatever the other end says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.httpsession import URLLib3Session

from common.data.fastpath import http
from common.data.fastpath.http import OpenConnectionSession

BODY = b'{"a": 1}'
FIRST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ANSWERS = {
    "plain": b"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 3\r\n\r\nabc",
    "error": b"HTTP/1.1 400 Bad Request\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n{}",
    "server error": b"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n",
    "no reason": b"HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\nx",
    "empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "large": b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000,
    "closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
    "until the end": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc",
    "old": b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "folded": b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 3\r\n\r\nabc",
    "repeated": b"HTTP/1.1 200 OK\r\nX-A: b\r\nx-a: c\r\nContent-Length: 3\r\n\r\nabc",
    "spaces": b"HTTP/1.1 200 OK\r\nX-A: \t b \r\nContent-Length:3\r\n\r\nabc",
    "latin": "HTTP/1.1 200 OK\r\nX-A: \u00e9\r\nContent-Length: 3\r\n\r\nabc".encode("latin-1"),
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
    "no content": b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc",
    "cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n30\r\nabc",
    "cut head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "nothing": b"",
    "no HTTP": b"hello\r\n\r\n",
}


@contextmanager
def a_server(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Answers the first request of a connection well, the second with the bytes and an end; None says nothing at all."""
    seen: list[bytes] = []

    def talk() -> None:
        connection, _ = listener.accept()
        with connection:
            for content in (FIRST, answer):
                request = b""
                while not request.endswith(BODY):
                    read = connection.recv(65536)
                    if not read:
                        return
                    request += read
                seen.append(request)
                if content is None:
                    connection.recv(1)  # until the client goes
                    return
                connection.sendall(content)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", seen
        thread.join()


def a_request(url: str, **headers: str) -> AWSPreparedRequest:
    found: Any = HeadersDict({"User-Agent": "us", "X-A": b"b", "Content-Length": str(len(BODY)), **headers})
    made: Any = AWSPreparedRequest
    request: AWSPreparedRequest = made("POST", url, found, BODY, False, {})  # noqa: FBT003 - its signature
    return request


def exchange(ours: bool, answer: bytes | None, **headers: str) -> tuple[object, bytes]:  # noqa: FBT001
    """What the second request over a connection ended in, and how it looked to the server."""
    make: Any = URLLib3Session  # its stubs know no time-outs of two parts
    own: URLLib3Session = make(timeout=(5, 0.3 if answer is None else 5))
    session: Any = OpenConnectionSession(own) if ours else own
    with a_server(answer) as (url, seen):
        try:
            session.send(a_request(url))
            response = session.send(a_request(url, **headers))
            outcome: object = (response.status_code, sorted(response.headers.items()), response.content)
        except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
            outcome = type(error)
        finally:
            session.close()
    return outcome, seen[-1].replace(url.split("/")[2].encode(), b"HOST")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_answers_are_read_as_botocore_does(answer: bytes) -> None:
    assert exchange(True, answer) == exchange(False, answer)  # noqa: FBT003


def test_an_answer_that_does_not_come_times_out_as_with_botocore() -> None:
    assert exchange(True, None)[0] == exchange(False, None)[0]  # noqa: FBT003


@pytest.mark.parametrize(
    "headers", [{"X-B": "a\r\n b"}, {"X-B": "a\nb: c"}, {"Host": "other"}, {"Accept-Encoding": "gzip"}, {"X-B": "é"}]
)
def test_unusual_requests_are_sent_as_botocore_does(headers: dict[str, str]) -> None:
    assert exchange(True, FIRST, **headers) == exchange(False, FIRST, **headers)  # noqa: FBT003


def test_the_second_request_goes_over_the_open_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    exchanged: list[str] = []
    own_exchange = http._exchange  # noqa: SLF001 - to see that the short way is taken at all

    def noting(sock: Any, target: Any, request: bytes, url: str) -> Any:
        exchanged.append(url)
        return own_exchange(sock, target, request, url)

    monkeypatch.setattr(http, "_exchange", noting)
    assert exchange(True, ANSWERS["plain"])[0] == (200, [("Content-Length", "3"), ("X-A", "b")], b"abc")  # noqa: FBT003
    assert len(exchanged) == 1
