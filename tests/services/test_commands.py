import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from common.data import Connection, UserRole
from common.data.dao import AssetDAO, BalanceDAO, UserDAO
from parity.engines import Engine
from scripts.running import engine_variables
from services.inventory_service import __main__ as inventory
from services.user_service import __main__ as users

run = CliRunner().invoke


@pytest.fixture
def environment(engine: Engine, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = connection.settings
    tables = {f"{name.upper()}_TABLE": settings.table_name(name) for name in ("users", "orders", "inventory")}
    others = {"DATA_BCRYPT_ROUNDS": "4", "ADMIN_PASSWORD": "correct horse"}
    for name, value in (engine_variables(engine) | tables | others).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("environment")
def test_an_admin_is_made_once_with_a_balance(connection: Connection) -> None:
    assert run(users.app, ["create-admin", "root", "root@example.org"]).output == "root: created\n"
    assert UserDAO(connection).authenticate_user("root", "correct horse").role is UserRole.ADMIN
    assert BalanceDAO(connection).get_balance("root").current_balance == 0
    again = run(users.app, ["create-admin", "root", "root@example.org"])
    assert (again.exit_code, str(again.exception)) == (1, "error: UserDAO.create_user: the username is taken")


@pytest.mark.usefixtures("environment")
def test_an_impossible_admin_is_told_by_field() -> None:
    wrong = run(users.app, ["create-admin", "a b", "root@example.org"])
    assert str(wrong.exception).startswith("error: username: ")
    assert "correct horse" not in str(wrong.exception)


@pytest.mark.usefixtures("environment")
def test_assets_are_seeded_with_all_their_digits_and_left_alone_afterwards(
    connection: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "assets.json"
    file.write_text(
        '[{"asset_id": "X", "name": "X", "category": "c", "amount": 1, "price_usd": 0.1234567890123456789012345678}]'
    )
    assert run(inventory.app, ["seed", str(file)]).output.startswith("1 of 1 assets created")
    assert str(AssetDAO(connection).get_asset_by_id("X").price_usd) == "0.1234567890123456789012345678"
    assert run(inventory.app, ["seed", str(file)]).output.startswith("0 of 1 assets created")
    assert run(inventory.app, ["seed"]).output.startswith("5 of 5 assets created")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("{}", "holds no list of assets"),
        ('[{"asset_id": "X", "name": "X", "category": "c", "amount": 1}]', "asset 1: price_usd: Field required"),
        ("[NaN]", "NaN is no number"),
    ],
)
def test_a_file_that_holds_no_assets_is_told_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "assets.json"
    file.write_text(content)
    wrong = run(inventory.app, ["seed", str(file)])
    assert wrong.exit_code == 1
    assert message in str(wrong.exception)
    assert json.dumps(str(wrong.exception)).count("\\n") == 0
