"""The tables that a project adds to its report."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parity.config import Config, load_config
from parity.errors import ConfigError
from parity.report import as_html, project_tables, read_report

from .harness import NOTES
from .reports import Reports

TABLE: dict[str, Any] = {"title": "Size", "columns": ["what", "lines"], "rows": [["<b>DAO", 12], ["model", 3.5]]}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A project whose module `figures` the tests write."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "figures", raising=False)
    config = load_config(NOTES / "parity.toml")
    return replace(config, path=tmp_path / "parity.toml", metrics="figures:tables")


def giving(config: Config, text: str) -> Config:
    (config.root / "figures.py").write_text(f"def tables():\n    {text}\n", encoding="utf-8")
    return config


def test_a_project_that_names_none_adds_none(config: Config) -> None:
    assert project_tables(replace(config, metrics=None)) == []


def test_the_tables_stand_on_the_page_with_their_notes_and_escaped(config: Config, reports: Reports) -> None:
    tables = project_tables(giving(config, f"return [{TABLE!r} | {{'note': 'of today'}}]"))
    report = read_report(reports.right / "report.json")
    page = as_html(report.model_copy(update={"project": tables}))
    assert '<a href="#project">Project</a>' in page
    for part in ("<caption>Size</caption>", "&lt;b&gt;DAO</th>", '<td class="number">3.5</td>', "<p>of today</p>"):
        assert part in page
    assert "#project" not in as_html(report)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("return None", "gives no list of tables with title, columns and rows"),
        ("return [{'title': 'x', 'columns': ['a'], 'rows': [[1, 2]]}]", "'x' has rows of other lengths"),
        ("return [{'title': 'x', 'columns': ['a'], 'rows': [[None]]}]", "gives no list of tables"),
        ("return [{'title': 'x'}]", "0.columns: Field required"),
        ("raise LookupError('nothing there')", "raised LookupError: nothing there"),
    ],
    ids=["nothing", "uneven", "no-figure", "half", "raises"],
)
def test_anything_else_is_refused_with_what_was_wrong(config: Config, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"metrics = 'figures:tables' in .*parity\.toml ") as refused:
        project_tables(giving(config, text))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("figures", "is not of the form module:name"),
        ("figures:others", "figures has no others"),
        ("figures:__name__", "is no function"),
    ],
)
def test_a_name_of_no_function_is_refused(config: Config, reference: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        project_tables(replace(giving(config, "return []"), metrics=reference))
