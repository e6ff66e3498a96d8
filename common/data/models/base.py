"""The base of all PynamoDB models: bound to one connection, and faithful to what is stored.

Three things differ from PynamoDB's own `Model`. A model has no connection until it is bound to ours, and then uses our
botocore client. A row keeps the attributes that the model does not know, and its NULLs. And a row that cannot be
decoded does not raise while it is loaded, but when the attribute is asked for: rows of other kinds come along in a
page, and a caller may need one attribute of a row whose others are broken.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType, new_class
from typing import Any, ClassVar, Final, Literal, NamedTuple, Self, TypeVar

import pynamodb
from pydantic import BaseModel
from pynamodb.attributes import Attribute
from pynamodb.connection.base import Connection as PynamoConnection
from pynamodb.connection.table import TableConnection
from pynamodb.constants import ALL_NEW, ALL_OLD, DELETE_ITEM, ITEM, ITEMS, NULL, PUT_ITEM, STRING, UPDATE_ITEM
from pynamodb.exceptions import AttributeNullError, DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.pagination import ResultIterator

from common.data.aws import Client
from common.data.aws_errors import aws_error
from common.data.connection import Connection
from common.data.errors import CorruptItemError
from common.data.fastpath.rows import Decoder, PageReader, decoder, page_reader
from common.data.fastpath.versions import check_versions
from common.data.models.attributes import AnyAttribute
from common.data.settings import TableName

__all__ = ["NO_HASH_SIGN", "DataModel", "WireItem", "kind_of"]

T = TypeVar("T")
E = TypeVar("E", bound=BaseModel)

_FEW: Final = 16
"""How many rows are read together where a page has an unsound one."""

NO_HASH_SIGN: Final = re.compile(r"[^#]*")
"""What keys look like that are a name alone: in those of other kinds `#` parts names."""

_DECODED: Final = frozenset({"attribute_values", "_undecodable"})

WireItem = dict[str, dict[str, Any]]
"""An item as DynamoDB sends it: `{"Pk": {"S": "alice"}}`."""


class Kind(NamedTuple):
    """A kind of rows.

    Attributes:
        includes: whether a stored row is of it.
        includes_all: whether all of some rows plainly are; False may only mean that one has to look at each.
    """

    includes: Callable[[WireItem], bool]
    includes_all: Callable[[Sequence[WireItem]], bool]


def kind_of(
    entity_type: Attribute[Any], *forms: tuple[Attribute[str], re.Pattern[str]], entity_type_of_kind: str = ""
) -> Kind:
    """The kind of the rows that have this entity_type, if it has one, or have none and keys of these forms."""
    matches = [(key.attr_name, form.fullmatch) for key, form in forms]
    name_of_type, with_type = entity_type.attr_name, {STRING: entity_type_of_kind} if entity_type_of_kind else None

    def includes(item: WireItem) -> bool:
        stored_type = item.get(name_of_type)
        if stored_type is not None:
            return stored_type == with_type
        for name, match in matches:  # noqa: SIM110 - for each row of a page: a generator takes twice as long
            if match(item[name][STRING]) is None:
                return False
        return True

    def includes_all(items: Sequence[WireItem]) -> bool:
        """Whether no row has an entity_type and all keys are of the forms: a call for each row of a page would cost more than the look."""
        if with_type is not None or [True for item in items if name_of_type in item]:
            return False
        return all(None not in map(match, [item[name][STRING] for item in items]) for name, match in matches)

    return Kind(includes, includes_all)


class SharedClientConnection(PynamoConnection):
    """PynamoDB's connection over the client of ours.

    PynamoDB would build a client of its own, with its own time-outs and endpoint, as soon as ours has no credentials.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._shared = connection

    @property
    def client(self) -> Client:  # type: ignore[override]  # the same object; PynamoDB names botocore's private parts
        """The client of this process, as it is now."""
        return self._shared.client

    def get_consumed_capacity_map(self, return_consumed_capacity: str) -> dict[str, Any]:  # noqa: ARG002 - PynamoDB's
        """Nothing: PynamoDB would ask for the consumed units with each request, unlike boto3."""
        return {}


