"""Rows and entities for the User suite, and what the contract says of them, worked out without the code under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from common.data import User
from parity.requests import Request
from parity.wireform import canonical_item

__all__ = [
    "HASH",
    "PASSWORD",
    "UNKNOWN",
    "Connect",
    "Item",
    "Requests",
    "assert_keeps_secret",
    "changed",
    "entity",
    "fields",
    "foreign_row",
    "is_user_row",
    "key_of",
    "naive_text",
    "read_as",
    "same",
    "user_row",
]

Item = dict[str, Any]
Requests = Callable[[], Sequence[Request]]
"""The `requests` fixture."""
Connect = Callable[..., Any]
"""The `connect` fixture."""

PASSWORD = "Tr0ub4dor & 3"
HASH = "$2b$04$B8FWU.Em/6x9kWOdmG5gNeG671G.M5I59Bj4zTM4KYh8Me8MyT0TG"
"""The hash of PASSWORD at cost 4."""

UNKNOWN: Mapping[str, dict[str, Any]] = {
    "S": {"S": "kept as it is"},
    "S-empty": {"S": ""},
    "N": {"N": "12345678901234567890.123456789012345678"},
    "N-tiny": {"N": "-0.000000000000000000000000000000000000123"},
    "B": {"B": "AAECA/8="},
    "BOOL-true": {"BOOL": True},
    "BOOL-false": {"BOOL": False},
    "NULL": {"NULL": True},
    "SS": {"SS": ["alpha", "beta", "ünï"]},
    "NS": {"NS": ["-1", "0", "3.14159265358979323846"]},
    "BS": {"BS": ["AAE=", "/w=="]},
    "L": {"L": [{"S": "one"}, {"N": "2.5"}, {"NULL": True}, {"L": []}, {"M": {}}, {"B": "AP4="}, {"SS": ["x", "y"]}]},
    "M": {
        "M": {
            "deep": {"M": {"list": {"L": [{"N": "0.1"}, {"NS": ["1", "2.5"]}]}, "off": {"BOOL": False}}},
            "text": {"S": ""},
        }
    },
    "M-empty": {"M": {}},
}
"""An attribute value of every type that DynamoDB has, in wire form and canonical."""


def key_of(username: str) -> Item:
    """The key of a user's row."""
    return {"Pk": {"S": username}, "Sk": {"S": "USER"}}


def user_row(username: str, /, *, without: Iterable[str] = (), **attributes: dict[str, Any]) -> Item:
    """A user's row as the contract has it, with some attributes replaced or added and some left out."""
    row: Item = {
        **key_of(username),
        "username": {"S": username},
        "email": {"S": f"{username}@example.com"},
        "password_hash": {"S": HASH},
        "first_name": {"S": "Ada"},
        "last_name": {"S": "Lovelace"},
        "phone": {"S": "+15550100"},
        "date_of_birth": {"S": "1980-02-29"},
        "marketing_emails_consent": {"BOOL": True},
        "role": {"S": "customer"},
        "created_at": {"S": "2023-02-03T04:05:06.123456"},
        "updated_at": {"S": "2023-02-04T05:06:07.654321"},
    }
    row |= attributes
    for name in without:
        del row[name]
    return row


def foreign_row(username: str, entity_type: str = "user_draft") -> Item:
    """A row of another kind on a user's key."""
    return user_row(username, entity_type={"S": entity_type})


def entity(username: str, **values: object) -> User:
    """A valid user."""
    given: dict[str, object] = {
        "username": username,
        "email": f"{username}@example.com",
        "password": PASSWORD,
        "first_name": "Ada",
        "last_name": "Lovelace",
    }
    return User.model_validate(given | values)


def changed(user: User, **values: object) -> User:
    """A copy of a user with fields replaced past all validation."""
    return user.model_copy(update=values)


def fields(user: User) -> dict[str, object]:
    """What a user holds, with the types as they are."""
    return {name: getattr(user, name) for name in type(user).model_fields}


def same(row: Item) -> Item:
    """A row with its sets in one order, to compare."""
    return canonical_item(row)


def naive_text(instant: datetime) -> str:
    """A timestamp as the users table has it: naive UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat()


def is_user_row(row: Item) -> bool:
    """Whether a row of the users table is a user's."""
    return row["Sk"] == {"S": "USER"} and "#" not in row["Pk"]["S"] and "entity_type" not in row


def read_as(row: Item) -> dict[str, object]:
    """The fields that a user's row must be read as."""
    born = row.get("date_of_birth", {}).get("S")
    return {
        "username": row["username"]["S"],
        "email": row["email"]["S"],
        "password": "[HASHED]",
        "first_name": row["first_name"]["S"],
        "last_name": row["last_name"]["S"],
        "phone": row.get("phone", {}).get("S"),
        "date_of_birth": None if born is None else date(*map(int, born.split("-"))),
        "marketing_emails_consent": row.get("marketing_emails_consent", {}).get("BOOL", False),
        "role": row["role"]["S"],
        "created_at": _instant(row["created_at"]["S"]),
        "updated_at": _instant(row["updated_at"]["S"]),
    }


def _instant(text: str) -> datetime:
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    whole = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return whole.replace(microsecond=int(fraction.ljust(6, "0")))


def assert_keeps_secret(error: BaseException, *secrets: str) -> None:
    """Assert that nothing reachable from an error shows one of the secrets."""
    for thing in _reachable(error):
        for shown in (str(thing), repr(thing)):
            for secret in secrets:
                assert secret not in shown, f"{type(thing).__name__} below {type(error).__name__} shows a secret"


def _reachable(root: BaseException) -> Iterable[object]:
    seen: dict[int, object] = {}
    todo: list[object] = [root]
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        if isinstance(thing, BaseException):
            todo += [thing.__cause__, thing.__context__, *thing.args, vars(thing)]
        elif isinstance(thing, Mapping):
            todo += [*thing.keys(), *thing.values()]
        elif isinstance(thing, list | tuple | set | frozenset):
            todo += thing
        elif type(thing).__module__.partition(".")[0] in {"common", "pynamodb", "pydantic"} and hasattr(
            thing, "__dict__"
        ):
            todo.append(vars(thing))
    return list(seen.values())
