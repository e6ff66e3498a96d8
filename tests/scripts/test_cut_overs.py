"""Git alone: finding the cut-overs, and taking them back in any order."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts import rollback_drill, services_unchanged
from scripts.cut_overs import LIVE, HistoryError, find_cut_overs, git, worktree
from scripts.services_unchanged import check_range

ENTITIES = ["asset", "asset_balance", "asset_transaction", "balance", "order", "user"]
ARCHIVED = "from common.data.dao._archived_boto3 import DAO\n\n__all__ = ['DAO']\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A history like the platform's: everything archived, then six cut-overs, then something else."""
    root = tmp_path / "repository"
    (root / LIVE).mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    for name in ("__init__", *ENTITIES):
        (root / LIVE / f"{name}.py").write_text("" if name == "__init__" else ARCHIVED)
    commit(root, "Begin")
    for entity in reversed(ENTITIES):
        cut_over(root, entity)
    (root / "README").write_text("more\n")
    commit(root, "Go on")
    return root


def commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def cut_over(root: Path, entity: str) -> None:
    file = root / LIVE / f"{entity}.py"
    file.write_text(file.read_text().replace("_archived_boto3", f"{entity}_dao"))
    commit(root, f"Make the new DAO live\n\nCut-over: {entity}")


def test_each_cut_over_is_found_by_its_trailer_oldest_first(repository: Path) -> None:
    found = find_cut_overs(repository, ENTITIES)
    assert [each.entity for each in found] == list(reversed(ENTITIES))
    check_range(repository, found)
    (one,) = find_cut_overs(repository, ["balance"])
    assert git(repository, "show", "--name-only", "--format=", one.commit).split() == [f"{LIVE}/balance.py"]


def test_cut_overs_are_reverted_and_brought_back_in_any_order(repository: Path) -> None:
    commits = [each.commit for each in find_cut_overs(repository, ENTITIES)]
    cut, archived = (git(repository, "rev-parse", f"{at}:{LIVE}").strip() for at in ("HEAD", f"{commits[0]}^"))
    orders = random.Random(6)  # noqa: S311 - the same orders in each run
    with worktree(repository) as tree:
        for _ in range(8):
            reverts = [tree.revert(each) for each in orders.sample(commits, 6)]
            assert tree.git("rev-parse", f"HEAD:{LIVE}").strip() == archived
            assert all(tree.is_archived(entity) for entity in ENTITIES)
            tree.revert(*orders.sample(reverts, 6))
            assert tree.git("rev-parse", f"HEAD:{LIVE}").strip() == cut
            assert not any(tree.is_archived(entity) for entity in ENTITIES)


def test_a_worktree_leaves_nothing_behind(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    with worktree(repository) as tree:
        tree.revert(find_cut_overs(repository, ["user"])[0].commit)
        assert tree.path.is_dir()
    assert not tree.path.exists()
    assert git(repository, "rev-parse", "HEAD") == head
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert not git(repository, "status", "--porcelain")


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_too_shallow_a_history_says_so(repository: Path, tmp_path: Path, depth: int) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", str(depth), f"file://{repository}", str(clone))
    with pytest.raises(HistoryError, match=r"too shallow to hold the cut-over of .*git fetch --unshallow"):
        find_cut_overs(clone, ENTITIES)


def test_a_history_without_the_cut_over_says_so(repository: Path) -> None:
    git(repository, "reset", "-q", "--hard", "HEAD~2")  # the newest cut-over is gone, that of asset
    with pytest.raises(HistoryError, match=r"no commit in the history of HEAD has the trailer Cut-over: for asset$"):
        find_cut_overs(repository, ENTITIES)


def test_an_unknown_entity_is_told_with_those_that_are(repository: Path) -> None:
    with pytest.raises(HistoryError, match=r"no entity 'users'; there are: asset, .*, user, or all"):
        find_cut_overs(repository, ["users"])


def test_a_commit_that_changes_more_is_no_cut_over(repository: Path) -> None:
    (repository / LIVE / "user.py").write_text("from somewhere import DAO\n")
    commit(repository, "Change more\n\nCut-over: user")
    with pytest.raises(HistoryError, match=r"changes more than one line of common/data/dao/_live/user\.py"):
        find_cut_overs(repository, ["user"])


def test_nothing_else_may_change_between_the_cut_overs(repository: Path) -> None:
    git(repository, "revert", "--no-edit", find_cut_overs(repository, ["user"])[0].commit)
    cut_over(repository, "user")
    with pytest.raises(HistoryError, match="something else changed: README"):
        check_range(repository, find_cut_overs(repository, ENTITIES))


def test_the_commands_fail_in_one_line(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run = CliRunner().invoke
    monkeypatch.chdir(repository)
    refused = run(rollback_drill.app, ["--entity", "user", "--engine", "moto"])
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "error: the drill needs a real engine, not moto" in refused.output
    assert run(services_unchanged.app, ["--no-tests"]).output.startswith("6 cut-overs, one line each")
    monkeypatch.chdir(tmp_path)
    nowhere = run(services_unchanged.app, ["--no-tests"])
    assert (nowhere.exit_code, nowhere.output.count("\n")) == (1, 1)
