"""The files that a run leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

from parity.report.build import Run, build_report
from parity.report.html import as_html
from parity.report.junit import as_junit
from parity.report.model import Report

__all__ = ["write_files"]


def write_files(run: Run, directory: Path) -> Report:
    """Write `report.json`, `report.html` and `junit.xml`, and give the report.

    Raises:
        OSError: they cannot be written there.
    """
    report = build_report(run)
    # Not by pydantic, which refuses halves of surrogate pairs; JSON has escapes for them.
    (directory / "report.json").write_text(json.dumps(report.model_dump(), indent=1) + "\n", encoding="utf-8")
    (directory / "report.html").write_text(as_html(report), encoding="utf-8")
    (directory / "junit.xml").write_bytes(as_junit(report, run.told.tests))
    return report
