"""Where two trees differ: paths, and the two sides of each place.

Paths leave out positions and keys of rows, so that the same fault in many rows is one difference: `[*].phone`, `users.phone`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.config import Rule
from parity.expressions import render
from parity.redaction import BCRYPT_TOKEN

__all__ = ["Place", "Rules", "diff_exceptions", "diff_items", "diff_plain", "diff_requests", "diff_values"]

Place = tuple[str, Any, Any]
"""A path, and what stands there on the control's side and on the candidate's."""

_MISSING = "(absent)"
_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)


@dataclass
class Rules:
    """The declared rules by which texts that must differ are equal, and how many pairs each made equal.

    `table-names` and `request-ids` always hold; the project's own come from parity.toml.
    """

    prefix: str
    declared: Sequence[Rule] = ()
    counts: Counter[str] = field(default_factory=Counter)
    _ids: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

    def __post_init__(self) -> None:
        self._tables = re.compile(
            re.escape(self.prefix)
            + r"-\d+-(?:control|candidate|mixed)(?:-seeded)?(?:-\d+(?=\.))?((?:\.\d+)?(?:-none)?)-"
        )
        self.counts.update(dict.fromkeys(("table-names", "request-ids", *(rule.id for rule in self.declared)), 0))

    def use_request_ids(self, control: Sequence[str], candidate: Sequence[str]) -> None:
        """The request ids that DynamoDB gave the two calls about to be compared."""
        self._ids = (frozenset(control), frozenset(candidate))

    def equal(self, control: object, candidate: object) -> bool:
        """Whether two leaves are equal, as they are or by a rule."""
        if control == candidate and type(control) is type(candidate):
            return True
        if not isinstance(control, str) or not isinstance(candidate, str):
            return False
        used = []
        for rule_id, left, right in self._applied(control, candidate):
            if (left, right) != (control, candidate):
                used.append(rule_id)
                control, candidate = left, right
            if control == candidate:
                self.counts.update(used)
                return True
        return False

    def neutral(self, text: str) -> str:
        """A stored text with what a rule makes equal replaced by the same on both sides; counts nothing."""
        text = self._tables.sub(r"table\1-", text)
        for rule in self.declared:
            text = _neutral(rule, text)
        return text

    def _applied(self, control: str, candidate: str) -> Iterator[tuple[str, str, str]]:
        control, candidate = (self._tables.sub(r"table\1-", text) for text in (control, candidate))
        yield "table-names", control, candidate
        for text_ids, side in ((self._ids[0], 0), (self._ids[1], 1)):
            for request_id in text_ids:
                if side == 0:
                    control = control.replace(request_id, "<request-id>")
                else:
                    candidate = candidate.replace(request_id, "<request-id>")
        yield "request-ids", control, candidate
        for rule in self.declared:
            control, candidate = _neutral(rule, control), _neutral(rule, candidate)
            yield rule.id, control, candidate


def _neutral(rule: Rule, text: str) -> str:
    return BCRYPT_TOKEN.sub(r"<bcrypt \1>", text) if rule.kind == "bcrypt" else text


def diff_plain(control: Any, candidate: Any, rules: Rules, path: str = "") -> Iterator[Place]:
    """Differences of two plain JSON trees."""
    if isinstance(control, dict) and isinstance(candidate, dict):
        for name in [*control, *(name for name in candidate if name not in control)]:
            yield from diff_plain(control.get(name, _MISSING), candidate.get(name, _MISSING), rules, _join(path, name))
    elif isinstance(control, list) and isinstance(candidate, list) and len(control) == len(candidate):
        for left, right in zip(control, candidate, strict=True):
            yield from diff_plain(left, right, rules, f"{path}[*]")
    elif not rules.equal(control, candidate):
        yield path, control, candidate


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def diff_values(control: Sequence[Any], candidate: Sequence[Any], rules: Rules, path: str = "") -> Iterator[Place]:
    """Differences of two encoded Python values, types included."""
    kind = control[0]
    if (
        kind != candidate[0]
        or (kind in {"mapping", "sequence", "set", "object"} and control[1] != candidate[1])
        or kind == "incomparable"
    ):
        yield path or "(value)", control, candidate
    elif kind == "object":
        yield from _diff_named(control[2], candidate[2], rules, path)
    elif kind == "mapping":
        left, right = ({_key(key): value for key, value in side[2]} for side in (control, candidate))
        yield from _diff_named(left, right, rules, path)
    elif kind == "sequence" and len(control[2]) == len(candidate[2]):
        for left_part, right_part in zip(control[2], candidate[2], strict=True):
            yield from diff_values(left_part, right_part, rules, f"{path}[*]")
    elif kind == "sequence":
        yield f"{path}(length)", control, candidate
    elif kind == "set":
        if len(control[2]) != len(candidate[2]) or any(
            True for pair in zip(control[2], candidate[2], strict=True) for _ in diff_values(*pair, rules)
        ):
            yield path or "(value)", control, candidate
    elif len(control) != len(candidate) or not all(rules.equal(*pair) for pair in zip(control, candidate, strict=True)):
        yield path or "(value)", control, candidate


def _key(encoded: Sequence[Any]) -> str:
    return str(encoded[-1]) if encoded[0] == "str" else str(encoded)


def _diff_named(control: Mapping[str, Any], candidate: Mapping[str, Any], rules: Rules, path: str) -> Iterator[Place]:
    for name in [*control, *(name for name in candidate if name not in control)]:
        where = _join(path, name)
        if name not in control or name not in candidate:
            yield where, control.get(name, _MISSING), candidate.get(name, _MISSING)
        else:
            yield from diff_values(control[name], candidate[name], rules, where)


def diff_exceptions(control: Mapping[str, Any], candidate: Mapping[str, Any], rules: Rules) -> Iterator[Place]:
    """Differences of two encoded exceptions."""
    if control["class"] != candidate["class"]:
        yield "class", control["class"], candidate["class"]
        return
    if control["classes"] != candidate["classes"]:
        yield "bases", control["classes"], candidate["classes"]
    for name in ("message", "code"):
        if not rules.equal(control[name], candidate[name]):
            yield name, control[name], candidate[name]
    if control["reasons"] != candidate["reasons"]:
        yield "reasons", control["reasons"], candidate["reasons"]
    yield from _diff_named(control["attributes"], candidate["attributes"], rules, "attributes")


def diff_items(control: Mapping[str, Any], candidate: Mapping[str, Any], rules: Rules) -> Iterator[Place]:
    """Differences of stored items: table -> key -> item or None."""
    for table in sorted({*control, *candidate}):
        left_rows, right_rows = control.get(table, {}), candidate.get(table, {})
        for key in sorted({*left_rows, *right_rows}):
            left, right = left_rows.get(key), right_rows.get(key)
            if left is None or right is None:
                if left is not right:
                    yield f"{table}.(row)", _row(key, left), _row(key, right)
                continue
            for name in sorted({*left, *right}):
                if any(True for _ in diff_plain(left.get(name, _MISSING), right.get(name, _MISSING), rules)):
                    yield f"{table}.{name}", left.get(name, _MISSING), right.get(name, _MISSING)


def _row(key: str, row: Mapping[str, Any] | None) -> Any:
    return _MISSING if row is None else {"key": key, "item": row}


def diff_requests(
    control: Sequence[Mapping[str, Any]], candidate: Sequence[Mapping[str, Any]], rules: Rules
) -> Iterator[Place]:
    """Differences of the requests of one call, in order."""
    left_kinds, right_kinds = ([request["operation"] for request in side] for side in (control, candidate))
    if left_kinds != right_kinds:
        yield ("count" if len(left_kinds) != len(right_kinds) else "operation"), left_kinds, right_kinds
        return
    for at, (left, right) in enumerate(zip(control, candidate, strict=True)):
        where = f"[{at}].{left['operation']}"
        for name in sorted({*left, *right}):
            one, other = left.get(name, _MISSING), right.get(name, _MISSING)
            if name in _EXPRESSIONS:
                if any(True for _ in diff_plain(one, other, rules)):
                    yield f"{where}.{name}", _rendered(one), _rendered(other)
            else:
                yield from diff_plain(one, other, rules, f"{where}.{name}")


def _rendered(tree: Any) -> Any:
    return tree if isinstance(tree, str) else render(tree)
