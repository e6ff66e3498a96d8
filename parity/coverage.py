"""Method x outcome: what the contract declares, and what the suites really saw."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from parity.config import Config, Entity, load_object
from parity.errors import ConfigError
from parity.transcript import Transcript

__all__ = ["OK", "Coverage", "contract_of", "declared_outcomes", "measure", "outcome_of", "uncovered"]

OK = "ok"
Coverage = dict[str, dict[str, dict[str, int]]]
"""entity -> method -> outcome -> in how many tests it was seen."""

_RAISES = re.compile(r"^(\s*)(\w+)\s*:", re.MULTILINE)


def contract_of(entity: Entity) -> type | None:
    """The class that declares an entity's outcomes, if parity.toml names one.

    Raises:
        ConfigError: it cannot be loaded, is no class, or declares no public method, so that it would prove nothing.
    """
    if entity.contract is None:
        return None
    role = f"the contract of {entity.name}"
    found = load_object(entity.contract, role)
    if not isinstance(found, type):
        raise ConfigError(f"{role} = {entity.contract!r} is no class")
    if not declared_outcomes(found):
        raise ConfigError(f"{role} = {entity.contract!r} declares no public method")
    return found


def declared_outcomes(contract: type) -> dict[str, list[str]]:
    """The outcomes of each public method of a Protocol: `ok` and the errors of its docstring's `Raises:` section."""
    found = {}
    for name, method in inspect.getmembers(contract, inspect.isfunction):
        if not name.startswith("_"):
            found[name] = [OK, *_raised(inspect.getdoc(method) or "")]
    return found


def _raised(doc: str) -> list[str]:
    _, section, text = doc.partition("Raises:\n")
    names = []
    depth: int | None = None
    for line in text.splitlines() if section else ():
        if not line.strip():
            break
        match = _RAISES.match(line)
        indent = len(line) - len(line.lstrip())
        depth = indent if depth is None else depth
        if match and indent == depth:
            names.append(match[2])
    return names


def measure(config: Config, control: Transcript) -> Coverage:
    """In how many tests each outcome was seen on the control; declared ones that were not seen count 0.

    Raises:
        ConfigError: a contract of the configuration cannot be loaded.
    """
    seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    coverage: Coverage = {}
    for entity in config.entities.values():
        contract = contract_of(entity)
        declared = {} if contract is None else declared_outcomes(contract)
        coverage[entity.name] = {method: dict.fromkeys(outcomes, 0) for method, outcomes in declared.items()}
    for record in control.tests.values():
        for call in record.calls:
            methods = coverage.get(call["entity"], {})
            outcome = outcome_of(call["outcome"], methods.get(call["method"], {}))
            seen[call["entity"], call["method"], outcome].add(record.test)
    for (entity_name, method, outcome), tests in sorted(seen.items()):
        coverage.setdefault(entity_name, {}).setdefault(method, {})[outcome] = len(tests)
    return coverage


def outcome_of(outcome: list[Any], declared: Mapping[str, int]) -> str:
    """`ok`, or the declared error that was raised: its own class, else the nearest base that is declared."""
    kind, content = outcome
    if kind == "return":
        return OK
    names = [str(name).rpartition(".")[2] for name in content["classes"]]
    return next((name for name in names if name in declared), names[0])


def uncovered(coverage: Coverage, least_tests: int = 1) -> list[str]:
    """The declared cells that fewer tests saw than must, as `entity.method: outcome`."""
    return [
        f"{entity}.{method}: {outcome}"
        for entity, methods in coverage.items()
        for method, outcomes in methods.items()
        for outcome, count in outcomes.items()
        if count < least_tests
    ]
