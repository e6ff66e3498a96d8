"""`python -m bench`: measure, print a table and the goals, write JSON; exits 1 if a goal is missed."""

import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.session import Session

from bench import whole
from bench.cases import CASES, Case
from bench.engine import against_engine
from bench.goals import goals
from bench.lean import Replay
from bench.measure import Timing, interleaved, ratio
from bench.rows import without_bcrypt
from bench.server import CannedServer, running
from bench.sides import Daos, archived_daos, new_daos
from common.data import Connection, Settings

app = typer.Typer(add_completion=False)

THREADS = (1, 8, 32)
SIDES = ("archived", "new")


@app.command()
def measure(
    out: Annotated[Path, typer.Option(help="Where bench.json goes.")] = Path("build/bench"),
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each case.")] = 15,
    repeats: Annotated[int, typer.Option(min=1, help="Fresh processes for each figure of one.")] = 5,
    engine: Annotated[
        str, typer.Option(help="The engine to go against end to end, as dynoxide; none by default.")
    ] = "",
) -> None:
    """Measure CPU time of the DAOs, archived and new; exit with 1 if a goal is missed."""
    without_bcrypt()
    with running({case.name: case.answers for case in CASES}) as server:
        figures = _figures(server, rounds, repeats)
    if engine:
        figures["end to end"] = against_engine(engine, rounds)
    _print(figures)
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    found = goals(figures)
    print("\n".join(["", *(goal.line() for goal in found)]))
    raise typer.Exit(0 if all(goal.reached for goal in found) else 1)


def _figures(server: CannedServer, rounds: int, repeats: int) -> dict[str, Any]:
    session = Session()
    session.set_credentials("AKID", "secret")
    settings = Settings(endpoint_url=server.url, aws_region="eu-central-1")
    with Connection(settings, session=session) as connection:
        archived, new = archived_daos(connection), new_daos(connection)
        lean = Replay(connection.client)
        cases = [_case(server, case, archived, new, lean, rounds) for case in CASES]
        server.use("get_balance")
        threads = [_threads(count, {"archived": archived, "new": new}, rounds) for count in THREADS]
    server.use("get_balance")
    return {
        "python": platform.python_version(),
        "rounds": rounds,
        "cases": cases,
        "threads": threads,
        "whole": {
            "import, s": whole.imports(repeats),
            "first call, s": whole.first_call(server.url, SIDES, repeats),
            "a further connection, bytes": whole.memory(server.url, SIDES, 1),
        },
    }


def _case(server: CannedServer, case: Case, archived: Daos, new: Daos, lean: Replay, rounds: int) -> dict[str, Any]:
    server.use(case.name)
    lean.learn(lambda: case.call(new))
    one, other = case.call(archived), case.call(new)
    if case.same and one != other:
        raise AssertionError(f"{case.name}: the sides give different values")
    sides: Mapping[str, Callable[[], object]] = {
        "archived": partial(case.call, archived),
        "new": partial(case.call, new),
        "lean": lean.run,
    }
    timings = interleaved(sides, rounds)
    found: dict[str, Any] = {"name": case.name, "kind": case.kind, "ratio": ratio(timings["new"], timings["archived"])}
    return found | {name: _timing(timing) for name, timing in timings.items()}


def _timing(timing: Timing) -> dict[str, float]:
    low, high = timing.spread
    return {"median, us": timing.median, "low, us": low, "high, us": high}


def _threads(count: int, sides: Mapping[str, Daos], rounds: int) -> dict[str, Any]:
    """One Get from many threads at once: CPU per call, and calls per second of wall time."""
    calls = 20 * count
    found: dict[str, Any] = {"threads": count}
    with ThreadPoolExecutor(count) as pool:
        for name, daos in sides.items():
            rates: list[float] = []
            costs: list[float] = []
            for _ in range(rounds):
                wall, cpu = time.perf_counter(), time.process_time()
                list(pool.map(lambda _, daos=daos: daos.balances.get_balance("alice"), range(calls)))
                rates.append(calls / (time.perf_counter() - wall))
                costs.append((time.process_time() - cpu) / calls * 1e6)
            found[name] = {"CPU, us": sorted(costs)[rounds // 2], "calls/s": sorted(rates)[rounds // 2]}
    return found


def _print(figures: Mapping[str, Any]) -> None:
    print(
        f"{'CPU time per call, us (median of ' + str(figures['rounds']) + ' rounds)':52}{'archived':>10}{'new':>10}{'lean':>10}  ratio  quartiles of new"
    )
    for case in figures["cases"]:
        new = case["new"]
        medians = "".join(f"{case[side]['median, us']:10.0f}" for side in ("archived", "new", "lean"))
        print(f"{case['name']:52}{medians}{case['ratio']:7.2f}  {new['low, us']:.0f}-{new['high, us']:.0f}")
    for found in figures["threads"]:
        figures_of = [f"{side} {found[side]['CPU, us']:.0f} us, {found[side]['calls/s']:.0f} calls/s" for side in SIDES]
        print(f"get_balance from {found['threads']:2} threads: {'; '.join(figures_of)}")
    for name, found in figures["whole"].items():
        print(f"{name}: {', '.join(f'{side} {figure:.4g}' for side, figure in found.items())}")
    _print_engine(figures.get("end to end", {}))


def _print_engine(found: Mapping[str, Any]) -> None:
    cases: Sequence[Mapping[str, Any]] = found.get("cases", [])
    for case in cases:
        print(
            f"{case['name']} on {found['engine']}: {', '.join(f'{side} {case[side]:.0f} us' for side in SIDES)} of wall time"
        )


if __name__ == "__main__":
    app()
