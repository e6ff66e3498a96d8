"""The suite of the notes DAO."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import notes
import pytest


def test_adds_and_reads(note_dao: Any, ids: Any, tables: Any) -> None:
    name = ids.name("note")
    added = note_dao.add(name, "hello", Decimal("1.50"), secret="hush-hush-hush")
    assert note_dao.get(name).text == "hello"
    assert tables.get("notes", {"id": {"S": name}})["made"] == {"S": added.made.isoformat()}


@pytest.mark.parametrize("text", ["plain", "grüße"])
def test_renames_and_keeps_the_rest(note_dao: Any, ids: Any, text: str) -> None:
    name = ids.name("note")
    added = note_dao.add(name, "hello", Decimal(3))
    renamed = note_dao.rename(name, text)
    assert (renamed.text, renamed.rank, renamed.colour, renamed.made) == (text, added.rank, added.colour, added.made)


def test_tells_what_is_missing(note_dao: Any) -> None:
    with pytest.raises(notes.NoteNotFoundError):
        note_dao.get("nobody")
    with pytest.raises(notes.NoteNotFoundError):
        note_dao.rename("nobody", "x")


def test_adds_once(note_dao: Any, ids: Any) -> None:
    name = ids.name("note")
    note_dao.add(name, "hello", Decimal(3))
    with pytest.raises(notes.NoteExistsError):
        note_dao.add(name, "hello", Decimal(4))


def test_tries_again_when_throttled(note_dao: Any, ids: Any, faults: Any, requests: Any) -> None:
    faults.add("throttle", "PutItem")
    note_dao.add(ids.name("note"), "hello", Decimal(3))
    assert requests()[0].attempts == 2
    assert len(faults.waits) == 1


def test_discards_what_is_there_and_keeps_what_comes_later(note_dao: Any, ids: Any, tables: Any) -> None:
    name = ids.name("note")
    assert note_dao.discard(name) is False
    note_dao.add(name, "hello", Decimal(3))
    assert note_dao.discard(name) is True
    assert note_dao.discard(name) is False
    note_dao.add(name, "again", Decimal(3))
    assert tables.get("notes", {"id": {"S": name}})["text"] == {"S": "again"}


@pytest.mark.concurrent
def test_threads_add_what_they_are_told(note_dao: Any, ids: Any) -> None:
    names = [ids.name("note") for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: note_dao.add(name, "hello", Decimal(3)), names))


@pytest.mark.seeded
def test_reads_old_rows(note_dao: Any, seeds: Any) -> None:
    for row in seeds("notes"):
        assert note_dao.get(row["id"]["S"]).text == row["text"]["S"]
    note_dao.rename("old-1", "changed")
