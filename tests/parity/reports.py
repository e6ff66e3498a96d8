"""Two reports to look at: of a candidate that is wrong and hostile to a browser, and of one that is right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

from .harness import NOTES, ROOT

_WRONG = """

class Wrong(NoteDAO):
    def get(self, id: str) -> Note:
        note = super().get(id)
        return replace(note, text=f"{note.text}<script>document.title='ran'</script>")

    def rename(self, id: str, text: str) -> Note:
        self._table.get_item(Key={"id": id})
        return super().rename(id, text)

    def add(self, id: str, text: str, rank: Decimal, secret: str = "") -> Note:
        return super().add(id, "<img src=http://127.0.0.1:9/x onerror=document.title='ran'>" + text, rank, secret)
"""


class Reports:
    """Runs the notes project when a report is first asked for."""

    def __init__(self, directory: Path) -> None:
        self._project = Path(shutil.copytree(NOTES, directory / "notes", ignore=shutil.ignore_patterns("__pycache__")))
        module = self._project / "notes.py"
        text = module.read_text(encoding="utf-8").replace("import dataclass", "import dataclass, replace")
        module.write_text(text + _WRONG, encoding="utf-8")

    @cached_property
    def wrong(self) -> Path:
        """Where the report of a wrong candidate is."""
        return self._run("wrong", 1, "--entity", "note", "--candidate", "notes:Wrong")

    @cached_property
    def right(self) -> Path:
        """Where the report of a right one is."""
        return self._run("right", 0)

    def _run(self, name: str, exit_code: int, *arguments: str) -> Path:
        out = self._project / name
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "AWS_REGION": "eu-west-1",
            "AWS_SECRET_ACCESS_KEY": "hush-hush-hush",
        }
        done = subprocess.run(
            [sys.executable, "-m", "parity", "run", "--no-faults", "--out", str(out), *arguments],
            cwd=self._project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        return out
