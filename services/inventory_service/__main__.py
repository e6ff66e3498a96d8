"""`python -m services.inventory_service serve` and `seed`."""

from pathlib import Path
from typing import Annotated

import typer

from services.inventory_service.application import create_app
from services.inventory_service.seeding import ASSETS, SeedError, read_assets, seed
from services.shared.context import Daos
from services.shared.serving import Service, load, opened, serve
from services.shared.settings import ServiceSettings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The inventory service.")


@app.command("serve")
def serve_assets() -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = load(ServiceSettings)
    with opened() as connection:
        serve([Service("inventory_service", create_app(settings, connection), settings.inventory_port)], settings)


@app.command("seed")
def seed_assets(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON list of assets.")] = ASSETS,
) -> None:
    """Create the assets of a file that are not there yet."""
    try:
        assets = read_assets(path)
    except SeedError as error:
        raise SystemExit(f"error: {error}") from None
    with opened() as connection:
        created = seed(Daos.live(connection), assets)
    typer.echo(f"{len(created)} of {len(assets)} assets created, the others were there")


if __name__ == "__main__":
    app()
