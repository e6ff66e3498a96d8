"""parity.lock: how much was compared when the run was last accepted, so that comparing less is never green."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parity.errors import ConfigError

__all__ = ["FILE_NAME", "Baseline", "read_baseline"]

FILE_NAME = "parity.lock"
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Baseline:
    """Comparisons by entity and by kind of run, which is the engine, and whether faults were injected."""

    counts: Mapping[str, Mapping[str, int]]

    def shortfalls(self, kind: str, now: Counts) -> list[str]:
        """What was compared less than before, one text an entity."""
        return [
            f"{entity}: {count} comparisons, {before} in {FILE_NAME}"
            for entity, count in now.items()
            if count < (before := self.counts.get(entity, {}).get(kind, 0))
        ]

    def accepting(self, kind: str, now: Counts) -> Baseline:
        """A baseline with the counts of this run."""
        merged = {entity: dict(kinds) for entity, kinds in self.counts.items()}
        for entity, count in now.items():
            merged.setdefault(entity, {})[kind] = count
        return Baseline(merged)

    def write(self, directory: Path) -> None:
        """Store it beside parity.toml."""
        (directory / FILE_NAME).write_text(json.dumps(self.counts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_baseline(directory: Path) -> Baseline:
    """The recorded baseline; an empty one where there is no file.

    Raises:
        ConfigError: the file is not what `write` stores.
    """
    path = directory / FILE_NAME
    try:
        counts = json.loads(path.read_text(encoding="utf-8"))
        return Baseline({entity: {kind: int(n) for kind, n in kinds.items()} for entity, kinds in counts.items()})
    except FileNotFoundError:
        return Baseline({})
    except (ValueError, AttributeError, TypeError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}): restore it, or make it anew with parity run --accept-baseline"
        ) from error
