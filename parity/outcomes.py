"""What a call of a DAO came to, as JSON: the value that it returned, the items of an iterator, or what it raised."""

from __future__ import annotations

import functools
import inspect
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from parity.errors import ParityError
from parity.fields import error_fields
from parity.values import Encoded, Encoder, class_name

__all__ = [
    "Outcome",
    "bound",
    "drained",
    "encode_exception",
    "encode_outcome",
    "is_property",
    "refuse_async",
]

Outcome = list[Any]
"""`["return", value]` or `["raise", exception]`, encoded."""


class _Drained(Iterator[Any]):
    """An iterator whose items were read while the call was watched; it raises where the one that it stands for did."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source, self._items = source, list[Any]()
        self._error: Exception | None = None
        try:
            self._items.extend(source)  # keeps what came before an error
        except Exception as error:  # noqa: BLE001 - what the DAO's caller gets, at the same place
            self._error = error
        self._given = self._rest()

    def __next__(self) -> Any:
        return next(self._given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def _rest(self) -> Iterator[Any]:
        yield from self._items
        if self._error is not None:
            raise self._error

    def encoded(self, encoder: Encoder) -> Encoded:
        """Its items, and the error after them."""
        parts: dict[str, Encoded] = {
            "(items)": ["sequence", "iterator", [encoder.value(item, 2) for item in self._items]]
        }
        if self._error is not None:
            parts["(error)"] = encoder.value(self._error, 1)
        return ["object", class_name(type(self._source)), parts]


def drained(result: Any) -> Any:
    """The result of a call, the items of an iterator read: what it does it does while the call is watched."""
    return _Drained(result) if isinstance(result, Iterator) and not isinstance(result, io.IOBase) else result


def refuse_async(result: Any, dao: object, method: str) -> None:
    """Refuse what does nothing before it is awaited.

    Raises:
        ParityError: the result is a coroutine, another awaitable or an asynchronous generator.
    """
    cls = type(result)
    if hasattr(cls, "__await__") or hasattr(cls, "__aiter__"):
        if inspect.iscoroutine(result):
            result.close()
        raise ParityError(
            f"{type(dao).__name__}.{method} is async: not supported, as what it does could not be compared; "
            "give the classes a wrapper with methods that run it to its end"
        )


def is_property(cls: Any, name: str) -> bool:
    """Whether a class reads an attribute by a function: a public property."""
    return _is_property(cls, name)


@functools.lru_cache(maxsize=4096)
def _is_property(cls: Any, name: str) -> bool:
    member = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    return not name.startswith("_") and isinstance(member, (property, functools.cached_property))


def bound(dao: Any, name: str) -> Callable[..., Any]:
    """A method of a DAO, or what reads a property of it."""
    return functools.partial(getattr, dao, name) if is_property(type(dao), name) else getattr(dao, name)


def encode_outcome(result: Any, error: BaseException | None, encoder: Encoder) -> Outcome:
    """What a call came to."""
    if error is not None:
        return ["raise", encode_exception(error, encoder)]
    return ["return", result.encoded(encoder) if isinstance(result, _Drained) else encoder.value(result)]


def encode_exception(error: BaseException, encoder: Encoder) -> dict[str, Any]:
    """Class, message, fields and properties, and the AWS error code and cancellation reasons of the cause."""
    fields = error_fields(error, properties=True)
    answer = _aws_answer(error)
    return {
        "class": class_name(type(error)),
        "classes": [class_name(cls) for cls in type(error).__mro__ if cls not in (object, BaseException)],
        "message": encoder.value(str(error))[1],
        "attributes": encoder.fields(dict(sorted(fields.items()))),
        "code": answer.get("Error", {}).get("Code"),
        "reasons": [reason.get("Code") for reason in answer.get("CancellationReasons", [])],
    }


def _aws_answer(error: BaseException | None) -> Mapping[str, Any]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            return response
        error = error.__cause__ or error.__context__
    return {}