class _Loading(NamedTuple):
    """How the fast path loads the rows of a model, and makes entities of them."""

    decode: Decoder
    readers: dict[type[BaseModel], PageReader[Any]]


class DataModel(Model):
    """A row of one kind."""

    logical_table: ClassVar[TableName]
    _data_connection: ClassVar[Connection | None] = None
    _loading: ClassVar["_Loading | None"] = None
    _stored: WireItem
    _undecodable: frozenset[str]
    _sent: WireItem | None = None  # what `put` sent
    stand_ins: ClassVar[Mapping[str, Attribute[Any]]] = MappingProxyType({})
    """By field of the entity, what old rows without its attribute have it from."""

    kind: ClassVar[Kind]
    """What tells the rows of this model from others in the table."""

    @classmethod
    def bound(cls, connection: Connection) -> type[Self]:
        """A subclass that works on the connection; the model itself stays unbound."""
        table_name = connection.settings.table_name(cls.logical_table)
        namespace = {
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
            "__doc__": cls.__doc__,
            "Meta": type("Meta", (), {"table_name": table_name}),
            "DoesNotExist": cls.DoesNotExist,
            "_connection": None,
            "_data_connection": connection,
        }
        model = new_class(cls.__name__, (cls,), exec_body=lambda body: body.update(namespace))
        if not issubclass(model, cls):
            raise TypeError(f"{cls.__name__} cannot be bound")
        table = Model._get_connection.__func__(model)  # type: ignore[attr-defined]  # noqa: SLF001 - its own
        schema = table.get_meta_table()
        table.connection = SharedClientConnection(connection)
        table.connection.add_meta_table(schema)
        if connection.settings.fast_path:
            check_versions({"pynamodb": pynamodb.__version__})
            model._loading = _Loading(decoder(model.get_attributes()), {})  # noqa: SLF001 - its own
        return model

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = cls.__dict__.get("_connection")
        if not isinstance(table, TableConnection):
            raise TypeError(f"{cls.__name__} is not bound: use Connection.bind({cls.__name__})")
        return table

    @classmethod
    def table_name(cls) -> str:
        """The physical name of the table."""
        return cls._get_connection().table_name

    # -- rows as they are stored -------------------------------------------------------------------------------

    @property
    def stored(self) -> WireItem:
        """The row as it was read; empty for one that was built here."""
        return self._stored

    def _container_deserialize(self, attribute_values: WireItem) -> None:
        self.attribute_values = {}
        self._stored = dict(attribute_values)
        undecodable: set[str] = set()
        for name, attribute in self.get_attributes().items():
            value = attribute_values.get(attribute.attr_name)
            if value is None:
                continue
            if NULL in value:
                self.attribute_values[name] = None
                continue
            try:
                self.attribute_values[name] = attribute.deserialize(attribute.get_value(value))
            except (TypeError, ValueError):
                undecodable.add(attribute.attr_name)
        self._undecodable = frozenset(undecodable)

    @classmethod
    def _instantiate(cls, attribute_values: WireItem) -> Self:
        if cls._loading is None:
            row = cls(_user_instantiated=False)
            row._container_deserialize(attribute_values)
            return row
        row = cls.__new__(cls)  # none of our attributes has a default, which is all that is left out
        row._stored = attribute_values  # noqa: SLF001 - its own
        return row

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what is decoded is of any type
        """Decode a row that was loaded by the fast path when an attribute is first asked for."""
        if name == "_stored":  # of a row that was built here, as the next
            return {}
        if name == "_undecodable" and "attribute_values" in self.__dict__:
            return frozenset()
        if name not in _DECODED or self._loading is None:
            raise AttributeError(f"{type(self).__name__} has no {name}")
        self.attribute_values, self._undecodable = self._loading.decode(self._stored)
        return vars(self)[name]

    def _container_serialize(self, null_check: bool = True) -> WireItem:  # noqa: FBT001, FBT002 - PynamoDB's signature
        known = {attribute.attr_name for attribute in self.get_attributes().values()}
        item: WireItem = {name: value for name, value in self.stored.items() if name not in known}
        item.update(super()._container_serialize(null_check=False))
        for name, attribute in self.get_attributes().items():
            as_stored = attribute.attr_name in self._undecodable or isinstance(attribute, AnyAttribute)
            if self.attribute_values.get(name, self) is None:  # None was given or stored, as opposed to nothing
                item[attribute.attr_name] = {NULL: True}
            elif as_stored and self.has(attribute):
                item[attribute.attr_name] = self.stored[attribute.attr_name]
            elif null_check and not attribute.null and attribute.attr_name not in item:
                raise AttributeNullError(name)
        return item

    def has(self, attribute: Attribute[Any]) -> bool:
        """Whether the stored row has the attribute, of whatever type."""
        return attribute.attr_name in self._stored

    def required(self, attribute: Attribute[T]) -> T:
        """The value of an attribute that a row of this kind must have.

        Raises:
            CorruptItemError: it is missing, NULL, of another type, or unreadable.
        """
        value = self.optional(attribute)
        if value is None:
            raise self.corrupt(attribute)
        return value

    def optional(self, attribute: Attribute[T]) -> T | None:
        """The value of an attribute that may be missing or NULL.

        Raises:
            CorruptItemError: it is of another type, or unreadable.
        """
        name = attribute.attr_name
        if name in self._undecodable:
            raise self.corrupt(attribute)
        value: T | None = self.attribute_values.get(self._dynamo_to_python_attrs.get(name, name))
        return value

    def soundly(self, entity: type[E]) -> E | None:
        """The entity whose fields are called as the attributes, if the fast path is on and nothing stored is unsound.

        Else None: then a look at each attribute tells.
        """
        found = self._read([self._stored], entity) if self._stored else None
        return found[0] if found else None

    @classmethod
    def _read(cls, items: Sequence[WireItem], entity: type[E]) -> list[E] | None:
        """The entities of stored rows, if the fast path is on and nothing in them is unsound."""
        if cls._loading is None:
            return None
        read: PageReader[E] | None = cls._loading.readers.get(entity)
        if read is None:
            read = cls._loading.readers[entity] = page_reader(entity, cls.get_attributes(), cls.stand_ins)
        return read(items)

    # -- pages of rows -----------------------------------------------------------------------------------------

    @classmethod
    def pages(cls, rows: ResultIterator[Self]) -> Iterator[list[WireItem]]:
        """The stored rows of this kind in the pages of a Query or Scan; each page is asked for when it is reached."""
        for page in rows.page_iter:
            yield cls.of_kind(page[ITEMS])

    @classmethod
    def of_kind(cls, items: Iterable[WireItem]) -> list[WireItem]:
        """The rows of this kind among stored rows."""
        rows = list(items)
        return rows if cls.kind.includes_all(rows) else list(filter(cls.kind.includes, rows))

    @classmethod
    def entities(cls, items: Sequence[WireItem], entity: type[E], convert: Callable[[Self], E]) -> Iterable[E]:
        """The entities of stored rows, in their order.

        All at once where all are sound; else, and with the fast path off, a row is read when its turn comes: whoever
        does not get that far does not meet a corrupt one.
        """
        found = cls._read(items, entity)
        return cls._few_by_few(items, entity, convert) if found is None else found

    @classmethod
    def _few_by_few(cls, items: Sequence[WireItem], entity: type[E], convert: Callable[[Self], E]) -> Iterator[E]:
        for begin in range(0, len(items), _FEW):
            few = items[begin : begin + _FEW]
            found = cls._read(few, entity)
            yield from (convert(cls.from_raw_data(item)) for item in few) if found is None else found

    def corrupt(self, attribute: Attribute[Any]) -> CorruptItemError:
        """The error that names the attribute; the call adds operation and table."""
        return CorruptItemError(attribute=attribute.attr_name, key=self.key())

    def key(self) -> dict[str, str]:
        """The key of the row, as errors carry it."""
        keys = [attribute for attribute in self.get_attributes().values() if attribute.is_hash_key]
        keys += [attribute for attribute in self.get_attributes().values() if attribute.is_range_key]
        item = self.stored or self.serialize(null_check=False)
        return {attribute.attr_name: str(item[attribute.attr_name][attribute.attr_type]) for attribute in keys}

    def as_stored(self) -> Self:
        """The row as a read gives it once it is stored: numbers in DynamoDB's form, no more precision than was sent."""
        return self.from_raw_data(self.serialize() if self._sent is None else self._sent)

    # -- requests that PynamoDB's public methods cannot make ---------------------------------------------------

    @classmethod
    def found(cls, key: Sequence[str], *, consistent_read: bool) -> Self | None:
        """The row with this key, of whatever kind, or None. One Get."""
        try:
            return cls.get(key[0], key[1] if len(key) > 1 else None, consistent_read=consistent_read)
        except DoesNotExist:
            return None

    def put(self, condition: Condition) -> None:
        """A conditional PutItem whose failure brings the stored row (see `rejected`)."""
        arguments = self.get_save_kwargs_from_instance(condition=condition, return_values_on_condition_failure=ALL_OLD)
        self._sent = arguments[ITEM]
        self._get_connection().connection.dispatch(PUT_ITEM, arguments)

    @classmethod
    def change(
        cls,
        key: Sequence[str],
        actions: Sequence[Action],
        condition: Condition,
        *,
        returning: Literal["new row", "nothing"] = "nothing",
        on_failure: Literal["old row", "nothing"] = "nothing",
    ) -> Self | None:
        """A conditional UpdateItem of the row with this key; gives the row as stored now, if asked for."""
        arguments = cls.update_arguments(key, actions, condition, returning=returning, on_failure=on_failure)
        row = cls._get_connection().connection.dispatch(UPDATE_ITEM, arguments).get("Attributes")
        return cls.from_raw_data(row) if row else None

    @classmethod
    def update_arguments(
        cls,
        key: Sequence[str],
        actions: Sequence[Action],
        condition: Condition,
        *,
        returning: Literal["new row", "nothing"] = "nothing",
        on_failure: Literal["old row", "nothing"] = "nothing",
    ) -> dict[str, Any]:
        """The arguments of a conditional UpdateItem of the row with this key, or of one in a transaction."""
        arguments: dict[str, Any] = cls._get_connection().get_operation_kwargs(
            *cls._serialize_keys(*key),
            actions=actions,
            condition=condition,
            return_values=ALL_NEW if returning == "new row" else None,
            return_values_on_condition_failure=ALL_OLD if on_failure == "old row" else None,
        )
        return arguments

    @classmethod
    def check_arguments(cls, key: Sequence[str], condition: Condition) -> dict[str, Any]:
        """The arguments of a condition on the row with this key, in a transaction."""
        arguments: dict[str, Any] = cls._get_connection().get_operation_kwargs(
            *cls._serialize_keys(*key), condition=condition, return_values_on_condition_failure=ALL_OLD
        )
        return arguments

    @classmethod
    def remove(cls, key: Sequence[str], condition: Condition) -> None:
        """A conditional DeleteItem of the row with this key."""
        table = cls._get_connection()
        arguments = table.get_operation_kwargs(*cls._serialize_keys(*key), condition=condition)
        table.connection.dispatch(DELETE_ITEM, arguments)

    @classmethod
    def rejected(cls, error: BaseException) -> Self | None:
        """The stored row that came with a failed condition, or None if there was none."""
        response: Mapping[str, Any] = vars(aws_error(error) or error).get("response", {})
        row = response.get(ITEM)
        return cls.from_raw_data(row) if row else None
