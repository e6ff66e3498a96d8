"""`python -m bench.page`: docs/performance.md and its chart, from the JSON of a run; every figure in them comes from it."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.goals import goals

__all__ = ["SHOWN", "chart", "page"]

app = typer.Typer(add_completion=False)

CHART = "performance.svg"
SHOWN = (
    "get_balance",
    "get_order",
    "get_asset_by_id",
    "create_order",
    "update_order_status",
    "settle_order",
    "get_orders_by_user of 100",
    "get_assets_by_ids of 100",
    "get_all_assets of 1000",
)
BAR, GAP, LEFT, WIDTH = 13, 10, 230, 760


@app.command()
def write(
    figures: Annotated[Path, typer.Option(help="What bench wrote.")] = Path("build/bench/bench.json"),
    docs: Annotated[Path, typer.Option(help="Where performance.md and its chart go.")] = Path("docs"),
) -> None:
    """Write docs/performance.md and its chart from the output of bench."""
    found = json.loads(figures.read_text())
    (docs / CHART).write_text(chart(found["cases"]))
    (docs / "performance.md").write_text(page(found))


def page(figures: Mapping[str, Any]) -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            "# Performance",
            "",
            "What the PynamoDB DAOs cost beside the boto3 ones that they replace. `make performance` writes this page from a run of `make bench`;",
            "[fastpath.md](fastpath.md) tells where the gain comes from.",
            "",
            f"CPU time per call of the client process, medians of {figures['rounds']} rounds, Python {figures['python']}: both sides in turn, over a",
            "loopback server in another that gives the same canned answers to all. `lean` sends the same requests by the fast client alone and",
            "makes nothing of the answers. bcrypt is left out. The ratio is the median of the rounds' ratios: on a busy machine it is steadier than the times.",
            "",
            f"![CPU time per call, new by archived]({CHART})",
            "",
            "## Goals",
            "",
            *_table(
                ("goal", "at most", "found", "", "the worst of its kind"),
                [
                    (
                        goal.name,
                        f"{goal.bound:.2f}",
                        f"{goal.figure:.2f}",
                        "reached" if goal.reached else "missed",
                        goal.where,
                    )
                    for goal in goals(figures)
                ],
            ),
            "",
            "## By method",
            "",
            *_table(
                ("method", "archived, us", "new, us", "lean, us", "ratio", "quartiles of new"),
                [_case(case) for case in figures["cases"]],
            ),
            "",
            *_once(figures),
            *_end_to_end(figures.get("end to end")),
            "",
        ]
    )


def _case(case: Mapping[str, Any]) -> tuple[str, ...]:
    medians = (f"{case[side]['median, us']:.0f}" for side in ("archived", "new", "lean"))
    return (
        case["name"],
        *medians,
        f"{case['ratio']:.2f}",
        f"{case['new']['low, us']:.0f}-{case['new']['high, us']:.0f}",
    )


def _once(figures: Mapping[str, Any]) -> list[str]:
    """What is paid once, and what threads do."""
    whole = [
        (name, ", ".join(f"{side} {value:.4g}" for side, value in found.items()))
        for name, found in figures["whole"].items()
    ]
    threads = [
        (
            str(found["threads"]),
            *(f"{found[side]['CPU, us']:.0f} us, {found[side]['calls/s']:.0f}/s" for side in ("archived", "new")),
        )
        for found in figures["threads"]
    ]
    return [
        "## Once in a process",
        "",
        *_table(("what", "figures, medians of fresh processes"), whole),
        "",
        "## Threads",
        "",
        "`get_balance` over one connection, CPU time per call and calls per second of wall time, by number of threads.",
        "",
        *_table(("threads", "archived", "new"), threads),
    ]


def _end_to_end(found: Mapping[str, Any] | None) -> list[str]:
    if not found:
        return []
    lines = [(case["name"], f"{case['archived']:.0f}", f"{case['new']:.0f}") for case in found["cases"]]
    return [
        "",
        "## End to end",
        "",
        f"Wall time per call against {found['engine']}, the engine's own time included, over tables of 1,000 rows.",
        "",
        *_table(("method", "archived, us", "new, us"), lines),
    ]


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *lines)]


def chart(cases: Sequence[Mapping[str, Any]]) -> str:
    """A bar for each of the shown methods: the new side's time as a part of the archived one's."""
    shown = [case for name in SHOWN for case in cases if case["name"] == name]
    height = 34 + len(shown) * (BAR + GAP)
    scale = WIDTH - LEFT - 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="16" fill="#444444">CPU time per call, new by archived (1.00: as long)</text>',
    ]
    for number, case in enumerate(shown):
        top = 26 + number * (BAR + GAP)
        ratio = case["ratio"]
        parts += [
            f'<text x="{LEFT - 8}" y="{top + 11}" text-anchor="end" fill="#222222">{escape(case["name"])}</text>',
            f'<rect x="{LEFT}" y="{top}" width="{scale}" height="{BAR}" fill="#dddddd"/>',
            f'<rect x="{LEFT}" y="{top}" width="{min(ratio, 1) * scale:.0f}" height="{BAR}" fill="#2f6f9f"/>',
            f'<text x="{LEFT + scale + 6}" y="{top + 11}" fill="#222222">{ratio:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    app()
