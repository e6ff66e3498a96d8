"""How the services listen, and what signs their tokens."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["ServiceSettings"]

_Port = Annotated[int, Field(ge=0, le=65535)]


class ServiceSettings(BaseSettings):
    """Frozen settings, from variables that begin with `SERVICE_`; an empty one counts as unset.

    Attributes:
        token_secret: signs tokens; the same in all services, at least 32 characters.
        token_minutes: how long a token is good.
        host: the address to listen on.
        user_port, inventory_port, order_port: 0 takes a free one.
        max_body_bytes: of a request.
        threads: how many requests one application works on at a time; the others wait for their turn.
        log_level: of the services and the data layer; libraries log from INFO or WARNING on, whatever is said here.

    Raises:
        pydantic.ValidationError: on a value that makes no sense; it does not quote it.
    """

    model_config = SettingsConfigDict(
        env_prefix="SERVICE_", env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    token_secret: Annotated[SecretStr, Field(min_length=32)]
    token_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    user_port: _Port = 8001
    inventory_port: _Port = 8002
    order_port: _Port = 8003
    max_body_bytes: Annotated[int, Field(ge=1024)] = 65_536
    threads: Annotated[int, Field(ge=1, le=1000)] = 16
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
