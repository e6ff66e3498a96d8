"""The same against an engine, end to end: wall time, the engine's own included."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from bench import rows
from bench.cases import CASES, TRANSACTION
from bench.measure import interleaved
from bench.sides import Daos, archived_daos, new_daos
from common.data import BalanceTransaction, Connection, Settings, TransactionType
from common.data.settings import TableName
from common.data.tables import DEFINITIONS
from parity.engines import open_engine

__all__ = ["against_engine"]

WRITES = ("create_transaction", "post_transaction")
WRITER = "bob"  # whose ledger nobody reads
METHODS = (
    "get_balance",
    "get_order",
    "get_asset_by_id",
    "update_order_status",
    "delete_asset_balance",
    "get_user_transactions of 1",
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
            calls = {case.name: case.call for case in CASES if case.name in METHODS} | _writes()
            cases = [_case(method, calls[method], sides, rounds) for method in (*WRITES, *METHODS)]
        return {"engine": f"{engine.name} {engine.version}", "cases": cases}


def _writes() -> dict[str, Callable[[Daos], object]]:
    """What an engine lets happen once only, with another transaction at each call."""
    numbers = count(1)

    def another() -> BalanceTransaction:
        number = next(numbers)
        changes = {
            "username": WRITER,
            "transaction_id": UUID(int=number),
            "transaction_type": TransactionType.DEPOSIT,
            "amount": Decimal(1),
            "created_at": TRANSACTION.created_at + timedelta(microseconds=number),
        }
        return TRANSACTION.model_copy(update=changes)

    return {
        "create_transaction": lambda daos: daos.balances.create_transaction(another()),
        "post_transaction": lambda daos: daos.balances.post_transaction(another()),
    }


def _case(method: str, call: Callable[[Daos], object], sides: Mapping[str, Daos], rounds: int) -> dict[str, Any]:
    timings = interleaved({side: partial(call, daos) for side, daos in sides.items()}, rounds, wall=True)
    return {"name": method, **{side: timing.median for side, timing in timings.items()}}


def _fill(connection: Connection) -> None:
    client: Any = connection.client
    for name, definition in DEFINITIONS.items():
        client.create_table(TableName=connection.settings.table_name(name), **definition)
    writer: rows.Row = {**rows.balance(), "Pk": {"S": WRITER}, "username": {"S": WRITER}}
    found: dict[TableName, Sequence[rows.Row]] = {
        "users": [rows.user(), rows.balance(), writer, *(rows.balance_transaction(number) for number in range(1000))],
        "orders": [rows.order(number) for number in range(1000)],
        "inventory": [rows.asset(number) for number in range(1000)],
    }
    for table, items in found.items():
        for begin in range(0, len(items), 25):
            puts = [{"PutRequest": {"Item": item}} for item in items[begin : begin + 25]]
            client.batch_write_item(RequestItems={table: puts})
