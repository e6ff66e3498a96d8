"""Runs the harness as its users do: as a command, judged by exit code and report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOTES = ROOT / "tests" / "parity" / "notes"
_LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    exit_code: int
    output: str
    report: dict[str, Any]

    def places(self) -> set[tuple[str, str, str]]:
        """Method, observable and path of each difference."""
        return {(found["method"], found["observable"], found["path"]) for found in self.report.get("differences", [])}


def parity_run(out: Path, *arguments: str, cwd: Path = ROOT, path: Path | None = None) -> Result:
    """`parity run` with the arguments, in a directory."""
    return parity(out, "run", *arguments, cwd=cwd, path=path)


def parity(out: Path, command_name: str, *arguments: str, cwd: Path = ROOT, path: Path | None = None) -> Result:
    """Any command of `parity` that takes --out."""
    done = run_module("parity", command_name, "--out", str(out), *arguments, cwd=cwd, path=path)
    file = out / "report.json"
    report = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return Result(done.returncode, done.stdout + done.stderr, report)


def run_module(
    *arguments: str, cwd: Path = ROOT, path: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """`python -m` with the arguments, in a directory; `path` can be imported from too."""
    paths = [str(ROOT), *([str(path)] if path else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "200", **variables}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )


def chromium() -> str | None:
    """The browser that is installed here, if any."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
