"""`python -m scripts.proof`: docs/proof.md, from what the parts of `make release-check` have left; every figure in it comes from them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["app", "page"]

ENGINES = ("moto", "dynoxide", "dynamodb-local")
FUZZED = ("dynoxide", "dynamodb-local")
NOT_RUN = "Not run."

app = typer.Typer(add_completion=False)


@app.command()
def main(
    results: Annotated[Path, typer.Option(help="What the parts wrote to.")] = Path("build/proof"),
    out: Annotated[Path, typer.Option(help="The page.")] = Path("docs/proof.md"),
) -> None:
    """Write the page of the last release check; a part that left nothing is told as not run."""
    out.write_text(page(results), encoding="utf-8")


def page(results: Path) -> str:
    """The page, as Markdown.

    Args:
        results: a directory with `<engine>/report.json`, `<engine>/fuzz.json` and `selfcheck/selfcheck.json`, as far as they were run.
    """
    lines = [
        "# Proof",
        "",
        "What each part of `make release-check` found when it last ran, from which this page is written.",
    ]
    for engine in ENGINES:
        lines += ["", f"## Parity on {engine}", "", *_parity(_read(results / engine / "report.json"))]
    lines += ["", "## Selfcheck", "", *_selfcheck(_read(results / "selfcheck" / "selfcheck.json"))]
    for engine in FUZZED:
        lines += ["", f"## Fuzzing on {engine}", "", *_fuzz(_read(results / engine / "fuzz.json"))]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _parity(report: Mapping[str, Any] | None) -> Iterator[str]:
    if report is None:
        yield NOT_RUN
        return
    engine, environment = report["engine"], report["environment"]
    yield f"Verdict: {report['verdict']}, on {engine['name']} {engine['version']} and Python {environment['python']}, in {report['seconds']:.0f} s."
    yield f"Faults injected: {sum(report['faults'].values())}, of {len(report['faults'])} kinds."
    yield ""
    rows = [
        (name, found["calls"], found["comparisons"], found["differences"]) for name, found in report["entities"].items()
    ]
    yield from _table(("entity", "compared calls", "comparisons", "differences"), rows)


def _selfcheck(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield NOT_RUN
        return
    results = Counter(check["result"] for check in found["checks"])
    told = ", ".join(f"{count} {result}" for result, count in results.items())
    yield f"On {found['engine']}: {told}. Each is a run of its own, of a candidate that is wrong on purpose or of a control against itself."
    yield ""
    by_entity = Counter((check["entity"], check["result"]) for check in found["checks"])
    yield from _table(("entity", "result", "checks"), [(*key, count) for key, count in by_entity.items()])


def _fuzz(found: Sequence[Mapping[str, Any]] | None) -> Iterator[str]:
    if found is None:
        yield NOT_RUN
        return
    rows = [
        (
            one["entity"],
            one["seed"],
            one["steps"],
            f"{one['steps'] / max(one['seconds'], 0.001):.0f}",
            sum(one["model"]["compared"].values()),
            "none" if one["difference"] is None else f"{one['difference']['method']} {one['difference']['observable']}",
            one["digest"],
        )
        for one in found
    ]
    names = ("entity", "seed", "steps", "steps a second", "compared with the model", "difference", "digest")
    yield from _table(names, rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"


if __name__ == "__main__":
    app()
