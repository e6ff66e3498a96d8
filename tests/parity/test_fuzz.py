"""`parity fuzz` as its users run it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from common.data import Balance
from parity.fuzz.command import exit_code
from parity.fuzz.explored import Explored, Fuzzed
from parity.fuzz.memory import Memory

from .harness import run_module

BROKEN = "tests.parity.broken_money"
PROJECT = """
connect = "tests.parity_connect:connect"
tables = "common.data.tables:DEFINITIONS"

[entities.{entity}]
control = "{control}"
candidate = "{candidate}"
contract = "{contract}"
suite = ["test_pasted.py"]
{more}
"""
DAOS = {"balance": "BalanceDAO", "asset_balance": "AssetBalanceDAO"}
# By the class: its entity, and the method and the observable that differ.
FOUND = {
    "RoundsLargeSums": ("balance", "post_transaction", "return"),
    "ForgetsUpdated": ("balance", "get_balance", "exception"),
    "ReadsTwice": ("balance", "update_balance", "exception"),
    "DropsZeros": ("asset_balance", "upsert_asset_balance", "return"),
}
_FEW_STEPS = 5


@dataclass(frozen=True)
class Run:
    """What one run left."""

    exit_code: int
    output: str
    results: list[dict[str, Any]]


def fuzz(out: Path, *arguments: str, config: Path | None = None) -> Run:
    chosen = ["--config", str(config)] if config else []
    done = run_module("parity", "fuzz", "--engine", "auto", "--out", str(out), *chosen, *arguments)
    file = out / "fuzz.json"
    results = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return Run(done.returncode, done.stdout + done.stderr, results)


def project(path: Path, entity: str, candidate: str, more: str = "") -> Path:
    """A parity.toml for one entity."""
    dao = DAOS[entity]
    text = PROJECT.format(
        entity=entity,
        control=f"common.data.dao._archived_boto3:{dao}",
        candidate=candidate,
        contract=f"common.data.dao.protocols:{dao}Protocol",
        more=more,
    )
    file = path / "parity.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("candidate", "place"), FOUND.items(), ids=FOUND)
def test_a_candidate_broken_on_purpose_is_found_and_its_program_is_a_test_that_shows_it(
    tmp_path: Path, candidate: str, place: tuple[str, str, str]
) -> None:
    entity, method, observable = place
    run = fuzz(tmp_path, "--entity", entity, "--candidate", f"{BROKEN}:{candidate}")
    assert run.exit_code == 1, run.output
    (result,) = run.results
    assert (result["difference"]["method"], result["difference"]["observable"]) == (method, observable)
    assert result["difference"]["steps"] <= _FEW_STEPS
    project(tmp_path, entity, f"{BROKEN}:{candidate}")
    pasted = tmp_path / "test_pasted.py"
    pasted.write_text(run.output.partition("as a test:\n\n")[2], encoding="utf-8")
    arguments = ("-p", "parity.plugin", "-p", "no:cacheprovider", "-p", "no:randomly", "-rA", f"--rootdir={tmp_path}")
    shown = run_module("pytest", *arguments, str(pasted), cwd=tmp_path, PARITY_ENGINE="auto").stdout
    name = f"test_{method}_as_fuzzed"
    assert f"PASSED test_pasted.py::{name}[control]" in shown
    assert f"FAILED test_pasted.py::{name}[candidate]" in shown


def test_all_programs_follow_from_the_seed(tmp_path: Path) -> None:
    runs = [
        fuzz(tmp_path / str(at), "--entity", "balance", "--steps", "150", "--seed", seed)
        for at, seed in enumerate(("3", "3", "4"))
    ]
    assert [run.exit_code for run in runs] == [0, 0, 0], runs[0].output
    first, again, other = (run.results[0]["digest"] for run in runs)
    assert first == again != other


def test_a_model_that_does_otherwise_than_both_sides_is_a_difference(tmp_path: Path) -> None:
    config = project(
        tmp_path, "balance", "common.data.dao.balance_dao:BalanceDAO", f'model = "{BROKEN}:ForgetfulModel"'
    )
    run = fuzz(tmp_path, "--entity", "balance", config=config)
    assert run.exit_code == 1, run.output
    assert "model" in run.results[0]["difference"]


def test_a_run_ends_when_its_time_is_over(tmp_path: Path) -> None:
    run = fuzz(tmp_path, "--entity", "balance", "--steps", "1000000", "--time", "0.5")
    assert run.exit_code == 0, run.output
    assert 0 < run.results[0]["steps"] < 1000000


@pytest.mark.parametrize(
    ("more", "arguments", "message"),
    [
        ("", (), "no entity of parity.toml has a model: name those to fuzz with --entity"),
        ("", ("--entity", "nobody"), "there is no entity 'nobody'"),
        ('model = "common.data:User"', (), "has no method store(table, key, row)"),
        ('model = "common.data:Nothing"', (), "common.data has no Nothing"),
        ('strategies = "nowhere:at_all"', ("--entity", "balance"), "cannot import nowhere"),
        ('strategies = "math:sqrt"', ("--entity", "balance"), "strategies: for "),
    ],
)
def test_bad_input_is_told_in_a_line(tmp_path: Path, more: str, arguments: tuple[str, ...], message: str) -> None:
    config = project(tmp_path, "balance", "common.data.dao.balance_dao:BalanceDAO", more)
    run = fuzz(tmp_path, *arguments, config=config)
    assert run.exit_code == 3
    assert message in run.output
    assert "Traceback" not in run.output


def test_what_was_found_of_an_entity_is_kept_when_a_later_one_cannot_be_judged(tmp_path: Path) -> None:
    config = project(tmp_path, "balance", "common.data.dao.balance_dao:BalanceDAO")
    first = config.read_text(encoding="utf-8")
    second = project(
        tmp_path, "asset_balance", "common.data.dao.asset_balance_dao:AssetBalanceDAO", 'strategies = "math:sqrt"'
    )
    entity = second.read_text(encoding="utf-8").partition("[entities.asset_balance]")[2]
    config.write_text(f"{first}[entities.asset_balance]{entity}", encoding="utf-8")
    run = fuzz(tmp_path, "--entity", "balance", "--entity", "asset_balance", "--steps", "50", config=config)
    assert run.exit_code == 3, run.output
    assert "strategies: for " in run.output
    (result,) = run.results
    assert result["entity"] == "balance"
    assert f"balance: {result['steps']} steps" in run.output


def test_a_full_run_that_never_saw_a_declared_outcome_is_not_judged() -> None:
    explored = Explored(steps=100, coverage={"get": Counter({"ok": 3, "GoneError": 0})})
    unseen = Fuzzed("note", explored, ("note.get: GoneError",))
    assert exit_code([unseen], full_run=100) == 3
    assert exit_code([unseen], full_run=101) == 0


def test_values_that_can_be_compared_with_nothing_are_remembered() -> None:
    memory = Memory()
    for amount in ("sNaN", "1", "sNaN", "2"):
        memory.see(
            "balance",
            Balance(username="ann", current_balance=Decimal(1)).model_copy(update={"current_balance": Decimal(amount)}),
        )
    assert [str(each.current_balance) for each in memory.of_type(Balance)] == ["sNaN", "1", "sNaN", "2"]
    assert [str(each) for each in memory.named("current_balance", Decimal)] == ["sNaN", "1", "sNaN", "2"]
