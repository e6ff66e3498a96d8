"""One fuzzing run of one entity: an engine, both sides in this process, and a model beside them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from parity.config import SIDES, Config, Entity, load_object
from parity.coverage import contract_of, declared_outcomes
from parity.differ import Rules
from parity.engines import Engine, engine_lacks
from parity.errors import ConfigError, ParityError
from parity.fuzz.explore import explore
from parity.fuzz.explored import Budget, Explored, Fuzzed
from parity.fuzz.machine import Machine
from parity.fuzz.model import ModelRunner
from parity.fuzz.oldrows import OldRows
from parity.fuzz.program import methods_of
from parity.job import Job
from parity.values import Encoder
from parity.world import World

__all__ = ["fuzz"]

# Where sums are rounded both sides are wrong alike, and a model that adds up is right.
_EXACT = "sum-38-digits"


def fuzz(
    config: Config, name: str, engine: Engine, budget: Budget, seed: int, progress: Callable[[Explored], None]
) -> Fuzzed:
    """Fuzz one entity.

    Raises:
        ParityError: it could not be judged.
    """
    config.import_from_root()
    entity = config.entity(name)
    world = World(config.only([name]), _job(config, entity, engine, seed))
    try:
        machine = _machine(world, entity)
        try:
            explored = _explore(world, entity, machine, budget, seed, progress)
            if explored.finding is None and (strays := machine.strays()):
                raise ParityError(f"rows are left that no request is known to have written: {strays}")
        finally:
            machine.close()
    finally:
        world.close()
    unasked = _EXACT if entity.model is not None and engine_lacks(engine.name, _EXACT) else ""
    return Fuzzed(name, explored, _unseen(config, name, engine.name, explored), unasked)


def _job(config: Config, entity: Entity, engine: Engine, seed: int) -> Job:
    return Job(
        fleet="",
        config=str(config.path),
        engine=engine.name,
        endpoint=engine.endpoint,
        transcript="",
        seed=f"fuzz/{seed}",
        # Tokens of secrets come from the seed too: a program may hold one that it read.
        secret=hashlib.sha256(str(seed).encode()).hexdigest()[:32],
        prefix=f"parity-{secrets.token_hex(4)}",
        classes={entity.name: {"control": entity.control, "candidate": entity.candidate}},
        cross_read=False,
    )


def _machine(world: World, entity: Entity) -> Machine:
    model = None
    if entity.model is not None and not engine_lacks(world.job.engine, _EXACT):
        make = load_object(entity.model, f"the model of {entity.name}")
        if not callable(getattr(make, "store", None)):
            raise ConfigError(f"the model of {entity.name} = {entity.model!r} has no method store(table, key, row)")
        model = ModelRunner(make, Encoder(world.redactor))
    known = {entry.id: entry for entry in world.config.known if entry.expires >= datetime.now(UTC).date()}
    return Machine(world, entity, model, Rules(world.job.prefix, world.config.rules), known)


def _explore(
    world: World,
    entity: Entity,
    machine: Machine,
    budget: Budget,
    seed: int,
    progress: Callable[[Explored], None],
) -> Explored:
    reference = entity.contract or entity.control
    contract = contract_of(entity) or load_object(reference, f"the contract of {entity.name}")
    strategy: Any = load_object(entity.strategies, f"the strategies of {entity.name}") if entity.strategies else None
    old_rows = OldRows(world.seeds, machine.key_attributes)
    methods = methods_of(contract)
    if not methods:
        raise ConfigError(f"{reference} has no public method to call")
    for side in SIDES:
        missing = [m.name for m in methods if not hasattr(world.connector(side).class_of(entity.name), m.name)]
        if missing:
            raise ConfigError(f"the {side} of {entity.name} has no method {missing[0]}, which {reference} has")
    return explore(machine, methods, old_rows, strategy, declared_outcomes(contract), budget, seed, progress)


def _unseen(config: Config, entity: str, engine: str, explored: Explored) -> tuple[str, ...]:
    declared = {cell.text for cell in config.unreachable if cell.engine in {None, engine}}
    cells = [
        f"{entity}.{method}: {outcome}"
        for method, outcomes in explored.coverage.items()
        for outcome, count in outcomes.items()
        if not count
    ]
    return tuple(cell for cell in cells if cell not in declared)
