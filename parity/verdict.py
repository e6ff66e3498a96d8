"""From what was compared to one verdict: known differences taken out, and nothing green that was not looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from parity.baseline import Baseline
from parity.compare import Comparison
from parity.config import Config, Known
from parity.coverage import Coverage, uncovered

__all__ = ["Judgement", "judge"]


@dataclass
class Judgement:
    """A verdict (a key of `report.EXIT_CODES`), why, and the known differences with their hits.

    `kind` and `whole` say what run it is of, as `judge` was told.
    """

    verdict: str
    kind: str
    whole: bool
    reasons: list[str] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)


def judge(
    comparison: Comparison,
    config: Config,
    coverage: Coverage,
    baseline: Baseline,
    kind: str,
    *,
    whole: bool,
    today: date,
) -> Judgement:
    """Judge a run.

    Args:
        comparison: what differed; known differences are taken out of it.
        config: the entities that ran, and what is declared about them.
        coverage: which outcomes were seen.
        baseline: what was compared before.
        kind: engine and faults, as the baseline names runs.
        whole: whether all tests ran, so that what was not seen is missing.
        today: known differences that expired before it count no more.
    """
    hits = _take_out_known(comparison, config.known, today)
    judgement = Judgement("parity", kind, whole, reasons=list(comparison.lost), known=hits)
    if comparison.differences:
        judgement.verdict = "differences"
        return judgement
    if comparison.failures:
        judgement.verdict = "suite-failed"
        return judgement
    judgement.reasons += _not_compared(comparison, config)
    if whole:
        judgement.reasons += _unused(config, hits, comparison.rules.counts, today)
        judgement.reasons += _uncovered(coverage, config, kind.partition("+")[0])
        judgement.reasons += baseline.shortfalls(
            kind, {name: comparison.compared[name].total() for name in config.entities}
        )
    if judgement.reasons:
        judgement.verdict = "not-judged"
    return judgement


def _take_out_known(comparison: Comparison, known: Sequence[Known], today: date) -> dict[str, int]:
    hits = dict.fromkeys((entry.id for entry in known), 0)
    for entry in known:
        if entry.expires < today:
            continue
        for key in [key for key in comparison.differences if key == entry.place]:
            hits[entry.id] += comparison.differences.pop(key).count
    return hits


def _not_compared(comparison: Comparison, config: Config) -> list[str]:
    reasons = [
        f"no call of {name} was compared: does its suite use the fixture {name}_dao?"
        for name in config.entities
        if not comparison.calls[name]
    ]
    if comparison.unfired:
        reasons.append(
            f"{len(comparison.unfired)} planned faults or changes of another writer met no request, the first: {comparison.unfired[0]}"
        )
    return reasons


def _unused(config: Config, hits: Mapping[str, int], rules: Mapping[str, int], today: date) -> list[str]:
    reasons = [
        f"the known difference {entry.id} {'expired' if entry.expires < today else 'was not met'}: take it out of {config.path.name}"
        for entry in config.known
        if entry.entity in config.entities and not hits[entry.id]
    ]
    reasons += [
        f"the rule {rule.id} made no pair equal: take it out of {config.path.name}"
        for rule in config.rules
        if rule.entity in config.entities and not rules[rule.id]
    ]
    return reasons


def _uncovered(coverage: Coverage, config: Config, engine: str) -> list[str]:
    declared = {cell.text for cell in config.unreachable if cell.engine in {None, engine}}
    unseen = uncovered(coverage)
    missing = [cell for cell in unseen if cell not in declared]
    scarce = [cell for cell in uncovered(coverage, config.least_tests) if cell not in {*declared, *unseen}]
    reached = [cell.text for cell in config.unreachable if cell.engine in {None, engine} and cell.is_seen(coverage)]
    reasons = [f"no test saw {', '.join(missing)}: test it, or declare it unreachable"] if missing else []
    if scarce:
        reasons.append(f"fewer than {config.least_tests} tests saw {', '.join(scarce)}")
    reasons += [f"{text} is declared unreachable, and was seen: take it out of {config.path.name}" for text in reached]
    return reasons + [
        f"{cell.text} is declared unreachable, and no contract declares it: take it out of {config.path.name}"
        for cell in config.unreachable
        if cell.entity in config.entities and cell.outcome not in coverage.get(cell.entity, {}).get(cell.method, {})
    ]
