"""How much code either side needs: lines that hold code, by what imports what."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

__all__ = ["Modules", "Size", "Sizes", "code_lines"]

_NO_CODE: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
        tokenize.INDENT,
        tokenize.NEWLINE,
        tokenize.NL,
    }
)
_FAST_PATH: Final = "common.data.fastpath."
_MODELS: Final = "common.data.models."
_ENTITIES: Final = "common.data.entities"


@dataclass(frozen=True)
class Size:
    """Lines of code that only one side's DAOs need; each module counts once.

    Attributes:
        daos: the DAOs, and what helps them with rows of their kinds.
        models: the models of their rows.
        machinery: what knows no entity, and serves all of them.
        imports: of the DAOs and models, what imports.
        conversions: of them, what makes a row of an entity (`of`), and an entity of a row (`to_user`).
    """

    daos: int
    models: int
    machinery: int
    imports: int
    conversions: int

    @property
    def entities(self) -> int:
        """What is there for these entities alone."""
        return self.daos + self.models

    @property
    def all(self) -> int:
        """Everything."""
        return self.entities + self.machinery


@dataclass(frozen=True)
class Sizes:
    """Both sides, and apart from them the fast path, which only the new one takes and which can be switched off."""

    archived: Size
    new: Size
    fast_path: int


def code_lines(source: str) -> int:
    """The lines of a module that hold code: no blank lines, no comments, no docstrings."""
    return len(_numbers(source, ast.parse(source)))


def _numbers(source: str, tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                lines.difference_update(_span(statement))
    return lines


def _span(node: ast.stmt) -> range:
    """The lines of a statement, decorators included."""
    above = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    first = min([node.lineno, *(decorator.lineno for decorator in above)])
    return range(first, (node.end_lineno or node.lineno) + 1)


class Modules:
    """The modules of `common` under a directory; each is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, _Module | None] = {}

    def needed_by(self, start: Iterable[str]) -> frozenset[str]:
        """What these import, and what those import, and so on; the packages around them are passed over.

        What `common/data/dao/__init__.py` imports is what is live, not what a DAO needs.
        """
        found: set[str] = set()
        open_ends = list(start)
        while open_ends:
            name = open_ends.pop()
            module = None if name in found else self._module(name)
            if module is not None:
                found.add(name)
                open_ends += self._modules_of(module)
        return frozenset(found)

    def sizes(self, archived: Iterable[str], new: Iterable[str]) -> Sizes:
        """What the archived modules need alone against what the new ones need alone."""
        of_archived, of_new = self.needed_by(archived), self.needed_by(new)
        fast = {name for name in of_archived | of_new if name.startswith(_FAST_PATH)}
        return Sizes(
            archived=self._size(of_archived - of_new - fast),
            new=self._size(of_new - of_archived - fast),
            fast_path=sum(module.lines for name in fast if (module := self._module(name))),
        )

    def _size(self, names: Iterable[str]) -> Size:
        found = Counter[str]()
        for name in names:
            module = self._module(name)
            if module is not None:
                knows_entities = any(imported.startswith(_ENTITIES) for imported, _ in module.imports)
                part = "machinery" if not knows_entities else "models" if name.startswith(_MODELS) else "daos"
                found[part] += module.lines
                if knows_entities:
                    found["imports"] += module.import_lines
                    found["conversions"] += module.conversion_lines
        return Size(**{field.name: found[field.name] for field in fields(Size)})

    def _modules_of(self, module: _Module) -> list[str]:
        """The modules that one imports: of `from package import name` the name, where that is a module."""
        return [
            f"{package}.{name}" if name and self._file_of(f"{package}.{name}") else package
            for package, name in module.imports
        ]

    def _module(self, name: str) -> _Module | None:
        if name not in self._read:
            path = self._file_of(name)
            self._read[name] = _Module.of(path.read_text(encoding="utf-8")) if path else None
        return self._read[name]

    def _file_of(self, name: str) -> Path | None:
        """The file of a module of `common`; None for anything else, a name in a module too."""
        if name.partition(".")[0] != "common":
            return None
        path = self._root.joinpath(*name.split("."))
        return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@dataclass(frozen=True)
class _Module:
    """Lines of code, in all and of some kinds, and what is imported: a module, and a name of it where one is named."""

    lines: int
    import_lines: int
    conversion_lines: int
    imports: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, source: str) -> _Module:
        tree = ast.parse(source)
        imports: list[tuple[str, str]] = []
        importing: set[int] = set()
        converting: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                importing.update(_span(node))
            if isinstance(node, ast.Import):
                imports += [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                imports += [(node.module, alias.name) for alias in node.names]
            elif isinstance(node, ast.FunctionDef) and (node.name == "of" or node.name.startswith("to_")):
                converting.update(_span(node))
        lines = _numbers(source, tree)
        return cls(len(lines), len(lines & importing), len(lines & converting), imports)
