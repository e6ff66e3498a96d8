"""Registration, login, and the user's own data."""

import logging
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, SecretStr

from common.data import Balance, BalanceAlreadyExistsError, ConflictError, DatabaseError, User, UserRole
from services.shared.context import Daos, Here
from services.shared.problems import responses
from services.shared.tokens import Caller, issue_token
from services.shared.values import Body, View

__all__ = ["router"]

logger = logging.getLogger("services")

router = APIRouter(tags=["account"])

_Email = Annotated[str, Field(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$", examples=["alice@example.org"])]
_Name = Annotated[str, Field(min_length=1, max_length=50)]
_Phone = Annotated[str, Field(min_length=1, max_length=15, examples=["+49301234567"])]


def _encodable(value: SecretStr) -> SecretStr:
    try:
        value.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("must be text that UTF-8 can encode") from None  # the cause would quote it
    return value


_Secret = Annotated[SecretStr, AfterValidator(_encodable)]
_NewPassword = Annotated[_Secret, Field(min_length=8, max_length=128, examples=["correct horse battery"])]
_Password = Annotated[_Secret, Field(min_length=1, max_length=128, examples=["correct horse battery"])]


class Registration(Body):
    """A new user."""

    username: Annotated[str, Field(min_length=3, max_length=30, pattern=r"^[A-Za-z0-9_-]+$", examples=["alice"])]
    email: _Email
    password: _NewPassword
    first_name: Annotated[_Name, Field(examples=["Alice"])]
    last_name: Annotated[_Name, Field(examples=["Archer"])]
    phone: _Phone | None = None
    date_of_birth: date | None = None
    marketing_emails_consent: bool = False


class Profile(Body):
    """What of a user shall change; what is left out, or null, stays."""

    email: _Email | None = None
    first_name: _Name | None = Field(default=None, examples=["Alicia"])
    last_name: _Name | None = None
    phone: _Phone | None = None
    date_of_birth: date | None = None
    marketing_emails_consent: bool | None = None


class Credentials(Body):
    """Who logs in."""

    username: Annotated[str, Field(min_length=1, max_length=255, examples=["alice"])]
    password: _Password


class PasswordChange(Body):
    """The password that is, and the one that shall be."""

    current_password: _Password
    new_password: _NewPassword


class UserView(View):
    """A user."""

    username: str
    email: str
    first_name: str
    last_name: str
    phone: str | None
    date_of_birth: date | None
    marketing_emails_consent: bool
    role: UserRole
    created_at: datetime
    updated_at: datetime


class Token(View):
    """What other requests carry as `Authorization: Bearer ...`."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - its kind
    expires_in: int = Field(description="Seconds.", examples=[1800])


@router.post("/register", status_code=201, responses=responses(400, 409, 413, 422, 429, 503))
def register(here: Here, registration: Registration) -> UserView:
    """Make a user, and a balance with nothing on it."""
    values = registration.model_dump() | {"password": registration.password.get_secret_value()}
    user = here.daos.users.create_user(User(**values))
    _open_balance(here.daos, user.username)
    return UserView.model_validate(user)


def _open_balance(daos: Daos, username: str) -> None:
    """The user is made whatever happens here: a balance that is missing is made on first use."""
    try:
        daos.balances.create_balance(Balance(username=username))
    except (BalanceAlreadyExistsError, ConflictError, DatabaseError) as error:
        logger.warning("registered without a new balance", extra={"fields": {"error": type(error).__name__}})


@router.post("/login", responses=responses(400, 401, 413, 422, 429, 503))
def login(here: Here, credentials: Credentials) -> Token:
    """Get a token for username and password."""
    user = here.daos.users.authenticate_user(credentials.username, credentials.password.get_secret_value())
    token = issue_token(here.settings, user.username)
    return Token(access_token=token, expires_in=here.settings.token_minutes * 60)


@router.get("/me", responses=responses(401, 404, 422, 429, 503))
def me(here: Here, username: Caller) -> UserView:
    """The user that the token belongs to."""
    return UserView.model_validate(here.daos.users.get_user_by_username(username))


@router.patch("/me", responses=responses(400, 401, 404, 409, 413, 422, 429, 503))
def update_profile(here: Here, username: Caller, profile: Profile) -> UserView:
    """Change some of the user's data."""
    user = here.daos.users.get_user_by_username(username)
    changed = user.model_copy(update=profile.model_dump(exclude_none=True))
    return UserView.model_validate(here.daos.users.update_user(changed))


@router.put(
    "/me/password", status_code=204, response_class=Response, responses=responses(400, 401, 409, 413, 422, 429, 503)
)
def change_password(here: Here, username: Caller, change: PasswordChange) -> None:
    """Set another password."""
    here.daos.users.change_password(
        username, change.current_password.get_secret_value(), change.new_password.get_secret_value()
    )
