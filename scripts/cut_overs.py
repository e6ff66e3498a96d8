"""The cut-over commits in git's history, and throw-away worktrees to try them in.

A cut-over changes the one import line of `common/data/dao/_live/ENTITY.py` and ends with the trailer `Cut-over: ENTITY`.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

__all__ = [
    "LIVE",
    "CutOver",
    "HistoryError",
    "Worktree",
    "end_in_order",
    "entities",
    "find_cut_overs",
    "git",
    "worktree",
]

LIVE: Final = "common/data/dao/_live"
"""The directory that decides what is live."""

_ARCHIVE: Final = "common.data.dao._archived_boto3"
_TRAILER: Final = "Cut-over"
_TERMINATED: Final = 128 + signal.SIGTERM
# A revert commits: on any machine, with no hook, no signature and no editor.
_PLAIN: Final = (
    *("-c", "user.name=rollback drill", "-c", "user.email=drill@localhost", "-c", "commit.gpgsign=false"),
    *("-c", "core.hooksPath=/dev/null", "-c", "core.editor=true", "-c", "advice.detachedHead=false"),
)


class HistoryError(Exception):
    """Git's history is not what is needed; one line says how."""


@dataclass(frozen=True)
class CutOver:
    """A commit that made the new DAO of an entity live."""

    entity: str
    commit: str

    @property
    def path(self) -> str:
        """The file that it changes."""
        return f"{LIVE}/{self.entity}.py"


def git(root: Path, *arguments: str) -> str:
    """What git prints.

    Raises:
        HistoryError: git refuses, or is not there.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *_PLAIN, *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=environment)
    except FileNotFoundError:
        raise HistoryError("git is not installed") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise HistoryError(f"git {arguments[0]}: {said[0]}")
    return done.stdout


def entities(root: Path) -> list[str]:
    """The entities that have a file in `_live`, at HEAD."""
    names = git(root, "ls-tree", "--name-only", "HEAD", f"{LIVE}/").split()
    return [Path(name).stem for name in names if Path(name).stem != "__init__"]


def find_cut_overs(root: Path, wanted: list[str]) -> list[CutOver]:
    """The newest cut-over of each entity in the history of HEAD, oldest first, each seen to be one line of one file.

    Raises:
        HistoryError: one is missing, too shallow a history cuts it off, or it changes anything else.
    """
    known = entities(root)
    for entity in wanted:
        if entity not in known:
            raise HistoryError(f"there is no entity {entity!r}; there are: {', '.join(known)}, or all")
    form = f"%H %(trailers:key={_TRAILER},valueonly,separator=%x20)"
    found: dict[str, CutOver] = {}
    for line in git(root, "log", "--topo-order", "-E", f"--grep=^{_TRAILER}: ", f"--format={form}").splitlines():
        commit, _, entity = line.partition(" ")
        if entity in wanted:
            found.setdefault(entity, CutOver(entity, commit))
    missing = [entity for entity in wanted if entity not in found]
    if missing:
        raise HistoryError(_why_missing(root, missing))
    for cut_over in found.values():
        _check(root, cut_over)
    return list(reversed(found.values()))


def _is_shallow(root: Path) -> bool:
    return git(root, "rev-parse", "--is-shallow-repository").strip() == "true"


def _why_missing(root: Path, missing: list[str]) -> str:
    names = ", ".join(missing)
    if _is_shallow(root):
        return f"the history here is too shallow to hold the cut-over of {names}: run git fetch --unshallow"
    return f"no commit in the history of HEAD has the trailer {_TRAILER}: for {names}"


def _check(root: Path, cut_over: CutOver) -> None:
    try:
        changes = git(root, "diff", "--numstat", f"{cut_over.commit}^", cut_over.commit).splitlines()
    except HistoryError:
        raise HistoryError(_why_missing(root, [cut_over.entity])) from None
    if changes != [f"1\t1\t{cut_over.path}"]:
        raise HistoryError(f"{cut_over.commit[:12]} is no cut-over: it changes more than one line of {cut_over.path}")


@dataclass(frozen=True)
class Worktree:
    """A checkout of its own."""

    path: Path

    def git(self, *arguments: str) -> str:
        """What git prints here."""
        return git(self.path, *arguments)

    def revert(self, *commits: str) -> str:
        """Revert commits by plain `git revert`; gives the last commit made."""
        self.git("revert", "--no-edit", *commits)
        return self.git("rev-parse", "HEAD").strip()

    def is_archived(self, entity: str) -> bool:
        """Whether the archived DAO of an entity is live here."""
        return _ARCHIVE in (self.path / LIVE / f"{entity}.py").read_text(encoding="utf-8")


def end_in_order() -> None:
    """Let SIGTERM end the process as Ctrl-C does, so that nothing of a worktree or of what runs in it stays behind."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(_TERMINATED)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def worktree(root: Path, commit: str = "HEAD") -> Iterator[Worktree]:
    """A throw-away worktree at a commit, on no branch; gone afterwards, with what was committed in it."""
    with tempfile.TemporaryDirectory(prefix="rollback-drill-") as scratch:
        path = Path(scratch) / "worktree"
        git(root, "worktree", "add", "--detach", str(path), commit)
        try:
            yield Worktree(path)
        finally:
            git(root, "worktree", "remove", "--force", str(path))
