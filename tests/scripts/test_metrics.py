"""The figures of `make metrics`: what is counted, and what is not."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_origin

import pytest
from typer.testing import CliRunner

from parity.report.model import Report
from scripts.metrics import report_tables
from scripts.metrics.__main__ import app
from scripts.metrics.code import ROOT, names_table, size_table, spent_table, types_table
from scripts.metrics.names import attribute_names, name_literals
from scripts.metrics.run import methods_table, old_rows_table, run_told
from scripts.metrics.size import Modules, code_lines
from scripts.metrics.table import Table

NAMES = frozenset({"Pk", "phone", "quantity", "status", "GSI-PK"})


def found(source: str) -> list[tuple[str, str]]:
    return [(literal.name, literal.kind) for literal in name_literals(source, NAMES)]


def test_names_come_from_the_models() -> None:
    assert {"Pk", "GSI-SK", "mfa_secret", "sparkline_7d", "product_id"} - attribute_names() == {"mfa_secret"}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("item['phone']", ["phone"]),
        ("f'the phone {x}'", []),
        ("expression = 'SET phone = :phone, #status = :status'", ["phone"]),
        ("condition = f'attribute_exists(Pk) AND {more}'", ["Pk"]),
        ("names = {'#status': 'status'}", ["status"]),
        ("key = {'GSI-PK': username}", ["GSI-PK"]),
        ("raise ValueError('the phone is wrong')", []),
        ("phone = row.phone  # 'phone'", []),
        ("def status():\n    'status'", []),
        ("of(phone=1)", []),
        ("get(ProjectionExpression='Pk, #status,quantity')", ["Pk", "quantity"]),
        ("'phone status'.split()", ["phone", "status"]),
        ("f'{row}.quantity'", ["quantity"]),
        ("f'{number} phone'", ["phone"]),
        ("'phone and status'", []),
        ("'#status, :status'", []),
        ("', .'", []),
    ],
)
def test_a_name_counts_where_it_is_a_literal_or_in_an_expression(source: str, names: list[str]) -> None:
    assert found(source) == [(name, "attribute") for name in names]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("phone = TextAttribute(attr_name='phone')", "declaration"),
        ("arguments.check_text('phone', phone)", "argument"),
        ("row.check_text('phone', phone)", "attribute"),
        ("def to(row):\n    values = {'phone': row.x}\n    return User.model_validate(values)", "field"),
        ("def to(row):\n    return User.model_validate({'phone': row.x})", "field"),
        ("def to(row):\n    return user.model_copy(update={'phone': row.x})", "field"),
        ("def to(row):\n    values = {'phone': row.x}\n    return table.put_item(values)", "attribute"),
    ],
)
def test_what_a_name_stands_for_is_told_by_where_it_stands(source: str, kind: str) -> None:
    assert found(source) == [("phone", kind)]


def test_the_new_daos_hold_no_attribute_names_and_the_archived_ones_do() -> None:
    rows = {row[0]: row[1] for row in names_table(ROOT).rows}
    assert rows["new DAOs"] == 0
    assert int(rows["archived DAOs"]) > 100


def test_lines_are_counted_without_blanks_comments_and_docstrings() -> None:
    source = '"""Module."""\n\nimport os  # why\n\n# alone\ndef f():\n    """Says.\n\n    More.\n    """\n    return """a\n\nb"""\n'
    assert code_lines(source) == 5  # import, def, and the text of three lines


def project(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / "common" / "data" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_what_a_module_needs_is_followed_and_what_both_need_counts_for_none(tmp_path: Path) -> None:
    project(
        tmp_path,
        clock="now = 1\n",
        entities="class User: ...\n",
        old="from common.data import clock\nfrom common.data._rows import read\nfrom common.data.entities import User\na = 1\n",
        _rows="import os\nread = os\n",
        new="from common.data.models.user import Model\nfrom common.data import clock\nfrom common.data.entities import User\n",
        models__user="from common.data.models.base import Base\nfrom common.data.entities import User\nfrom common.data.fastpath.rows import fast\n",
        models__base="b = 1\n",
        fastpath__rows="fast = 1\nfaster = 2\n",
        unused="c = 1\n",
    )
    assert Modules(tmp_path).needed_by(["common.data.old"]) == {
        "common.data.old", "common.data.clock", "common.data._rows", "common.data.entities",
    }  # fmt: skip
    result = Modules(tmp_path).sizes(["common.data.old"], ["common.data.new"])
    assert (result.archived.daos, result.archived.models, result.archived.machinery) == (4, 0, 2)
    assert (result.new.daos, result.new.models, result.new.machinery, result.fast_path) == (3, 3, 1, 2)
    assert (result.archived.all, result.new.all) == (6, 7)


def test_the_sum_over_all_entities_counts_each_module_once() -> None:
    rows = {row[0]: row for row in size_table(ROOT).rows}
    entities = [row for name, row in rows.items() if (ROOT / f"common/data/dao/_live/{name}.py").is_file()]
    assert len(entities) == 6
    assert sum(int(row[1]) for row in entities) > int(rows["all entities"][1]) > max(int(row[1]) for row in entities)
    assert int(rows["in all"][4]) == int(rows["all entities"][4]) + int(rows["machinery"][4])


def test_imports_and_conversions_are_counted_of_what_knows_entities(tmp_path: Path) -> None:
    project(
        tmp_path,
        entities="class User: ...\n",
        old="a = 1\n",
        new="from common.data.models.user import (\n    Model,\n)\nimport os\n",
        models__user="""from common.data.entities import User
