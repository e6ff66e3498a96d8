"""A user of the platform."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool

from common.data import clock
from common.data.entities.base import Day, Entity, Timestamp, length, matches_strictly

__all__ = ["User", "UserRole"]


class UserRole(StrEnum):
    """What a user may do."""

    CUSTOMER = "customer"
    ADMIN = "admin"


def _is_username(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]*", text) is not None


class User(Entity):
    """A user: of the password the plain text when given to `create_user`, else always `[HASHED]`.

    Attributes:
        username: 3 to 30 of A-Z, a-z, 0-9, `_` and `-`.
        email: at most 255 characters; not unique.
        password: at most 128 characters; not part of the repr.
        first_name, last_name: at most 50 characters.
        phone: at most 15 characters.
        date_of_birth: a day.
        marketing_emails_consent: False by default.
        role: customer by default.
        created_at, updated_at: aware datetimes in UTC, now by default.
    """

    username: Annotated[str, length(30, 3), matches_strictly(_is_username, "must consist of A-Z, a-z, 0-9, _ and -")]
    email: Annotated[str, length(255)]
    password: Annotated[str, length(128), Field(repr=False)]
    first_name: Annotated[str, length(50)]
    last_name: Annotated[str, length(50)]
    phone: Annotated[str, length(15)] | None = None
    date_of_birth: Day | None = None
    marketing_emails_consent: StrictBool = False
    role: UserRole = UserRole.CUSTOMER
    created_at: Timestamp = Field(default_factory=clock.now)
    updated_at: Timestamp = Field(default_factory=clock.now)
