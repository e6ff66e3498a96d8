"""How the parity harness reaches the data layer."""

from collections.abc import Mapping

from botocore.session import Session

from common.data import Connection, Settings

__all__ = ["connect"]


def connect(endpoint_url: str, tables: Mapping[str, str], session: Session) -> Connection:
    """A connection to the tables by their logical names; hashes are cheap, since the tests make many."""
    settings = Settings(
        users_table=tables["users"],
        orders_table=tables["orders"],
        inventory_table=tables["inventory"],
        endpoint_url=endpoint_url,
        bcrypt_rounds=4,
    )
    return Connection(settings, session=session)
