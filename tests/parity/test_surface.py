from collections.abc import Iterator
from itertools import combinations

import pytest

from parity.surface import describe_surface


class Plain:
    LIMIT = 1

    def read(self, key: str) -> str:
        return key

    @property
    def size(self) -> int:
        return 1


class Async(Plain):
    async def read(self, key: str) -> str:  # type: ignore[override] # wrong on purpose
        return key


class Static(Plain):
    @staticmethod
    def read(key: str) -> str:
        return key


class OfTheClass(Plain):
    @classmethod
    def read(cls, key: str) -> str:
        return key


class OtherLimit(Plain):
    LIMIT = 2


class OtherProperty(Plain):
    @property
    def size(self) -> str:  # type: ignore[override] # wrong on purpose
        return "1"


class Writable(Plain):
    @property
    def size(self) -> int:
        return 1

    @size.setter
    def size(self, size: int) -> None: ...


class Iterable(Plain):
    def __iter__(self) -> Iterator[str]:
        return iter("a")


class Callable(Plain):
    def __call__(self) -> None: ...


class Same(Plain):
    def __init__(self) -> None:
        self.own = 1

    def __getattr__(self, name: str) -> str:
        return name

    def _private(self) -> None: ...


class OtherSame(Same):
    def read(self, key: "str") -> "str":
        return key


CLASSES = [Plain, Async, Static, OfTheClass, OtherLimit, OtherProperty, Writable, Iterable, Callable]


@pytest.mark.parametrize(("one", "other"), list(combinations(CLASSES, 2)))
def test_what_a_user_meets_differs(one: type, other: type) -> None:
    assert describe_surface(one) != describe_surface(other)


def test_how_a_class_does_its_work_is_no_difference() -> None:
    assert describe_surface(Same) == describe_surface(OtherSame)
    assert set(describe_surface(Same)) == {"(constructor)", "LIMIT", "read", "size"}
