"""Programs: rows put by another writer, and calls, some of them under a fault; each step is drawn from what came before it."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis.errors import HypothesisException

from parity.errors import ConfigError, ParityError
from parity.fault_plan import fault_kinds
from parity.fuzz.choices import Choices
from parity.fuzz.drawing import Drawing
from parity.fuzz.memory import Memory
from parity.fuzz.oldrows import OldRows
from parity.wireform import Item

__all__ = ["Fault", "Generator", "MakeCall", "Method", "PutRow", "Step", "Strategy", "methods_of"]

Strategy = Callable[[str, Drawing], Mapping[str, object] | None]
"""A project's own: the arguments of a call of a method by name, or None to leave them to their types."""

_ROW_ONE_IN = 6
_GOAL_ONE_IN = 3
# What each method must tell its caller if it does not pass.
_HARD = ("conflict", "throttle", "refused", "access-denied")
_LAST_ONE_IN = 50
_FAULTY_PROGRAM_ONE_IN = 3
_FAULT_ONE_IN = 4
_ALWAYS_ONE_IN = 4
_MISSING_ONE_IN = 60
_OLD_ROWS = (1, 2, 3, 0)
_KINDS = tuple(
    dict.fromkeys(kind for kind, _ in (*fault_kinds("PutItem"), *fault_kinds("Query"), *fault_kinds("BatchGetItem")))
)
_REQUESTS = 3


@dataclass(frozen=True)
class Fault:
    """A fault at a request of a call: every further attempt of its operation fails too, if `always`.

    Where its kind cannot happen to the request, another of the same place in the list does.
    """

    request: int
    kind: str
    always: bool


@dataclass(frozen=True)
class PutRow:
    """Another writer stores a row."""

    table: str
    row: Item


@dataclass(frozen=True)
class MakeCall:
    """A call of a method, on tables that are not there if `missing`."""

    method: str
    arguments: Mapping[str, Any]
    fault: Fault | None = None
    missing: bool = False


Step = PutRow | MakeCall


@dataclass(frozen=True)
class Method:
    """A method of a contract: its name, and the annotations of its parameters; `optional` names those with a default."""

    name: str
    parameters: Mapping[str, Any]
    optional: frozenset[str]


def methods_of(contract: type) -> list[Method]:
    """The public methods of a class, by name."""
    found = []
    for name, function in inspect.getmembers(contract, inspect.isfunction):
        if name.startswith("_"):
            continue
        hints = typing.get_type_hints(function)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        named = [part for part in parameters if part.kind not in {part.VAR_KEYWORD, part.VAR_POSITIONAL}]
        optional = frozenset(part.name for part in named if part.default is not part.empty)
        found.append(Method(name, {part.name: hints.get(part.name, Any) for part in named}, optional))
    return found


class Generator:
    """Draws the steps of one program; it is told what came of each."""

    def __init__(
        self, methods: Sequence[Method], goals: Sequence[Method], old_rows: OldRows, strategy: Strategy | None
    ) -> None:
        """Draw calls of the methods, and more of those that are goals: they have outcomes that were not seen yet."""
        self._methods, self._goals, self._old_rows, self._strategy = methods, goals, old_rows, strategy
        self.memory = Memory()
        self._faulty = False

    def opening(self, choices: Choices) -> list[Step]:
        """The old rows that a program finds."""
        self._faulty = choices.chance(_FAULTY_PROGRAM_ONE_IN)
        rows: dict[str, Step] = {}
        for _ in range(choices.pick(_OLD_ROWS)):
            for table, row in self._old_rows.some(choices):
                rows[repr((table, sorted(row.items())))] = PutRow(table, row)
        return list(rows.values())

    def is_over(self, choices: Choices) -> bool:
        """Whether the program ends here: the simplest choice, which Hypothesis likes to fill programs up with."""
        return choices.below(_LAST_ONE_IN) == 0

    def steps(self, choices: Choices) -> list[Step]:
        """The next step, after the rows that it needs."""
        if choices.chance(_ROW_ONE_IN) and (row := self._row(choices)) is not None:
            return [PutRow(*row)]
        at_goal = bool(self._goals) and choices.chance(_GOAL_ONE_IN)
        method = choices.pick(self._goals if at_goal else self._methods)
        drawing = Drawing(choices, self.memory)
        arguments = self._arguments(method, drawing)
        fault = None
        if at_goal and self._faulty:
            fault = Fault(choices.below(_REQUESTS), choices.pick(_HARD), always=True)
        elif self._faulty and choices.chance(_FAULT_ONE_IN):
            fault = self._fault(choices)
        call = MakeCall(method.name, arguments, fault, missing=choices.chance(_MISSING_ONE_IN))
        return [*(PutRow(*row) for row in drawing.rows), call]

    def _row(self, choices: Choices) -> tuple[str, Item] | None:
        if choices.chance(3):
            return next(iter(self._old_rows.some(choices)), None)
        return self._old_rows.changed(choices, self.memory)

    def failing(self, choices: Choices, method: Method, fault: Fault | None) -> list[Step]:
        """A call of a method that meets a fault, or without one finds no tables; after the rows that it needs."""
        drawing = Drawing(choices, self.memory)
        call = MakeCall(method.name, self._arguments(method, drawing), fault, missing=fault is None)
        return [*(PutRow(*row) for row in drawing.rows), call]

    def _fault(self, choices: Choices) -> Fault:
        return Fault(choices.below(_REQUESTS), choices.pick(_KINDS), choices.chance(_ALWAYS_ONE_IN))

    def _arguments(self, method: Method, drawing: Drawing) -> Mapping[str, Any]:
        if self._strategy is not None and not drawing.choices.chance(4):
            given = _asked(self._strategy, method.name, drawing)
            if given is not None:
                return dict(given)
        drawing.about_one_record()
        return {
            name: drawing.argument(name, annotation)
            for name, annotation in method.parameters.items()
            if name not in method.optional or drawing.choices.below(3)
        }

    def learn(self, step: Step, result: object, rows: Iterable[tuple[str, Item]], *, failed: bool) -> None:
        """Remember a step, what it returned and the rows that it wrote; of one that failed the entities alone: its keys lead nowhere."""
        if isinstance(step, PutRow):
            self.memory.see_row(step.table, step.row)
            return
        for name, value in step.arguments.items():
            self.memory.see(name, value, entities_alone=failed)
        self.memory.see("", result)
        for table, row in rows:
            self.memory.see_row(table, row)


def _asked(strategy: Strategy, method: str, drawing: Drawing) -> Mapping[str, object] | None:
    try:
        return strategy(method, drawing)
    except (HypothesisException, ParityError):
        raise
    except Exception as error:
        raise ConfigError(f"strategies: for {method} it raised {type(error).__name__}: {error}") from error
