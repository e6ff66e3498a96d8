"""What one process of a run is told: a JSON file that the runner writes and the plugin, or the peer, reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from parity.config import SIDES, Config, load_config
from parity.fault_plan import FaultCase

__all__ = ["FLEETS", "PARENT_PIPE", "Job"]

FLEETS = (*SIDES, "mixed")
"""Who answers the calls of a run: one side, or both in turn."""


PARENT_PIPE = "PARITY_PARENT_PIPE"
"""The variable that holds the descriptor of a pipe that closes when the run's own process ends."""


@dataclass(frozen=True)
class Job:
    """One pass over the suites by one fleet.

    One of no fleet only imports the suites. The first is all tests on empty tables. In a second one, with `again`, the tests of `plain` run on empty
    tables, those of `seeded` and those that are marked so on seeded ones, and those of `faults` under them. One that `looks_on` notes the rows between
    whose reading and writing another writer may come.
    """

    fleet: str
    config: str
    engine: str
    endpoint: str
    transcript: str
    seed: str
    secret: str
    prefix: str
    classes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    start: str | None = None
    remote: bool = False
    cross_read: bool = True
    only: Sequence[str] = ()
    again: bool = False
    plain: Sequence[str] = ()
    seeded: Sequence[str] = ()
    faults: Sequence[Mapping[str, Any]] = ()
    looks_on: bool = False

    def write(self, path: Path) -> Path:
        """Store the job where a process can read it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> Job:
        """The job that `write` stored."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def load_config(self) -> Config:
        """The project's configuration with the classes of this run."""
        config = load_config(Path(self.config))
        for name, classes in self.classes.items():
            config = config.with_classes(name, classes.get("control"), classes.get("candidate"))
        return config

    def fault_cases(self) -> list[FaultCase]:
        """The faults to inject; each is a run of its test."""
        return [FaultCase(**case) for case in self.faults]

    @property
    def has_peer(self) -> bool:
        """Whether what one side's tests read is read by the other side too."""
        return self.cross_read and self.fleet in SIDES

    @property
    def clock_start(self) -> datetime | None:
        """When each test begins, where it is not the fixed instant of local engines."""
        return None if self.start is None else datetime.fromisoformat(self.start)
