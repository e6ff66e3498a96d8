"""What a whole run of the user suite leaves behind, its transcripts too, holds no password and no hash."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from parity.config import load_config
from parity.report import write_files
from parity.runner import Options, run_parity
from tests.integration.user_rows import PASSWORD

from .harness import ROOT

PLANTED = (PASSWORD, "Correct horse battery staple", "of another writer", "$2b$")
SUITE = (
    "tests/integration/test_user_dao_secrets.py",
    "tests/integration/test_user_dao_password.py::test_change_password_sets_the_hash_and_updated_at_alone",
    "tests/integration/test_user_dao_lost_answers.py",
)


def test_no_password_and_no_hash_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    for directory in (scratch, out):
        directory.mkdir()
    monkeypatch.setattr("tempfile.TemporaryDirectory", lambda **_: nullcontext(str(scratch)))
    run = run_parity(load_config(ROOT / "parity.toml").only(["user"]), Options(tests=SUITE, faults_every=3))
    write_files(run, out)
    assert run.judgement.verdict == "parity"
    written = {file.name: file.read_text(encoding="utf-8") for file in [*scratch.iterdir(), *out.iterdir()]}
    for name in ("control.jsonl", "candidate.jsonl", "control-again.jsonl", "mixed-again.jsonl", "report.json"):
        assert "change_password" in written[name]
    for name, text in written.items():
        assert [planted for planted in PLANTED if planted in text] == [], name
