"""When the archive may go, on small histories."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.cut_overs import LIVE, HistoryError, git
from scripts.ready_to_clean import app, reasons_against

ARCHIVED = "from common.data.dao._archived_boto3 import UserDAO\n"
NEW = "from common.data.dao.user_dao import UserDAO\n"
CONFIG = """connect = "tests.sides.connecting:connect"
tables = "testing:TABLES"
[entities.user]
control = "common.data.dao._archived_boto3:UserDAO"
candidate = "common.data.dao.user_dao:UserDAO"
suite = ["tests/dao/test_user*.py"]
seeds = { users = ["tests/users.jsonl"] }
"""
KNOWN = """
[[known]]
id = "softer"
entity = "user"
method = "get"
observable = "return"
path = "name"
reason = "agreed"
since = 2026-01-01
expires = 2027-01-01
"""
LOCK = {"user": {"dynoxide+faults": 100, "moto+faults": 90}}


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def commit(root: Path, days_later: int = 0) -> None:
    """Commit everything, as if some days from now."""
    at = (datetime.now(UTC) + timedelta(days=days_later)).isoformat(timespec="seconds")
    git(root, "add", "-A")
    # rebase sets the committer's date from the author's.
    git(root, "commit", "-q", "-m", "Change it", "--date", at)
    if days_later:
        git(root, "rebase", "-q", "--force-rebase", "--committer-date-is-author-date", "HEAD^")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose archive can go as soon as its cut-over is old enough."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    put(root, f"{LIVE}/__init__.py", "")
    put(root, f"{LIVE}/user.py", NEW)
    put(root, "common/data/dao/_archived_boto3/user_dao.py", "from common.data.dao._archived_boto3 import _rows\n")
    put(root, "tests/dao/test_user_dao.py", ARCHIVED)
    put(root, "tests/users.jsonl", "")
    put(root, "services/users.py", "from common.data.dao import UserDAO\n")
    put(root, "parity.toml", CONFIG)
    put(root, "parity.lock", json.dumps(LOCK))
    commit(root)
    return root


def reasons(root: Path, *, days_later: int = 28) -> list[str]:
    return reasons_against(root, datetime.now(UTC) + timedelta(days=days_later, minutes=1), 28)


def test_nothing_stands_in_the_way_when_all_is_live_long_enough_and_proved(root: Path) -> None:
    assert reasons(root) == []


def test_a_cut_over_must_be_old_enough(root: Path) -> None:
    (reason,) = reasons(root, days_later=27)
    assert reason.startswith("user: live for 27 days of 28 (since 20")


def test_an_entity_on_the_archived_dao_is_told(root: Path) -> None:
    put(root, f"{LIVE}/order.py", ARCHIVED)
    commit(root)
    assert reasons(root)[0] == f"order: the archived DAO is live ({LIVE}/order.py): cut over first"


def test_a_rollback_and_its_revert_start_the_time_anew(root: Path) -> None:
    for at, text in ((10, ARCHIVED), (20, NEW)):
        put(root, f"{LIVE}/user.py", text)
        put(root, "parity.lock", json.dumps(LOCK) + at * "\n")
        commit(root, at)
    assert reasons(root, days_later=28)[0].startswith("user: live for 8 days of 28")
    assert reasons(root, days_later=48) == []


def test_a_known_difference_that_is_left_is_told(root: Path) -> None:
    put(root, "parity.toml", CONFIG + KNOWN)
    put(root, "parity.lock", json.dumps(LOCK) + "\n")
    commit(root)
    assert reasons(root) == ["a known difference is left, softer (user.get): end it, in the code or in parity.toml"]


def test_a_missing_baseline_is_told(root: Path) -> None:
    git(root, "rm", "-q", "parity.lock")
    commit(root)
    (reason,) = reasons(root)
    assert reason.startswith("there is no parity.lock in git: ")


@pytest.mark.parametrize(
    "kinds",
    [{"moto+faults": 9}, {"dynoxide": 9}, {"dynoxide+faults/10": 9}, {}],
    ids=["moto", "plain", "tenth", "none"],
)
def test_a_baseline_without_all_faults_on_a_real_engine_is_too_little(root: Path, kinds: dict[str, int]) -> None:
    put(root, "parity.lock", json.dumps({"user": kinds}))
    commit(root)
    (reason,) = reasons(root)
    assert reason.startswith("user: parity.lock tells of no run with all faults on an engine other than moto")


@pytest.mark.parametrize(
    "path",
    [
        "tests/dao/test_user_dao.py",
        "tests/dao/test_user_more.py",
        "tests/dao/user_rows.py",
        "tests/dao/conftest.py",
        "tests/conftest.py",
        "tests/users.jsonl",
        "tests/sides/connecting.py",
        "common/data/dao/user_dao.py",
        "common/logs.py",
        "services/users.py",
        "parity/compare.py",
        "requirements.txt",
        "parity.toml",
    ],
)
def test_a_baseline_of_another_suite_or_other_code_is_told(root: Path, path: str) -> None:
    more = CONFIG if path == "parity.toml" else "more = 1"
    put(root, path, f"{more}\n")
    commit(root)
    (reason,) = reasons(root)
    assert reason.startswith(f"{path} has changed since parity.lock was accepted: ")
    put(root, "parity.lock", json.dumps(LOCK) + "\n")
    commit(root)
    assert reasons(root) == []


@pytest.mark.parametrize("path", ["README.md", "docs/cleanup.md", "tests/unit/test_dates.py", "bench/calls.py"])
def test_what_no_run_hangs_on_may_change(root: Path, path: str) -> None:
    put(root, path, "")
    commit(root)
    assert reasons(root) == []


@pytest.mark.parametrize(
    "source",
    [
        "from common.data.dao._archived_boto3 import UserDAO\n",
        "from common.data.dao import _archived_boto3\n",
        "def late():\n    import common.data.dao._archived_boto3.user_dao\n",
        "import importlib\narchived = importlib.import_module('common.data.dao._archived_boto3')\n",
        "from importlib import import_module\narchived = import_module('common.data.dao._archived_boto3.user_dao')\n",
        "archived = __import__('common.data.dao._archived_boto3')\n",
    ],
)
def test_who_imports_the_archive_is_told(root: Path, source: str) -> None:
    put(root, "scripts/users.py", source)
    commit(root)
    assert reasons(root) == ["scripts/users.py imports the archive: have it use common.data.dao"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("common/data/dao/__init__.py", "from ._archived_boto3 import UserDAO\n"),
        ("common/data/dao/__init__.py", "from . import _archived_boto3\n"),
        ("common/data/dao/other.py", "from ._archived_boto3.user_dao import UserDAO\n"),
        ("common/data/dao/more/other.py", "from .._archived_boto3 import UserDAO\n"),
        ("common/data/other.py", "from .dao._archived_boto3 import UserDAO\n"),
        ("common/data/dao/other.py", "import importlib\nimportlib.import_module('._archived_boto3', __package__)\n"),
    ],
)
def test_who_imports_the_archive_by_a_relative_name_is_told(root: Path, path: str, source: str) -> None:
    put(root, path, source)
    put(root, "parity.lock", json.dumps(LOCK) + "\n")
    commit(root)
    assert reasons(root) == [f"{path} imports the archive: have it use common.data.dao"]


@pytest.mark.parametrize("source", ["from . import _archived_boto3\n", "from ._archived_boto3 import UserDAO\n"])
def test_another_package_of_the_same_name_is_not_the_archive(root: Path, source: str) -> None:
    put(root, "bench.py", source)
    put(root, "services/users.py", source)
    put(root, "parity.lock", json.dumps(LOCK) + "\n")
    commit(root)
    assert reasons(root) == []


def test_what_only_speaks_of_the_archive_imports_nothing(root: Path) -> None:
    put(root, "scripts/users.py", '"""Was on common.data.dao._archived_boto3."""\n')
    commit(root)
    assert reasons(root) == []


def test_what_is_not_committed_is_told(root: Path) -> None:
    put(root, "services/new.py", "")
    put(root, "services/users.py", "")
    assert reasons(root) == ["services/users.py and 1 more are not committed: commit, or stash"]


def test_entities_that_no_proof_tells_of_stand_in_one_line(root: Path) -> None:
    more = CONFIG[CONFIG.index("[entities.user]") :]
    put(root, "parity.toml", CONFIG + "".join(more.replace("entities.user", f"entities.{name}") for name in "ab"))
    put(root, "parity.lock", json.dumps({**LOCK, "b": {"dynoxide+faults/10": 9}}))
    commit(root)
    (reason,) = reasons(root)
    assert reason.startswith("a, b: parity.lock tells of no run with all faults")


def test_a_wrong_configuration_is_told_as_it_is(root: Path) -> None:
    put(root, "parity.toml", CONFIG.replace("tests/dao/test_user*.py", "tests/none*.py"))
    commit(root)
    (reason,) = reasons(root)
    assert reason.startswith("the suite of user is not there: no file matches ")


def test_a_history_that_is_cut_off_cannot_be_judged(root: Path, tmp_path: Path) -> None:
    put(root, "services/users.py", "")
    commit(root)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", str(tmp_path / "clone"))
    with pytest.raises(HistoryError, match="git fetch --unshallow"):
        reasons(tmp_path / "clone")


def test_the_command_says_each_reason_in_a_line_and_exits_by_them(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    early = CliRunner().invoke(app, [])
    assert (early.exit_code, early.output.count("\n")) == (1, 1)
    assert early.output.startswith("not yet: user: live for 0 days of 28")
    ready = CliRunner().invoke(app, ["--days", "0"])
    assert (ready.exit_code, ready.output.startswith("ready: ")) == (0, True)
    monkeypatch.chdir(tmp_path)
    nowhere = CliRunner().invoke(app, [])
    assert (nowhere.exit_code, nowhere.output.startswith("error: git rev-parse: ")) == (1, True)
