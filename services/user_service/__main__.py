"""`python -m services.user_service serve` and `create-admin`."""

from typing import Annotated

import typer
from pydantic import ValidationError

from services.shared.context import Daos
from services.shared.serving import Service, load, opened, serve
from services.shared.settings import ServiceSettings
from services.user_service import admins
from services.user_service.application import create_app

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The user service.")


@app.command("serve")
def serve_users() -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = load(ServiceSettings)
    with opened() as connection:
        serve([Service("user_service", create_app(settings, connection), settings.user_port)], settings)


@app.command()
def create_admin(
    username: Annotated[str, typer.Argument()],
    email: Annotated[str, typer.Argument()],
    password: Annotated[
        str, typer.Option(envvar="ADMIN_PASSWORD", prompt=True, hide_input=True, help="Asked for if it is not set.")
    ],
) -> None:
    """Make a user who may change the inventory. The password is asked for, or read from ADMIN_PASSWORD."""
    with opened() as connection:
        try:
            admins.create_admin(Daos.live(connection), username, email, password)
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors(include_input=False))
            raise SystemExit(f"error: {faults}") from None
    typer.echo(f"{username}: created")


if __name__ == "__main__":
    app()
