"""The Idempotency-Key header: it becomes the id of what is made, and the data layer makes each id once only."""

from typing import Annotated, Final
from uuid import UUID, uuid4, uuid5

from fastapi import Header

from services.shared.answers import Answer
from services.shared.problems import ServiceError

__all__ = ["IdempotencyKey", "id_for", "key_reused"]

_NAMESPACE: Final = UUID("3b8f6f7e-5d0c-4c0e-9a55-6f2a1c9d7e10")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Send a request again under the same key, and it happens once.",
        examples=["6d1f0f1c-8a44-4f3e-9a3e-0a5c5b0a7c11"],
    ),
]
"""The header, if it was sent."""


def id_for(username: str, key: str | None) -> UUID:
    """The id of what a request makes: always the same for user and key, a new one without a key."""
    # No username has a line break, so that no two pairs make the same text.
    return uuid4() if key is None else uuid5(_NAMESPACE, f"{username}\n{key}")


def key_reused() -> ServiceError:
    """The error of a key that was used with another body."""
    return ServiceError(Answer(422, "idempotency-key-reused", "The Idempotency-Key was used with another request."))
