"""DynamoDB expressions, read into canonical trees, so that two of them can be compared by meaning.

A tree is a JSON-able list: `["path", "a", 0, "b"]`, `["value", {"S": "x"}]`, `["=", left, right]`, `["and", ...]`. Placeholders are resolved, AND and
OR are flat, without duplicates and sorted, IN operands and the operands of `=` and `<>` are sorted, `>` is written as `<` with its sides changed, and
the clauses of an update are sorted lists of actions: DynamoDB evaluates all of them against the item as it was.

Grammar: Amazon DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions" and "Update expressions".
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from parity.errors import ExpressionError

__all__ = ["Tree", "parse_condition", "parse_projection", "parse_update", "render"]

Tree = list[Any]

_TOKEN = re.compile(r"\s*(?:(<>|<=|>=|[<>=+\-(),.\[\]])|([#:]?[A-Za-z_0-9][A-Za-z_0-9\-]*)|(\S))")
_COMPARATORS = {"=", "<>", "<", "<=", ">", ">="}
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")


def parse_condition(text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> Tree:
    """Read a condition, filter or key condition.

    Raises:
        ExpressionError: the text is no condition, or names a placeholder that the request does not define.
    """
    return _with_values(_read("condition", text, tuple(names.items())), values, text)


def parse_update(text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> Tree:
    """Read an update expression into `["update", [clause, path, operand...], ...]`, sorted.

    Raises:
        ExpressionError: the text is no update expression.
    """
    return _with_values(_read("update", text, tuple(names.items())), values, text)


def parse_projection(text: str, names: Mapping[str, str]) -> Tree:
    """Read a projection into a sorted list of paths.

    Raises:
        ExpressionError: the text is no list of paths.
    """
    return _with_values(_read("projection", text, tuple(names.items())), {}, text)


_order = json.JSONEncoder(sort_keys=True).encode


def _sorted(parts: Sequence[Tree]) -> list[Tree]:
    kinds = {part[0] for part in parts}
    return sorted(parts, key=_order if len(kinds) < len(parts) else itemgetter(0))


def _unordered(operator: str, operands: Sequence[Tree]) -> Tree:
    """An associative, commutative, idempotent operator over its operands."""
    flat: list[Tree] = []
    for operand in operands:
        flat.extend(operand[1:] if operand[0] == operator else [operand])
    distinct = sorted({_order(operand): operand for operand in flat}.items())
    return distinct[0][1] if len(distinct) == 1 else [operator, *(tree for _, tree in distinct)]


@functools.lru_cache(maxsize=1024)
def _read(kind: str, text: str, names: tuple[tuple[str, str], ...]) -> Tree:
    """The tree of a text as it stands there, which a DAO sends time and again: placeholders for values, and nothing sorted."""
    parser = _Parser(text, dict(names))
    read = {"condition": parser.disjunction, "update": parser.update, "projection": parser.projection}
    tree = read[kind]()
    parser.expect_end()
    return tree


def _with_values(tree: Tree, values: Mapping[str, Any], text: str) -> Tree:
    """A copy of a tree that was read, with its values, and in canonical order."""
    kind = tree[0]
    if kind == "path":
        return list(tree)
    if kind == "value":
        if tree[1] not in values:
            raise ExpressionError(f"{tree[1]} is not among the values of the expression {text!r}")
        return [kind, values[tree[1]]]
    parts = [_with_values(part, values, text) for part in tree[1:]]
    if kind in {"and", "or"}:
        return _unordered(kind, parts)
    if kind == "update":  # of two actions on one path DynamoDB wants to hear nothing
        return [kind, *sorted(parts, key=lambda action: (action[0], [str(step) for step in action[1]]))]
    if kind in {"projection", "=", "<>", "+"}:
        return [kind, *_sorted(parts)]
    if kind == "in":
        return [kind, parts[0], *_sorted(parts[1:])]
    if kind == "not" and parts[0][0] == "not":
        return parts[0][1]  # type: ignore[no-any-return]
    return [kind, *parts]


class _Parser:
    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self._text, self._names = text, names
        self._tokens: list[str] = []
        for symbol, word, stray in _TOKEN.findall(text.rstrip()):
            if stray:
                raise ExpressionError(f"cannot read {stray!r} in the expression {text!r}")
            self._tokens.append(symbol or word)
        self._at = 0

    # -- tokens

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise ExpressionError(f"the expression {self._text!r} ends too early")
        self._at += 1
        return token

    def take(self, token: str) -> bool:
        """Consume the token if it stands here."""
        if self._peek().upper() != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self.take(token):
            raise ExpressionError(f"expected {token!r}, not {self._peek()!r}, in the expression {self._text!r}")

    def expect_end(self) -> None:
        if self._peek():
            raise ExpressionError(f"did not expect {self._peek()!r} in the expression {self._text!r}")

    # -- operands

    def path(self) -> Tree:
        parts: list[str | int] = [self._name(self._next())]
        while True:
            if self.take("."):
                parts.append(self._name(self._next()))
            elif self.take("["):
                parts.append(self._index())
                self._expect("]")
            else:
                return ["path", *parts]

    def _index(self) -> int:
        token = self._next()
        if not token.isdigit():
            raise ExpressionError(f"{token!r} is no list index in the expression {self._text!r}")
        return int(token)

    def _name(self, token: str) -> str:
        if not token.startswith("#"):
            return token
        if token not in self._names:
            raise ExpressionError(f"{token} is not among the names of the expression {self._text!r}")
        return self._names[token]

    def operand(self) -> Tree:
        token = self._peek()
        if token.startswith(":"):
            self._at += 1
            return ["value", token]
        if token == "(":  # noqa: S105 - a parenthesis
            self._at += 1
            inner = self._sum()
            self._expect(")")
            return inner
        return self._call() if self._peek(1) == "(" else self.path()

    def _call(self) -> Tree:
        name = self._next()
        self._expect("(")
        arguments = [self.operand()]
        while self.take(","):
            arguments.append(self.operand())
        self._expect(")")
        return [name, *arguments]

    # -- conditions

    def disjunction(self) -> Tree:
        operands = [self._conjunction()]
        while self.take("OR"):
            operands.append(self._conjunction())
        return operands[0] if len(operands) == 1 else ["or", *operands]

    def _conjunction(self) -> Tree:
        operands = [self._negation()]
        while self.take("AND"):
            operands.append(self._negation())
        return operands[0] if len(operands) == 1 else ["and", *operands]

    def _negation(self) -> Tree:
        if not self.take("NOT"):
            return self._primary()
        return ["not", self._negation()]

    def _primary(self) -> Tree:
        if self._peek() == "(":
            start = self._at
            self._at += 1
            inner = self.disjunction()
            self._expect(")")
            if self._peek() not in _COMPARATORS:
                return inner
            self._at = start
        left = self.operand()
        operator = self._peek().upper()
        if operator in _COMPARATORS:
            self._at += 1
            return _compared(operator, left, self.operand())
        if self.take("BETWEEN"):
            low = self.operand()
            self._expect("AND")
            return ["between", left, low, self.operand()]
        if self.take("IN"):
            return self._membership(left)
        return left

    def _membership(self, left: Tree) -> Tree:
        self._expect("(")
        members = [self.operand()]
        while self.take(","):
            members.append(self.operand())
        self._expect(")")
        if len(members) == 1:
            return _compared("=", left, members[0])
        return ["in", left, *members]

    # -- projections and updates

    def projection(self) -> Tree:
        paths = [self.path()]
        while self.take(","):
            paths.append(self.path())
        return ["projection", *paths]

    def update(self) -> Tree:
        actions: list[Tree] = []
        while self._peek():
            clause = self._next().upper()
            if clause not in _CLAUSES:
                raise ExpressionError(f"{clause!r} begins no clause of the update {self._text!r}")
            actions.append(self._action(clause))
            while self.take(","):
                actions.append(self._action(clause))
        if not actions:
            raise ExpressionError("an update expression is empty")
        return ["update", *actions]

    def _action(self, clause: str) -> Tree:
        path = self.path()
        if clause == "REMOVE":
            return [clause, path]
        if clause == "SET":
            self._expect("=")
            return [clause, path, self._sum()]
        return [clause, path, self.operand()]

    def _sum(self) -> Tree:
        left = self.operand()
        while self._peek() in {"+", "-"}:
            operator = self._next()
            left = [operator, left, self.operand()]
        return left


def _compared(operator: str, left: Tree, right: Tree) -> Tree:
    if operator in {">", ">="}:
        operator, left, right = operator.replace(">", "<"), right, left
    return [operator, left, right]


def render(tree: Tree) -> str:  # noqa: C901 - one branch a kind of node
    """The tree as one line for a person, in DynamoDB's own notation where it has one."""
    kind, *rest = tree
    if kind == "path":
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest).lstrip(".")
    if kind == "value":
        return json.dumps(rest[0], ensure_ascii=False, sort_keys=True)
    if kind in {"and", "or"}:
        return f" {kind.upper()} ".join(
            f"({render(part)})" if part[0] in {"and", "or"} else render(part) for part in rest
        )
    if kind == "not":
        return f"NOT ({render(rest[0])})"
    if kind in _COMPARATORS or kind in {"+", "-"}:
        return f"{render(rest[0])} {kind} {render(rest[1])}"
    if kind == "between":
        return f"{render(rest[0])} BETWEEN {render(rest[1])} AND {render(rest[2])}"
    if kind == "in":
        return f"{render(rest[0])} IN ({', '.join(render(part) for part in rest[1:])})"
    if kind in {"update", "projection"}:
        return ", ".join(render(part) for part in rest)
    if kind == "SET":
        return f"SET {render(rest[0])} = {render(rest[1])}"
    if kind in _CLAUSES:
        return " ".join([kind, *(render(part) for part in rest)])
    return f"{kind}({', '.join(render(part) for part in rest)})"
