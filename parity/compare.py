"""The transcripts of both sides, call by call: what is equal, what differs, and where."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.differ import Place, Rules, diff_exceptions, diff_items, diff_plain, diff_requests, diff_values
from parity.fault_plan import FaultCase
from parity.transcript import PLAIN_VARIANTS, TestRecord, Transcript

__all__ = ["DIRECTIONS", "Comparison", "Difference", "compare", "compare_call", "compare_faults"]

# What depends on who comes first: when a row was written, and which of the uuids drawn from the test's seed it got.
_DRAWN = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
)
DIRECTIONS = ("old to old", "old to new", "new to old", "new to new", "mixed")


@dataclass
class Difference:
    """One place where the candidate is not the control, with how often it was met and the first example."""

    entity: str
    method: str
    observable: str
    path: str
    control: Any
    candidate: Any
    test: str
    count: int = 0

    @property
    def id(self) -> str:
        """The same in every run for the same place."""
        text = f"{self.entity}/{self.method}/{self.observable}/{self.path}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass
class Comparison:
    """The result of comparing a run."""

    rules: Rules
    differences: dict[tuple[str, str, str, str], Difference] = field(default_factory=dict)
    compared: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    calls: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    cross_read: dict[str, dict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    failures: dict[str, str] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    interleavings: Counter[str] = field(default_factory=Counter)
    unfired: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    metered: set[str] = field(default_factory=set)
    """The entities of whose calls the engine told the consumed capacity."""

    def add(self, entity: str, method: str, observable: str, places: Iterable[Place], test: str) -> int:
        """Note one comparison, and the places where it differed; returns how many there were."""
        self.compared[entity][observable] += 1
        found = 0
        for path, control, candidate in places:
            found += 1
            key = (entity, method, observable, path)
            difference = self.differences.setdefault(key, Difference(*key, control, candidate, test))
            difference.count += 1
        return found

    def of_entity(self, entity: str) -> list[Difference]:
        """The differences of one entity."""
        return [difference for difference in self.differences.values() if difference.entity == entity]


def compare(transcripts: Mapping[str, Transcript], suites: Mapping[str, Sequence[str]], rules: Rules) -> Comparison:
    """Compare the transcripts of `control`, `candidate` and, where there is one, `mixed`.

    Args:
        transcripts: by fleet.
        suites: the files of each entity's suite, relative to the root.
        rules: what makes unequal texts equal; its counts are increased.
    """
    result = Comparison(rules)
    control, candidate = transcripts["control"], transcripts["candidate"]
    for entity in suites:
        _compare_surface(result, entity, control.surface.get(entity, {}), candidate.surface.get(entity, {}))
    for key in [*control.tests, *(key for key in candidate.tests if key not in control.tests)]:
        if key[1] not in PLAIN_VARIANTS:
            continue
        left, right = control.tests.get(key), candidate.tests.get(key)
        if left is None or right is None:
            result.failures[_label(key)] = f"ran on the {'control' if right is None else 'candidate'} only"
            continue
        _compare_test(result, _entity_of(left.test, suites), left, right)
        if "mixed" in transcripts and key in transcripts["mixed"].tests:
            _compare_mixed(result, _entity_of(left.test, suites), left, transcripts["mixed"].tests[key])
    strays = list(diff_plain(control.strays, candidate.strays, rules, "(unseen)"))
    # Nobody knows whose they are; each entity has one comparison, so that a baseline holds for any choice of entities.
    for at, entity in enumerate(suites):
        result.add(entity, "(no call)", "items", [] if at else strays, "(whole run)")
    result.lost += [text for fleet, transcript in transcripts.items() for text in _lost(fleet, transcript)]
    return result


def _lost(fleet: str, transcript: Transcript) -> Iterator[str]:
    """The seeded rows that a fleet lost for good: two sides that lose the same ones are alike, and wrong."""
    who = "mixed fleet" if fleet == "mixed" else fleet
    for table, sums in transcript.old_rows.items():
        items, attributes = sums["lost_items"], sums["lost_attributes"]
        if items or attributes:
            yield f"the {who} lost old rows of {table} (items: {items}, attributes: {attributes}), and no call was seen to write them"


def compare_faults(result: Comparison, control: Transcript, candidate: Transcript, cases: Sequence[FaultCase]) -> None:
    """Compare what both sides did under faults and other writers' changes; the tests' own assertions do not count there, the transcripts do."""
    for case in cases:
        left, right = (side.tests.get((case.test, case.id)) for side in (control, candidate))
        fired = [
            record is not None and any(case.kind in call["injected"] for call in record.calls)
            for record in (left, right)
        ]
        if left is None or right is None or not any(fired):
            result.unfired.append(f"{case.id} in {case.test}")
            continue
        (result.faults if case.change is None else result.interleavings)[case.kind] += 1
        found = sum(
            compare_call(result, one, other, case.test, case.id)
            for one, other in zip(left.calls, right.calls, strict=False)
        )
        call = left.calls[min(case.call, len(left.calls) - 1)]
        if not found and len(left.calls) != len(right.calls):
            ours, theirs = ([made["method"] for made in record.calls] for record in (left, right))
            found = result.add(call["entity"], call["method"], "return", [("(calls)", ours, theirs)], case.test)
        if not found:
            result.add(
                call["entity"], call["method"], "items", diff_items(left.tables, right.tables, result.rules), case.test
            )


def _label(key: tuple[str, str]) -> str:
    return f"{key[0]} ({key[1]})" if key[1] else key[0]


def _entity_of(test: str, suites: Mapping[str, Sequence[str]]) -> str:
    path = test.partition("::")[0]
    return next(
        (entity for entity, files in suites.items() if any(path.endswith(file) for file in files)), next(iter(suites))
    )


def _compare_surface(result: Comparison, entity: str, control: Mapping[str, str], candidate: Mapping[str, str]) -> None:
    for method in sorted({*control, *candidate}):
        left, right = control.get(method, "(absent)"), candidate.get(method, "(absent)")
        result.add(entity, method, "surface", [] if left == right else [("signature", left, right)], "(classes)")


def _compare_test(result: Comparison, entity: str, left: TestRecord, right: TestRecord) -> None:
    label = _label((left.test, left.variant))
    found = 0
    if not left.concurrent:
        for one, other in zip(left.calls, right.calls, strict=False):
            found += compare_call(result, one, other, left.test)
        if not found and len(left.calls) != len(right.calls):
            ours, theirs = ([call["method"] for call in record.calls] for record in (left, right))
            last = _last_method(min(left, right, key=lambda record: len(record.calls)))
            found += result.add(entity, last, "return", [("(calls)", ours, theirs)], left.test)
        if not found:
            places = diff_items(left.tables, right.tables, result.rules)
            method = next((call["method"] for call in reversed(left.calls) if call["wrote"]), "(test)")
            found += result.add(entity, method, "items", places, left.test)
        found += _compare_cross_read(result, left, right)
    elif left.passed and right.passed:
        found += result.add(entity, "(test)", "items", _final_places(left, right, result.rules), left.test)
    if left.passed and not right.passed and not found:
        result.add(entity, _last_method(right), "return", [("(test)", "passed", right.failure)], left.test)
    elif not left.passed:
        result.failures[label] = left.failure if not right.passed else f"failed on the control only:\n{left.failure}"


def _last_method(record: TestRecord) -> str:
    return str(record.calls[-1]["method"]) if record.calls else "(test)"


def compare_call(
    result: Comparison, one: Mapping[str, Any], other: Mapping[str, Any], test: str, variant: str = ""
) -> int:
    """Compare one call as the control and the candidate made it, in everything; returns at how many places it differs."""
    entity, method = one["entity"], one["method"]
    rules = result.rules
    rules.use_request_ids(one["request_ids"], other["request_ids"])
    if (method, one["digest"]) != (other["method"], other["digest"]):
        differing = method != other["method"] or any(
            True for _ in diff_plain(one["arguments"], other["arguments"], rules)
        )
        if differing:
            place = ("(arguments)", [method, one["arguments"]], [other["method"], other["arguments"]])
            return result.add(entity, method, "return", [place], test)
    if one["cost"] or other["cost"]:
        result.metered.add(entity)
    result.calls[entity].add((test, variant, method, one["digest"], _digest(one["outcome"])))
    return (
        _compare_outcome(result, entity, method, one["outcome"], other["outcome"], test)
        + _compare_changed(result, one, other, test)
        + result.add(entity, method, "items", diff_items(one["items"], other["items"], rules), test)
        + result.add(entity, method, "requests", _request_places(one, other, rules), test)
        + result.add(entity, method, "cost", diff_plain(one["cost"], other["cost"], rules), test)
        + result.add(entity, method, "logs", _log_places(one["logs"], other["logs"]), test)
    )


def _compare_changed(result: Comparison, one: Mapping[str, Any], other: Mapping[str, Any], test: str) -> int:
    """Compare what the call did to its arguments, if anything."""
    left, right = (call.get("changed") for call in (one, other))
    if not any(True for _ in diff_plain(left, right, result.rules)):
        return 0
    place = ("(changed arguments)", left or "(unchanged)", right or "(unchanged)")
    return result.add(one["entity"], one["method"], "return", [place], test)


def _digest(outcome: Sequence[Any]) -> str:
    kind, content = outcome
    text = content["class"] if kind == "raise" else json.dumps(content, sort_keys=True)
    return hashlib.sha256(f"{kind}{text}".encode()).hexdigest()[:16]


def _compare_outcome(
    result: Comparison, entity: str, method: str, one: Sequence[Any], other: Sequence[Any], test: str, prefix: str = ""
) -> int:
    if one[0] != other[0]:
        observable, places = "exception", iter([("raised", _brief(one), _brief(other))])
    elif one[0] == "raise":
        observable, places = "exception", diff_exceptions(one[1], other[1], result.rules)
    else:
        observable, places = "return", diff_values(one[1], other[1], result.rules)
    return result.add(entity, method, observable, ((prefix + path, left, right) for path, left, right in places), test)


def _brief(outcome: Sequence[Any]) -> Any:
    kind, content = outcome
    return f"raises {content['class']}: {content['message']}" if kind == "raise" else ["returns", content]


def _request_places(one: Mapping[str, Any], other: Mapping[str, Any], rules: Rules) -> Iterator[Place]:
    found = list(diff_requests(one["requests"], other["requests"], rules))
    yield from found
    if not found:
        if one["attempts"] != other["attempts"]:
            yield "attempts", one["attempts"], other["attempts"]
        elif one["waits"] != other["waits"]:
            yield "waits", one["waits"], other["waits"]


def _log_places(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> Iterator[Place]:
    leaks = [[record for record in side if record[3:] == ["secret"]] for side in (one, other)]
    if any(leaks):
        yield "secret", leaks[0], leaks[1]
    elif one != other:
        yield "records", list(one), list(other)


def _compare_cross_read(result: Comparison, left: TestRecord, right: TestRecord) -> int:
    theirs = {entry["call"]: entry for entry in right.cross_read}
    found = 0
    for entry in left.cross_read:
        answer = theirs.get(entry["call"])
        if answer is None or answer["method"] != entry["method"]:
            continue
        outcomes = {
            "old to old": entry["control"],
            "old to new": entry["candidate"],
            "new to old": answer["control"],
            "new to new": answer["candidate"],
        }
        result.rules.use_request_ids((), ())
        for direction, outcome in outcomes.items():
            counts = result.cross_read[entry["entity"]][direction]
            if outcome is None or entry["control"] is None:
                counts["not run"] += 1
                continue
            prefix = f"(cross-read {direction}) "
            differing = _compare_outcome(
                result, entry["entity"], entry["method"], outcomes["old to old"], outcome, left.test, prefix
            )
            counts["different" if differing else "equal"] += 1
            found += differing
    return found


def _final_places(left: TestRecord, right: TestRecord, rules: Rules) -> Iterator[Place]:
    """What threads left, as rows in no order, whatever their instants and uuids; nothing where who comes first decides what is left."""
    if left.open_outcome:
        return
    ours, theirs = (Counter(_timeless(record.tables)) for record in (left, right))
    only = [[json.loads(row) for row in sorted(rows.elements())] for rows in (ours - theirs, theirs - ours)]
    yield from diff_plain(only[0], only[1], rules, "(final items)")


def _timeless(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for table, rows in tables.items():
        for key, row in rows.items():
            yield _DRAWN.sub("(drawn)", json.dumps([table, key, row], sort_keys=True))


def _compare_mixed(result: Comparison, entity: str, control: TestRecord, mixed: TestRecord) -> None:
    if control.concurrent and control.passed and mixed.passed:
        final = (
            (f"(mixed fleet) {path}", left, right) for path, left, right in _final_places(control, mixed, result.rules)
        )
        result.add(entity, "(test)", "items", final, control.test)
    for one, other in zip(control.calls, mixed.calls, strict=False):
        entity, method = one["entity"], one["method"]
        counts = result.cross_read[entity]["mixed"]
        result.rules.use_request_ids(one["request_ids"], other["request_ids"])
        differing = _compare_outcome(
            result, entity, method, one["outcome"], other["outcome"], control.test, "(mixed fleet) "
        )
        places = (
            (f"(mixed fleet) {path}", left, right)
            for path, left, right in diff_items(one["items"], other["items"], result.rules)
        )
        differing += result.add(entity, method, "items", places, control.test)
        counts["different" if differing else "equal"] += 1
    if control.passed and not mixed.passed:
        result.add(
            entity, _last_method(mixed), "return", [("(mixed fleet) (test)", "passed", mixed.failure)], control.test
        )
