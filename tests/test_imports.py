"""What `make imports` refuses, and that what a module gives to others is what it says it gives."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bench", "common", "parity", "scripts", "services", "tests")

# Module, and what it may not know.
REFUSED = [
    ("services.shared.values", "common.data.aws_errors"),
    ("services.shared.values", "common.data.fastpath"),
    ("services.shared.values", "common.data.dao.user_dao"),
    ("common.data.entities.asset", "common.data.arguments"),
    ("common.data.entities.asset", "common.data.errors"),
    ("common.data.arguments", "common.data.models.user"),
    ("common.data.aws", "common.data.entities"),
    ("common.data.calls", "common.data.tables"),
    ("common.data.clock", "common.data.settings"),
    ("common.data.models.user", "common.data"),
    ("parity.compare", "parity.world"),
    ("parity.observer", "parity.recorder"),
]
# The same, of modules side by side, one of which knows the other already.
CIRCLES = [("common.data.fastpath.http", "common.data.fastpath.client"), ("parity.report.model", "parity.report.build")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy in which each of them is imported."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for module, imported in REFUSED + CIRCLES:
        with (copy / module.replace(".", "/")).with_suffix(".py").open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("module", "imported"), REFUSED)
def test_an_import_of_what_a_module_may_not_know_is_refused(told: str, module: str, imported: str) -> None:
    assert re.search(rf"- +{re.escape(module)} -> {re.escape(imported)} \(l", told), told


@pytest.mark.parametrize(("module", "imported"), CIRCLES)
def test_a_circle_is_refused(told: str, module: str, imported: str) -> None:
    package, name = module.rsplit(".", 1)
    assert f"No cycles are allowed in {package}." in told
    assert f"- .{name} -> .{imported.rsplit('.', 1)[1]} (1 import)" in told


def modules() -> dict[str, ast.Module]:
    """Our modules by name."""
    found: dict[str, ast.Module] = {}
    for path in [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_bytes())
    return found


def imported_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.module, each.name) for each in node.names)


def given(tree: ast.Module) -> set[str]:
    """What `__all__` lists."""
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name("__all__")], value=ast.List(elts=names))
                | ast.AnnAssign(target=ast.Name("__all__"), value=ast.List(elts=names))
            ):
                return {str(name.value) for name in names if isinstance(name, ast.Constant)}
    return set()


def test_what_others_import_of_a_module_is_in_its_all() -> None:
    ours = modules()
    libraries = {name: tree for name, tree in ours.items() if not re.search(r"\.(test_\w+|conftest|__main__)$", name)}
    unlisted = {
        f"{module}.{name}, which {user} imports"
        for user, tree in ours.items()
        for module, name in imported_names(tree)
        if module in libraries and f"{module}.{name}" not in ours and name not in given(libraries[module])
    }
    assert not unlisted
