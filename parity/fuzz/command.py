"""`parity fuzz`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.status import Status
from rich.text import Text

from parity.config import Config, load_config
from parity.engines import open_engine
from parity.errors import ConfigError
from parity.exits import NOT_JUDGED, clear_errors
from parity.fuzz.explored import Budget, Explored, Fuzzed
from parity.fuzz.pasted import as_test
from parity.report.leaves import lines, printable

__all__ = ["exit_code", "fuzzing"]

_FULL_RUN = 4000
"""Steps after which every declared outcome must have been seen."""


def fuzzing(
    entity: Annotated[
        list[str] | None, typer.Option(help="Entity of parity.toml; may be given again. Default: all with a model.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Calls to make on each side, for each entity.")] = _FULL_RUN,
    seed: Annotated[int, typer.Option(min=0, help="All programs follow from it.")] = 0,
    time: Annotated[float | None, typer.Option(min=0, help="End after so many seconds for each entity.")] = None,
    engine: Annotated[
        str, typer.Option(help="moto, dynoxide, dynamodb-local, docker, auto, or a URL on this machine.")
    ] = "auto",
    out: Annotated[Path | None, typer.Option(help="Write fuzz.json to this directory.")] = None,
    config: Annotated[Path, typer.Option(help="The project's configuration.")] = Path("parity.toml"),
    control: Annotated[str | None, typer.Option(help="module:Class in place of the control of one entity.")] = None,
    candidate: Annotated[str | None, typer.Option(help="module:Class in place of the candidate of one entity.")] = None,
) -> None:
    """Make random calls on control, candidate and the model in memory, in step, until they differ or the steps are made.

    A program that differs is made smaller, and printed as a test to paste into the suite.

    Exit codes: 0 no difference, 1 a difference, 3 it could not be judged: an outcome that the contract declares was never seen in a full run,
    say.
    """
    console = Console()
    words = _rerun(engine, config, control, candidate, seed, steps)
    results: list[Fuzzed] = []
    with clear_errors():
        project = _chosen(load_config(config), entity, control, candidate)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        for result in _fuzzed(project, engine, steps, time, seed, console):
            results.append(result)
            if out is not None:
                found = json.dumps([_plain(one, seed) for one in results], indent=2)
                (out / "fuzz.json").write_text(found, encoding="utf-8")
            _print(result, project, [*words[:2], "--entity", result.entity, *words[2:]], console)
    raise typer.Exit(exit_code(results, _FULL_RUN))


def _fuzzed(
    project: Config, engine: str, steps: int, time: float | None, seed: int, console: Console
) -> Iterator[Fuzzed]:
    """What was found of each entity, as soon as it was, with a line that says how far it is."""
    from parity.fuzz.run import fuzz  # noqa: PLC0415 - it imports hypothesis, which no other command needs

    with open_engine(engine) as opened:
        for name in project.entities:
            budget = Budget(steps, time)
            with console.status(f"{name}: starting") as status:

                def progress(
                    explored: Explored, name: str = name, budget: Budget = budget, status: Status = status
                ) -> None:
                    speed = explored.steps / max(budget.elapsed, 0.001)
                    status.update(f"{name}: {explored.steps} of {steps} steps, {speed:.0f} a second")

                result = fuzz(project, name, opened, budget, seed, progress)
            yield result


def _chosen(project: Config, names: list[str] | None, control: str | None, candidate: str | None) -> Config:
    if control or candidate:
        if not names or len(names) != 1:
            raise ConfigError("--control and --candidate need exactly one --entity")
        project = project.with_classes(names[0], control, candidate)
    modelled = [name for name, entity in project.entities.items() if entity.model is not None]
    if not names and not modelled:
        raise ConfigError(f"no entity of {project.path.name} has a model: name those to fuzz with --entity")
    return project.only(names or modelled)


def _rerun(engine: str, config: Path, control: str | None, candidate: str | None, seed: int, steps: int) -> list[str]:
    words = ["parity", "fuzz", "--engine", engine, "--seed", str(seed), "--steps", str(steps)]
    for option, value, default in (
        ("--config", str(config), "parity.toml"),
        ("--control", control, None),
        ("--candidate", candidate, None),
    ):
        if value is not None and value != default:
            words += [option, value]
    return words


def exit_code(results: Sequence[Fuzzed], full_run: int) -> int:
    """0 no difference, 1 a difference, 3 a run of so many steps never saw an outcome that the contract declares."""
    if any(result.explored.finding for result in results):
        return 1
    return NOT_JUDGED if any(_is_wanting(result, full_run) for result in results) else 0


def _is_wanting(result: Fuzzed, full_run: int) -> bool:
    return result.explored.finding is None and result.explored.steps >= full_run and bool(result.unseen)


def _print(result: Fuzzed, project: Config, rerun: list[str], console: Console) -> None:
    explored = result.explored
    speed = explored.steps / max(explored.seconds, 0.001)
    told = (
        f"{explored.steps} steps in {explored.programs} programs, {speed:.0f} steps a second, digest {explored.digest}"
    )
    console.print(Text(f"{result.entity}: {told}", style="bold"), soft_wrap=True)
    for method, outcomes in sorted(explored.coverage.items()):
        seen = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.items() if count)
        console.print(Text(f"  {method}: {seen}"), soft_wrap=True)
    if result.unasked:
        console.print(Text(f"  model: not asked, the engine lacks {result.unasked}"), soft_wrap=True)
    if explored.compared or explored.declined:
        declined = ", ".join(f"{method} {count}" for method, count in sorted(explored.declined.items())) or "none"
        console.print(
            Text(f"  model: {sum(explored.compared.values())} calls compared; declined: {declined}"), soft_wrap=True
        )
    if result.unseen:
        style = "bold red" if _is_wanting(result, _FULL_RUN) else "dim"
        console.print(Text(f"  never seen: {', '.join(result.unseen)}", style=style), soft_wrap=True)
    if explored.finding is None:
        console.print(Text("  no difference", style="green"))
        return
    found = explored.finding.difference
    other = "model" if explored.finding.by_model else "candidate"
    console.print(Text(f"  {found.method} differs: {found.observable} {found.path}", style="bold red"), soft_wrap=True)
    for side, value in (("control", found.control), (other, found.candidate)):
        console.print(Text(f"    {side:<9}  " + "\n               ".join(map(printable, lines(value)))), soft_wrap=True)
    console.print(Text("  found again by:  " + " ".join(rerun)), soft_wrap=True)
    console.print(Text("  as a test:"))
    console.print()
    print(_test(result, project))  # noqa: T201 - to paste as it is: rich would wrap it


def _test(result: Fuzzed, project: Config) -> str:
    finding = result.explored.finding
    if finding is None:
        return ""
    return as_test(finding, result.entity, f"test_{finding.difference.method}_as_fuzzed", project.loggers)


def _plain(result: Fuzzed, seed: int) -> dict[str, Any]:
    explored, finding = result.explored, result.explored.finding
    return {
        "entity": result.entity,
        "seed": seed,
        "steps": explored.steps,
        "programs": explored.programs,
        "seconds": round(explored.seconds, 3),
        "digest": explored.digest,
        "coverage": {method: dict(outcomes) for method, outcomes in explored.coverage.items()},
        "unseen": list(result.unseen),
        "unasked": result.unasked,
        "model": {"compared": explored.compared, "declined": explored.declined},
        "difference": None
        if finding is None
        else {
            "method": finding.difference.method,
            "observable": finding.difference.observable,
            "path": finding.difference.path,
            "control": finding.difference.control,
            "model" if finding.by_model else "candidate": finding.difference.candidate,
            "steps": len(finding.program),
        },
    }
