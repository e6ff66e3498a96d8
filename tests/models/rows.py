"""What the models keep: the rows of all tables by their keys, as plain values; and old rows in wire form, read into such values.

A row of a kind that no entity is, or of another than its key says, is `FOREIGN`. One that cannot be read for certain is `UNREADABLE`: a call that
meets it is none that a model can judge.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import ValidationError

from common.data import entities
from common.data.arguments import HASHED
from common.data.entities.base import LENIENT, Entity
from tests.models import wire
from tests.models.wire import UnreadableError, Wire

__all__ = ["FOREIGN", "KeptOrder", "KeptUser", "Key", "Posting", "Rows", "instant_of", "instant_text"]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)
Key = tuple[str, str, str]
"""Logical table, hash key, range key (`""` where the table has none)."""

_TEXTS: Final = frozenset(
    ("asset_id", "name", "description", "category", "symbol", "image", "ath_date", "atl_date", "last_updated")
)
_STAND_INS: Final = MappingProxyType({"name": "", "category": "unknown", "amount": Decimal(0)})


class _Mark:
    """What stands for a row that is no value."""


FOREIGN: Final = _Mark()


@dataclass(frozen=True)
class _Unreadable:
    row: Wire


@dataclass(frozen=True)
class KeptUser:
    """A user with the password, as long as it is known, or its hash."""

    user: entities.User
    password: str | None = None
    password_hash: str | None = None


@dataclass(frozen=True)
class KeptOrder:
    """An order and where it stands on the index by user."""

    order: entities.Order
    index: tuple[str, str] | None


@dataclass(frozen=True)
class Posting:
    """That a transaction was posted, under the ledger key of this text."""

    ledger_text: str


class Rows:
    """Rows by key."""

    def __init__(self) -> None:
        self._kept: dict[Key, object] = {}

    def store(self, table: str, key: Wire, row: Wire | None) -> None:
        """Take in a row as it stands in a table, or that it is gone."""
        names = ("product_id", "") if table == "inventory" else ("Pk", "Sk")
        hash_key, range_key = (key[name]["S"] if name else "" for name in names)
        if row is None:
            self._kept.pop((table, hash_key, range_key), None)
            return
        try:
            self._kept[table, hash_key, range_key] = _read(table, hash_key, range_key, row)
        except (UnreadableError, ValidationError):
            self._kept[table, hash_key, range_key] = _Unreadable(row)

    def put(self, key: Key, value: object) -> None:
        """Keep a value."""
        self._kept[key] = value

    def remove(self, key: Key) -> None:
        """Keep it no longer."""
        del self._kept[key]

    def is_taken(self, key: Key) -> bool:
        """Whether there is a row, of whatever kind."""
        return key in self._kept

    def is_kept(self, key: Key) -> bool:
        """Whether there is a row of the key's kind, readable or not."""
        return self._kept.get(key, FOREIGN) is not FOREIGN

    def get(self, key: Key, kind: type[T]) -> T | None:
        """The row of this kind, if there is one.

        Raises:
            NotImplementedError: there is one that cannot be read.
        """
        return _readable(self._kept.get(key), kind)

    def within(self, table: str, hash_key: str, prefix: str = "") -> list[tuple[Key, object]]:
        """The rows of a partition in DynamoDB's order, foreign ones too.

        Raises:
            NotImplementedError: one of them cannot be read.
        """
        found = [
            (key, _readable(value, object))
            for key, value in self._kept.items()
            if key[:2] == (table, hash_key) and key[2].startswith(prefix)
        ]
        return sorted(found, key=lambda pair: pair[0][2].encode())

    def all(self, kind: type[T], table: str, prefix: str = "") -> list[tuple[Key, T]]:
        """All rows of a kind whose hash key begins so, in no order.

        Raises:
            NotImplementedError: a row of the table cannot be read.
        """
        here = [pair for pair in self._kept.items() if pair[0][0] == table and pair[0][1].startswith(prefix)]
        pairs = [(key, _readable(value, kind)) for key, value in here]
        return [(key, value) for key, value in pairs if value is not None]


def _readable(value: object, kind: type[T]) -> T | None:
    if isinstance(value, _Unreadable):
        raise NotImplementedError
    return value if isinstance(value, kind) else None


def instant_text(instant: datetime) -> str:
    """An instant as all rows but orders spell it: naive, in UTC."""
    return instant.astimezone(UTC).isoformat().removesuffix("+00:00")


def instant_of(text: str) -> datetime | None:
    """The instant that a range key spells, if it spells one."""
    try:
        return wire.instant({"": {"S": text}}, "")
    except UnreadableError:
        return None


def _read(table: str, hash_key: str, range_key: str, row: Wire) -> object:
    if table == "inventory":
        return FOREIGN if "#" in hash_key or "entity_type" in row else _asset(row)
    if table == "orders":
        return FOREIGN if range_key != "ORDER" or "entity_type" in row else _order(row)
    first, *parts = hash_key.split("#")
    if not parts:
        return _own(hash_key, range_key, row)
    if first == "TRANS":
        return _entry(range_key, row) if len(parts) == 1 else _fill_of(parts, range_key, row)
    if first == "POSTED" and len(parts) == 1:
        return _posting(row) if _is_of_type(row, "posting") else FOREIGN
    return FOREIGN


def _posting(row: Wire) -> Posting:
    wire.instant(row)
    return Posting(wire.text(row, "created_at"))


