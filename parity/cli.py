"""The `parity` command."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from parity.config import Config, load_config
from parity.errors import ConfigError, ParityError
from parity.exits import clear_errors
from parity.fuzz.command import fuzzing
from parity.outputs import written_whole
from parity.report import as_html, print_summary, read_report, write_files
from parity.rows.commands import anonymise, read_check
from parity.runner import Options, run_parity
from parity.selfcheck import exit_code, make_checks, print_findings, run_checks, write_findings
from parity.start import init

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Proof that one DAO behaves as another.",
)


@app.callback()
def _commands() -> None:
    """Proof that one DAO behaves as another."""


@app.command()
def run(
    entity: Annotated[
        list[str] | None, typer.Option(help="Entity of parity.toml; may be given again. Default: all.")
    ] = None,
    engine: Annotated[str, typer.Option(help="moto, dynoxide, dynamodb-local, docker, auto, or a URL.")] = "moto",
    out: Annotated[Path, typer.Option(help="Where the reports go.")] = Path("build/parity"),
    config: Annotated[Path, typer.Option(help="The project's configuration.")] = Path("parity.toml"),
    control: Annotated[str | None, typer.Option(help="module:Class in place of the control of one entity.")] = None,
    candidate: Annotated[str | None, typer.Option(help="module:Class in place of the candidate of one entity.")] = None,
    test: Annotated[
        list[str] | None,
        typer.Option(help="Only this test, as a difference names it, or this file; may be given again."),
    ] = None,
    seed: Annotated[str, typer.Option(help="Seed of uuids, names and random waits.")] = "0",
    faults: Annotated[bool, typer.Option(help="Inject every fault at every request of every method too.")] = True,
    faults_every: Annotated[int, typer.Option(min=1, help="Inject only every Nth fault, for a shorter run.")] = 1,
    accept_baseline: Annotated[bool, typer.Option(help="Record in parity.lock how much was compared.")] = False,
    allow_remote: Annotated[bool, typer.Option(help="Let --engine be a URL beyond loopback.")] = False,
    table_prefix: Annotated[str | None, typer.Option(help="What the names of the tables begin with.")] = None,
) -> None:
    """Run the suites against control and candidate and compare everything that can be observed.

    Exit codes: 0 parity, 1 differences, 2 the suite itself failed, 3 the run could not be judged.
    """
    console = Console()
    with clear_errors():
        chosen = _chosen(load_config(config), entity, control, candidate)
        _make_directory(out)
        options = Options(
            engine=engine,
            seed=seed,
            tests=tuple(test or ()),
            faults=faults,
            faults_every=faults_every,
            accept_baseline=accept_baseline,
            allow_remote=allow_remote,
            table_prefix=table_prefix,
            rerun=_rerun(engine, config, control, candidate, seed),
        )
        with console.status("starting") as status:
            result = run_parity(chosen, options, status.update)
        report = write_files(result, out)
        print_summary(report, f"report in {out}", console)
    raise typer.Exit(result.exit_code)


@app.command()
def show(
    report: Annotated[Path, typer.Argument(help="A report.json of parity run.", metavar="REPORT.json")],
    html: Annotated[Path | None, typer.Option(help="Write it as a page to this file too.")] = None,
) -> None:
    """Print the report of an earlier run again.

    Exit codes: 0 it is printed, whatever its verdict; 3 the file is no report.
    """
    with clear_errors():
        found = read_report(report)
        if html is not None:
            with written_whole(html, [report]) as file:
                file.write(as_html(found))
        print_summary(found, f"report in {report}", Console())


@app.command()
def selfcheck(
    engine: Annotated[str, typer.Option(help="moto, dynoxide, dynamodb-local, docker, auto, or a URL.")] = "moto",
    out: Annotated[Path, typer.Option(help="Where selfcheck.json and the report of each run go.")] = Path(
        "build/selfcheck"
    ),
    config: Annotated[Path, typer.Option(help="The project's configuration.")] = Path("parity.toml"),
    jobs: Annotated[int, typer.Option(min=1, help="How many runs at a time; each takes about a processor.")] = 2,
    every: Annotated[int, typer.Option(min=1, help="Run only every Nth, for a shorter check.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help="Only the one of this name; may be given again.")] = None,
) -> None:
    """Run the harness on the candidates that are wrong on purpose, and on each control as its own candidate.

    Exit codes: 0 each is found and named right, and the controls are silent; 1 not so; 3 a run could not be judged.
    """
    console = Console()
    with clear_errors():
        project = load_config(config)
        checks = make_checks(project, every=every, only=only or ())
        _make_directory(out)
        with console.status("starting") as status:
            findings = run_checks(project, checks, engine, out, jobs, status.update)
        write_findings(findings, engine, out)
        print_findings(findings, f"reports in {out}", console)
    raise typer.Exit(exit_code(findings))


app.command("read-check")(read_check)
app.command()(anonymise)
app.command()(init)
app.command("fuzz")(fuzzing)


def _make_directory(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParityError(f"cannot write the report to {out}: {error.strerror}") from error


def _chosen(config: Config, entities: list[str] | None, control: str | None, candidate: str | None) -> Config:
    if control or candidate:
        if not entities or len(entities) != 1:
            raise ConfigError("--control and --candidate need exactly one --entity")
        config = config.with_classes(entities[0], control, candidate)
    return config.only(entities) if entities else config


def _rerun(engine: str, config: Path, control: str | None, candidate: str | None, seed: str) -> tuple[str, ...]:
    words = ["parity", "run", "--engine", engine]
    for option, value, default in (
        ("--config", str(config), "parity.toml"),
        ("--seed", seed, "0"),
        ("--control", control, None),
        ("--candidate", candidate, None),
    ):
        if value is not None and value != default:
            words += [option, value]
    return tuple(words)


def main() -> None:
    """Entry point of the `parity` command."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's background job. It goes on ignoring Ctrl-C, but what it starts is ended by that, and would be handed what is ignored.
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
    app()
