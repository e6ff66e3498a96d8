"""Rows into seeds: what they say is replaced, how they say it is kept.

Every text, number and binary keeps its type, its length and its spelling: letters stay letters of the same case and alphabet, digits stay digits, zeros stay
zeros, signs, points, exponents, separators, time zones and the forms of dates, uuids and password hashes stay. Each character is moved round its own alphabet
by an amount drawn, with a secret key, from what stands before it: so equal values become equal ones, unequal ones stay unequal, keys do not
collide, and references between tables hold; only their order changes. Names of attributes stay, and keys of maps that are identifiers. It is a disguise
that keeps lengths and patterns, not encryption.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from parity.rows.source import SourceRow

__all__ = ["Anonymiser", "anonymised"]

_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEX_WORD = re.compile(r"(?=.*\d)(?=.*[a-fA-F])[0-9a-fA-F]{8,}")
_BCRYPT = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# How programs spell what is no text at all: to change them would change what a decoder makes of them.
_SPELLED = frozenset({"true", "false", "none", "null", "nan", "inf", "infinity", "yes", "no"})
_ASCII = 128
_TEXT = re.compile(
    r"(?P<bcrypt>(?P<version>\$2[abxy]?\$\d\d\$)(?P<hash>[./A-Za-z0-9]{53}))"
    r"|(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)"
    r"|(?P<month>\b\d{4}-\d\d-)(?P<day>\d\d)(?P<clock>[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|(?P<number>(?<![^\W_])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![^\W_]))"
    r"|(?P<word>[^\W_]+)"
)
_DAYS = 28  # of every month
_BYTES = 256


class Anonymiser:
    """Replaces values; the same key, by the same class, gives the same replacements.

    Args:
        key: secret; who has it can undo everything.
        keep: names of attributes that are left as they are, at any depth.
        words: words that are left as they are wherever they stand.
    """

    def __init__(self, key: bytes, keep: Collection[str] = (), words: Collection[str] = ()) -> None:
        self._key = key
        self._keep = frozenset(keep)
        self._words = frozenset(words)

    def item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An item in wire form with the same attributes and other values."""
        return {name: value if name in self._keep else self._value(value) for name, value in item.items()}

    def _value(self, value: Mapping[str, Any]) -> dict[str, Any]:
        ((kind, content),) = value.items()
        if kind in {"S", "N", "B"}:
            return {kind: self._scalar(kind, content)}
        if kind in {"SS", "NS", "BS"}:
            return {kind: [self._scalar(kind[0], part) for part in content]}
        if kind == "L":
            return {"L": [self._value(part) for part in content]}
        if kind == "M":
            return {"M": {self._name(name): part for name, part in self.item(content).items()}}
        return {kind: content}

    def _name(self, name: str) -> str:
        """The key of a map: an identifier is a field and stays, whatever else may be an address or an id, and is a text like others."""
        return name if name in self._keep or _IDENTIFIER.fullmatch(name) else self.text(name)

    def _scalar(self, kind: str, content: str) -> str:
        if kind == "S":
            return self.text(content)
        if kind == "N":
            return self._number(content)
        data = base64.b64decode(content)
        return base64.b64encode(bytes(self._around(data))).decode()

    def text(self, text: str) -> str:
        """A text of the same form."""
        return _TEXT.sub(self._part, text)

    def _part(self, match: re.Match[str]) -> str:
        found = match.groupdict()
        if found["bcrypt"]:
            return found["version"] + self._moved(found["hash"], "bcrypt", lambda _, __: _BCRYPT)
        if found["uuid"]:
            return self._moved(match[0], "uuid", _uuid_alphabet)
        if found["month"]:
            return self._instant(found)
        if found["number"]:
            return self._number(match[0])
        return match[0] if self._stays(match[0]) else self._word(match[0])

    def _stays(self, word: str) -> bool:
        return word in self._words or word.lower() in _SPELLED

    def _word(self, word: str) -> str:
        """Another word, moved on until it is none that stays and none of another form: so that no two words meet."""
        form = _form(word)
        letters = _hex_alphabet if form == "hex" else _alphabet
        moved = self._moved(word, form, lambda _, char: letters(char))
        while self._stays(moved) or _form(moved) != form:
            moved = self._moved(moved, form, lambda _, char: letters(char))
        return moved

    def _number(self, text: str) -> str:
        """Other digits: a number of one digit, the first digit, zeros and the exponent stay."""
        digits, mark, exponent = re.fullmatch(r"([^eE]*)([eE]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr] # it matches any text
        first = re.search("[1-9]", digits)
        at = first.start() if first else len(digits)
        rest = self._moved(
            digits, "number", lambda place, char: "123456789" if place > at and char in "123456789" else ""
        )
        return f"{rest}{mark}{exponent}"

    def _instant(self, found: Mapping[str, str]) -> str:
        """The same month, another day, another time of day; a fraction's trailing zeros, and the zone, stay."""
        seed = found["month"] + found["day"]
        day, clock = int(found["day"]), found["clock"] or ""
        if 1 <= day <= _DAYS:
            day = 1 + (day - 1 + _amount(self._begun("day", found["month"]), _DAYS)) % _DAYS
        numbers = re.match(r"([T ])(\d\d):(\d\d)(?::(\d\d))?(?:(\.)(\d+?)(0*))?((?:[Z+-].*)?)$", clock)
        if numbers is None:
            return f"{found['month']}{day:02d}{clock}"
        separator, hour, minute, second, point, fraction, zeros, zone = (part or "" for part in numbers.groups())
        text = separator + ":".join(
            f"{(int(part) + _amount(self._begun(str(place), seed), size)) % size:02d}" if int(part) < size else part
            for place, (part, size) in enumerate(((hour, 24), (minute, 60), (second, 60)))
            if part
        )
        moved = self._moved(fraction, "fraction", lambda _, char: "123456789" if char in "123456789" else "")
        return f"{found['month']}{day:02d}{text}{point}{moved}{zeros}{zone}"

    def _moved(self, text: str, what: str, alphabet: Any) -> str:
        """Every character moved round the alphabet of its place; those without one stay."""
        moved = []
        before = self._begun(what)
        for place, char in enumerate(text):
            letters = alphabet(place, char)
            if char in letters:
                moved.append(letters[(letters.index(char) + _amount(before, len(letters))) % len(letters)])
            else:
                moved.append(char)
            before.update(char.encode("utf-8", "surrogatepass"))
        return "".join(moved)

    def _around(self, data: bytes) -> Iterator[int]:
        before = self._begun("bytes")
        for byte in data:
            yield (byte + _amount(before, _BYTES)) % _BYTES
            before.update(f"{byte:02x}".encode())

    def _begun(self, what: str, before: str = "") -> hmac.HMAC:
        """A digest of what stands before a character; it goes on with each, as a row may hold a text of 400 KB."""
        return hmac.new(self._key, f"{what}/{before}".encode(), hashlib.sha256)


def _amount(before: hmac.HMAC, size: int) -> int:
    """How far to move, from 0 to size - 1: one that only the key tells."""
    return int.from_bytes(before.copy().digest()[:8]) % size


def _form(word: str) -> str:
    match = _TEXT.fullmatch(word)
    if _HEX_WORD.fullmatch(word):
        return "hex"
    return "number" if match is not None and match["number"] else "word"


def _uuid_alphabet(place: int, char: str) -> str:
    """The version and the variant stay, and so does the case of the letters."""
    return "" if place in {14, 19} or char == "-" else _hex_alphabet(char)


def _hex_alphabet(char: str) -> str:
    return "0123456789" if char.isdigit() else "abcdef" if char.islower() else "ABCDEF"


@lru_cache(maxsize=4096)
def _alphabet(char: str) -> str:
    """The letters that may stand for a letter: of its case, its alphabet and its size in UTF-8."""
    if char in _LOWER:
        return _LOWER
    if char in _UPPER:
        return _UPPER
    if char in "123456789":
        return "123456789"
    code = ord(char)
    if code < _ASCII or not char.isalpha():
        return ""
    start = code - code % 64
    kind, size = unicodedata.category(char), len(char.encode("utf-8"))
    block = (chr(other) for other in range(start, start + 64))
    return "".join(
        other
        for other in block
        if unicodedata.category(other) == kind
        and len(other.encode("utf-8")) == size
        and len(unicodedata.normalize("NFC", other)) == 1
    )


def anonymised(rows: Iterable[SourceRow], anonymiser: Anonymiser) -> Iterator[dict[str, Any]]:
    """The rows as seeds, one after the other."""
    for row in rows:
        yield {"Item": anonymiser.item(row.item)}
