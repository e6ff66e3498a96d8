"""Tables that the harness makes, and unmakes."""

import signal
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from parity.differ import Rules
from parity.engines import open_engine
from parity.tables import TableSet
from parity.wire import Wire

DEFINITIONS = {
    "notes": {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
}


class InterruptedWire(Wire):
    """The main thread is interrupted while the request for a table is on its way, which no interrupt stops."""

    on_its_way: list[threading.Thread]

    def create_table(self, name: str, definition: Mapping[str, Any], *, timeout: float = 120.0) -> None:
        def arrive() -> None:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            threading.Event().wait(0.2)
            super(InterruptedWire, self).create_table(name, definition, timeout=timeout)

        request = threading.Thread(target=arrive)
        self.on_its_way = [request]
        request.start()
        request.join()


def test_a_table_whose_making_is_interrupted_is_dropped() -> None:
    with open_engine("moto") as engine, InterruptedWire(engine.endpoint, engine.session()) as wire:
        tables = TableSet(wire, DEFINITIONS, "interrupted")
        with pytest.raises(KeyboardInterrupt):
            tables.another()
        tables.drop()
        wire.on_its_way[0].join()
        assert wire.call("ListTables", {})["TableNames"] == []


def test_a_tests_own_tables_are_alike_on_both_sides_whatever_tests_ran_before() -> None:
    names: list[tuple[str, str]] = []
    with open_engine("moto") as engine, Wire(engine.endpoint, engine.session()) as wire:
        for fleet, earlier in (("control", 3), ("mixed", 1)):
            tables = TableSet(wire, DEFINITIONS, f"run-1-{fleet}")
            for _ in range(earlier):
                tables.another()
            tables.drop_children()
            names.append((tables.another().names["notes"], tables.another().names["notes"]))
            tables.drop()
    rules = Rules("run")
    (first, second), (again, other) = names
    assert rules.equal(first, again)
    assert rules.equal(second, other)
    assert not rules.equal(first, other)
    assert not rules.equal(first, "run-2-mixed-notes")
