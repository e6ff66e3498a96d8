"""Where the loans are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.session import Session

__all__ = ["TABLES", "Database", "connect"]

TABLES: dict[str, dict[str, Any]] = {
    "loans": {
        "KeySchema": [{"AttributeName": "loan_id", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("loan_id", "member", "due")
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "MemberIndex",
                "KeySchema": [
                    {"AttributeName": "member", "KeyType": "HASH"},
                    {"AttributeName": "due", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
}


@dataclass(frozen=True)
class Database:
    """What the DAOs are built with: an endpoint, the names of the tables, and a session with credentials and region."""

    endpoint_url: str
    tables: Mapping[str, str]
    session: Session


def connect(endpoint_url: str, tables: Mapping[str, str], session: Session) -> Database:
    """What `parity run` gives to both classes."""
    return Database(endpoint_url, tables, session)
