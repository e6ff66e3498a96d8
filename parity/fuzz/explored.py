"""What a fuzzing run may take, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from parity.fuzz.machine import Finding

__all__ = ["Budget", "Explored", "Fuzzed"]


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
        compared: by method, how many calls were compared with the model's.
        declined: by method, how many calls the model could not judge.
        digest: the same for runs that made the same programs.
        finding: the smallest program that differs, if any does.
    """

    steps: int = 0
    programs: int = 0
    seconds: float = 0.0
    coverage: dict[str, Counter[str]] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    declined: dict[str, int] = field(default_factory=dict)
    digest: str = ""
    finding: Finding | None = None


@dataclass(frozen=True)
class Fuzzed:
    """A run of one entity: what it explored, which declared outcomes it never saw, and why its model was not asked, if it was not."""

    entity: str
    explored: Explored
    unseen: tuple[str, ...]
    unasked: str = ""
