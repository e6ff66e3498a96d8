"""`python -m parity.report.schema` writes the published schema of `report.json` anew."""

from __future__ import annotations

import json
from pathlib import Path

from parity.report.model import Report

__all__ = ["SCHEMA_FILE", "schema_text"]

SCHEMA_FILE = Path(__file__).with_name("report.schema.json")


def schema_text() -> str:
    """The JSON schema (draft 2020-12) of `report.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema()}
    return json.dumps(schema, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
