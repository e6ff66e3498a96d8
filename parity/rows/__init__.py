"""A team's own rows: read from export files or a table, decoded by both sides, or turned into seeds."""

from parity.rows.anonymise import Anonymiser, anonymised
from parity.rows.check import Cause, Checked, check_rows
from parity.rows.source import SourceRow, file_rows, table_rows

__all__ = ["Anonymiser", "Cause", "Checked", "SourceRow", "anonymised", "check_rows", "file_rows", "table_rows"]
