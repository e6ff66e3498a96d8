"""Attribute names that stand as string literals in the code of the data layer, found in its syntax tree."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import common.data.models
from common.data.models.base import DataModel

__all__ = ["Kind", "NameLiteral", "attribute_names", "count_kinds", "name_literals"]

Kind = Literal["attribute", "declaration", "argument", "field"]
"""What a literal that reads as an attribute's name stands for.

`declaration`: `attr_name=` of a model's attribute. `argument`: what a check of `common.data.arguments` calls the argument in its message. `field`: a key of
what an entity is validated from, or of what a copy of it changes. `attribute`: everything else.
"""

_CHECKS: Final = frozenset({"arguments", "order_arguments"})
_EXPRESSION: Final = re.compile(r"[=<>]|\b(?:SET|REMOVE|ADD|DELETE|attribute_\w+|begins_with|contains|size)\b")
_BETWEEN: Final = re.compile(r"[\s,.]+")
_PLACEHOLDER: Final = ("#", ":")
_WORD: Final = re.compile(r"(?<![\w:#-])[A-Za-z_][\w-]*")


@dataclass(frozen=True)
class NameLiteral:
    """An attribute's name inside a string literal: the whole of it, one of a list, or a word of an expression."""

    name: str
    line: int
    kind: Kind


def attribute_names() -> frozenset[str]:
    """The names of all attributes of all models."""
    for module in pkgutil.iter_modules(common.data.models.__path__, "common.data.models."):
        importlib.import_module(module.name)
    models = [model for model in DataModel.__subclasses__() if model.__module__.startswith("common.data.models.")]
    return frozenset(attribute.attr_name for model in models for attribute in model.get_attributes().values())


def name_literals(source: str, names: frozenset[str]) -> list[NameLiteral]:
    """Every attribute name in a string literal of a module, in order of lines; docstrings are none."""
    tree = ast.parse(source)
    passed_over = {id(text) for text in _docstrings(tree)}
    kinds = _kinds(tree)
    found = [
        NameLiteral(name, node.lineno, kinds.get(id(node), "attribute"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed_over
        for name in _names_in(node.value, names)
    ]
    return sorted(found, key=lambda literal: literal.line)


def count_kinds(paths: Iterable[Path], names: frozenset[str]) -> Counter[Kind]:
    """How many literals of each kind there are in some modules."""
    return Counter(literal.kind for path in paths for literal in name_literals(path.read_text(encoding="utf-8"), names))


def _names_in(text: str, names: frozenset[str]) -> list[str]:
    """The names in a list of nothing else, of one too, or in an expression; placeholders (`:name`, `#name`) are none."""
    words = [word for word in _BETWEEN.split(text) if word and not word.startswith(_PLACEHOLDER)]
    if not names.issuperset(words):
        words = _WORD.findall(text) if _EXPRESSION.search(text) else []
    return [word for word in words if word in names]


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield statement.value


def _kinds(tree: ast.AST) -> Mapping[int, Kind]:
    """The kinds of the literals that stand where it can be told, by the id of their node."""
    kinds: dict[int, Kind] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            dicts = {
                target.id: node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
                for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
                if isinstance(target, ast.Name)
            }
            for call in ast.walk(function):
                if isinstance(call, ast.Call):
                    kinds.update(dict.fromkeys(map(id, _fields(call, dicts)), "field"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            kinds.update(dict.fromkeys(map(id, _arguments(call)), "argument"))
            declared = [keyword.value for keyword in call.keywords if keyword.arg == "attr_name"]
            kinds.update(dict.fromkeys(map(id, declared), "declaration"))
    return kinds


def _arguments(call: ast.Call) -> list[ast.expr]:
    """The arguments of a check: `arguments.check_number("quantity", quantity)`."""
    function = call.func
    is_check = (
        isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in _CHECKS
    )
    return list(call.args) if is_check else []


def _fields(call: ast.Call, dicts: Mapping[str, ast.Dict]) -> list[ast.expr]:
    """The keys of what an entity is made of, or changed by."""
    if not isinstance(call.func, ast.Attribute):
        return []
    given: list[ast.expr] = []
    if call.func.attr == "model_validate":
        given = call.args[:1]
    elif call.func.attr == "model_copy":
        given = [keyword.value for keyword in call.keywords if keyword.arg == "update"]
    found = [dicts.get(node.id) if isinstance(node, ast.Name) else node for node in given]
    return [key for node in found if isinstance(node, ast.Dict) for key in node.keys if key is not None]
