"""What a command writes is there whole or not at all, and never in place of what it reads."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parity.cli import app
from parity.errors import ParityError
from parity.outputs import written_whole

from .harness import NOTES

ROW = json.dumps({"Item": {"id": {"S": "alice"}, "text": {"S": "hello"}, "rank": {"N": "1"}}}) + "\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(ROW, encoding="utf-8")
    return path


@pytest.mark.parametrize("link", [False, True], ids=["itself", "a link to it"])
@pytest.mark.parametrize(
    "command",
    [("anonymise", "--out"), ("read-check", "--config", str(NOTES / "parity.toml"), "--list")],
    ids=["anonymise", "read-check"],
)
def test_a_teams_own_rows_are_never_written_over(rows: Path, command: tuple[str, ...], *, link: bool) -> None:
    out = rows
    if link:
        out = rows.with_name("link")
        out.symlink_to(rows)
    done = CliRunner().invoke(app, [*command, str(out), str(rows)])
    assert done.exit_code == 3, done.output
    assert "would be read and written" in done.stderr
    assert rows.read_text(encoding="utf-8") == ROW


def test_an_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParityError, match="would be read and written"), written_whole(tmp_path, [tmp_path]):
        pass


def test_a_cut_input_leaves_no_half_output_and_an_earlier_one_as_it_was(rows: Path) -> None:
    rows.write_text(ROW + ROW[:-9], encoding="utf-8")
    out = rows.with_name("seeds.jsonl")
    out.write_text("earlier", encoding="utf-8")
    done = CliRunner().invoke(app, ["anonymise", str(rows), "--out", str(out)])
    assert done.exit_code == 3, done.output
    assert out.read_text(encoding="utf-8") == "earlier"
    out.unlink()
    CliRunner().invoke(app, ["anonymise", str(rows), "--out", str(out)])
    assert list(rows.parent.iterdir()) == [rows]


def test_what_is_written_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.touch(mode=0o640)
    link.symlink_to(target)
    with written_whole(link) as file:
        file.write("text")
    assert (target.read_text(encoding="utf-8"), target.stat().st_mode & 0o777, link.is_symlink()) == (
        "text",
        0o640,
        True,
    )


def test_a_device_is_written_to_as_it_is() -> None:
    with written_whole(Path(os.devnull)) as file:
        file.write("text")
    assert not Path(os.devnull).is_file()
