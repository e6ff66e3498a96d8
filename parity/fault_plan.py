"""What is run again, planned from what the control did on empty tables.

Faults: every kind that can happen, at every request of every method, once for each way the method goes. Seeded tables: every test that read rows which
it did not name. A mixed fleet: every test with calls of which one can meet what another left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from parity.requests import READS
from parity.transcript import TestRecord, Transcript

__all__ = ["FaultCase", "fault_kinds", "plan_faults", "tests_for_both", "tests_for_seeds", "way_of"]

ONCE, ALWAYS = 1, None
_ANY: Sequence[tuple[str, int | None]] = (
    ("throttle", ONCE),
    ("throttle", ALWAYS),
    ("server-error", ONCE),
    ("server-error", ALWAYS),
    ("timeout", ONCE),
    ("timeout", ALWAYS),
    ("connection-broken", ONCE),
    ("refused", ONCE),
    ("refused", ALWAYS),
    ("no-credentials", ALWAYS),
    ("access-denied", ALWAYS),
    ("wrong-credentials", ALWAYS),
    ("expired-credentials", ALWAYS),
)
_WRITES: Sequence[tuple[str, int | None]] = (
    ("lost-answer", ONCE),
    ("lost-answer", ALWAYS),
    ("lost-answer-timeout", ONCE),
    ("lost-answer-500", ONCE),
    ("conflict", ONCE),
    ("conflict", ALWAYS),
)
_BATCHES: Sequence[tuple[str, int | None]] = (("unprocessed", ONCE), ("unprocessed", ALWAYS))
_PAGES: Sequence[tuple[str, int | None]] = (("short-page", ONCE), ("short-page", ALWAYS))


@dataclass(frozen=True)
class FaultCase:
    """One fault at one request of one call of one test; positions count from 0.

    With a `change` it is none of AWS's but another writer's (see `parity.interleaving`); `number` tells those of one kind and place apart.
    """

    test: str
    call: int
    request: int
    kind: str
    times: int | None
    number: int = 0
    change: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """As pytest shows it."""
        if self.change is not None:
            return f"interleaving-{self.kind}-{self.number}-at-{self.call}.{self.request}"
        return f"fault-{self.kind}-{'always' if self.times is None else 'once'}-at-{self.call}.{self.request}"

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def tests_for_seeds(control: Transcript) -> list[str]:
    """The tests that sent a Query or a Scan; to requests that name their keys other rows cannot matter."""
    return [
        record.test
        for record in control.tests.values()
        if any(request["operation"] in {"Query", "Scan"} for call in record.calls for request in call["requests"])
    ]


def tests_for_both(control: Transcript) -> list[str]:
    """The tests in which one call wrote and another sent requests too: of the rest, a mixed fleet shows what one side has shown."""
    return [
        record.test
        for record in control.tests.values()
        if record.concurrent
        or (any(call["wrote"] for call in record.calls) and sum(bool(call["requests"]) for call in record.calls) > 1)
    ]


def plan_faults(control: Transcript, every: Mapping[str, int] | None = None) -> list[FaultCase]:
    """The fault cases for what the control did without faults.

    Of all calls of a method that sent the same operations and ended alike, the first stands for them. Of an entity that has a number in `every` only
    every so many cases are taken.
    """
    planned: dict[str, int] = {}
    seen: set[tuple[Any, ...]] = set()
    cases: list[FaultCase] = []
    for record in control.tests.values():
        if not record.is_plain:
            continue
        for entity, case in _of_test(record, seen):
            if planned.get(entity, 0) % (every or {}).get(entity, 1) == 0:
                cases.append(case)
            planned[entity] = planned.get(entity, 0) + 1
    return cases


def way_of(call: Mapping[str, Any], pages: int | None = None) -> tuple[Any, ...]:
    """What calls have in common that one of them stands for: method, operations and outcome; of equal operations in a row so many count."""
    operations: list[str] = []
    for request in call["requests"]:
        if pages is None or operations[-pages:] != [request["operation"]] * pages:
            operations.append(request["operation"])
    kind, content = call["outcome"]
    return call["entity"], call["method"], tuple(operations), content["class"] if kind == "raise" else kind


def _of_test(record: TestRecord, seen: set[tuple[Any, ...]]) -> Iterator[tuple[str, FaultCase]]:
    for at, call in enumerate(record.calls):
        way = way_of(call)
        if way in seen:
            continue
        seen.add(way)
        for position, request in enumerate(call["requests"]):
            for fault, times in fault_kinds(request["operation"], len(request.get("TransactItems", ()))):
                yield call["entity"], FaultCase(record.test, at, position, fault, times)


def fault_kinds(operation: str, actions: int = 0) -> Iterator[tuple[str, int | None]]:
    """Every fault that can happen to a request, and how many of its attempts meet it; `actions` are those of a transaction."""
    yield from _ANY
    if operation not in READS:
        yield from _WRITES
        yield from ((f"conflict-{action}", ONCE) for action in range(1, actions))
    if operation in {"BatchGetItem", "BatchWriteItem"}:
        yield from _BATCHES
    if operation in {"Query", "Scan"}:
        yield from _PAGES
