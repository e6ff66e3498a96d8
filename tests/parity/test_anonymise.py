"""Rows become seeds that say something else in the same way."""

import base64
import re
import time
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.rows import Anonymiser, SourceRow, anonymised
from parity.wireform import canonical_number

ANONYMISER = Anonymiser(b"key")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("aZ09-:T. éßжЖ"), max_size=40)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6) | st.integers(-(10**37), 10**37).map(Decimal)


def kinds(text: str) -> list[tuple[str, int]]:
    return [(unicodedata.category(char), len(char.encode())) for char in text]


@given(TEXTS)
def test_a_text_keeps_its_length_its_alphabets_and_its_size(text: str) -> None:
    other = ANONYMISER.text(text)
    assert kinds(other) == kinds(text)
    assert ANONYMISER.text(text) == other


@given(st.lists(TEXTS, unique=True, min_size=2, max_size=30))
def test_unequal_texts_stay_unequal(texts: list[str]) -> None:
    assert len({ANONYMISER.text(text) for text in texts}) == len(texts)


def test_short_names_do_not_collide() -> None:
    names = {first + second for first in "abcdefghijklmnopqrstuvwxyz" for second in "abcdefghijklmnopqrstuvwxyz"}
    assert {ANONYMISER.text(name) for name in names} == names


@given(NUMBERS)
def test_a_number_keeps_its_digits_its_sign_and_its_place(number: Decimal) -> None:
    text = canonical_number(str(number))
    other = ANONYMISER.item({"n": {"N": text}})["n"]["N"]
    assert canonical_number(other) == other
    assert re.sub("[1-9]", "d", other) == re.sub("[1-9]", "d", text)


SPELLINGS = [
    ("2024-02-29T23:59:60.120Z", r"2024-02-29T\d\d:\d\d:60\.[1-9]{2}0Z"),
    ("2024-02-08T15:04:48.761+02:00", r"2024-02-\d\dT\d\d:\d\d:\d\d\.[1-9]{3}\+02:00"),
    ("2024-02-08 15:04", r"2024-02-\d\d \d\d:\d\d"),
    ("1974-04-17", r"1974-04-\d\d"),
    ("e92120d3-ac45-4354-9b99-a8f9860a09b9", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}"),
    ("order_3621fa1f_1693955950", r"[a-z]{5}_[0-9]{4}[a-f]{2}[0-9][a-f]_1[1-9]{8}0"),
    ("$2b$12$DKbZObSRFgybh4HdqWmXnuF2hSWrs.5.EsgncAW2EkkznYQCW2sVC", r"\$2b\$12\$[./A-Za-z0-9]{53}"),
    ("farid@example.com", r"[a-z]{5}@[a-z]{7}\.[a-z]{3}"),
    ("+49 (0)30 1234", r"\+4[1-9] \(0\)30 1[1-9]{3}"),
    ("0001.56780E+10", r"0001\.[1-9]{4}0E\+10"),
]


@pytest.mark.parametrize(("text", "form"), SPELLINGS, ids=[text for text, _ in SPELLINGS])
def test_a_spelling_is_kept_and_what_it_says_is_not(text: str, form: str) -> None:
    other = ANONYMISER.text(text)
    assert re.fullmatch(form, other), other
    assert other != text


@pytest.mark.parametrize("text", ["true", "False", "null", "NaN", "-Infinity", "0", "7", "", "--"])
def test_what_spells_a_value_is_kept(text: str) -> None:
    assert ANONYMISER.text(text) == text


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - naive ones are spelled without a zone
def test_an_instant_stays_one_of_its_month(instant: datetime) -> None:
    other = datetime.fromisoformat(ANONYMISER.text(instant.isoformat()))
    assert (other.year, other.month) == (instant.year, instant.month)
    assert len(other.isoformat()) == len(instant.isoformat())


def test_an_item_keeps_its_attributes_and_types() -> None:
    item: dict[str, Any] = {
        "S": {"S": "Hello"},
        "N": {"N": "12.50"},
        "B": {"B": base64.b64encode(b"bytes").decode()},
        "NULL": {"NULL": True},
        "BOOL": {"BOOL": False},
        "NS": {"NS": ["1", "25", "26"]},
        "SS": {"SS": ["ab", "cd"]},
        "L": {"L": [{"S": "in a list"}]},
        "M": {"M": {"inner": {"S": "in a map"}, "status": {"S": "open"}}},
        "status": {"S": "open"},
    }
    (seed,) = anonymised([SourceRow("file:1", item)], Anonymiser(b"key", keep=["status"]))
    other = seed["Item"]
    assert {name: list(value) for name, value in other.items()} == {name: list(value) for name, value in item.items()}
    assert [name for name in item if other[name] == item[name]] == ["NULL", "BOOL", "status"]
    assert len(base64.b64decode(other["B"]["B"])) == 5
    assert len(set(other["NS"]["NS"])) == 3
    assert other["M"]["M"]["status"] == {"S": "open"}
    assert other["M"]["M"]["inner"] != item["M"]["M"]["inner"]


def test_keys_of_maps_that_are_no_names_of_fields_are_replaced() -> None:
    names = ["first_name", "ann@example.org", "bob@example.org", "7f3a9c21-0000-4000-8000-00000000abcd", "kept-key"]
    item = {"m": {"M": {name: {"S": "x"} for name in names}}}
    other = list(Anonymiser(b"key", keep=["kept-key"]).item(item)["m"]["M"])
    assert [name for name in names if name in other] == ["first_name", "kept-key"]
    assert re.fullmatch(r"[a-z]{3}@[a-z]{7}\.[a-z]{3}", other[1])
    assert len(set(other)) == len(names)
    assert other[1] == Anonymiser(b"key").text("ann@example.org")


def test_words_stay_wherever_they_stand_and_names_are_the_same_everywhere() -> None:
    anonymiser = Anonymiser(b"key", words=["TRANS"])
    head, name, _ = anonymiser.text("TRANS#alice#BTC").split("#")
    assert (head, name) == ("TRANS", anonymiser.text("alice"))


def test_the_same_key_gives_the_same_replacements_in_every_version() -> None:
    text = "Grüße to farid@example.com of 2024-02-29T23:59:60.120Z, e92120d3-ac45-4354-9b99-a8f9860a09b9, 3621fa1f"
    told = "Ceóòs py bpekg@alzcbpy.yfs kc 2024-02-29T06:37:60.350Z, c47918f9-ac46-4412-9c99-f3f7353b45e0, 4454bf9a"
    assert ANONYMISER.text(text) == told
    assert ANONYMISER.item({"b": {"B": "AAECAwQ="}}) == {"b": {"B": "qi86NV0="}}


def test_a_text_as_long_as_a_row_takes_seconds() -> None:
    began = time.process_time()
    ANONYMISER.item({"text": {"S": "y" * 300_000}, "data": {"B": base64.b64encode(bytes(90_000)).decode()}})
    assert time.process_time() - began < 20  # by the square of its length it would be minutes


def test_another_key_gives_other_replacements() -> None:
    assert Anonymiser(b"one").text("alexander") != Anonymiser(b"two").text("alexander")
