"""moto answers as it does, sooner and without keeping all it ever made: what a run of ten thousands of requests in one process needs.

Each change is to a part of moto that its pinned version has; a test asserts that the answers are the same with and without.
"""

from __future__ import annotations

import copy
import functools
import operator
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import moto.core.responses
import moto.dynamodb.responses
from moto.core.model_instances import model_data
from moto.core.serialize import SERVICE_SPECIFIC_SERIALIZERS, JSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

__all__ = ["REPLACED", "apply"]

_STRING: Final = "S"
_NUMBER: Final = "N"
_BINARY: Final = "B"


def apply() -> None:
    """Change moto in this process, once."""
    SERVICE_SPECIFIC_SERIALIZERS.setdefault("dynamodb", {"json": _ItemSerializer})
    for model in model_data["dynamodb"].values():
        model.instances_tracked = _Forgetting()  # type: ignore[attr-defined]
    Table.__deepcopy__ = _copy_of_table  # type: ignore[attr-defined]
    for owner, name, wrap in REPLACED:
        original = getattr(owner, name)
        if not hasattr(original, "replaces"):
            replacement = wrap(original)
            replacement.replaces = original
            setattr(owner, name, replacement)


class _Forgetting(list[Any]):
    """Where moto keeps every item it ever made, and every copy, for its dashboard."""

    def append(self, instance: Any) -> None:
        pass


class _ItemSerializer(JSONSerializer):
    """moto's own, but attribute values are handed on, which are in DynamoDB's JSON already.

    Its own looks each of the ten members of AttributeValue up under six names, five sixths of the time that reading a table takes.
    What is not plainly an attribute value, and binary, it still serializes itself.
    """

    def _serialize_type_map(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        plain = _attribute_values(value) if shape.value.name == "AttributeValue" else None
        if plain is None:
            super()._serialize_type_map(serialized, value, shape, key)
        else:
            self._default_serialize(serialized, plain, shape, key)

    def _serialize_type_structure(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        plain = _attribute_value(value) if shape.name == "AttributeValue" else None
        if plain is None:
            super()._serialize_type_structure(serialized, value, shape, key)
        else:
            self._default_serialize(serialized, plain, shape, key)


def _attribute_value(value: object) -> dict[str, Any] | None:
    """A copy of an attribute value in DynamoDB's JSON; None for anything else, and for binary."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((kind, content),) = value.items()
    if (kind in {"S", "N"} and isinstance(content, str)) or (kind in {"BOOL", "NULL"} and isinstance(content, bool)):
        return {kind: content}
    if kind in {"SS", "NS"} and isinstance(content, list) and all(isinstance(part, str) for part in content):
        return {kind: list(content)}
    if kind == "L" and isinstance(content, list):
        parts = [_attribute_value(part) for part in content]
        return None if None in parts else {kind: parts}
    if kind == "M" and isinstance(content, dict):
        named = _attribute_values(content)
        return None if named is None else {kind: named}
    return None


def _attribute_values(item: Mapping[str, object]) -> dict[str, Any] | None:
    values = {name: _attribute_value(value) for name, value in item.items()}
    return None if None in values.values() else values


class _Copies(threading.local):
    """The copies of tables that the transaction of this thread has made."""

    made: dict[int, Table] | None = None


_copies: Final = _Copies()


def _copying_tables_once(transact: Callable[..., None]) -> Callable[..., None]:
    """A transaction copies the table of each of its actions before the first: six times the same for six."""

    @functools.wraps(transact)
    def transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        _copies.made = {}
        try:
            transact(self, transact_items)
        finally:
            _copies.made = None

    return transact_write_items


def _copy_of_table(table: Table, memo: dict[int, Any]) -> Table:
    made = _copies.made
    if made is not None and id(table) in made:
        return made[id(table)]
    new = cast(Table, Table.__new__(Table))
    memo[id(table)] = new
    new.__dict__.update(copy.deepcopy(table.__dict__, memo))
    if made is not None:
        made[id(table)] = new
    return new


def _copy_of_value(_: Callable[..., DynamoType]) -> Callable[..., DynamoType]:
    """Each read copies what it reads, by way of copy.deepcopy for each value."""

    def copied(value: DynamoType, memo: dict[int, Any]) -> DynamoType:
        new = DynamoType.__new__(DynamoType)
        new.type, content = value.type, value.value
        if isinstance(content, list):  # of a set the parts are plain
            content = [copied(part, memo) if isinstance(part, DynamoType) else part for part in content]
        elif isinstance(content, dict):
            content = {name: copied(part, memo) for name, part in content.items()}
        new.value = content
        return new

    return copied


def _copy_of_item(_: Callable[..., Item]) -> Callable[..., Item]:
    def copied(item: Item, memo: dict[int, Any]) -> Item:
        new = cast(Item, Item.__new__(Item))
        new.hash_key = item.hash_key.__deepcopy__(memo)
        new.range_key = item.range_key and item.range_key.__deepcopy__(memo)
        new.attrs = LimitedSizeDict()
        dict.update(new.attrs, {name: value.__deepcopy__(memo) for name, value in item.attrs.items()})
        return new

    return copied


def _plain(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An answer is made plain value by value, each asked for ``to_json`` and whether it is a time."""

    @functools.wraps(original)
    def plain(value: Any) -> Any:
        kind = type(value)
        if kind is DynamoType:
            content = value.value
            if isinstance(content, dict | list) or value.type == _BINARY:
                return original(value)
            return {value.type: content}
        if kind is dict:
            return {name: plain(part) for name, part in value.items()}
        if kind is list:
            return [plain(part) for part in value]
        return original(value)

    return plain


def _size_of_scalars(original: Callable[[DynamoType], int]) -> Callable[[DynamoType], int]:
    """A page is filled by adding sizes up, three times for each item."""

    @functools.wraps(original)
    def size(self: DynamoType) -> int:
        if self.type == _STRING:
            return len(self.value.encode())
        if self.type == _NUMBER:
            return len(str(self.value))
        return original(self)

    return size


def _of_strings(
    compare: Callable[[Any, Any], bool], original: Callable[[Any, Any], bool]
) -> Callable[[DynamoType, DynamoType], bool]:
    """A query sorts its whole table, and asks each string what it is for each comparison."""

    @functools.wraps(original)
    def compared(self: DynamoType, other: DynamoType) -> bool:
        if self.type == _STRING and other.type == _STRING:
            return compare(self.value, other.value)
        return original(self, other)

    return compared


REPLACED: Final[tuple[tuple[Any, str, Callable[[Any], Any]], ...]] = (
    (moto.core.responses, "method_names_from_class", functools.cache),
    (moto.dynamodb.responses, "dynamo_to_dict", _plain),
    (DynamoDBBackend, "transact_write_items", _copying_tables_once),
    (DynamoType, "__eq__", functools.partial(_of_strings, operator.eq)),
    (DynamoType, "__ne__", functools.partial(_of_strings, operator.ne)),
    (DynamoType, "__lt__", functools.partial(_of_strings, operator.lt)),
    (DynamoType, "__deepcopy__", _copy_of_value),
    (DynamoType, "size", _size_of_scalars),
    (Item, "__deepcopy__", _copy_of_item),
)
"""Whose attribute of what name is replaced, and what makes the replacement of it; which holds the original as `replaces`."""
