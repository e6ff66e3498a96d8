"""Rows of export files, plain or gzip, and of tables, one after the other: never more than one page is held."""

from __future__ import annotations

import gzip
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from parity.errors import ParityError
from parity.wire import Wire
from parity.wireform import load_rows

__all__ = ["SourceRow", "file_rows", "table_rows"]

_GZIP = b"\x1f\x8b"
# A row is at most 400 KB; base64 and JSON's escapes make a line longer, but never this long.
_LONGEST_LINE = 16_000_000


@dataclass(frozen=True)
class SourceRow:
    """A row in DynamoDB's wire form, and where it came from: `file:line`, or `table:number`."""

    where: str
    item: dict[str, Any]


def file_rows(paths: Iterable[Path]) -> Iterator[SourceRow]:
    """The rows of files in DynamoDB's export form, one `{"Item": ...}` a line, blank lines passed over.

    Raises:
        ParityError: a file cannot be read, is cut short, or holds a line that is no row.
    """
    for path in paths:
        try:
            with _opened(path) as file:
                yield from _lines(path, file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ParityError(f"{path} is cut short, or no gzip file after all: {error}") from error
        except OSError as error:
            raise ParityError(f"cannot read {path}: {error.strerror or error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        packed = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        if not packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield unpacked  # type: ignore[misc] # a GzipFile is read as any binary file is


def _lines(path: Path, file: IO[bytes]) -> Iterator[SourceRow]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) >= _LONGEST_LINE:
            raise ParityError(f"{path}, line {number}, is longer than any row can be: is it in DynamoDB's export form?")
        if number == 1 and line.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise ParityError(f"{path}, line 1, is text in UTF-16, or no text at all: rows are read as UTF-8")
        if not line.strip():
            continue
        try:
            (item,) = load_rows([line.decode("utf-8-sig" if number == 1 else "utf-8")])
        except (ValueError, UnicodeDecodeError) as error:
            text = str(error).removeprefix("line 1 ")
            raise ParityError(f"{path}, line {number}, {text}") from error
        yield SourceRow(f"{path}:{number}", item)


def table_rows(wire: Wire, table: str) -> Iterator[SourceRow]:
    """The rows of a table, page by page and eventually consistent; nothing but Scan is sent.

    Raises:
        WireError: the table cannot be read.
    """
    request: dict[str, Any] = {"TableName": table}
    number = 0
    while True:
        answer = wire.call("Scan", request)
        for item in answer["Items"]:
            number += 1
            yield SourceRow(f"{table}:{number}", item)
        if not answer.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
