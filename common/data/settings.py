"""Where the tables are and how to reach them."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

__all__ = ["VARIABLES", "Settings", "TableName"]

TableName = Literal["users", "orders", "inventory"]
"""The name by which the code calls a table; the physical one stands in the settings."""

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "users_table": "USERS_TABLE",
        "orders_table": "ORDERS_TABLE",
        "inventory_table": "INVENTORY_TABLE",
        "aws_region": "AWS_REGION",
        "endpoint_url": "AWS_ENDPOINT_URL_DYNAMODB",
        "connect_timeout": "DATA_CONNECT_TIMEOUT",
        "read_timeout": "DATA_READ_TIMEOUT",
        "max_attempts": "DATA_MAX_ATTEMPTS",
        "retry_mode": "DATA_RETRY_MODE",
        "conflict_attempts": "DATA_CONFLICT_ATTEMPTS",
        "max_pool_connections": "DATA_MAX_POOL_CONNECTIONS",
        "bcrypt_rounds": "DATA_BCRYPT_ROUNDS",
        "fast_path": "DATA_FAST_PATH",
    }
)
"""The environment variable of each field."""


class _Environment(PydanticBaseSettingsSource):
    """Exactly the variables of the table above: pydantic-settings' own source would read the bare field names too."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - its signature
        return os.environ.get(VARIABLES[field_name]), field_name, False

    def __call__(self) -> dict[str, Any]:
        return {field: value for field, variable in VARIABLES.items() if (value := os.environ.get(variable))}


def _is_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https URL with a host")
    return value


_Table = Annotated[str, Field(min_length=3, max_length=1024)]
_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """Frozen settings: what is not given by name comes from the environment, else from the default.

    Attributes:
        users_table, orders_table, inventory_table: physical names of the tables.
        aws_region, endpoint_url: None leaves them to botocore's own look-up.
        connect_timeout, read_timeout: seconds, of one attempt.
        max_attempts: attempts of one request in all, the first one included.
        retry_mode: botocore's.
        conflict_attempts: tries of one method that loses a race against other writers.
        max_pool_connections: connections that a client keeps open at most.
        bcrypt_rounds: the cost of new password hashes, as a power of two.
        fast_path: whether the PynamoDB DAOs take the short cuts of `common.data.fastpath`.

    Raises:
        pydantic.ValidationError: on a value that makes no sense.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    users_table: _Table = "users"
    orders_table: _Table = "orders"
    inventory_table: _Table = "inventory"
    aws_region: Annotated[str, Field(min_length=1)] | None = None
    endpoint_url: Annotated[str, AfterValidator(_is_url)] | None = None
    connect_timeout: _Seconds = 2.0
    read_timeout: _Seconds = 5.0
    max_attempts: _Count = 4
    retry_mode: Literal["standard", "adaptive", "legacy"] = "standard"
    conflict_attempts: _Count = 40
    max_pool_connections: _Count = 32
    bcrypt_rounds: Annotated[int, Field(ge=4, le=31)] = 12
    fast_path: bool = True

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings' signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values by name win over the environment; nothing else is read."""
        return init_settings, _Environment(settings_cls)

    def table_name(self, table: TableName) -> str:
        """The physical name of a table."""
        names: dict[TableName, str] = {
            "users": self.users_table,
            "orders": self.orders_table,
            "inventory": self.inventory_table,
        }
        return names[table]