def _own(hash_key: str, range_key: str, row: Wire) -> object:
    """A row under a username alone."""
    if range_key == "BALANCE":
        return _balance(row) if _is_of_type(row, "balance") else FOREIGN
    if "entity_type" in row:
        return FOREIGN
    if range_key == "USER":
        return _user(row)
    asset_id = range_key.removeprefix("ASSET#")
    return _holding(hash_key, row) if asset_id not in {"", range_key} and "#" not in asset_id else FOREIGN


def _is_of_type(row: Wire, kind: str) -> bool:
    return "entity_type" not in row or wire.optional_text(row, "entity_type") == kind


def _user(row: Wire) -> KeptUser:
    fields = {name: wire.text(row, name) for name in ("username", "email", "first_name", "last_name")}
    dates = {name: wire.instant(row, name) for name in ("created_at", "updated_at")}
    born = wire.optional_text(row, "date_of_birth")
    if born is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", born, re.ASCII):
        raise UnreadableError
    user = _validated(
        entities.User,
        **fields,
        **dates,
        password=HASHED,
        phone=wire.optional_text(row, "phone"),
        date_of_birth=None if born is None else wire.made(date.fromisoformat, born),
        marketing_emails_consent=wire.flag(row, "marketing_emails_consent", missing=False),
        role=wire.choice(entities.UserRole, row, "role"),
    )
    return KeptUser(user, password_hash=wire.text(row, "password_hash"))


def _balance(row: Wire) -> entities.Balance:
    return _validated(
        entities.Balance,
        username=wire.text(row, "username"),
        current_balance=wire.number(row, "current_balance"),
        created_at=wire.instant(row, "created_at"),
        updated_at=wire.instant(row, "updated_at"),
    )


def _entry(range_key: str, row: Wire) -> object:
    """A row of the cash ledger."""
    if not _is_of_type(row, "balance_transaction") or (
        "entity_type" not in row and not wire.INSTANT.fullmatch(range_key)
    ):
        return FOREIGN
    number = wire.text(row, "transaction_id")
    transaction_id = wire.made(UUID, number)
    if str(transaction_id) != number:
        raise UnreadableError
    return _validated(
        entities.BalanceTransaction,
        username=wire.text(row, "username"),
        transaction_id=transaction_id,
        transaction_type=wire.choice(entities.TransactionType, row, "transaction_type"),
        amount=wire.number(row, "amount"),
        description=wire.text(row, "description"),
        status=wire.choice(entities.TransactionStatus, row, "status"),
        reference_id=wire.optional_text(row, "reference_id"),
        created_at=wire.instant(row, "created_at"),
    )


def _holding(hash_key: str, row: Wire) -> entities.AssetBalance:
    updated_at = wire.instant(row, "updated_at")
    has_created = wire.optional_text(row, "created_at") is not None
    return _validated(
        entities.AssetBalance,
        username=hash_key if (name := wire.optional_text(row, "username")) is None else name,
        asset_id=wire.text(row, "asset_id"),
        quantity=wire.text_number(row, "quantity"),
        created_at=wire.instant(row, "created_at") if has_created else updated_at,
        updated_at=updated_at,
    )


def _fill_of(parts: list[str], range_key: str, row: Wire) -> object:
    of_one_asset = len(parts) == len(("user", "asset")) and all(parts) and wire.INSTANT.fullmatch(range_key)
    return _fill(row) if of_one_asset and "entity_type" not in row else FOREIGN


def _fill(row: Wire) -> entities.AssetTransaction:
    return _validated(
        entities.AssetTransaction,
        username=wire.text(row, "username"),
        asset_id=wire.text(row, "asset_id"),
        transaction_type=wire.choice(entities.AssetTransactionType, row, "transaction_type"),
        quantity=wire.text_number(row, "quantity"),
        price=wire.text_number(row, "price"),
        total_amount=wire.text_number(row, "total_amount"),
        order_id=wire.optional_text(row, "order_id"),
        status=wire.choice(entities.AssetTransactionStatus, row, "status"),
        created_at=wire.instant(row, "created_at"),
    )


def _order(row: Wire) -> KeptOrder:
    order = _validated(
        entities.Order,
        order_id=wire.text(row, "order_id"),
        username=wire.text(row, "username"),
        order_type=wire.choice(entities.OrderType, row, "order_type"),
        status=wire.choice(entities.OrderStatus, row, "status"),
        asset_id=wire.text(row, "asset_id"),
        quantity=wire.number(row, "quantity"),
        price=wire.number(row, "price"),
        total_amount=wire.number(row, "total_amount"),
        status_reason=wire.optional_text(row, "status_reason"),
        created_at=wire.instant(row, "created_at"),
        updated_at=wire.instant(row, "updated_at"),
    )
    on_index = "GSI-PK" in row and "GSI-SK" in row
    return KeptOrder(order, (wire.text(row, "GSI-PK"), wire.text(row, "GSI-SK")) if on_index else None)


def _asset(row: Wire) -> entities.Asset:
    fields: dict[str, Any] = {}
    for name in entities.Asset.model_fields:
        if name in {"created_at", "updated_at"}:
            fields[name] = wire.instant(row, name)
        elif name == "is_active":
            fields[name] = wire.flag(row, name, missing=True)
        elif name == "sparkline_7d":
            fields[name] = wire.optional_document(row, name)
        elif name == "market_cap_rank":
            fields[name] = wire.optional_whole(row, name)
        else:
            fields[name] = wire.optional_text(row, name) if name in _TEXTS else wire.optional_number(row, name)
    if fields["asset_id"] is None or fields["price_usd"] is None:
        raise UnreadableError
    return _validated(entities.Asset, **(fields | {n: v for n, v in _STAND_INS.items() if fields[n] is None}))


def _validated(cls: type[E], **fields: object) -> E:
    return cls.model_validate(fields, context=LENIENT)
