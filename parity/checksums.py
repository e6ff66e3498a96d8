"""How many items both sides left in each table, and a checksum over them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from parity.config import SIDES
from parity.differ import Rules
from parity.transcript import Transcript

__all__ = ["table_sums"]


def table_sums(transcripts: Mapping[str, Transcript], rules: Rules) -> dict[str, dict[str, dict[str, Any]]]:
    """Per table and side: the items that tests left, counted, and the SHA-256 over them.

    Every test on every kind of tables counts, under faults too, but for those judged by their own assertions. Texts that a rule makes equal are replaced
    by what stands for them first, so that equal sides have equal checksums.
    """
    digests: dict[str, dict[str, Any]] = defaultdict(lambda: {side: hashlib.sha256() for side in SIDES})
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SIDES, 0))
    for side in SIDES:
        tests = transcripts[side].tests
        for test, variant in sorted(tests):
            record = tests[test, variant]
            for table, rows in () if record.concurrent else record.tables.items():
                counts[table][side] += sum(row is not None for row in rows.values())
                text = json.dumps([test, variant, rows], sort_keys=True, ensure_ascii=False)
                digests[table][side].update(rules.neutral(text).encode("utf-8", "surrogatepass"))
    return {
        table: {
            side: {"items": counts[table][side], "checksum": digests[table][side].hexdigest()[:16]} for side in SIDES
        }
        for table in sorted(counts)
    }
