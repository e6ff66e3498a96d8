"""Files that a command writes whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from parity.errors import ParityError

__all__ = ["written_whole"]


@contextmanager
def written_whole(path: Path, inputs: Iterable[Path] = ()) -> Iterator[IO[str]]:
    """A text file that takes the place of `path` when the block ends, and leaves it as it was if the block raises.

    A pipe or a device is written to as it is.

    Raises:
        ParityError: `path` is one of the inputs.
        OSError: it cannot be written there.
    """
    target = path.resolve()
    for source in inputs:
        if target.exists() and source.exists() and target.samefile(source):
            raise ParityError(f"{path} would be read and written: name another file for what is written")
    if target.exists() and not target.is_file():
        with path.open("w", encoding="utf-8") as file:
            yield file
        return
    with tempfile.TemporaryDirectory(prefix=f".{target.name[:80]}-", dir=target.parent) as beside:
        whole = Path(beside) / "whole"
        with whole.open("w", encoding="utf-8") as file:
            yield file
        if target.exists():
            shutil.copymode(target, whole)
        whole.replace(target)
