"""Over an open connection our session and botocore's get the same, whatever the other end says."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import SKIP_HEADER

from common.data.fastpath import http as fast_http
from common.data.fastpath.http import OpenConnectionSession

BODY = b'{"a": 1}'
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
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
    "chunked twice": OK + b"Transfer-Encoding: identity, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "coded and chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "chunks and a trailer": CHUNKED + b"1;x=y\r\na\r\n2\r\nbc\r\n0\r\nX-B: c\r\n\r\n",
    "negative chunk": CHUNKED + b"-5\r\nabc\r\n0\r\n\r\n",
    "huge chunk": CHUNKED + b"f" * 40 + b"\r\nabc",
    "chunk of no size": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    "99 headers": OK + b"".join(b"X-%d: a\r\n" % number for number in range(98)) + b"Content-Length: 3\r\n\r\nabc",
    "100 headers": OK + b"".join(b"X-%d: a\r\n" % number for number in range(99)) + b"Content-Length: 3\r\n\r\nabc",
    "150 headers": OK + b"".join(b"X-%d: a\r\n" % number for number in range(149)) + b"Content-Length: 3\r\n\r\nabc",
    "long header": OK + b"X-A: " + b"a" * 65_560 + b"\r\nContent-Length: 3\r\n\r\nabc",
    "two lengths": OK + b"Content-Length: 3, 3\r\n\r\nabc",
    "two lengths that differ": OK + b"Content-Length: 3, 1\r\n\r\nabc",
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


def a_request(url: str, **headers: object) -> AWSPreparedRequest:
    found: Any = HeadersDict({"User-Agent": "us", "X-A": b"b", "Content-Length": str(len(BODY)), **headers})
    made: Any = AWSPreparedRequest
    request: AWSPreparedRequest = made("POST", url, found, BODY, False, {})  # noqa: FBT003 - its signature
    return request


def exchange(ours: bool, answer: bytes | None, **headers: object) -> tuple[object, bytes]:  # noqa: FBT001
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
    "headers",
    [
        {"X-B": "a\r\n b"},
        {"X-B": "a\nb: c"},
        {"Host": "other"},
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": SKIP_HEADER},
        {"X-B": "é"},
        {"X-B": "☃"},
        {"X-B": None},
        {"X-B": 5},
        {"X-B": 1.5},
        {"X-B": True},
        {"X-B": ["a"]},
        {"X-B": memoryview(b"a")},
        {"X-B": SKIP_HEADER},
        {"X-B": SKIP_HEADER.encode()},
        {"": "x"},
        {"a:b": "x"},
        {" a": "x"},
        {"a b": "x"},
    ],
    ids=lambda headers: repr(headers).partition(" at 0x")[0],
)
def test_unusual_requests_are_sent_as_botocore_does(headers: dict[str, object]) -> None:
    assert exchange(True, FIRST, **headers) == exchange(False, FIRST, **headers)  # noqa: FBT003


@pytest.mark.parametrize("url", ["http://[::1/", "ftp://127.0.0.1/", "http://127.0.0.1:99999/"])
def test_a_url_that_cannot_be_used_is_told_of_as_botocore_does(url: str) -> None:
    raised = []
    for session in (OpenConnectionSession(URLLib3Session()), URLLib3Session()):
        with pytest.raises((HTTPClientError, EndpointConnectionError)) as caught:
            session.send(a_request(url))
        raised.append((caught.type, str(caught.value)))
    assert raised[0] == raised[1]


def test_a_pool_that_is_closed_meanwhile_is_told_of_as_botocore_does(monkeypatch: pytest.MonkeyPatch) -> None:
    get: Any = HTTPConnectionPool._get_conn  # noqa: SLF001 - where another thread's close() can come in between

    def get_conn(pool: HTTPConnectionPool, timeout: float | None = None) -> Any:
        if pool.num_requests == 1:  # the second one is about to be sent
            pool.close()
        return get(pool, timeout)

    monkeypatch.setattr(HTTPConnectionPool, "_get_conn", get_conn)
    assert exchange(True, FIRST)[0] == exchange(False, FIRST)[0] == HTTPClientError  # noqa: FBT003


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (URLLib3Session, "send"),
        (HTTPConnectionPool, "urlopen"),
        (HTTPConnection, "request"),
        (http.client.HTTPConnection, "getresponse"),
    ],
)
def test_who_wraps_a_method_that_sends_sees_each_request(
    owner: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    own = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        seen.append(name)
        return own(*args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)
    assert exchange(True, ANSWERS["plain"])[0] == (200, [("Content-Length", "3"), ("X-A", "b")], b"abc")  # noqa: FBT003
    assert len(seen) == 2


def test_the_second_request_goes_over_the_open_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    exchanged: list[str] = []
    own_exchange = fast_http._exchange  # noqa: SLF001 - to see that the short way is taken at all

    def noting(sock: Any, target: Any, request: bytes, url: str) -> Any:
        exchanged.append(url)
        return own_exchange(sock, target, request, url)

    monkeypatch.setattr(fast_http, "_exchange", noting)
    assert exchange(True, ANSWERS["plain"])[0] == (200, [("Content-Length", "3"), ("X-A", "b")], b"abc")  # noqa: FBT003
    assert len(exchanged) == 1
