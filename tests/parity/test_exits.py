"""A fault of the harness itself is told as one, and never taken for differences."""

import pytest
import typer

from parity.errors import ParityError
from parity.exits import clear_errors


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RecursionError("too\ndeep"), "parity: internal error: RecursionError: too deep; please report it\n"),
        (KeyError("x"), "parity: internal error: KeyError: 'x'; please report it\n"),
        (ParityError("[bold]no"), "parity: [bold]no\n"),
    ],
)
def test_an_error_is_one_line_and_exit_code_3(error: Exception, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, clear_errors():
        raise error
    assert caught.value.exit_code == 3
    assert capsys.readouterr().err == told


def test_an_exit_code_that_was_chosen_stays() -> None:
    with pytest.raises(typer.Exit) as caught, clear_errors():
        raise typer.Exit(1)
    assert caught.value.exit_code == 1
