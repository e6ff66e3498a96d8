"""Programs by the hundred, from one seed, until a step differs or the budget is spent; a program that differs is made smaller by Hypothesis."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings, strategies
from hypothesis.errors import Flaky
from hypothesis.strategies import DataObject

from parity.coverage import OK
from parity.fuzz.choices import Choices
from parity.fuzz.machine import Finding, Machine
from parity.fuzz.oldrows import OldRows
from parity.fuzz.program import Fault, Generator, MakeCall, Method, Step, Strategy

__all__ = ["Budget", "Explored", "explore"]

_PROGRAMS_AT_ONCE = 100
_STEPS_OF_A_PROGRAM = 24
_SHRINK_SECONDS = 60.0
# What every method is put through before programs are drawn; None is tables that are not there.
_FAILURES = (
    *(Fault(0, kind, always=True) for kind in ("throttle", "refused", "access-denied", "lost-answer", "conflict")),
    Fault(0, "no-credentials", always=False),
    Fault(1, "conflict", always=True),
    None,
)


class _SpentError(BaseException):
    """There is no budget for another program. Nobody takes it for a failure of a program's."""


class _DiffersError(Exception):
    """A step differs: what Hypothesis makes smaller."""


@dataclass
class Budget:
    """How many steps, and seconds, a run may take; None is no bound."""

    steps: int
    seconds: float | None = None
    began: float = field(default_factory=time.perf_counter)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.began

    def is_spent(self, steps: int) -> bool:
        """Whether the run ends after so many steps."""
        return steps >= self.steps or (self.seconds is not None and self.elapsed >= self.seconds)


@dataclass
class Explored:
    """What came of a run.

    Attributes:
        steps: calls made on control and candidate, and compared; those of shrinking do not count.
        programs: how many began.
        seconds: what they took, shrinking aside.
        coverage: method -> outcome -> how often the control did so; what is declared and was not seen counts 0.
        digest: the same for runs that made the same programs.
        finding: the smallest program that differs, if any does.
    """

    steps: int = 0
    programs: int = 0
    seconds: float = 0.0
    coverage: dict[str, Counter[str]] = field(default_factory=dict)
    digest: str = ""
    finding: Finding | None = None


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
        self._shrinking_since: float | None = None

    def run(self, number: int) -> Explored:
        self._chunk(f"{number}/failures", 1, self._failures)
        chunk = 0
        while self._best is None and not self._budget.is_spent(self.explored.steps):
            # Hypothesis likes what is first: another method each time.
            random.Random(f"{number}/{chunk}").shuffle(self._methods)
            self._chunk(f"{number}/{chunk}", _PROGRAMS_AT_ONCE, self._program)
            chunk += 1
        found = self.explored
        found.digest, found.finding = self._digest.hexdigest()[:16], self._best
        found.seconds = found.seconds or self._budget.elapsed
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
            phases=[Phase.generate, Phase.shrink],
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
        except (_SpentError, _DiffersError, Flaky):
            return

    def _program(self, data: DataObject) -> None:
        generator = self._begin()
        with self._machine.program():
            for step in data.draw(_drawn(generator.opening)):
                self._make(generator, step)
            # A fixed number: a step that differs ends its program, so that shrinking needs but leave steps out before it.
            for _ in range(_STEPS_OF_A_PROGRAM):
                self._make(generator, data.draw(_drawn(generator.step)))

    def _failures(self, data: DataObject) -> None:
        """Every method under every failure that the service and the way to it have; a program for each method."""
        for method in self._methods:
            generator = self._begin()
            with self._machine.program():
                for fault in _FAILURES:
                    step = data.draw(_drawn(partial(generator.failing, method=method, fault=fault)))
                    self._make(generator, step)

    def _begin(self) -> Generator:
        if self._shrinking_since is None:
            if self._budget.is_spent(self.explored.steps):
                raise _SpentError
            self.explored.programs += 1
            self._progress(self.explored)
        elif time.perf_counter() - self._shrinking_since > _SHRINK_SECONDS:
            raise _SpentError
        return Generator(self._methods, self._old_rows, self._strategy)

    def _make(self, generator: Generator, step: Step) -> None:
        done, finding = self._machine.run(step)
        if self._shrinking_since is None:
            self._digest.update(repr(step).encode("utf-8", "backslashreplace"))
            if isinstance(step, MakeCall) and done is not None:
                self.explored.steps += 1
                counts = self.explored.coverage[step.method]
                counts[self._machine.outcome(done, counts)] += 1
        if finding is not None:
            self._take(finding)
        elif done is not None:
            generator.learn(step, done.result, self._machine.written(done), failed=done.error is not None)

    def _take(self, finding: Finding) -> None:
        """Keep the smallest program that shows the difference that was found first."""
        if self._shrinking_since is None:
            self._shrinking_since = time.perf_counter()
            self.explored.seconds = self._budget.elapsed
        elif self._best is not None and _kind(finding) != _kind(self._best):
            return
        if self._best is None or _size(finding) <= _size(self._best):
            self._best = finding
        raise _DiffersError


def _kind(finding: Finding) -> tuple[Any, ...]:
    return finding.difference.method, finding.difference.observable, finding.by_model


def _size(finding: Finding) -> tuple[int, int]:
    return len(finding.program), len(repr([done.step for done in finding.program]))


@strategies.composite
def _drawn(draw: Callable[..., Any], make: Callable[[Choices], Any]) -> Any:
    return make(Choices(draw))


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
