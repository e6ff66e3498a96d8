"""Users, by boto3's Table resource."""

import re

import bcrypt
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from common.data import arguments, clock
from common.data.aws import Table
from common.data.aws_errors import condition_failed
from common.data.calls import Call, data_operation
from common.data.connection import Connection
from common.data.dao._archived_boto3._rows import Item, Row, rejected_item, utc_timestamp
from common.data.entities import User, UserRole
from common.data.entities.base import LENIENT
from common.data.errors import InvalidCredentialsError, UserAlreadyExistsError, UserNotFoundError

__all__ = ["UserDAO"]

PASSWORD_BYTES = 72  # bcrypt uses no more of a password
BCRYPT_HASH = re.compile(r"^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}\Z", re.ASCII)
DUMMY_HASH = "$2b$%02d$" + "abcdefghijklmnopqrstuu" + "0" * 31


class UserDAO:
    """Users and their credentials; the contract stands in `UserDAOProtocol`."""

    def __init__(self, connection: Connection) -> None:
        """Work on the connection; nothing is sent."""
        self._connection = connection

    @data_operation
    def create_user(self, user: User) -> User:
        """Store a new user, the password as a bcrypt hash, both timestamps now. One conditional Put."""
        user = arguments.check_entity("user", user, User)
        arguments.check_email(user.email)
        password = arguments.check_new_password("password", user.password)
        hashed = bcrypt.hashpw(password.encode()[:PASSWORD_BYTES], self._salt())
        now = utc_timestamp(clock.now())
        item = {
            **self._key(user.username),
            "username": user.username,
            "email": user.email,
            "password_hash": hashed.decode(),
            "first_name": user.first_name,
            "last_name": user.last_name,
            "phone": user.phone,
            "date_of_birth": user.date_of_birth.isoformat() if user.date_of_birth else None,
            "marketing_emails_consent": user.marketing_emails_consent,
            "role": user.role.value,
            "created_at": now,
            "updated_at": now,
        }
        call = self._about(user.username)
        try:
            call.send(
                lambda: self._table.put_item(
                    Item=item,
                    ConditionExpression="attribute_not_exists(Pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            if not (call.unanswered and rejected_item(error) == item):
                raise call.refusal(UserAlreadyExistsError, error) from error
        return self._to_user(item)

    @data_operation
    def get_user_by_username(self, username: str) -> User:
        """Read a user by username. One eventually consistent Get."""
        arguments.check_username(username)
        call = self._about(username)
        item = self._table.get_item(Key=self._key(username)).get("Item")
        if not item or not self._is_user(item):
            raise call.error(UserNotFoundError)
        return self._to_user(item)

    @data_operation
    def get_user_by_email(self, email: str) -> User:
        """Find the user with exactly this email. One Query per page of the index, which may lag a write."""
        arguments.check_email(email)
        call = self._connection.calls.current.at(self._table_name, {"email": email})
        query = {"IndexName": "EmailIndex", "KeyConditionExpression": Key("email").eq(email)}
        candidates = []
        while True:
            page = self._table.query(**query)
            for item in page["Items"]:
                if self._is_user(item):
                    user = self._to_user(item)
                    candidates.append((user.created_at, user.username, item["Pk"], user))
            if not page.get("LastEvaluatedKey"):
                break
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        if not candidates:
            raise call.error(UserNotFoundError)
        candidates.sort(key=lambda candidate: candidate[:3])
        return candidates[0][3]

    @data_operation
    def authenticate_user(self, username: str, password: str) -> User:
        """Verify a password; its first 72 bytes in UTF-8 count. One strongly consistent Get, one bcrypt check."""
        arguments.check_username(username)
        arguments.check_password("password", password)
        return self._to_user(self._check_credentials(username, password))

    @data_operation
    def update_user(self, user: User) -> User:
        """Set email, names, phone, date of birth, consent and updated_at. One conditional Update."""
        user = arguments.check_entity("user", user, User, lenient=True, ignoring_password=True)
        arguments.check_username(user.username)
        arguments.check_email(user.email)
        values = {
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "marketing_emails_consent": user.marketing_emails_consent,
            "updated_at": utc_timestamp(clock.now()),
        }
        if user.phone is not None:
            values["phone"] = user.phone
        if user.date_of_birth is not None:
            values["date_of_birth"] = user.date_of_birth.isoformat()
        call = self._about(user.username)
        try:
            response = call.send(
                lambda: self._table.update_item(
                    Key=self._key(user.username),
                    UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in values),
                    ConditionExpression="attribute_exists(Pk) AND attribute_not_exists(entity_type)",
                    ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
                    ReturnValues="ALL_NEW",
                )
            )
        except ClientError as error:
            if condition_failed(error):
                raise call.refusal(UserNotFoundError, error) from error
            raise
        return self._to_user(response["Attributes"])

    @data_operation
    def change_password(self, username: str, current_password: str, new_password: str) -> None:
        """Replace the password if the current one is right. One strongly consistent Get, one conditional Update."""
        arguments.check_username(username)
        arguments.check_password("current_password", current_password)
        arguments.check_new_password("new_password", new_password)
        current_hash = self._check_credentials(username, current_password)["password_hash"]
        new_hash = bcrypt.hashpw(new_password.encode()[:PASSWORD_BYTES], self._salt()).decode()
        now = utc_timestamp(clock.now())
        call = self._connection.calls.current
        try:
            call.send(
                lambda: self._table.update_item(
                    Key=self._key(username),
                    UpdateExpression="SET password_hash = :new, updated_at = :now",
                    ConditionExpression="password_hash = :current AND attribute_not_exists(entity_type)",
                    ExpressionAttributeValues={":new": new_hash, ":now": now, ":current": current_hash},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            stored = rejected_item(error) or {}
            if not (call.unanswered and stored.get("password_hash") == new_hash):
                raise call.refusal(InvalidCredentialsError, error) from error

    @property
    def _table(self) -> Table:
        return self._connection.table("users")

    @property
    def _table_name(self) -> str:
        return self._connection.settings.users_table

    def _about(self, username: str) -> Call:
        return self._connection.calls.current.at(self._table_name, self._key(username))

    def _salt(self) -> bytes:
        return bcrypt.gensalt(rounds=self._connection.settings.bcrypt_rounds)

    def _check_credentials(self, username: str, password: str) -> Item:
        """The stored item, if the password is right; whatever happens, bcrypt runs once."""
        call = self._about(username)
        item: Item | None = self._table.get_item(Key=self._key(username), ConsistentRead=True).get("Item")
        if item and not self._is_user(item):
            item = None
        stored = item.get("password_hash") if item else None
        if isinstance(stored, str) and BCRYPT_HASH.match(stored):
            valid = bcrypt.checkpw(password.encode()[:PASSWORD_BYTES], stored.encode())
        else:
            dummy = DUMMY_HASH % self._connection.settings.bcrypt_rounds
            bcrypt.checkpw(password.encode()[:PASSWORD_BYTES], dummy.encode())
            valid = False
        if not item or not valid or not 1 <= len(password) <= arguments.PASSWORD_LENGTH:
            raise call.error(InvalidCredentialsError)
        return item

    @staticmethod
    def _key(username: str) -> dict[str, str]:
        return {"Pk": username, "Sk": "USER"}

    @staticmethod
    def _is_user(item: Item) -> bool:
        return item["Sk"] == "USER" and "#" not in item["Pk"] and "entity_type" not in item

    @staticmethod
    def _to_user(item: Item) -> User:
        row = Row(item, ("Pk", "Sk"))
        username, email = row.text("username"), row.text("email")
        row.text("password_hash")
        values = {
            "username": username,
            "email": email,
            "password": "[HASHED]",
            "first_name": row.text("first_name"),
            "last_name": row.text("last_name"),
            "phone": row.optional_text("phone"),
            "date_of_birth": row.optional_date("date_of_birth"),
            "marketing_emails_consent": row.flag("marketing_emails_consent", default=False),
            "role": row.choice("role", UserRole),
            "created_at": row.timestamp("created_at"),
            "updated_at": row.timestamp("updated_at"),
        }
        return User.model_validate(values, context=LENIENT)
