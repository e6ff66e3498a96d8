"""What each method costs on either side: requests, units, time and the actions that its role must allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from parity.transcript import Transcript

__all__ = ["MethodFigures", "figures"]


@dataclass
class MethodFigures:
    """Sums over the compared calls of one method on one side; milliseconds are a median and judge nothing."""

    calls: int = 0
    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    actions: set[str] = field(default_factory=set)
    milliseconds: list[float] = field(default_factory=list)

    def allow(self, call: Mapping[str, Any]) -> None:
        """Note the actions that a call needs, and count nothing."""
        for request in call["requests"]:
            self.actions.update(f"dynamodb:{operation} {table}" for operation, table in _actions(request))

    def add(self, call: Mapping[str, Any]) -> None:
        """Count one call."""
        self.calls += 1
        self.requests += len(call["requests"])
        self.read_units += float(call["cost"].get("read", 0))
        self.write_units += float(call["cost"].get("write", 0))
        self.milliseconds.append(call["milliseconds"])

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "calls": self.calls,
            "requests": self.requests,
            "read_units": round(self.read_units, 1),
            "write_units": round(self.write_units, 1),
            "median_milliseconds": round(median(self.milliseconds or [0.0]), 3),
            "actions": sorted(self.actions),
        }


def _actions(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The IAM actions of a request with the resources that they are for (a transaction needs those of its parts)."""
    if "TransactItems" in request:
        names = {
            "Put": "PutItem",
            "Update": "UpdateItem",
            "Delete": "DeleteItem",
            "ConditionCheck": "ConditionCheckItem",
        }
        return [
            (names.get(kind, "GetItem"), part.get("table", ""))
            for action in request["TransactItems"]
            for kind, part in action.items()
        ]
    if "RequestItems" in request:
        return [(request["operation"], table) for table in request["RequestItems"]]
    index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
    return [(request["operation"], f"{request.get('table', '')}{index}")]


def figures(transcripts: Mapping[str, Transcript]) -> dict[str, dict[str, dict[str, Any]]]:
    """Per entity and method the figures of `control` and `candidate`: calls on empty tables, and the actions of all calls."""
    found: dict[tuple[str, str], dict[str, MethodFigures]] = defaultdict(lambda: defaultdict(MethodFigures))
    for side in ("control", "candidate"):
        for record in transcripts[side].tests.values():
            for call in record.calls:
                numbers = found[call["entity"], call["method"]][side]
                numbers.allow(call)
                if not record.variant:
                    numbers.add(call)
    report: dict[str, dict[str, dict[str, Any]]] = {}
    for (entity, method), sides in sorted(found.items()):
        report.setdefault(entity, {})[method] = {side: numbers.plain() for side, numbers in sides.items()}
    return report
