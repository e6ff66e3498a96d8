"""A program that differs, as a pytest test that runs as pasted beside the project's own suite."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parity.fuzz.machine import Done, Finding
from parity.fuzz.program import MakeCall, PutRow
from parity.fuzz.source import Source
from parity.recorder import Call
from parity.requests import TableNames
from parity.values import class_name

__all__ = ["as_test"]

_INDENT = "    "


def as_test(finding: Finding, entity: str, name: str, loggers: Sequence[str]) -> str:
    """The source of a test whose last step asserts what was expected there.

    Args:
        finding: the program.
        entity: whose DAO it calls.
        name: of the test.
        loggers: whose records are compared.
    """
    return _Writer(finding, entity, loggers).write(name)


class _Writer:
    def __init__(self, finding: Finding, entity: str, loggers: Sequence[str]) -> None:
        self._finding, self._entity, self._loggers = finding, entity, loggers
        self._source = Source()
        self._fixtures: dict[str, None] = {}
        self._plain_imports: set[str] = set()

    def write(self, name: str) -> str:
        *before, last = self._finding.program
        lines = [line for done in before for line in self._step(done)]
        lines += self._last(last)
        annotated = ", ".join(f"{fixture}: Any" for fixture in self._fixtures)
        self._source.imports.setdefault("typing", set()).add("Any")
        imports = [*(f"import {module}" for module in sorted(self._plain_imports)), *self._source.import_lines()]
        body = "\n".join(f"{_INDENT}{line}" if line else line for line in lines)
        return "\n".join([*imports, "", "", f"def {name}({annotated}) -> None:", body, ""])

    def _use(self, fixture: str) -> str:
        self._fixtures[fixture] = None
        return fixture

    def _step(self, done: Done) -> Iterator[str]:
        """A step that is not the one that differs: both sides do as the control did."""
        if isinstance(done.step, PutRow):
            yield f"{self._use('tables')}.put({done.step.table!r}, {done.step.row!r})"
            return
        if done.call is not None:
            yield from self._fault(done.call, last=False)
        if done.error is None:
            yield self._call(done.step)
        else:
            self._plain_imports.add("pytest")
            yield f"with pytest.raises({self._source.name(type(done.error))}):"
            yield f"{_INDENT}{self._call(done.step)}"

    def _call(self, step: MakeCall) -> str:
        arguments = ", ".join(f"{name}={self._source.value(value)}" for name, value in step.arguments.items())
        dao = f"{self._entity}_dao"
        if step.missing:
            found = f'{self._use("connect")}({self._use("tables")}.missing())["{self._entity}"]'
            return f"{found}.{step.method}({arguments})"
        return f"{self._use(dao)}.{step.method}({arguments})"

    def _fault(self, call: Call, *, last: bool) -> Iterator[str]:
        """The fault that a call met, planned where it met it; later calls meet it no more."""
        met = [at for at, request in enumerate(call.made) if request.injected]
        if not met:
            return
        operation = call.made[met[0]].operation
        before = sum(request.attempts for request in call.made[: met[0]] if request.operation == operation)
        step = self._finding.program[-1].step
        for_ever = last and isinstance(step, MakeCall) and step.fault is not None and step.fault.always
        skip = f", skip={before}" if before else ""
        times = None if for_ever else len(call.injected)
        yield f"{self._use('faults')}.add({call.injected[0]!r}, {operation!r}, times={times}{skip})"

    def _last(self, done: Done) -> Iterator[str]:
        step, expected = done.step, self._finding.expected
        if not isinstance(step, MakeCall) or done.call is None:
            return
        yield from self._fault(done.call, last=True)
        observable = self._finding.difference.observable
        if observable == "logs":
            yield from (f'{self._use("caplog")}.set_level("DEBUG", logger={name!r})' for name in self._loggers)
            yield "caplog.clear()"
        if expected.error is not None:
            self._plain_imports.add("pytest")
            yield f"with pytest.raises({self._source.name(type(expected.error))}) as caught:"
            yield f"{_INDENT}{self._call(step)}"
            if observable == "exception":
                yield from self._exception(expected.error)
        else:
            asserted = observable in {"return", "exception"}
            yield f"{'found = ' if asserted else ''}{self._call(step)}"
            if asserted:
                yield from self._returned(expected.result)
        yield from self._observed(observable, done.call)

    def _returned(self, value: Any) -> Iterator[str]:
        """That the very same came back, types and digits too: equal Decimals may be written differently."""
        try:
            yield f"assert repr(found) == repr({self._source.value(value)})"
        except TypeError:
            yield f"assert repr(found) == {value!r}"

    def _exception(self, error: Exception) -> Iterator[str]:
        yield f"assert caught.type is {self._source.name(type(error))}"
        path = self._finding.difference.path
        if path == "message":
            yield f"assert str(caught.value) == {str(error)!r}"
        elif path.startswith("attributes."):
            name = path.split(".")[1]
            yield f"assert repr(caught.value.{name}) == repr({self._source.value(getattr(error, name, None))})"
        elif path == "bases":
            classes = [class_name(cls) for cls in type(error).__mro__]
            yield f'assert [f"{{c.__module__}}.{{c.__qualname__}}".removeprefix("builtins.") for c in caught.type.__mro__] == {classes}'

    def _observed(self, observable: str, call: Call) -> Iterator[str]:
        if observable == "items":
            yield from self._items(call.items)
        elif observable == "requests":
            yield from self._requests(call)
        elif observable == "cost":
            requests = self._use("requests")
            units = [[str(units.get("CapacityUnits")) for units in request.capacity] for request in call.made]
            found = f'[[str(units.get("CapacityUnits")) for units in request.capacity] for request in {requests}()]'
            yield f"assert {found} == {units}"
        elif observable == "logs":
            records = [tuple(record[:3]) for record in call.logs]
            yield f"assert [(r.name, r.levelname, str(r.msg)) for r in caplog.records] == {records}"

    def _items(self, items: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        """The rows that were written; one that holds a token in place of a secret cannot be asserted."""
        tables = self._use("tables")
        for table, rows in items.items():
            for text, row in rows.items():
                found = f"{tables}.get({table!r}, {json.loads(text)!r})"
                if row is None:
                    yield f"assert {found} is None"
                    continue
                hidden = [
                    name for name, value in row.items() if str(value.get("S", "")).startswith(("<secret", "<bcrypt"))
                ]
                self._source.imports.setdefault("parity.wireform", set()).add("canonical_item")
                shown = {name: value for name, value in sorted(row.items()) if name not in hidden}
                if hidden:
                    yield f"stored = canonical_item({found})"
                    yield f"assert {{name: stored[name] for name in sorted(stored) if name not in {hidden}}} == {shown!r}"
                else:
                    yield f"assert canonical_item({found}) == {shown!r}"

    def _requests(self, call: Call) -> Iterator[str]:
        path, requests = self._finding.difference.path, self._use("requests")
        if path in {"count", "operation"}:
            yield f"assert [request.operation for request in {requests}()] == {[r.operation for r in call.made]}"
        elif path == "attempts":
            yield f"assert [request.attempts for request in {requests}()] == {[r.attempts for r in call.made]}"
        elif path == "waits":
            yield f"assert [round(wait, 6) for wait in {self._use('faults')}.waits][-{len(call.waits)} or None :] == {call.waits}"
        else:
            names = self._names(call)
            yield f"names = {self._use('tables')}.owner.table_names"
            trees = [request.canonical(names) for request in call.made]
            yield f"assert [request.canonical(names) for request in {requests}()] == {trees!r}"

    def _names(self, call: Call) -> TableNames:
        return call.tables.table_names if call.tables is not None else TableNames({}, {})
