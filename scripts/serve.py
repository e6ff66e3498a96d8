"""`make serve`: an engine, tables, assets, an admin and all three services, in one process, until Ctrl-C."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from common.data import UserAlreadyExistsError
from common.data.tables import app as tables
from parity.engines import EngineError, open_engine
from scripts.running import engine_variables
from services.__main__ import main as serve_all
from services.inventory_service.seeding import ASSETS, read_assets, seed
from services.shared.context import Daos
from services.shared.serving import opened
from services.user_service.admins import create_admin

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_ADMIN: Final = "admin"


@contextmanager
def _engine(choice: str) -> Iterator[None]:
    """Start an engine and point the settings at it; with an empty choice they stay as they are."""
    if not choice:
        yield
        return
    try:
        engine = open_engine(choice, reporter=typer.echo)
    except EngineError as error:
        raise SystemExit(f"error: {error}") from None
    with engine:
        os.environ.update(engine_variables(engine))
        typer.echo(f"engine: {engine} at {engine.endpoint}")
        yield


def _fill() -> None:
    """Make what is missing: tables, assets, an admin."""
    tables(["create"], standalone_mode=False)
    with opened() as connection:
        daos = Daos.live(connection)
        created = seed(daos, read_assets(ASSETS))
        typer.echo(f"assets: {', '.join(created) or 'were there'}")
        password = os.environ.get("ADMIN_PASSWORD") or secrets.token_urlsafe(12)
        try:
            create_admin(daos, _ADMIN, "admin@example.org", password)
            typer.echo(f"admin: username {_ADMIN}, password {password}")
        except UserAlreadyExistsError:
            typer.echo(f"admin: {_ADMIN} was there")


@app.command()
def serve(
    engine: Annotated[
        str, typer.Option(help="As of `parity run`; empty takes what the environment's settings point at.")
    ] = "moto",
) -> None:
    """Serve the platform, filled with some assets and an admin."""
    os.environ.setdefault("SERVICE_TOKEN_SECRET", secrets.token_hex(32))
    try:
        with _engine(engine):
            _fill()
            typer.echo("open /docs at any of these addresses; Ctrl-C stops, and what an engine of its own held is gone")
            serve_all()
    except KeyboardInterrupt:
        pass  # before the services ran: they stop by themselves
    typer.echo("stopped")


if __name__ == "__main__":
    app()
