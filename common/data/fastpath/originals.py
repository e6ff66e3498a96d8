"""Methods that a part goes around: who traces calls wraps them, and wants to be called."""

import sys
from types import FunctionType

__all__ = ["original"]


def original(owner: type, name: str) -> object:
    """The method that its library defines, or what is no method, if it is wrapped already: then its code is from elsewhere."""
    found = getattr(owner, name)
    own = type(found) is FunctionType and found.__globals__ is vars(sys.modules[owner.__module__])
    return found if own else object()
