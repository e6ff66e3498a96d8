"""What a DAO class shows to its users: public methods, signatures and annotations, properties, constants, and protocols such as `with` and `len`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

__all__ = ["describe_surface"]

_CONSTANTS = (str, bytes, int, float, Decimal, Enum, tuple, list, dict, set, frozenset, type(None))
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_MADE_BY = frozenset(
    {"__annotate__", "__class_getitem__", "__del__", "__delattr__", "__getattr__", "__getattribute__", "__getstate__"}
    | {"__init__", "__init_subclass__", "__new__", "__post_init__", "__setattr__", "__setstate__", "__subclasshook__"}
)
"""How a class is made and does its work; no user calls these by what they stand for."""


def describe_surface(cls: Callable[..., Any]) -> dict[str, str]:
    """The public members of a class by name: kind and signature of a method or property, type and value of a constant, the type of all else."""
    described = {
        name: _describe(inspect.getattr_static(cls, name, member), member)
        for name, member in inspect.getmembers(cls)
        if not name.startswith("_") or _is_protocol(cls, name, member)
    }
    return {"(constructor)": _signature(cls), **described}


def _is_protocol(cls: Callable[..., Any], name: str, member: object) -> bool:
    """Whether it is a special method that the class's users meet, and not just `object`'s."""
    if not isinstance(cls, type) or not (name.startswith("__") and name.endswith("__")) or name in _MADE_BY:
        return False
    return inspect.isroutine(member) and member is not getattr(object, name, None)


def _signature(function: Callable[..., Any]) -> str:
    """The signature with its annotations resolved, so that `'str'` and `str` are the same."""
    try:
        return str(inspect.signature(function, eval_str=True))
    except (NameError, TypeError):
        return str(inspect.signature(function))
    except ValueError:  # of a function that is not written in Python
        return "(...)"


def _describe(static: object, member: object) -> str:
    if inspect.isroutine(member):
        return f"{_kind(static, member)}{_signature(member)}"
    if isinstance(member, property):
        writable = ", writable" if member.fset is not None else ""
        return f"property{writable}{'' if member.fget is None else _signature(member.fget)}"
    name = type(member).__name__
    return f"{name} = {_ADDRESS.sub('0x', _printed(member))}" if isinstance(member, _CONSTANTS) else name


def _printed(constant: object) -> str:
    """The same in both processes, in which sets may have another order."""
    return str(sorted(map(repr, constant))) if isinstance(constant, (set, frozenset)) else repr(constant)


def _kind(static: object, member: object) -> str:
    kinds = {
        "static ": isinstance(static, staticmethod),
        "class ": isinstance(static, classmethod),
        "async ": inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member),
    }
    return "".join(kind for kind, is_it in kinds.items() if is_it)
