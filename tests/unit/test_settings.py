import pytest
from pydantic import ValidationError

from common.data import Settings
from common.data.settings import VARIABLES


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


def test_defaults_are_those_of_the_contract() -> None:
    assert Settings().model_dump() == {
        "users_table": "users",
        "orders_table": "orders",
        "inventory_table": "inventory",
        "aws_region": None,
        "endpoint_url": None,
        "connect_timeout": 2.0,
        "read_timeout": 5.0,
        "max_attempts": 4,
        "retry_mode": "standard",
        "conflict_attempts": 40,
        "max_pool_connections": 32,
        "bcrypt_rounds": 12,
        "fast_path": True,
    }


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("users_table", "people", "people"),
        ("aws_region", "eu-west-1", "eu-west-1"),
        ("endpoint_url", "http://localhost:8000", "http://localhost:8000"),
        ("read_timeout", "1.5", 1.5),
        ("max_attempts", "7", 7),
        ("retry_mode", "adaptive", "adaptive"),
    ],
)
def test_a_field_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch, field: str, text: str, value: object) -> None:
    monkeypatch.setenv(VARIABLES[field], text)
    assert getattr(Settings(), field) == value


def test_a_value_by_name_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERS_TABLE", "people")
    assert Settings(users_table="mine").users_table == "mine"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_READ_TIMEOUT", "")
    assert Settings().read_timeout == 5.0


@pytest.mark.parametrize("field", [field for field, variable in VARIABLES.items() if field.upper() != variable])
def test_bare_names_are_not_read(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    before = Settings()
    monkeypatch.setenv(field.upper(), "9")
    assert Settings() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"read_timeout": 0},
        {"max_attempts": 0},
        {"bcrypt_rounds": 3},
        {"endpoint_url": "nonsense"},
        {"retry_mode": "never"},
        {"users_table": ""},
        {"nonsense": 1},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        setattr(Settings(), "users_table", "other")  # noqa: B010 - the type checker knows that it is frozen
