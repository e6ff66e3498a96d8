"""What a process pays once: imports, the first call, memory. Each figure comes from fresh processes, in turn."""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence

__all__ = ["first_call", "imports", "memory"]

_IMPORTS = {
    "libraries": "import boto3, pynamodb.models, pydantic_settings",
    "common.data.dao": "import common.data.dao",
}

_TIMED = """
import json, time
begin = time.process_time()
{code}
print(json.dumps(time.process_time() - begin))
"""

_PREPARED = """
import json, time
import bench.sides
from botocore.session import Session
from common.data import Connection, Settings
session = Session()
session.set_credentials("AKID", "secret")
settings = Settings(endpoint_url="{url}", aws_region="eu-central-1")
make = bench.sides.{side}_daos
"""

_FIRST_CALL = (
    _PREPARED
    + """
begin = time.process_time()
make(Connection(settings, session=session)).balances.get_balance("alice")
print(json.dumps(time.process_time() - begin))
"""
)

_MEMORY = (
    _PREPARED
    + """
import gc, os
def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
kept = []
def connect():
    connection = Connection(settings, session=session)
    make(connection).balances.get_balance("alice")
    kept.append(connection)
connect(), connect()
before = resident()
for _ in range(10):
    connect()
print(json.dumps((resident() - before) / 10))
"""
)


def imports(repeats: int) -> dict[str, float]:
    """Seconds of CPU to import the libraries alone, and the DAOs."""
    return _medians({name: _TIMED.format(code=code) for name, code in _IMPORTS.items()}, repeats)


def first_call(url: str, sides: Sequence[str], repeats: int) -> dict[str, float]:
    """Seconds of CPU from nothing but imports to the end of the first call."""
    return _medians({side: _FIRST_CALL.format(url=url, side=side) for side in sides}, repeats)


def memory(url: str, sides: Sequence[str], repeats: int) -> dict[str, float]:
    """Bytes that a further connection on a session takes, its first call made."""
    return _medians({side: _MEMORY.format(url=url, side=side) for side in sides}, repeats)


def _medians(scripts: dict[str, str], repeats: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(repeats):
        for name, script in scripts.items():
            ran = subprocess.run(
                [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
            )
            found[name].append(float(json.loads(ran.stdout)))
    return {name: statistics.median(figures) for name, figures in found.items()}
