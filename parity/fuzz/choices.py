"""Everything random in a program is a choice among the first few whole numbers, so that Hypothesis can replay it and make it smaller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["Choices"]

T = TypeVar("T")


class Choices:
    """Choices in order; what a program looks like is a function of them. The lowest is the simplest, and what shrinking goes for."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        """Take the choices from a function that draws a whole number below a bound."""
        self._draw = draw

    def below(self, bound: int) -> int:
        """A whole number from 0 to one below the bound."""
        return self._draw(bound) if bound > 1 else 0

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the first is the simplest."""
        return options[self.below(len(options))]

    def chance(self, one_in: int) -> bool:
        """True once in so many times; False is the simplest."""
        return self.below(one_in) == one_in - 1
