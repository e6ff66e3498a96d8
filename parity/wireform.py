"""DynamoDB's wire form: items, keys and numbers as JSON has them, and their canonical form."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

__all__ = ["Item", "canonical_item", "canonical_number", "key_of", "key_text", "load_rows"]

Item = Mapping[str, Any]

_TYPES: Mapping[str, type[Any]] = {
    **dict.fromkeys(("S", "N", "B"), str),
    **dict.fromkeys(("SS", "NS", "BS", "L"), list),
    **dict.fromkeys(("BOOL", "NULL"), bool),
    "M": dict,
}
_DEEPEST = 32
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no text that UTF-8 can hold
_PLENTY = Context(prec=400, Emin=-999, Emax=999)


def canonical_number(text: str) -> str:
    """The text that DynamoDB stores for a number: plain notation, no trailing zeros, no `-0`; rubbish stays as it is."""
    try:
        number = _PLENTY.create_decimal(text)
        if not number.is_finite():
            return text
        plain = format(_PLENTY.normalize(number), "f")
    except InvalidOperation:
        return text
    return "0" if Decimal(plain) == 0 else plain


def _canonical_value(value: Mapping[str, Any], *, numbers: bool = True) -> dict[str, Any]:
    """One typed value; sets sorted; numbers in stored form unless `numbers` is False (as sent)."""
    ((kind, content),) = value.items()
    if kind == "N" and numbers:
        return {"N": canonical_number(content)}
    if kind == "NS":
        return {"NS": sorted(canonical_number(number) if numbers else number for number in content)}
    if kind in {"SS", "BS"}:
        return {kind: sorted(content)}
    if kind == "L":
        return {"L": [_canonical_value(part, numbers=numbers) for part in content]}
    if kind == "M":
        return {"M": {name: _canonical_value(part, numbers=numbers) for name, part in content.items()}}
    return {kind: content}


def canonical_item(item: Item, *, numbers: bool = True) -> dict[str, Any]:
    """All attributes of an item in canonical form."""
    return {name: _canonical_value(value, numbers=numbers) for name, value in item.items()}


def key_of(item: Item, key_attributes: Sequence[str]) -> dict[str, Any]:
    """The primary key of an item.

    Raises:
        KeyError: the item lacks a key attribute.
    """
    return {name: item[name] for name in key_attributes}


def key_text(key: Item) -> str:
    """A key as one line of text, the same for equal keys."""
    return json.dumps(canonical_item(key), sort_keys=True, ensure_ascii=False)


def load_rows(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Rows in DynamoDB's export form, one `{"Item": ...}` a line, blank lines passed over.

    Raises:
        ValueError: a line is no such row, or holds a value that DynamoDB cannot; the message names its number.
    """
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = _item(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise ValueError(f'line {number} is no row in DynamoDB\'s export form {{"Item": ...}}: {error}') from error
        rows.append({sys.intern(name): value for name, value in item.items()})
    return rows


def _item(row: Any) -> dict[str, Any]:
    item = row.get("Item") if isinstance(row, dict) else None
    if not isinstance(item, dict):
        raise ValueError('it has no "Item" that is a mapping')  # noqa: TRY004 - to its reader it is a value
    for name, value in item.items():
        _check_value(name, value)
    return item


def _check_value(path: str, value: Any, depth: int = 1) -> None:
    """See that a value is of DynamoDB's types, however deep.

    Raises:
        ValueError: it, or one in it, is not.
    """
    if _HALF.search(path):
        raise ValueError(f"{path!r} is a name that no file can hold")
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f'{path!r} is no value such as {{"S": "text"}}')
    if depth > _DEEPEST:
        raise ValueError(f"{path!r} is nested deeper than the {_DEEPEST} levels that DynamoDB takes")
    ((kind, content),) = value.items()
    if kind not in _TYPES:
        raise ValueError(f"{path!r} is of a type {kind!r} that DynamoDB does not have")
    if not isinstance(content, _TYPES[kind]) or not _are_scalars(kind, content):
        raise ValueError(f"{path!r} holds what is no {kind}")
    if kind == "L":
        for at, part in enumerate(content):
            _check_value(f"{path}[{at}]", part, depth + 1)
    elif kind == "M":
        for name, part in content.items():
            _check_value(f"{path}.{name}", part, depth + 1)


def _are_scalars(kind: str, content: Any) -> bool:
    """Whether a text, number, binary or each of a set of them is one; true of other types."""
    if kind in {"SS", "NS", "BS"}:
        return all(isinstance(part, str) and _are_scalars(kind[0], part) for part in content)
    if kind == "N":
        return _NUMBER.fullmatch(content) is not None
    if kind == "B":
        base64.b64decode(content, validate=True)
    return kind != "S" or not _HALF.search(content)
