"""What a run found: `report.html` for people, `report.json` and `junit.xml` for machines, and a summary for the terminal."""

from parity.report.build import EXIT_CODES, Run, Told, build_report
from parity.report.files import write_files
from parity.report.html import as_html
from parity.report.model import Report, read_report
from parity.report.project import project_tables
from parity.report.terminal import print_summary

__all__ = [
    "EXIT_CODES",
    "Report",
    "Run",
    "Told",
    "as_html",
    "build_report",
    "print_summary",
    "project_tables",
    "read_report",
    "write_files",
]
