"""The runner of documents: it believes nothing that a document says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(directory: Path, text: str) -> subprocess.CompletedProcess[str]:
    (directory / "page.md").write_text(text, encoding="utf-8")
    return run_files(directory, "page.md")


def run_files(directory: Path, *files: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.documents", *files],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_commands_share_directory_and_variables_and_may_go_on_for_lines(tmp_path: Path) -> None:
    page = """# A page
```sh
mkdir here && cd here
export WORD="two words"
# a comment, and a blank line

printf '%s\\n' \\
  "$WORD" > there
```
Prose.
```sh
cat there
pwd
```
```text
two words
...here
```
"""
    done = run(tmp_path, page)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "there").read_text(encoding="utf-8") == "two words\n"
    assert done.stdout.splitlines()[0] == "page.md:3: mkdir here && cd here"
    assert len(done.stdout.splitlines()) == 5


WRONG = {
    "a command that fails": ("```sh\ntrue\nfalse\n```", "page.md:3: false\n  exits with 1, not 0"),
    "one that should fail": (
        "```sh\ntrue  # exits with 1\n```",
        "page.md:2: true  # exits with 1\n  exits with 0, not 1",
    ),
    "one that fails otherwise": ("```sh\nexit 3  # exits with 1\n```", "exits with 3, not 1"),
    "other words": ("```sh\necho one\n```\n```text\ntwo\n```", "page.md:5: not printed: two"),
    "another order": ("```sh\nprintf 'a\\nb\\n'\n```\n\n```text\nb\na\n```", "page.md:7: not printed: a"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_as_the_document_says_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    page, told = WRONG[case]
    done = run(tmp_path, page)
    assert done.returncode == 1
    assert told in done.stderr


def test_as_documented_is_fine(tmp_path: Path) -> None:
    page = "```sh\n(exit 3)  # exits with 3\nprintf 'a  1\\nb\\nc\\n' >&2\n```\n\n```text\na 1\n...\nc\n```\n"
    assert run(tmp_path, page).returncode == 0


def test_what_is_not_run_needs_a_reason_and_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "```sh not-run: needs an account\nfalse\n```")
    assert (done.returncode, done.stdout) == (0, "page.md:2: not run: needs an account\n")


UNREADABLE = {
    "no command": ("Prose alone.", "shows no command"),
    "no end": ("```sh\ntrue\n", "page.md:2: this block has no end"),
    "no reason": ("```sh not-run:\nfalse\n```", "say `sh`, or `sh not-run: REASON`"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_document_that_shows_nothing_is_an_error(tmp_path: Path, case: str) -> None:
    page, told = UNREADABLE[case]
    done = run(tmp_path, page)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_missing_document_is_an_error(tmp_path: Path) -> None:
    done = run_files(tmp_path, "gone.md")
    assert done.returncode == 2
    assert "cannot read gone.md" in done.stderr
