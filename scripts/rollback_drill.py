"""`make rollback-drill ENTITY=user|all`: takes a cut-over back and brings it forward again, with data written on both sides of it.

In a throw-away worktree: live services write, plain `git revert` of the cut-over, services again on the archived DAO read everything
back and write more, revert of the revert, services on the new DAO read everything again.
"""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Final, Self

import typer

from parity.engines import Engine, EngineError, open_engine
from scripts.cut_overs import CutOver, HistoryError, Worktree, end_in_order, entities, find_cut_overs, worktree
from scripts.platform_client import ADMIN, PASSWORD, Client, ClientError, Person, Reading
from scripts.running import ServicesError, environment_for, make_tables, services
from services.shared.context import Daos
from services.user_service.admins import create_admin

__all__ = ["Drill", "DrillError", "app", "same"]

app = typer.Typer(add_completion=False)

_NOT_REAL: Final = "the drill needs a real engine, not moto: run make engines, or name one: ENGINE=dynoxide"


class DrillError(Exception):
    """What was read back is not what was there."""


class Drill:
    """Drills in a worktree, on whatever tables the environment names. A context manager: it ends with its services stopped."""

    def __init__(self, tree: Worktree, environment: Mapping[str, str]) -> None:
        self._tree = tree
        self._environment = environment
        self._stack = ExitStack()
        self._running: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop()

    def run(self, cut_over: CutOver) -> str:
        """Roll an entity back and forward again, with people of its own; gives a line of what was compared.

        Raises:
            DrillError: the first answer that differs.
        """
        entity, stem = cut_over.entity, cut_over.entity.replace("_", "-")
        people: list[Person] = []
        self._see_that(entity, archived=False)
        client = self._client()
        written = _write(client, people, f"{stem}-1")
        before = client.read(people)

        revert = self._revert(cut_over.commit)
        self._see_that(entity, archived=True)
        client = self._client()
        back = same(f"{entity}, rolled back", before, client.read(people)) + _repeat(client, people, before)
        more = _write(client, people, f"{stem}-2")
        between = client.read(people)

        self._revert(revert)
        self._see_that(entity, archived=False)
        client = self._client()
        forward = same(f"{entity}, forward again", between, client.read(people)) + _repeat(client, people, between)
        return (
            f"{entity}: {written} writes, rolled back, {back} answers the same; "
            f"{more} writes, forward again, {forward} answers the same"
        )

    def _client(self) -> Client:
        """A client of the services as they are in the worktree now."""
        if self._running is None:
            addresses = self._stack.enter_context(services(self._tree.path, self._environment))
            self._running = self._stack.enter_context(closing(Client(addresses)))
            self._running.log_in(ADMIN, PASSWORD)
        return self._running

    def _stop(self) -> None:
        self._running = None
        self._stack.close()

    def _revert(self, commit: str) -> str:
        """Stop the services and revert a commit; the next client is one of the services as they are then."""
        self._stop()
        return self._tree.revert(commit)

    def _see_that(self, entity: str, *, archived: bool) -> None:
        if self._tree.is_archived(entity) is not archived:
            raise DrillError(f"{entity}: the {'archived' if archived else 'new'} DAO should be live here, and is not")


def _write(client: Client, people: list[Person], name: str) -> int:
    person = Person(name, asset=name)
    people.append(person)
    return client.write(person)


def _repeat(client: Client, people: list[Person], before: Reading) -> int:
    """Send again what has a key, by whichever DAO it was made: nothing may happen twice."""
    repeated = 0
    for person in people:
        for asked, (status, body) in client.repeat(person).items():
            repeated += 1
            if status not in {200, 201}:
                raise DrillError(f"{asked} gave {status}: {body}")
    return repeated + same("after requests were sent again", before, client.read(people))


def same(when: str, before: Reading, after: Reading) -> int:
    """How many answers there are; all of them must be as they were.

    Raises:
        DrillError: the first that is not.
    """
    for asked in [*before, *(name for name in after if name not in before)]:
        if before.get(asked) != after.get(asked):
            raise DrillError(f"{when}: {asked}\n  before: {before.get(asked)}\n  after:  {after.get(asked)}")
    return len(before)


@app.command()
def drill(
    entity: Annotated[str, typer.Option(help="An entity with a cut-over, or all of them.")] = "all",
    engine: Annotated[str, typer.Option(help="As of `parity run`, but not moto.")] = "auto",
) -> None:
    """Drill the way back."""
    root = Path.cwd()
    try:
        cut_overs = find_cut_overs(root, entities(root) if entity == "all" else [entity])
        with _opened(engine) as running, worktree(root) as tree:
            typer.echo(f"on {running}, in a throw-away worktree at {tree.git('rev-parse', '--short', 'HEAD').strip()}")
            environment = environment_for(running)
            with make_tables(running, environment) as connection:
                create_admin(Daos.live(connection), ADMIN, "admin@example.org", PASSWORD)
                with Drill(tree, environment) as drills:
                    for cut_over in cut_overs:
                        typer.echo(drills.run(cut_over))
    except (ClientError, DrillError, EngineError, HistoryError, ServicesError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def _opened(choice: str) -> Engine:
    engine = open_engine(choice)
    if engine.name == "moto":
        engine.stop()
        raise EngineError(_NOT_REAL)
    return engine


if __name__ == "__main__":
    end_in_order()
    app()
