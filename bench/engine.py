"""The same against an engine, end to end: wall time, the engine's own included."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bench import rows
from bench.cases import CASES
from bench.measure import interleaved
from bench.sides import Daos, archived_daos, new_daos
from common.data import Connection, Settings
from common.data.settings import TableName
from common.data.tables import DEFINITIONS
from parity.engines import open_engine

__all__ = ["against_engine"]

METHODS = (
    "get_balance",
    "get_order",
    "get_asset_by_id",
    "update_order_status",
    "get_user_transactions of 100",
    "get_orders_by_user of 100",
    "get_all_assets of 1000",
    "get_assets_by_ids of 100",
)


def against_engine(name: str, rounds: int) -> dict[str, Any]:
    """Wall time of both sides over tables of 1,000 orders, assets and ledger rows.

    Raises:
        parity.engines.EngineError: the engine does not start.
    """
    with open_engine(name) as engine:
        settings = Settings(endpoint_url=engine.endpoint)
        with Connection(settings, session=engine.session()) as connection:
            _fill(connection)
            sides = {"archived": archived_daos(connection), "new": new_daos(connection)}
            cases = [_case(method, sides, rounds) for method in METHODS]
        return {"engine": f"{engine.name} {engine.version}", "cases": cases}


def _case(method: str, sides: Mapping[str, Daos], rounds: int) -> dict[str, Any]:
    case = next(case for case in CASES if case.name == method)
    timings = interleaved({side: partial(case.call, daos) for side, daos in sides.items()}, rounds, wall=True)
    return {"name": method, **{side: timing.median for side, timing in timings.items()}}


def _fill(connection: Connection) -> None:
    client: Any = connection.client
    for name, definition in DEFINITIONS.items():
        client.create_table(TableName=connection.settings.table_name(name), **definition)
    found: dict[TableName, Sequence[rows.Row]] = {
        "users": [rows.user(), rows.balance(), *(rows.balance_transaction(number) for number in range(1000))],
        "orders": [rows.order(number) for number in range(1000)],
        "inventory": [rows.asset(number) for number in range(1000)],
    }
    for table, items in found.items():
        for begin in range(0, len(items), 25):
            puts = [{"PutRequest": {"Item": item}} for item in items[begin : begin + 25]]
            client.batch_write_item(RequestItems={table: puts})
