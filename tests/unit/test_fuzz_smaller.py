from collections.abc import Callable
from decimal import Decimal

from common.data.entities import Balance
from parity.fuzz.plain import WORDS
from parity.fuzz.program import Fault, MakeCall, PutRow, Step
from parity.fuzz.smaller import smaller

OPTIONAL = {("list", "limit")}
KEYS = {("users", "Pk")}


def smallest(program: list[Step], differs: Callable[[list[Step]], bool]) -> list[Step]:
    kept = program

    def check(steps: list[Step]) -> bool:
        nonlocal kept
        if differs(steps):
            kept = steps
            return True
        return False

    smaller(
        program,
        lambda method, name: (method, name) in OPTIONAL,
        lambda table, name: (table, name) in KEYS,
        check,
    )
    return kept


def call(method: str, fault: Fault | None = None, **arguments: object) -> MakeCall:
    return MakeCall(method, arguments, fault)


def test_steps_that_do_not_matter_are_left_out() -> None:
    program: list[Step] = [call("get", username=name) for name in "abcdefgh"]
    kept = smallest(program, lambda steps: program[2] in steps and steps[-1] == program[-1])
    assert kept == [program[2], program[-1]]


def test_arguments_become_plain_and_faults_and_optional_ones_go() -> None:
    fault = Fault(0, "throttle", always=True)
    program: list[Step] = [call("list", fault, username="日本語", limit=999)]
    assert smallest(program, lambda _: True) == [call("list", username=WORDS[0])]


def test_only_the_field_that_matters_keeps_its_value() -> None:
    odd = Decimal("1E-130")
    balance = Balance(username="日本語", current_balance=odd)
    program: list[Step] = [call("create", balance=balance)]

    def differs(steps: list[Step]) -> bool:
        step = steps[-1]
        return isinstance(step, MakeCall) and step.arguments["balance"].current_balance == odd

    (kept,) = smallest(program, differs)
    assert isinstance(kept, MakeCall)
    assert kept.arguments["balance"].username == WORDS[0]
    assert kept.arguments["balance"].current_balance == odd


def test_a_row_keeps_its_key_and_what_matters() -> None:
    row = {"Pk": {"S": "ann"}, "phone": {"NULL": True}, "role": {"S": "admin"}}
    program: list[Step] = [PutRow("users", row), call("get", username="ann")]
    kept = smallest(program, lambda steps: isinstance(steps[0], PutRow) and "phone" in steps[0].row)
    assert kept[0] == PutRow("users", {"Pk": row["Pk"], "phone": row["phone"]})
