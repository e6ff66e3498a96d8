"""`make rollback-drill ENTITY=user|all`: takes a cut-over back and brings it forward again, with data written on both sides of it.

In a throw-away worktree: live services write, plain `git revert` of the cut-over, services again on the archived DAO read everything
back and write more, revert of the revert, services on the new DAO read everything again.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from parity.engines import Engine, EngineError, open_engine
from scripts.cut_overs import CutOver, HistoryError, Worktree, entities, find_cut_overs, worktree
from scripts.platform_client import ADMIN, PASSWORD, Client, ClientError, Person, Reading
from scripts.running import ServicesError, environment_for, make_tables, services
from services.shared.context import Daos
from services.user_service.admins import create_admin

__all__ = ["Drill", "DrillError"]

app = typer.Typer(add_completion=False)

_NOT_REAL: Final = "the drill needs a real engine, not moto: run make engines, or name one: ENGINE=dynoxide"


class DrillError(Exception):
    """What was read back is not what was there."""


@dataclass
class Drill:
    """One drill, in a worktree, with people of its own on whatever tables the environment names."""

    tree: Worktree
    environment: Mapping[str, str]
    people: list[Person] = field(default_factory=list)

    def run(self, cut_over: CutOver) -> str:
        """Roll an entity back and forward again; gives a line of what was compared.

        Raises:
            DrillError: the first answer that differs.
        """
        entity, stem = cut_over.entity, cut_over.entity.replace("_", "-")
        self._see_that(entity, archived=False)
        with self._client() as client:
            written = self._write(client, f"{stem}-1")
            before = client.read(self.people)
        revert = self.tree.revert(cut_over.commit)
        self._see_that(entity, archived=True)
        with self._client() as client:
            back = _same(f"{entity}, rolled back", before, client.read(self.people))
            back += self._repeat(client, before)
            more = self._write(client, f"{stem}-2")
            between = client.read(self.people)
        self.tree.revert(revert)
        self._see_that(entity, archived=False)
        with self._client() as client:
            forward = _same(f"{entity}, forward again", between, client.read(self.people))
            forward += self._repeat(client, between)
        return (
            f"{entity}: {written} writes, rolled back, {back} answers the same; "
            f"{more} writes, forward again, {forward} answers the same"
        )

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with services(self.tree.path, self.environment) as addresses, closing(Client(addresses)) as client:
            client.log_in(ADMIN, PASSWORD)
            yield client

    def _see_that(self, entity: str, *, archived: bool) -> None:
        if self.tree.is_archived(entity) is not archived:
            raise DrillError(f"{entity}: the {'archived' if archived else 'new'} DAO should be live here, and is not")

    def _write(self, client: Client, name: str) -> int:
        person = Person(name, asset=name)
        written = client.write(person)
        self.people.append(person)
        return written

    def _repeat(self, client: Client, before: Reading) -> int:
        """Send again what has a key, by whichever DAO it was made: nothing may happen twice."""
        repeated = 0
        for person in self.people:
            for asked, (status, body) in client.repeat(person).items():
                repeated += 1
                if status not in {200, 201}:
                    raise DrillError(f"{asked} gave {status}: {body}")
        return repeated + _same("after requests were sent again", before, client.read(self.people))


def _same(when: str, before: Reading, after: Reading) -> int:
    """How many answers there are; all of them must be as they were."""
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
                for cut_over in cut_overs:
                    typer.echo(Drill(tree, environment).run(cut_over))
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
    app()
