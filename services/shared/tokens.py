"""Tokens: who sends a request, signed by the user service and checked by all."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

import jwt
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from common.data import UserNotFoundError, UserRole
from services.shared.answers import Answer
from services.shared.context import Here
from services.shared.problems import ServiceError
from services.shared.settings import ServiceSettings

__all__ = ["Admin", "Caller", "issue_token"]

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "user_service"
_NO_TOKEN: Final = Answer(HTTPStatus.UNAUTHORIZED, "no-token", "Log in first: the request has no valid token.")
_NO_ADMIN: Final = Answer(HTTPStatus.FORBIDDEN, "forbidden", "Only an admin may do this.")

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access token that login gives.")


def issue_token(settings: ServiceSettings, username: str) -> str:
    """A token for a user, good for as long as the settings say."""
    now = datetime.now(UTC)
    claims = {"iss": _ISSUER, "sub": username, "iat": now, "exp": now + timedelta(minutes=settings.token_minutes)}
    return jwt.encode(claims, settings.token_secret.get_secret_value(), _ALGORITHM)


def read_token(settings: ServiceSettings, token: str) -> str:
    """The username in a token.

    Raises:
        ServiceError: it is expired, not ours, or no token at all.
    """
    try:
        claims = jwt.decode(
            token,
            settings.token_secret.get_secret_value(),
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "iss", "sub"]},
        )
    except jwt.InvalidTokenError:
        raise ServiceError(_NO_TOKEN) from None
    return str(claims["sub"])


async def _caller(here: Here, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    if credentials is None:
        raise ServiceError(_NO_TOKEN)
    return read_token(here.settings, credentials.credentials)


Caller = Annotated[str, Depends(_caller)]
"""The username of who sends the request."""


def _admin(here: Here, username: Caller) -> str:
    try:
        user = here.daos.users.get_user_by_username(username)
    except UserNotFoundError:
        raise ServiceError(_NO_ADMIN) from None
    if user.role is not UserRole.ADMIN:
        raise ServiceError(_NO_ADMIN)
    return username


Admin = Annotated[str, Depends(_admin)]
"""The username of who sends the request, if that is an admin at this moment, by what is stored."""
