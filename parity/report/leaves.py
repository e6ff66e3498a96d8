"""A value of a transcript as lines for a person, and two of them side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Any

__all__ = ["Row", "lines", "printable", "side_by_side"]

_WIDE = 100
_PLAIN_PATHS = ("(calls)", "(arguments)", "(test)")
_MOST_LINES = 60
_LONGEST_LINE = 300


@dataclass(frozen=True)
class Row:
    """One row of a comparison: what stands on either side (None where the other side alone has a line), and whether they differ."""

    control: str | None
    candidate: str | None
    changed: bool


def printable(text: str) -> str:
    """The text with escapes for what XML cannot hold and a terminal, or a reader, should not be moved by."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - widths of the escapes


def lines(value: Any, path: str = "") -> list[str]:
    """A value as lines: encoded Python values with their types, everything else as JSON; too long ones are cut."""
    found: Iterator[str]
    if isinstance(value, str):
        found = (_printed(line) for line in value.splitlines() or [""])
    elif any(name in path for name in _PLAIN_PATHS):
        found = _json(value)
    else:
        found = _encoded(value)
    cut = [_cut(line) for line in islice(found, _MOST_LINES + 1)]
    return cut if len(cut) <= _MOST_LINES else [*cut[:-1], "... and more in report.json"]


def _printed(text: str) -> str:
    """The printable form, of the part that is shown at most."""
    return printable(text[: _LONGEST_LINE + 1])


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."


def side_by_side(control: Any, candidate: Any, path: str = "") -> list[Row]:
    """Both sides line by line, equal lines beside each other."""
    left, right = lines(control, path), lines(candidate, path)
    rows: list[Row] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        pairs = zip_longest(left[start:end], right[other_start:other_end])
        rows += [Row(ours, theirs, changed=kind != "equal") for ours, theirs in pairs]
    return rows


def _json(value: Any, indent: str = "", name: str = "", end: str = "") -> Iterator[str]:
    """JSON, with every part that is short enough on one line."""
    text = _printed(json.dumps(value, ensure_ascii=False))
    head = f"{_printed(json.dumps(name, ensure_ascii=False))}: " if name else ""
    if len(indent) + len(head) + len(text) <= _WIDE or not isinstance(value, (dict, list)) or not value:
        yield f"{indent}{head}{text}{end}"
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    parts = list(value.items()) if isinstance(value, dict) else [("", part) for part in value]
    yield f"{indent}{head}{opening}"
    for at, (key, part) in enumerate(parts):
        yield from _json(part, f"{indent}  ", key, "," if at + 1 < len(parts) else "")
    yield f"{indent}{closing}{end}"


def _encoded(value: Any, indent: str = "", name: str = "") -> Iterator[str]:  # noqa: C901, PLR0912 - one branch a kind of value
    """An encoded Python value (`parity.values`), or JSON where it is none."""
    head = f"{indent}{name}"
    match value:
        case ["none"]:
            yield f"{head}None"
        case ["returns", content]:
            yield from _encoded(content, indent, f"{name}returns ")
        case ["object", str(kind), dict(fields)]:
            yield f"{head}{kind}("
            for field, part in fields.items():
                yield from _encoded(part, f"{indent}  ", f"{_printed(field)} = ")
            yield f"{indent})"
        case ["mapping", str(kind), list(pairs)]:
            yield f"{head}{kind} {{"
            for key, part in pairs:
                yield from _encoded(part, f"{indent}  ", f"{' '.join(_encoded(key))}: ")
            yield f"{indent}}}"
        case ["sequence" | "set", str(kind), list(parts)]:
            yield f"{head}{kind} of {len(parts)}"
            for part in parts:
                yield from _encoded(part, f"{indent}  ")
        case ["class" | "function" | "again" as what, str(kind)]:
            yield f"{head}{what} {kind}"
        case ["incomparable", str(kind), str(reason)]:
            yield f"{head}{kind} ({reason})"
        case ["enum", str(kind), content]:
            yield f"{head}{kind}({_printed(str(content))!r})"
        case [str(kind), str(text)]:
            yield f"{head}{kind} {json.dumps(_printed(text), ensure_ascii=False)}"
        case [str(kind), str(text), str(zone)] if zone.startswith(("naive", "aware")):
            yield f"{head}{kind} {_printed(text)} ({zone})"
        case _:
            for at, line in enumerate(_json(value)):
                yield f"{indent if at else head}{line}"
