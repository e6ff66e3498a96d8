"""The tables that a project adds to its reports: `metrics = "module:function"` in parity.toml."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from parity.config import Config, load_object
from parity.errors import ConfigError
from parity.report.model import ProjectTable

__all__ = ["project_tables"]


def project_tables(config: Config) -> list[ProjectTable]:
    """What the function gives, which is called without arguments: a list of mappings of `title`, `columns`, `rows` and, if there is one, `note`.

    Raises:
        ConfigError: there is no such function, it raises, or it gives something else.
    """
    if config.metrics is None:
        return []
    config.import_from_root()
    function = load_object(config.metrics, "metrics")
    where = f"metrics = {config.metrics!r} in {config.path}"
    if not callable(function):
        raise ConfigError(f"{where} is no function")
    try:
        found = function()
    except Exception as error:
        raise ConfigError(f"{where} raised {type(error).__name__}: {error}") from error
    try:
        return TypeAdapter(list[ProjectTable]).validate_python(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{where} gives no list of tables with title, columns and rows: {place}: {first['msg']}"
        ) from error
