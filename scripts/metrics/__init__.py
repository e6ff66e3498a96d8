"""What the migration promised, measured: `make metrics`, and the tables that parity's report shows of it."""

from scripts.metrics.code import report_tables
from scripts.metrics.table import Table

__all__ = ["Table", "report_tables"]
