"""`make ready-to-clean`: whether it is time to remove the archived DAOs, and why not. docs/cleanup.md says how."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from parity.baseline import FILE_NAME, read_baseline
from parity.config import Config, load_config
from parity.errors import ConfigError
from scripts.cut_overs import LIVE, HistoryError, entities, git

__all__ = ["app", "reasons_against"]

_ARCHIVE: Final = "common.data.dao._archived_boto3"
# What compares or measures the archive goes with it; the rest must not hang on it.
_MAY_IMPORT: Final = (f"{_ARCHIVE.replace('.', '/')}/", f"{LIVE}/", "bench/", "tests/")
_NO_PROOF: Final = "moto"
_CONFIG: Final = "parity.toml"
# What any proof is of: both sides, the services over them, what compared them, and the libraries below.
_PROVED: Final = ("common", "services", "parity", "requirements.txt", _CONFIG)

app = typer.Typer(add_completion=False)


def reasons_against(root: Path, now: datetime, days: int) -> list[str]:
    """Why the archive must stay yet, a line each; none if it can go.

    Args:
        root: a checkout with its whole history; HEAD is judged.
        now: the time of the judgement.
        days: how long every new DAO must have been live.

    Raises:
        HistoryError: git cannot tell: no repository, or its history is cut off.
    """
    if git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise HistoryError("the history here is too shallow to tell since when anything is live: git fetch --unshallow")
    return [*_not_committed(root), *_not_live(root, now, days), *_not_proved(root), *_imported(root)]


def _not_committed(root: Path) -> Iterator[str]:
    changed = [line[3:] for line in git(root, "status", "--porcelain").splitlines()]
    if changed:
        yield f"{_files(changed, 'is', 'are')} not committed: commit, or stash"


def _not_live(root: Path, now: datetime, days: int) -> Iterator[str]:
    """Entities on the archived DAO, or not long enough on the new one; a rollback starts the time anew."""
    for entity in entities(root):
        path = f"{LIVE}/{entity}.py"
        if _imports_archive(git(root, "show", f"HEAD:{path}"), path):
            yield f"{entity}: the archived DAO is live ({path}): cut over first"
            continue
        changed = git(root, "log", "-1", "--format=%cI", "--", path).strip()
        since = now - datetime.fromisoformat(changed)
        if since.days < days:
            yield f"{entity}: live for {max(since.days, 0)} days of {days} (since {changed[:10]}): wait"


def _not_proved(root: Path) -> Iterator[str]:
    """Known differences, and a baseline that is missing, of too little, or of other code."""
    try:
        config = load_config(root / _CONFIG)
        baseline = read_baseline(root)
        proved = _what_is_proved(config)
    except ConfigError as error:
        yield f"{error}"
        return
    for known in config.known:
        yield f"a known difference is left, {known.id} ({known.entity}.{known.method}): end it, in the code or in {_CONFIG}"
    if not git(root, "ls-files", "--", FILE_NAME).strip():
        yield f"there is no {FILE_NAME} in git: parity run --engine dynoxide --accept-baseline writes it"
        return
    unproved = [name for name in config.entities if not any(map(_is_proof, baseline.counts.get(name, {})))]
    if unproved:
        yield (
            f"{', '.join(unproved)}: {FILE_NAME} tells of no run with all faults on an engine other than {_NO_PROOF}: "
            "parity run --engine dynoxide --accept-baseline"
        )
    accepted = git(root, "log", "-1", "--format=%H", "--", FILE_NAME).strip()
    later = git(root, "diff", "--name-only", accepted, "HEAD", "--", *proved).splitlines()
    if accepted and later:
        yield f"{_files(later, 'has', 'have')} changed since {FILE_NAME} was accepted: parity run --engine dynoxide --accept-baseline"


def _is_proof(kind: str) -> bool:
    """Whether the baseline's name of a run says so: `dynoxide+faults`, and no `dynoxide+faults/10`."""
    return kind.endswith("+faults") and not kind.startswith(_NO_PROOF)


def _what_is_proved(config: Config) -> list[str]:
    """What a run hangs on, as git takes paths: the code, what parity.toml names, and the modules beside all suites and in the directories above them."""
    named = [config.connect, config.tables]
    for entity in config.entities.values():
        named += filter(None, (entity.control, entity.candidate, entity.contract))
    modules = [reference.partition(":")[0].replace(".", "/") for reference in named]
    suites = [Path(file) for name in config.entities for file in config.suite_files(name)]
    beside = [f":(glob){(directory / '*.py').as_posix()}" for suite in suites for directory in suite.parents]
    seeds = [path.relative_to(config.root).as_posix() for paths in config.seed_files().values() for path in paths]
    return sorted({*_PROVED, *modules, *(f"{module}.py" for module in modules), *beside, *seeds})


def _imported(root: Path) -> Iterator[str]:
    for path in git(root, "ls-files", "--", "*.py").splitlines():
        file = root / path
        if (
            not path.startswith(_MAY_IMPORT)
            and file.is_file()
            and _imports_archive(file.read_text(encoding="utf-8"), path)
        ):
            yield f"{path} imports the archive: have it use common.data.dao"


def _imports_archive(source: str, path: str) -> bool:
    """Whether a module imports it, by whatever statement, or by `import_module` with a name that is written there."""
    package = path.split("/")[:-1]
    return any(
        f"{name}.".startswith(f"{_ARCHIVE}.") for node in ast.walk(ast.parse(source)) for name in _names(node, package)
    )


def _names(node: ast.AST, package: list[str]) -> list[str]:
    """The full names of what a statement or call imports into a module of the package."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = _resolved(module or "", level, package)
            return [f"{base}.{alias.name}" for alias in names]
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [_resolved(name.lstrip("."), len(name) - len(name.lstrip(".")), package)]
    return []


def _resolved(name: str, level: int, package: list[str]) -> str:
    """A name after so many dots: one is the package, each more the one above."""
    above = package[: len(package) - level + 1] if level else []
    return ".".join([*above, *filter(None, [name])])


def _files(paths: list[str], one: str, several: str) -> str:
    return f"{paths[0]} {one}" if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more {several}"


@app.command()
def check(
    days: Annotated[int, typer.Option(min=0, help="How long every new DAO must have been live.")] = 28,
) -> None:
    """Say whether the archive can be removed, and if not, why not.

    Exit codes: 0 it can; 1 it cannot, or git cannot tell.
    """
    try:
        found = reasons_against(Path.cwd(), datetime.now(UTC), days)
    except HistoryError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    for reason in found:
        typer.echo(f"not yet: {reason}")
    if found:
        raise typer.Exit(1)
    typer.echo("ready: nothing hangs on the archived DAOs; docs/cleanup.md says how to remove them")


if __name__ == "__main__":
    app()
