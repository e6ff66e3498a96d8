"""A loopback HTTP server with canned answers: it costs the same for every client, and decides nothing.

It runs in a process of its own, so that the CPU time of the one that measures is that of the client alone.
"""

import json
import multiprocessing
import socket
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe

__all__ = ["Answer", "CannedServer", "running"]

HEADER_END = b"\r\n\r\n"
LONGEST_READ = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What the server says to requests of one operation.

    Attributes:
        operation: DynamoDB's name of it.
        body: the answer, as DynamoDB sends it.
        marker: text that the request must hold; any request of the operation if it is empty.
    """

    operation: str
    body: Mapping[str, object]
    marker: str = ""


@dataclass(frozen=True)
class CannedServer:
    """A running server.

    Attributes:
        url: its endpoint.
    """

    url: str

    def use(self, case: str) -> None:
        """Answer as this case says, from now on."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            body = case.encode()
            connection.sendall(b"POST /use HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            if not connection.recv(LONGEST_READ).startswith(b"HTTP/1.1 200"):
                raise ValueError(f"the server has no case {case!r}")


@contextmanager
def running(cases: Mapping[str, Sequence[Answer]]) -> Iterator[CannedServer]:
    """A server with the answers of these cases, until the context ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(dict(cases), theirs), daemon=True)
    process.start()
    try:
        yield CannedServer(f"http://127.0.0.1:{ours.recv()}")
    finally:
        process.terminate()
        process.join()


def _serve(cases: Mapping[str, Sequence[Answer]], pipe: Pipe) -> None:
    prepared = {name: [_prepared(answer) for answer in answers] for name, answers in cases.items()}
    state = _State(prepared)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=state.talk, args=(connection,), daemon=True).start()


def _prepared(answer: Answer) -> tuple[bytes, bytes, bytes]:
    return answer.operation.encode(), answer.marker.encode(), _response(json.dumps(answer.body).encode())


def _response(body: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer with the headers that DynamoDB sends, the checksum among them."""
    headers = (
        b"HTTP/1.1 " + status,
        b"Server: Server",
        b"Date: Sat, 01 Nov 2025 12:00:00 GMT",
        b"Content-Type: application/x-amz-json-1.0",
        b"Content-Length: %d" % len(body),
        b"Connection: keep-alive",
        b"x-amzn-RequestId: 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF",
        b"x-amz-crc32: %d" % zlib.crc32(body),
    )
    return b"\r\n".join(headers) + HEADER_END + body


class _State:
    def __init__(self, cases: Mapping[str, list[tuple[bytes, bytes, bytes]]]) -> None:
        self._cases = cases
        self._answers: list[tuple[bytes, bytes, bytes]] = []

    def talk(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until it ends."""
        with connection, suppress(ConnectionError):
            buffer = b""
            while True:
                while HEADER_END not in buffer:
                    read = connection.recv(LONGEST_READ)
                    if not read:
                        return
                    buffer += read
                head, _, buffer = buffer.partition(HEADER_END)
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                while len(buffer) < length:
                    buffer += connection.recv(LONGEST_READ)
                body, buffer = buffer[:length], buffer[length:]
                connection.sendall(self._answer(head, body))

    def _answer(self, head: bytes, body: bytes) -> bytes:
        if head.startswith(b"POST /use "):
            if body.decode() not in self._cases:
                return _response(b"", b"404 Not Found")
            self._answers = self._cases[body.decode()]
            return _response(b"")
        operation = head.lower().partition(b"x-amz-target: ")[2].partition(b"\r\n")[0].rpartition(b".")[2]
        for name, marker, response in self._answers:
            if name.lower() == operation and marker in body:
                return response
        return _response(b'{"__type": "com.amazonaws.dynamodb.v20120810#ValidationException"}', b"400 Bad Request")
