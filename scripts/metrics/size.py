"""How much code either side needs: lines that hold code, by what imports what."""

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Size", "Sizes", "code_lines", "needed_modules", "sizes"]

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
    """

    daos: int
    models: int
    machinery: int

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
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                lines.difference_update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return len(lines)


def needed_modules(root: Path, start: Iterable[str]) -> frozenset[str]:
    """The modules of `common` that these import, and what those import, and so on; the packages around them are passed over.

    What `common/data/dao/__init__.py` imports is what is live, not what a DAO needs.
    """
    found: set[str] = set()
    open_ends = list(start)
    while open_ends:
        module = open_ends.pop()
        if module in found or _file_of(root, module) is None:
            continue
        found.add(module)
        open_ends += _imports(root, module)
    return frozenset(found)


def sizes(root: Path, archived: Iterable[str], new: Iterable[str]) -> Sizes:
    """What the archived modules need alone against what the new ones need alone."""
    of_archived, of_new = needed_modules(root, archived), needed_modules(root, new)
    fast = [module for module in of_archived | of_new if module.startswith(_FAST_PATH)]
    return Sizes(
        archived=_size(root, of_archived - of_new - set(fast)),
        new=_size(root, of_new - of_archived - set(fast)),
        fast_path=sum(_lines(root, module) for module in fast),
    )


def _size(root: Path, modules: Iterable[str]) -> Size:
    found = Counter[str]()
    for module in modules:
        knows_entities = any(name.startswith(_ENTITIES) for name in _imports(root, module))
        part = "machinery" if not knows_entities else "models" if module.startswith(_MODELS) else "daos"
        found[part] += _lines(root, module)
    return Size(daos=found["daos"], models=found["models"], machinery=found["machinery"])


def _lines(root: Path, module: str) -> int:
    path = _file_of(root, module)
    return code_lines(path.read_text(encoding="utf-8")) if path else 0


def _file_of(root: Path, module: str) -> Path | None:
    """The file of a module of `common`; None for anything else, a name in a module too."""
    if module.partition(".")[0] != "common":
        return None
    path = root.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _imports(root: Path, module: str) -> list[str]:
    """The modules that one imports: of `from package import name` the name, where that is a module."""
    path = _file_of(root, module)
    if path is None:
        return []
    modules: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = [f"{node.module}.{alias.name}" for alias in node.names]
            inner = [name for name in named if _file_of(root, name) is not None]
            modules += inner
            if len(inner) < len(named):
                modules.append(node.module)
    return modules