from common.data.models.base import Base


class Model(Base):
    @classmethod
    def of(cls, user):
        '''The row.'''

        return cls()

    def to_user(self):
        return User()

    def offer(self):
        return 1
""",
        models__base="import io\n\ndef to_text(x):\n    return x\n",
    )
    new = Modules(tmp_path).sizes(["common.data.old"], ["common.data.new"]).new
    assert (new.models, new.machinery, new.imports, new.conversions) == (10, 7, 2, 5)


NUMBERS = {
    r"0, against about (\d+) in the archived ones": (names_table, "archived DAOs", 1),
    r"about (\d+) declarations": (spent_table, "attributes declared by a model", 1),
    r"(\d+) lines of conversions": (spent_table, "lines that make a row of an entity, and an entity of a row", 1),
    r"(\d+) of imports": (spent_table, "lines of imports", 1),
    r"`transactions.py`, about (\d+) lines": (size_table, "machinery", 4),
}


def figure(table: Callable[[Path], Table], row: str, column: int) -> int:
    return int({cells[0]: cells for cells in table(ROOT).rows}[row][column])


@pytest.mark.parametrize("pattern", NUMBERS)
def test_the_document_rounds_what_the_command_prints(pattern: str) -> None:
    (written,) = re.findall(pattern, (ROOT / "docs/metrics.md").read_text(encoding="utf-8"))
    assert int(written) == pytest.approx(figure(*NUMBERS[pattern]), rel=0.05)


def test_the_document_says_by_what_share_the_sizes_differ() -> None:
    document = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    assert "the DAOs themselves about a third less; with models and their machinery about a third **more**" in document
    assert 1 - figure(size_table, "all entities", 2) / figure(size_table, "all entities", 1) == pytest.approx(
        1 / 3, abs=0.05
    )
    assert figure(size_table, "in all", 4) / figure(size_table, "in all", 1) - 1 == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize("layer", ["models", "fast path", "shared by both"])
def test_the_document_explains_every_literal_that_is_counted_beside_the_daos(layer: str) -> None:
    document = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    ((written, parts),) = re.findall(rf"^\| {layer} \| (\d+) \| (.*) \|$", document, re.MULTILINE)
    assert int(written) == figure(names_table, layer, 1)
    assert sum(map(int, re.findall(r"\((\d+)\)", parts))) in {int(written), 0}


def test_every_package_is_checked_strictly_and_one_that_is_not_is_told(tmp_path: Path) -> None:
    assert {row[2] for row in types_table(ROOT).rows} == {"strict"}
    for package in ("inside", "outside"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("x = '# type: ignore'\ny = 1  # type: ignore[misc]\n")
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nstrict = true\nfiles = ["inside"]\n')
    assert list(types_table(tmp_path).rows) == [["inside", 1, "strict", 1], ["outside", 1, "not checked", 1]]


def report_of(**parts: object) -> Report:
    required = {name: field.annotation for name, field in Report.model_fields.items() if field.is_required()}
    empty: dict[str, Any] = {name: [] if get_origin(kind) is list else {} for name, kind in required.items()}
    engine = {"name": "moto", "version": "5"}
    plain = {
        "verdict": "parity",
        "exit_code": 0,
        "kind": "moto+faults",
        "whole": True,
        "engine": engine,
        "seed": "0",
        "seconds": 1.0,
    }
    return Report.model_validate({**empty, **plain, **parts})


def figures(calls: int, requests: int, read_units: float, write_units: float = 0) -> dict[str, object]:
    return {
        "calls": calls, "requests": requests, "read_units": read_units, "write_units": write_units,
        "median_milliseconds": 1, "actions": [],
    }  # fmt: skip


def test_a_method_that_needs_more_than_the_archived_one_is_marked() -> None:
    methods = {
        "get": {"control": figures(4, 4, 2), "candidate": figures(4, 4, 2)},
        "list": {"control": figures(2, 2, 1), "candidate": figures(2, 3, 1)},
        "put": {"control": figures(2, 2, 0, 2), "candidate": figures(2, 2, 0, 4)},
    }
    rows = methods_table(report_of(methods={"note": methods})).rows
    assert [(row[0], row[-1]) for row in rows] == [("note.get", ""), ("note.list", "more"), ("note.put", "more")]
    assert list(rows[1][1:5]) == [2, 1.0, 1.5, 0.5]


SUMS = {"items": 9, "attributes": 90, "checksum": "aa"}
WHOLE = {
    "before": SUMS, "after": SUMS, "lost_items": 0, "lost_attributes": 0,
    "changed": 3, "deleted": 1, "attributes_taken": 2, "attributes_changed": 5,
}  # fmt: skip


def old_rows_of(control: dict[str, Any], candidate: dict[str, Any]) -> Table:
    sides = {"control": WHOLE | control, "candidate": WHOLE | candidate}
    return old_rows_table(report_of(old_rows={"users": sides, "orders": {"control": WHOLE, "candidate": WHOLE}}))


@pytest.mark.parametrize(
    ("control", "candidate", "count", "told"),
    [
        ({}, {}, 0, "for good 0"),
        ({}, {"lost_items": 1, "lost_attributes": 2}, 3, "for good 3"),
        ({"lost_items": 1}, {"lost_items": 1}, 2, "for good 2"),
        ({}, {"attributes_taken": 42}, 40, "attributes taken out 40"),
        ({"attributes_taken": 42}, {"attributes_taken": 42}, 0, "attributes taken out 0"),
        ({"attributes_taken": 42}, {}, 0, "attributes taken out 0"),
        ({}, {"attributes_changed": 6}, 1, "attributes taken out 0, changed 1"),
        ({}, {"deleted": 3}, 2, "rows deleted 2"),
        ({}, {"changed": 4}, 0, "for good 0"),
    ],
)
def test_what_calls_of_the_new_side_took_from_old_rows_counts_beside_what_is_lost_for_good(
    control: dict[str, Any], candidate: dict[str, Any], count: int, told: str
) -> None:
    note = old_rows_of(control, candidate).note
    assert note.startswith(f"Promised: none lost. Found: {count}: ")
    assert told in note


def test_each_side_has_its_row_with_what_was_done_to_it() -> None:
    rows = old_rows_of({}, {"lost_items": 1}).rows
    assert [tuple(row[8:]) for row in rows[:2]] == [(0, 3, 1, 2, 5), (1, 3, 1, 2, 5)]


def test_a_run_that_met_no_old_rows_promises_nothing() -> None:
    assert old_rows_table(report_of()).note == "Promised: none lost. Found: nothing, since no test ran on old rows."


BOTH = {name: {"calls": 1, "comparisons": 1, "differences": 0} for name in ("user", "order")}


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({}, "A full run: verdict parity, all 2 entities, whole suites, every fault, moto 5."),
        ({"verdict": "differences"}, "NOT A FULL RUN: verdict differences, "),
        ({"entities": {"user": BOTH["user"]}}, "NOT A FULL RUN: verdict parity, of 2 entities user, whole suites, "),
        ({"whole": False}, "NOT A FULL RUN: verdict parity, all 2 entities, single tests, "),
        ({"kind": "moto"}, "NOT A FULL RUN: verdict parity, all 2 entities, whole suites, no faults, "),
        ({"kind": "moto+faults/10"}, "NOT A FULL RUN: verdict parity, all 2 entities, whole suites, one fault of 10, "),
    ],
)
def test_what_run_a_report_is_of_is_told_and_that_it_is_no_full_one(parts: dict[str, Any], told: str) -> None:
    assert run_told(report_of(**({"entities": BOTH} | parts)), ["user", "order"]).startswith(told)


def test_the_command_prints_and_stores_all_of_it(tmp_path: Path) -> None:
    report, out = tmp_path / "report.json", tmp_path / "deep" / "metrics.json"
    methods = {"note": {"get": {"control": figures(4, 4, 2), "candidate": figures(4, 4, 2)}}}
    report.write_text(report_of(methods=methods).model_dump_json(), encoding="utf-8")
    done = CliRunner().invoke(app, ["--no-types", "--report", str(report), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert done.output.count("NOT A FULL RUN: verdict parity, of 7 entities") == 2
    assert re.search(r"note\.get +4 +1 +1 +0\.5 +0\.5", done.output)
    stored = json.loads(out.read_text(encoding="utf-8"))
    assert len(stored) == 6
    assert stored[:3] == json.loads(json.dumps(report_tables()[:3]))


def command(report: Path, out: Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--no-types", "--report", str(report), "--out", str(out)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_without_a_run_the_command_says_what_was_not_run_and_fails(tmp_path: Path) -> None:
    report, out = tmp_path / "report.json", tmp_path / "metrics.json"
    code, told = command(report, out)
    assert (code, f"NOT RUN: there is no {report}" in told, out.is_file()) == (1, True, True)


def test_the_command_says_in_a_line_what_it_cannot_read_or_write(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("{}")
    code, told = command(report, tmp_path / "metrics.json")
    assert (code, f"error: {report} is no report of parity run" in told) == (1, True)
    code, told = command(tmp_path, tmp_path / "metrics.json")
    assert (code, f"error: cannot read {tmp_path}: Is a directory" in told) == (1, True)
    report.write_text(report_of().model_dump_json(), encoding="utf-8")
    for out in (tmp_path, report / "metrics.json"):
        code, told = command(report, out)
        assert (code, f"error: cannot write {out}: " in told) == (1, True)
