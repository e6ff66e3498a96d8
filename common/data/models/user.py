"""The row of a user in the users table."""

import re
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from common.data.arguments import HASHED
from common.data.entities import User, UserRole
from common.data.entities.base import LENIENT
from common.data.models.attributes import (
    AnyAttribute,
    DateAttribute,
    EnumAttribute,
    FlagAttribute,
    TextAttribute,
    UtcTimestampAttribute,
)
from common.data.models.base import NO_HASH_SIGN, DataModel, kind_of
from common.data.settings import TableName

__all__ = ["EmailIndex", "UserModel"]

_RANGE_KEY: Final = "USER"


class EmailIndex(GlobalSecondaryIndex["UserModel"]):  # type: ignore[no-untyped-call]  # PynamoDB leaves it untyped
    """Rows by email: users, and whatever else carries one."""

    class Meta:
        """What PynamoDB wants to know of an index."""

        index_name = "EmailIndex"
        projection = AllProjection()

    email = TextAttribute(attr_name="email", hash_key=True)


class UserModel(DataModel):
    """A user: hash key the username, range key the kind."""

    logical_table: ClassVar[TableName] = "users"

    hash_key = TextAttribute(attr_name="Pk", hash_key=True)
    range_key = TextAttribute(attr_name="Sk", range_key=True)
    username = TextAttribute(attr_name="username")
    email = TextAttribute(attr_name="email")
    password_hash = TextAttribute(attr_name="password_hash")
    first_name = TextAttribute(attr_name="first_name")
    last_name = TextAttribute(attr_name="last_name")
    phone = TextAttribute(attr_name="phone", null=True)
    date_of_birth = DateAttribute(attr_name="date_of_birth", null=True)
    marketing_emails_consent = FlagAttribute(attr_name="marketing_emails_consent")
    role = EnumAttribute(UserRole, attr_name="role")
    created_at = UtcTimestampAttribute(attr_name="created_at")
    updated_at = UtcTimestampAttribute(attr_name="updated_at")
    entity_type = AnyAttribute(attr_name="entity_type")

    kind = kind_of(entity_type, (hash_key, NO_HASH_SIGN), (range_key, re.compile(_RANGE_KEY)))

    by_email = EmailIndex()

    @classmethod
    def key_of(cls, username: str) -> tuple[str, str]:
        """Hash and range key of a user."""
        return username, _RANGE_KEY

    @classmethod
    def key_names(cls, username: str) -> dict[str, str]:
        """The key of a user as errors carry it."""
        return dict(zip((cls.hash_key.attr_name, cls.range_key.attr_name), cls.key_of(username), strict=True))

    @classmethod
    def of(cls, user: User, *, password_hash: str, now: datetime) -> Self:
        """The row of a new user, made at `now`."""
        hash_key, range_key = cls.key_of(user.username)
        return cls(
            hash_key,
            range_key,
            username=user.username,
            email=user.email,
            password_hash=password_hash,
            first_name=user.first_name,
            last_name=user.last_name,
            phone=user.phone,
            date_of_birth=user.date_of_birth,
            marketing_emails_consent=user.marketing_emails_consent,
            role=user.role,
            created_at=now,
            updated_at=now,
        )

    @property
    def is_user(self) -> bool:
        """Whether key and kind are those of a user; other rows in this table carry an email too."""
        return self.kind.includes(self.stored)

    def hidden_password(self) -> str:
        """What stands for the password, if there is a hash of one.

        Raises:
            CorruptItemError: there is none.
        """
        self.required(UserModel.password_hash)
        return HASHED

    def to_user(self) -> User:
        """The user; lengths that old rows break are let pass.

        Raises:
            CorruptItemError: an attribute is missing, of another type, or unreadable.
        """
        fields: dict[str, Any] = {
            "username": self.required(UserModel.username),
            "email": self.required(UserModel.email),
            "password": self.hidden_password(),
            "first_name": self.required(UserModel.first_name),
            "last_name": self.required(UserModel.last_name),
            "phone": self.optional(UserModel.phone),
            "date_of_birth": self.optional(UserModel.date_of_birth),
            "marketing_emails_consent": self.optional(UserModel.marketing_emails_consent) or False,
            "role": self.required(UserModel.role),
            "created_at": self.required(UserModel.created_at),
            "updated_at": self.required(UserModel.updated_at),
        }
        return User.model_validate(fields, context=LENIENT)
