"""Makes a program that differs smaller: fewer steps, rows of fewer attributes, plainer arguments, as long as it still differs.

It works on the steps themselves and not, as Hypothesis would, on the choices that they were drawn from: a step that is left out changes no other one then,
and some dozen programs do what would take thousands.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from parity.fuzz.drawing import entity_fields
from parity.fuzz.memory import fields_of, is_entity_class
from parity.fuzz.plain import PLAIN
from parity.fuzz.program import PutRow, Step

__all__ = ["smaller"]

_MOST_TRIES = 200


class _SpentError(Exception):
    """Enough was tried."""


def smaller(
    program: Sequence[Step],
    optional: Callable[[str, str], bool],
    is_key: Callable[[str, str], bool],
    differs: Callable[[list[Step]], bool],
) -> None:
    """Try smaller programs until none is that still differs, or enough were tried; `differs` keeps what it finds.

    Args:
        program: the steps; the last one differs.
        optional: whether a parameter of a method may be left out.
        is_key: whether an attribute of a table is one of its keys.
        differs: whether the last step of a program differs as that of the first does.
    """
    left = _MOST_TRIES

    def still(steps: list[Step]) -> bool:
        nonlocal left
        if left == 0:
            raise _SpentError
        left -= 1
        return differs(steps)

    try:
        steps = _fewer(list(program), still)
        for at in range(len(steps)):
            steps = _plainer(steps, at, lambda step: _simpler(step, optional, is_key), still)
        _fewer(steps, still)
    except _SpentError:
        return


def _fewer(steps: list[Step], still: Callable[[list[Step]], bool]) -> list[Step]:
    """Without the steps that do not matter: halves first, then one by one from the end."""
    size = len(steps) // 2
    while size:
        at = len(steps) - 1 - size
        while at >= 0:
            trial = [*steps[:at], *steps[at + size :]]
            if still(trial):
                steps = trial
            at -= size
        size //= 2
    return steps


def _plainer(
    steps: list[Step], at: int, simpler: Callable[[Step], Iterator[Step]], still: Callable[[list[Step]], bool]
) -> list[Step]:
    tried = 0
    while (step := next(islice(simpler(steps[at]), tried, None), None)) is not None:
        trial = [*steps[:at], step, *steps[at + 1 :]]
        if still(trial):
            steps = trial  # of this one, what comes next stands at the same place
        else:
            tried += 1
    return steps


def _simpler(step: Step, optional: Callable[[str, str], bool], is_key: Callable[[str, str], bool]) -> Iterator[Step]:
    """Steps that are simpler by one thing."""
    if isinstance(step, PutRow):
        for name in (name for name in step.row if not is_key(step.table, name)):
            yield replace(step, row={other: value for other, value in step.row.items() if other != name})
        return
    if step.fault is not None:
        yield replace(step, fault=None)
        if step.fault.always:
            yield replace(step, fault=replace(step.fault, always=False))
    if step.missing:
        yield replace(step, missing=False)
    for name, value in step.arguments.items():
        if optional(step.method, name):
            yield replace(step, arguments={n: v for n, v in step.arguments.items() if n != name})
        for plain in _plainer_values(value):
            yield replace(step, arguments={**step.arguments, name: plain})


def _plainer_values(value: Any) -> Iterator[Any]:
    cls: Any = type(value)
    if is_entity_class(cls):
        fields = fields_of(value)
        for field in entity_fields(cls):
            if not field.required and not field.makes and field.name in fields:
                yield from _made(cls, {name: part for name, part in fields.items() if name != field.name}, fields)
            for plain in _plainer_values(fields.get(field.name)):
                yield from _made(cls, {**fields, field.name: plain}, fields)
    elif isinstance(value, enum.Enum):
        yield from list(cls)[: list(cls).index(value)][:1]
    elif isinstance(value, (list, tuple)) and len(value) > 1:
        yield from (cls([part]) for part in value)
    elif cls in PLAIN and value != PLAIN[cls][0] and value not in PLAIN[cls][:3]:
        yield PLAIN[cls][0]


def _made(cls: Any, fields: dict[str, Any], before: dict[str, Any]) -> Iterator[Any]:
    """The entity of these fields, where its class makes one that is another than before."""
    try:
        made = cls(**fields)
    except (TypeError, ValueError):
        return
    if repr(fields_of(made)) != repr(before):
        yield made
