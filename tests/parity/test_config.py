"""What parity.toml may say, and that what it may not is told before anything runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from parity.config import Config, load_config
from parity.errors import ConfigError

from .harness import NOTES

TEXT = (NOTES / "parity.toml").read_text(encoding="utf-8")


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "parity.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def instead(old: str, new: str) -> Callable[[], str]:
    def text() -> str:
        assert old in TEXT
        return TEXT.replace(old, new)

    return text


def seeds_as(value: str) -> Callable[[], str]:
    return lambda: TEXT.replace(SEEDS, "").replace("[entities.note]", f"[entities.note]\nseeds = {value}")


KNOWN = """
[[known]]
id = "k"
entity = "note"
method = "get"
observable = "items"
path = "notes.text"
reason = "r"
since = 2026-01-01
expires = 2030-01-01
"""
RULE = '[[rules]]\nid = "salt"\nentity = "note"\nkind = "bcrypt"\nreason = "r"\n'
UNREACHABLE = '[[unreachable]]\nentity = "note"\nmethod = "get"\noutcome = "ok"\nreason = "r"\n'
SEEDS = '[entities.note.seeds]\nnotes = ["notes.jsonl"]'
SUITE = '"test_notes.py"'

REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    **{
        f"seeds = {seeds}": (
            seeds_as(seeds),
            "'seeds' at [entities.note] is no table",
        )
        for seeds in ('"x"', "5", '["notes.jsonl"]')
    },
    **{
        f"suite = {suite!r}": (instead(SUITE, f'"{suite}"'), f"has 'suite' = {suite!r}, which is no file")
        for suite in ("/srv/test_notes.py", "", ".")
    },
    **{
        f"entity {name!r}": (instead("entities.note", f'entities."{name}"'), f"{name!r} is no name for an entity")
        for name in ("a b", "note-x", "", "1st", "class")
    },
    "a datetime": (
        lambda: TEXT + KNOWN.replace("2030-01-01", "2030-01-01T00:00:00"),
        "[[known]] needs 'expires', a date such as",
    ),
    "a known difference of no entity": (
        lambda: TEXT + KNOWN.replace('"note"', '"noet"'),
        "[[known]] has an entity 'noet'; there are: note",
    ),
    "a known difference in no observable": (
        lambda: TEXT + KNOWN.replace('"items"', '"itmes"'),
        "[[known]] 'k' has an observable 'itmes'; there are: return, ",
    ),
    "two known differences of one id": (lambda: TEXT + KNOWN + KNOWN, "[[known]] has the id 'k' twice"),
    "a rule of no entity": (lambda: TEXT + RULE.replace("note", "noet"), "[[rules]] has an entity 'noet'"),
    "two rules of one id": (lambda: TEXT + RULE + RULE, "[[rules]] has the id 'salt' twice"),
    "a rule with an id of the harness": (
        lambda: TEXT + RULE.replace("salt", "table-names"),
        "[[rules]] has the id 'table-names' twice, or it is one of the harness",
    ),
    "an unreachable outcome of no entity": (
        lambda: TEXT + UNREACHABLE.replace("note", "noet"),
        "[[unreachable]] has an entity 'noet'",
    ),
    "deep nesting": (lambda: "a = " + "[" * 9000 + "]" * 9000, "is not valid TOML"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_parity_toml_may_not_say_is_refused(tmp_path: Path, case: str) -> None:
    text, told = REFUSED[case]
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text())
    assert told in str(caught.value)


def test_a_pattern_that_python_does_not_know_matches_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no pattern of files|no file matches"):
        load(tmp_path, instead(SUITE, '"**x/*.py"')()).suite_files("note")


def test_what_it_may_say_is_read(tmp_path: Path) -> None:
    config = load(tmp_path, f"\ufeff{TEXT}{KNOWN}{RULE}{UNREACHABLE}")
    assert (config.known[0].id, config.rules[0].id, config.unreachable[0].text) == ("k", "salt", "note.get: ok")
