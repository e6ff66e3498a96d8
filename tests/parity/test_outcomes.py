"""What a DAO does late - in a generator, in a property - is compared; what it does when it is awaited is refused."""

import shutil
from pathlib import Path

import pytest

from .harness import NOTES, Result, parity_run

SUITE = """
from decimal import Decimal
from typing import Any

import pytest


def test_late(note_dao: Any) -> None:
    try:
        note_dao.late("a")
        list(note_dao.late("a"))
    except ValueError:
        pass
"""
READ = 'self._table.get_item(Key={"id": id}, ConsistentRead=True).get("Item")'


def compare(tmp_path: Path, control: str, candidate: str, use: str = "") -> Result:
    project = Path(shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__")))
    classes = f"class Control(NoteDAO):\n{control}\n\n\nclass Candidate(NoteDAO):\n{candidate}\n"
    (project / "sides.py").write_text(f"from notes import *\n\n\n{classes}", encoding="utf-8")
    suite = SUITE.replace("    try:\n", f"    {use}\n    return\n    try:\n") if use else SUITE
    (project / "test_notes.py").write_text(suite, encoding="utf-8")
    sides = ("--control", "sides:Control", "--candidate", "sides:Candidate")
    only = ("--no-faults", "--entity", "note", "--test", "test_notes.py::test_late")
    return parity_run(project / "out", *only, *sides, cwd=project)


GENERATORS = {
    "(items)[*]": f"    def late(self, id):\n        {READ}\n        yield 2\n",
    "(items)(length)": f"    def late(self, id):\n        yield {READ}\n        yield 1\n",
    "(error)": f"    def late(self, id):\n        yield {READ}\n        raise ValueError(id)\n",
}


@pytest.mark.parametrize("path", GENERATORS)
def test_the_items_of_a_generator_are_compared(tmp_path: Path, path: str) -> None:
    control = f"    def late(self, id):\n        yield {READ}\n"
    result = compare(tmp_path, control, GENERATORS[path])
    assert result.exit_code == 1, result.output
    assert ("late", "return", path) in result.places()


def test_the_requests_of_a_generator_are_compared_and_it_equals_itself(tmp_path: Path) -> None:
    control = f"    def late(self, id):\n        yield {READ}\n        raise ValueError(id)\n"
    assert compare(tmp_path / "same", control, control).exit_code == 0
    scan = control.replace("yield", "self._table.scan()\n        yield", 1)
    assert ("late", "requests", "count") in compare(tmp_path / "other", control, scan).places()


def test_a_property_is_compared(tmp_path: Path) -> None:
    control = "    @property\n    def size(self):\n        return self._table.scan()['Count']\n"
    result = compare(tmp_path, control, control.replace("['Count']", "['Count'] + 1"), "note_dao.size")
    assert result.exit_code == 1, result.output
    assert {("size", "return", "(value)"), ("size", "return", "(cross-read old to new) (value)")} <= result.places()


@pytest.mark.parametrize("last", ["return", "yield"])
def test_an_async_method_is_refused_with_exit_code_3(tmp_path: Path, last: str) -> None:
    control = f"    async def late(self, id):\n        {last} {READ}\n"
    result = compare(tmp_path, control, control)
    assert result.exit_code == 3, result.output
    assert "Control.late is async: not supported" in result.output
    assert "Traceback" not in result.output


def test_what_a_call_does_to_its_arguments_is_compared(tmp_path: Path) -> None:
    control = f"    def late(self, names):\n        id = names[-1]\n        {READ}\n"
    result = compare(tmp_path, control, f"{control}        names.clear()\n", "note_dao.late(['a', 'b'])")
    assert result.exit_code == 1, result.output
    assert ("late", "return", "(changed arguments)") in result.places()


def test_a_secret_of_any_type_appears_in_no_file(tmp_path: Path) -> None:
    control = """    def late(self, number, secret):
        self._table.put_item(Item={"id": number, "secret": secret})
        self._table.update_item(
            Key={"id": number}, UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "secret"}, ExpressionAttributeValues={":s": secret},
        )
        return {"secret": secret}
"""
    secrets = "Decimal(8312345678), {'hush-1234567'}, b'hush-2345678', ['hush-3456789'], {'k': 'hush-4567890'}, 'hu\"sh-567\\\\89é'"
    use = f"for at, secret in enumerate(({secrets})):\n        note_dao.late(str(at), secret)"
    result = compare(tmp_path, control, control.replace("return {", "return {'a': 1, "), use)
    assert {place[:2] for place in result.places()} == {("late", "return")}, result.output
    written = [file.read_text(encoding="utf-8") for file in (tmp_path / "notes" / "out").iterdir()]
    for secret in ("8312345678", "hush-", "aHVzaC", "sh-567"):
        assert secret not in "".join([result.output, *written])


def test_a_raw_error_of_botocore_equals_itself_in_cross_reads_too(tmp_path: Path) -> None:
    control = '    def late(self, id):\n        return self._table.get_item(Key={"no key": id})\n'
    use = "with pytest.raises(Exception, match='Validation'):\n        note_dao.late('a')"
    result = compare(tmp_path, control, control, use)
    assert (result.exit_code, result.places()) == (0, set()), result.output
    assert result.report["cross_read"]["note"]["new to old"]["equal"] == 1
