"""Loading of rows: what PynamoDB and pydantic look up for each attribute of each item is looked up once for each model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel
from pynamodb.attributes import Attribute
from pynamodb.constants import NULL

__all__ = ["Decoded", "Decoder", "Item", "Together", "decoder", "entity_reader"]

E = TypeVar("E", bound=BaseModel)
Item = Mapping[str, dict[str, Any]]
"""An item as DynamoDB sends it."""

_NOTHING: frozenset[str] = frozenset()


class Decoded(NamedTuple):
    """An item as its model's attributes read it.

    Attributes:
        values: by Python name; None for a NULL, and nothing for what is missing.
        undecodable: the DynamoDB names of attributes that are of another type, or unreadable.
    """

    values: dict[str, Any]
    undecodable: frozenset[str]


Decoder = Callable[[Item], Decoded]


def decoder(attributes: Mapping[str, Attribute[Any]]) -> Decoder:
    """A function that reads items by these attributes, given by Python name."""
    plan = [
        (attribute.attr_name, name, attribute.get_value, attribute.deserialize)
        for name, attribute in attributes.items()
    ]

    def decode(item: Item) -> Decoded:
        values: dict[str, Any] = {}
        undecodable: list[str] = []
        for stored_name, name, get_value, deserialize in plan:
            wire = item.get(stored_name)
            if wire is None:
                continue
            try:
                values[name] = None if NULL in wire else deserialize(get_value(wire))
            except (TypeError, ValueError):
                undecodable.append(stored_name)
        return Decoded(values, frozenset(undecodable) if undecodable else _NOTHING)

    return decode


@dataclass(frozen=True)
class Together:
    """How values of one kind of attribute are decoded together, where all of them are as they are usually written.

    Attributes:
        usual: of the values joined by blanks: None if one of them is not of the usual form; or a ValueError.
        decode: what decodes one of the usual form, as the attribute's own `deserialize` does; None leaves it as it is.
        example: a value of the usual form, which stands for one that is missing.
    """

    usual: Callable[[str], object]
    decode: Callable[[str], Any] | None
    example: str = ""


def entity_reader(
    entity: type[E], attributes: Mapping[str, Attribute[Any]], instead: Mapping[str, Attribute[Any]]
) -> Callable[[Item], E | None]:
    """A function that builds entities straight from items: None where an item is unsound, and its model has to tell.

    What attributes have decoded needs no second validation: beside types it looks at lengths, which stored rows may
    break. A field must be there unless its default is None. The instance is made as pydantic's `model_construct` does.

    Args:
        entity: whose fields are called as the attributes that they are read from.
        attributes: by Python name.
        instead: by field, an attribute of the same kind that is read where the field's own is missing.
    """
    return _Source(entity, attributes, instead).compiled()


class _Source:
    """The source of a reader, as a person would write it for one entity: a loop over fields would take twice as long."""

    def __init__(
        self, entity: type[BaseModel], attributes: Mapping[str, Attribute[Any]], instead: Mapping[str, Attribute[Any]]
    ) -> None:
        self._names: dict[str, Any] = {
            "entity": entity,
            "new": entity.__new__,
            "set_": object.__setattr__,  # entities are frozen
            "fields": set(entity.model_fields),
        }
        self._lines = ["def read(item):", "  try:", "    get = item.get"]
        self._together: dict[Together, list[str]] = {}
        self._values: list[str] = []
        for number, (field, info) in enumerate(entity.model_fields.items()):
            optional = info.default is None
            self._read(f"v{number}", attributes[field], instead.get(field), optional=optional)
            self._decode(number, field, attributes[field], optional=optional)

    def compiled(self) -> Callable[[Item], Any]:
        """The function."""
        for number, (together, values) in enumerate(self._together.items()):
            joined = f"{' '!r}.join(({', '.join(values)},))"
            self._names |= {f"usual{number}": together.usual, f"quick{number}": together.decode}
            self._lines.append(f"    if usual{number}({joined}) is None: return None")
        self._lines += [
            f"    values = {{{', '.join(self._values)}}}",
            "  except (ArithmeticError, KeyError, TypeError, ValueError): return None",
            "  made = new(entity)",
            "  set_(made, '__dict__', values)",
            "  set_(made, '__pydantic_fields_set__', fields.copy())",
            "  set_(made, '__pydantic_extra__', None)",
            "  set_(made, '__pydantic_private__', None)",
            "  return made",
        ]
        exec("\n".join(self._lines), self._names)  # noqa: S102 - of names that stand in the models, and of nothing else
        read: Callable[[Item], Any] = self._names["read"]
        return read

    def _read(self, value: str, attribute: Attribute[Any], other: Attribute[Any] | None, *, optional: bool) -> None:
        """The content of the attribute becomes the value; None if it is missing and may be."""
        name, kind = attribute.attr_name, attribute.attr_type
        if other is None and not optional:
            self._lines.append(f"    {value} = item[{name!r}][{kind!r}]")
            return
        missing = "None" if other is None else f"item[{other.attr_name!r}][{other.attr_type!r}]"
        self._lines.append(f"    wire = get({name!r})")
        self._lines.append(f"    {value} = {missing} if wire is None or {NULL!r} in wire else wire[{kind!r}]")

    def _decode(self, number: int, field: str, attribute: Attribute[Any], *, optional: bool) -> None:
        value, decode = f"v{number}", f"decode{number}"
        together: Together | None = getattr(attribute, "together", None)
        if together is None:
            self._names[decode] = attribute.deserialize
        else:
            group = self._together.setdefault(together, [])
            group.append(f"({together.example!r} if {value} is None else {value})" if optional else value)
            decode = f"quick{list(self._together).index(together)}"
        decoded = value if together is not None and together.decode is None else f"{decode}({value})"
        self._values.append(
            f"{field!r}: None if {value} is None else {decoded}" if optional else f"{field!r}: {decoded}"
        )
