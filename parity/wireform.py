"""DynamoDB's wire form: items, keys and numbers as JSON has them, and their canonical form."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

__all__ = ["Item", "canonical_item", "canonical_number", "key_of", "key_text", "load_rows"]

Item = Mapping[str, Any]

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
        ValueError: a line is no such row; the message names its number.
    """
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)["Item"]
            for value in item.values():
                _check_binary(value)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f'line {number} is no row in DynamoDB\'s export form {{"Item": ...}}: {error!r}'
            ) from error
        rows.append({sys.intern(name): value for name, value in item.items()})
    return rows


def _check_binary(value: Mapping[str, Any]) -> None:
    ((kind, content),) = value.items()
    if kind in {"B", "BS"}:
        for text in [content] if kind == "B" else content:
            base64.b64decode(text, validate=True)
