"""What a DAO class shows to its users: public methods, signatures and annotations."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["describe_surface"]


def describe_surface(cls: Callable[..., Any]) -> dict[str, str]:
    """The public members of a class by name, each as the text of its signature; properties and other attributes by their type."""
    members = inspect.getmembers(cls, lambda _: True)
    described = {name: _describe(member) for name, member in members if not name.startswith("_")}
    return {"(constructor)": _signature(cls), **described}


def _signature(function: Callable[..., Any]) -> str:
    """The signature with its annotations resolved, so that `'str'` and `str` are the same."""
    try:
        return str(inspect.signature(function, eval_str=True))
    except (NameError, TypeError):
        return str(inspect.signature(function))


def _describe(member: object) -> str:
    if inspect.isroutine(member):
        return _signature(member)
    if isinstance(member, property):
        return "property"
    return type(member).__name__
