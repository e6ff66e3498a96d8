"""The text of a first suite: every method once on empty tables, and all of them in turn on one row."""

from __future__ import annotations

from collections.abc import Sequence

from parity.start.classes import Method, Pair
from parity.start.samples import FILL_IN, Samples

__all__ = ["NOT_COMPARED", "suite_text"]

NOT_COMPARED = "which parity does not compare: its call would do nothing yet"
# What a method's name begins with, in the order in which one row meets them.
_CREATE = ("create", "add", "put", "save", "insert", "register", "upsert", "store", "open", "lend", "post", "write")
_READ = ("get", "find", "read", "has", "exists", "load", "fetch", "list", "all", "search", "query", "count", "of", "by")
_REMOVE = ("delete", "remove", "discard", "drop", "close", "cancel", "purge", "clean")
_FIXTURES = ("ids", "clock")

_HEAD = '''"""The suite of {entity}: ordinary pytest, run against {control} and {candidate}.

Whatever the calls return, raise, send and store is compared, with or without an assertion. {fill_in}: say in assertions what you expect,
in place of `outcome`; then a test also tells when both are wrong.
"""

{imports}


def outcome(method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a call returned or raised; either is compared."""
    try:
        return method(*arguments, **named)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side has to raise it too
        return error
'''


def suite_text(pair: Pair) -> str:
    """The source of the suite."""
    imports = {"from collections.abc import Callable", "from typing import Any"}
    methods = [method for method in pair.methods if method.kind is None]
    tests = [_test(pair, "all_in_turn", _in_turn(methods), imports)] if methods else []
    tests += [_test(pair, f"{method.name}_where_nothing_is", [method], imports) for method in methods]
    tests += [_not_compared(pair, method) for method in pair.methods if method.kind is not None]
    head = _HEAD.format(
        entity=pair.entity,
        control=pair.control,
        candidate=pair.candidate,
        fill_in=FILL_IN,
        imports="\n".join(_sorted(imports)),
    )
    return "\n\n".join([head, *tests])


def _not_compared(pair: Pair, method: Method) -> str:
    """A test that fails, so that nobody takes it for compared."""
    told = f"{FILL_IN}: {method.name} is {method.kind}, {NOT_COMPARED}"
    remedy = "compare a method that awaits it or makes a list of it, or take this test out"
    head = f"def test_{method.name}_is_compared({pair.entity}_dao: Any) -> None:"
    return "\n".join(
        [head, "    raise NotImplementedError(", f'        "{told}; "', f'        "{remedy}"', "    )", ""]
    )


def _in_turn(methods: Sequence[Method]) -> list[Method]:
    """Those that create, that read, that change, that read what was changed, that remove, and that read again."""
    create, read, remove = (_beginning(methods, words) for words in (_CREATE, _READ, _REMOVE))
    change = [method for method in methods if method not in [*create, *read, *remove]]
    return [*create, *read, *(change + read if change else []), *(remove + read if remove else [])]


def _beginning(methods: Sequence[Method], words: Sequence[str]) -> list[Method]:
    return [method for method in methods if _is_one_of(method, words)]


def _is_one_of(method: Method, words: Sequence[str]) -> bool:
    return method.name.partition("_")[0] in words


def _test(pair: Pair, name: str, methods: Sequence[Method], imports: set[str]) -> str:
    dao = f"{pair.entity}_dao"
    samples = Samples(taken=(*_FIXTURES, dao, "outcome"))
    calls = []
    for method in methods:
        before = len(samples.unknown)
        arguments = samples.arguments(method)
        needed = samples.unknown[before:]
        note = f"  # {FILL_IN}: {', '.join(needed)}" if needed else ""
        # What creates has to succeed: a suite in which everything fails alike would prove nothing.
        succeeds = len(methods) > 1 and _is_one_of(method, _CREATE)
        called = f"{dao}.{method.name}"
        text = f"{called}({arguments})" if succeeds else f"outcome({', '.join(filter(None, [called, arguments]))})"
        calls.append(f"    {text}{note}")
    imports |= samples.imports
    body = [f"    {variable} = {text}" for variable, text in samples.names.items()] + calls
    fixtures = [dao, *(fixture for fixture in _FIXTURES if any(f"{fixture}." in line for line in body))]
    head = f"def test_{name}({', '.join(f'{fixture}: Any' for fixture in fixtures)}) -> None:"
    return "\n".join([head, *body, ""])


def _sorted(imports: set[str]) -> list[str]:
    standard = {"collections", "datetime", "decimal", "typing", "enum", "uuid"}
    own = sorted(line for line in imports if line.split()[1].partition(".")[0] not in standard)
    return [*sorted(imports - set(own)), *(["", *own] if own else [])]
