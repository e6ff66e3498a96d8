"""How a command ends when it cannot do what it was asked: one clear line, and exit code 3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError
from rich.console import Console

from parity.engines import EngineError
from parity.errors import ParityError
from parity.wire import WireError

__all__ = ["NOT_JUDGED", "clear_errors"]

NOT_JUDGED = 3


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what a command may raise into a line on standard error and exit code 3.

    Raises:
        typer.Exit: in place of the error.
    """
    errors = Console(stderr=True)
    try:
        yield
    except KeyboardInterrupt as error:
        errors.print("parity: interrupted; the tables are dropped and the engine is stopped")
        raise typer.Exit(NOT_JUDGED) from error
    except (typer.Exit, typer.Abort):
        raise
    except (ParityError, EngineError, WireError, BotoCoreError, OSError) as error:
        errors.print(f"parity: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(NOT_JUDGED) from error
    except Exception as error:  # or Python's own exit code 1 would say that there are differences
        told = f"internal error: {type(error).__name__}: {' '.join(str(error).split())}; please report it"
        errors.print(f"parity: {told}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(NOT_JUDGED) from error
