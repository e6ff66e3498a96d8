"""Programs by the hundred, from one seed, until a step differs or the budget is spent: drawn by Hypothesis, choice by choice."""

from __future__ import annotations

import functools
import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings, strategies
from hypothesis.errors import Flaky
from hypothesis.strategies import DataObject, SearchStrategy

from parity.coverage import OK
from parity.errors import ParityError
from parity.fuzz.choices import Choices
from parity.fuzz.explored import Budget, Explored
from parity.fuzz.machine import Finding, Machine
from parity.fuzz.oldrows import OldRows
from parity.fuzz.program import Fault, Generator, MakeCall, Method, Step, Strategy
from parity.fuzz.smaller import smaller

__all__ = ["explore"]

_PROGRAMS_AT_ONCE = 60
_MOST_STEPS = 50
# What every method is put through before programs are drawn; None is tables that are not there.
_FAILURES = (
    *(Fault(0, kind, always=True) for kind in ("throttle", "refused", "access-denied", "lost-answer", "conflict")),
    Fault(0, "no-credentials", always=False),
    Fault(1, "conflict", always=True),
    Fault(2, "conflict", always=True),
    None,
)


class _SpentError(BaseException):
    """There is no budget for another program. Nobody takes it for a failure of a program's."""


class _DiffersError(BaseException):
    """A step differs: nobody draws another program."""


class _Explorer:
    def __init__(
        self,
        machine: Machine,
        methods: Sequence[Method],
        old_rows: OldRows,
        strategy: Strategy | None,
        declared: Mapping[str, Sequence[str]],
        budget: Budget,
        progress: Callable[[Explored], None],
    ) -> None:
        self._machine, self._methods, self._old_rows, self._strategy = machine, list(methods), old_rows, strategy
        self._budget, self._progress = budget, progress
        self.explored = Explored()
        for method in methods:
            self.explored.coverage[method.name] = Counter(dict.fromkeys(declared.get(method.name, [OK]), 0))
        self._digest = hashlib.sha256()
        self._best: Finding | None = None
        self._goals: list[Method] = []
        self._chosen_rows = old_rows
        self._tables: set[str] = set()
        self._is_over = False

    def run(self, number: int) -> Explored:
        self._budget.began = time.perf_counter()
        self._chunk(f"{number}/failures", 1, self._failures)
        chunk = 0
        while self._best is None and not self._budget.is_spent(self.explored.steps):
            self._chosen_rows = self._old_rows.of(self._tables)
            counts = self.explored.coverage
            self._goals = [method for method in self._methods if not all(counts[method.name].values())] if chunk else []
            # Hypothesis likes what is first: another method each time.
            random.Random(f"{number}/{chunk}").shuffle(self._methods)
            self._chunk(f"{number}/{chunk}", _PROGRAMS_AT_ONCE, self._program)
            chunk += 1
        found = self.explored
        found.digest, found.seconds, found.finding = self._digest.hexdigest()[:16], self._budget.elapsed, self._best
        if (model := self._machine.model) is not None:
            found.compared, found.declined = dict(model.compared), dict(model.declined)
        if found.finding is not None:
            self._make_smaller(found.finding)
        return found

    def _chunk(self, text: str, programs: int, body: Callable[[DataObject], None]) -> None:
        """Some programs in one go of Hypothesis, which remembers every choice of a go."""
        if self._best is not None:
            return

        @settings(
            max_examples=programs,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            report_multiple_bugs=False,
        )
        @seed(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
        @given(strategies.data())
        def go(data: DataObject) -> None:
            body(data)

        try:
            go()
        except (_SpentError, _DiffersError):
            return
        except Flaky as error:
            # Hypothesis calls a program that was cut short flaky too.
            if not self._is_over:
                raise ParityError(
                    "programs do not follow from the seed alone: what a DAO returns depends on more than its arguments, its tables and the clock"
                ) from error

    def _program(self, data: DataObject) -> None:
        generator = self._begin()
        with self._machine.program():
            for step in data.draw(_drawn(generator.opening)):
                self._make(generator, step)
            for _ in range(_MOST_STEPS):
                if data.draw(_drawn(generator.is_over)):
                    break
                for step in data.draw(_drawn(generator.steps)):
                    self._make(generator, step)

    def _failures(self, data: DataObject) -> None:
        """Every method under every failure that the service and the way to it have; a program for each method."""
        for method in self._methods:
            generator = self._begin()
            with self._machine.program():
                for fault in _FAILURES:
                    for step in data.draw(_drawn(partial(generator.failing, method=method, fault=fault))):
                        self._make(generator, step)

    def _begin(self) -> Generator:
        if self.explored.programs and self._budget.is_spent(self.explored.steps):
            self._is_over = True
            raise _SpentError
        self.explored.programs += 1
        self._progress(self.explored)
        return Generator(self._methods, self._goals, self._chosen_rows, self._strategy)

    def _make(self, generator: Generator, step: Step) -> None:
        done, finding = self._machine.run(step)
        self._digest.update(repr(step).encode("utf-8", "backslashreplace"))
        if isinstance(step, MakeCall) and done is not None:
            self.explored.steps += 1
            self._tables |= self._machine.tables_of(done)
            counts = self.explored.coverage[step.method]
            counts[self._machine.outcome(done, counts)] += 1
        if finding is not None:
            self._best, self._is_over = finding, True
            raise _DiffersError
        if done is not None:
            generator.learn(step, done.result, self._machine.written(done), failed=done.error is not None)

    def _make_smaller(self, first: Finding) -> None:
        """Keep the smallest program that shows the same difference."""
        kind = _kind(first)
        optional = {method.name: method.optional for method in self._methods}

        def differs(steps: list[Step]) -> bool:
            with self._machine.program():
                for step in steps:
                    _, finding = self._machine.run(step)
                    if finding is not None:
                        break
            if finding is None or _kind(finding) != kind:
                return False
            self.explored.finding = finding
            return True

        program = [done.step for done in first.program]
        keys = self._machine.key_attributes
        smaller(
            program,
            lambda method, name: name in optional[method],
            lambda table, name: name in keys[table],
            differs,
        )


def _kind(finding: Finding) -> tuple[Any, ...]:
    return finding.difference.method, finding.difference.observable, finding.by_model


@strategies.composite
def _drawn(draw: Callable[..., Any], make: Callable[[Choices], Any]) -> Any:
    return make(Choices(lambda bound: draw(_numbers(bound))))


@functools.cache
def _numbers(bound: int) -> SearchStrategy[int]:
    return strategies.integers(0, bound - 1)


def explore(
    machine: Machine,
    methods: Sequence[Method],
    old_rows: OldRows,
    strategy: Strategy | None,
    declared: Mapping[str, Sequence[str]],
    budget: Budget,
    number: int,
    progress: Callable[[Explored], None] = lambda _: None,
) -> Explored:
    """Make programs until a step differs or the budget is spent.

    Args:
        machine: what runs them.
        methods: the methods that are called.
        old_rows: what programs may find in the tables.
        strategy: the project's own arguments, if it has any.
        declared: the declared outcomes of each method.
        budget: how long.
        number: the seed, from which all programs follow.
        progress: told before each program.
    """
    return _Explorer(machine, methods, old_rows, strategy, declared, budget, progress).run(number)
