"""The figures that the code itself gives: names as literals, size, types."""

import io
import tokenize
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from scripts.metrics.names import Kind, attribute_names, count_kinds
from scripts.metrics.size import Modules, Size, Sizes
from scripts.metrics.table import Cell, Table

__all__ = ["ROOT", "names_table", "report_tables", "size_table", "spent_table", "types_table"]

ROOT: Final = Path(__file__).resolve().parents[2]
_PROMISED: Final = "60 to 70 %"
_IGNORE: Final = "type: ignore"
_ARCHIVE: Final = "common.data.dao._archived_boto3"
_LAYERS: Final = {
    "archived DAOs": "common/data/dao/_archived_boto3/*.py",
    "new DAOs": "common/data/dao/*.py",
    "models": "common/data/models/*.py",
    "fast path": "common/data/fastpath/*.py",
    "shared by both": "common/data/*.py",
}
_KINDS: Final[tuple[Kind, ...]] = ("attribute", "declaration", "argument", "field")


def report_tables() -> list[dict[str, object]]:
    """What parity's report shows of the project (`metrics` in parity.toml)."""
    return [table.plain() for table in (names_table(ROOT), size_table(ROOT), spent_table(ROOT), types_table(ROOT))]


def names_table(root: Path) -> Table:
    """Attribute names that stand as string literals, layer by layer."""
    names = attribute_names()
    rows: list[list[Cell]] = []
    for layer, pattern in _LAYERS.items():
        counts = count_kinds(sorted(root.glob(pattern)), names)
        rows.append([layer, *(counts[kind] for kind in _KINDS)])
    return Table(
        title=f"{len(names)} attribute names of the models as string literals, by the syntax tree",
        columns=("code", "attributes", "declared by a model", "names of arguments", "fields of entities"),
        rows=rows,
        note="Promised: none in the new DAOs. A check says the name of the argument that is wrong, and an entity is made of fields: such words are often an "
        "attribute's too, on both sides, and are counted apart. What both share names the keys of the tables, and arguments.",
    )


def size_table(root: Path) -> Table:
    """Lines of code that only one side needs, per entity and in all."""
    daos = _daos(root)
    modules = Modules(root)
    rows: list[list[Cell]] = []
    for entity in daos:
        found = modules.sizes([f"{_ARCHIVE}.{entity}_dao"], [f"common.data.dao.{entity}_dao"])
        old, new = found.archived, found.new
        rows.append([entity, old.entities, new.daos, new.models, new.entities, _less(old.entities, new.entities)])
    found = _sizes_of_all(modules, daos)
    old, new = found.archived, found.new
    rows += [
        _sum("all entities", old, new),
        ["machinery", old.machinery, 0, new.machinery, new.machinery, _less(old.machinery, new.machinery)],
        ["in all", old.all, new.daos, new.models + new.machinery, new.all, _less(old.all, new.all)],
        ["fast path, apart", 0, 0, 0, found.fast_path, "-"],
    ]
    return Table(
        title="Lines of code that only one side needs",
        columns=("entity", "archived", "new DAOs", "new models", "new", "less"),
        rows=rows,
        note=f"Promised: {_PROMISED} less. Found: in all {_compared(old.all, new.all)}; what was a DAO and is one, {_compared(old.entities, new.daos)}. "
        "docs/metrics.md says why. Without blank lines, comments and docstrings; what several entities need counts for each, and once below.",
    )


def spent_table(root: Path) -> Table:
    """What the new DAOs and models hold that is no logic."""
    declared = count_kinds(root.glob(_LAYERS["models"]), attribute_names())["declaration"]
    new = _sizes_of_all(Modules(root), _daos(root)).new
    return Table(
        title="What the new DAOs and models hold beside their logic, without machinery",
        columns=("what", "count"),
        rows=[
            ["attributes declared by a model", declared],
            ["lines that make a row of an entity, and an entity of a row", new.conversions],
            ["lines of imports", new.imports],
        ],
        note="They are part of the lines above.",
    )


def types_table(root: Path) -> Table:
    """How the types of each package are checked, and where the checker is told to look away."""
    settings: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    strict = "strict" if settings.get("strict") is True else "not strict"
    rows: list[list[Cell]] = []
    for package in sorted(path.parent.name for path in root.glob("*/__init__.py")):
        files = sorted((root / package).rglob("*.py"))
        checked = strict if package in settings["files"] else "not checked"
        rows.append([package, len(files), checked, sum(_looks_away(file) for file in files)])
    return Table(
        title="Types",
        columns=("package", "modules", "mypy", "type: ignore"),
        rows=rows,
        note="As pyproject.toml has it: make types runs it, make metrics too. Each type: ignore names its error; one that is not needed is an error itself.",
    )


def _daos(root: Path) -> list[str]:
    return sorted(path.stem for path in (root / "common/data/dao/_live").glob("[!_]*.py"))


def _sizes_of_all(modules: Modules, daos: Sequence[str]) -> Sizes:
    return modules.sizes([f"{_ARCHIVE}.{name}_dao" for name in daos], [f"common.data.dao.{name}_dao" for name in daos])


def _sum(name: str, old: Size, new: Size) -> list[Cell]:
    return [name, old.entities, new.daos, new.models, new.entities, _less(old.entities, new.entities)]


def _less(old: int, new: int) -> str:
    """`40 %` for that much less; `-40 %` where it is more."""
    return f"{round(100 * (1 - new / old))} %" if old else "-"


def _compared(old: int, new: int) -> str:
    """`40 % less` or `40 % more`."""
    return f"{abs(round(100 * (1 - new / old)))} % {'less' if new <= old else 'more'}"


def _looks_away(file: Path) -> int:
    source = file.read_text(encoding="utf-8")
    if _IGNORE not in source:
        return 0
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.type == tokenize.COMMENT and _IGNORE in token.string for token in tokens)
