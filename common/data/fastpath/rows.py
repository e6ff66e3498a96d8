"""Loading of rows: what PynamoDB and pydantic look up for each attribute of each item is looked up once for each model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from annotated_types import Ge, Gt
from pydantic import BaseModel
from pynamodb.attributes import Attribute
from pynamodb.constants import NULL

__all__ = ["Decoded", "Decoder", "Item", "PageReader", "Together", "decoder", "page_reader"]

E = TypeVar("E", bound=BaseModel)
Item = Mapping[str, dict[str, Any]]
"""An item as DynamoDB sends it."""

PageReader = Callable[[Sequence[Item]], list[E] | None]
"""Builds the entities of items, one for each; None where an item is unsound, and its model has to tell."""

_LONGEST_LITERAL = 15
"""Python builds a dict of more names by adding one after the other."""

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


class Together(NamedTuple):
    """How the values of one kind of attribute are decoded together, where all of them are as they are usually written.

    Attributes:
        usual: of the values joined by blanks: None if one of them is not of the usual form; or a ValueError. None where
            all values that can be decoded are.
        decode: what decodes values of the usual form, each as the attribute's own `deserialize` does.
    """

    usual: Callable[[str], object] | None
    decode: Callable[[list[str]], Iterable[Any]]


def page_reader(
    entity: type[E], attributes: Mapping[str, Attribute[Any]], instead: Mapping[str, Attribute[Any]]
) -> PageReader[E]:
    """A function that builds entities straight from the items of a page.

    The values of one kind are looked up in all items, and then checked and decoded at once. What attributes have
    decoded needs no second validation, but for bounds: beside types pydantic looks at lengths, which stored rows may
    break. A field must be there unless its default is None. Instances are made as pydantic's `model_construct` does.

    Args:
        entity: whose fields are called as the attributes that they are read from.
        attributes: by Python name.
        instead: by field, an attribute of the same kind that is read where the field's own is missing.
    """
    return _Source(entity, attributes, instead).compiled()


class _Group(NamedTuple):
    """Fields that are decoded together: numbers of fields, and how each is looked up."""

    decode: Callable[[list[Any]], list[Any]]
    fields: list[int]
    looks: list[str]


class _Source:
    """The source of a reader, as a person would write it for one entity: a loop over fields would take twice as long."""

    def __init__(
        self, entity: type[BaseModel], attributes: Mapping[str, Attribute[Any]], instead: Mapping[str, Attribute[Any]]
    ) -> None:
        self._fields = list(entity.model_fields)
        self._groups: dict[Together | str, _Group] = {}
        self._names: dict[str, Any] = {
            "entity": entity,
            "new": entity.__new__,
            "set_": object.__setattr__,  # entities are frozen
            "fields": set(self._fields),
            "start": dict.fromkeys(self._fields),
        }
        for number, (field, info) in enumerate(entity.model_fields.items()):
            attribute = attributes[field]
            kind = getattr(attribute, "together", field)
            group = self._groups.setdefault(kind, _Group(_decoder_of(attribute), [], []))
            group.fields.append(number)
            group.looks.append(_look(attribute, instead.get(field), optional=info.default is None))
        self._bounds = [
            (number, constraint)
            for number, info in enumerate(entity.model_fields.values())
            for constraint in info.metadata
            if isinstance(constraint, (Ge, Gt))
        ]

    def compiled(self) -> Callable[[Sequence[Item]], Any]:
        """The function."""
        groups = list(enumerate(self._groups.values()))
        self._names |= {f"decode{place}": group.decode for place, group in groups}
        decoded = [f"g{place} = decode{place}(g{place})" for place, _ in groups]
        lines = [
            "def read(items):",
            *(f"  g{place} = []" for place, _ in groups),
            "  try:",
            "    for item in items:",
            "      get = item.get",
            *(f"      g{place} += ({', '.join(group.looks)},)" for place, group in groups),
            *(f"    {line}" for line in decoded),
            *(f"    if not {self._bound(number, constraint)}: return None" for number, constraint in self._bounds),
            "  except (ArithmeticError, KeyError, TypeError, ValueError): return None",
            "  made = []",
            *(f"  i{place} = iter(g{place})" for place, _ in groups),
            f"  for {', '.join(_variables(group.fields) for _, group in groups)}, in zip(",
            *(f"    zip({', '.join([f'i{place}'] * len(group.fields))})," for place, group in groups),
            "  ):",
            *(f"    {line}" for line in self._making()),
            "  return made",
        ]
        exec("\n".join(lines), self._names)  # noqa: S102 - of names that stand in the models, and of nothing else
        read: Callable[[Sequence[Item]], Any] = self._names["read"]
        return read

    def _making(self) -> list[str]:
        """What makes an instance of the values of one row."""
        pairs = [(field, f"v{number}") for number, field in enumerate(self._fields)]
        if len(pairs) <= _LONGEST_LITERAL:
            filled = [f"values = {{{', '.join(f'{field!r}: {value}' for field, value in pairs)}}}"]
        else:
            filled = ["values = start.copy()", *(f"values[{field!r}] = {value}" for field, value in pairs)]
        return [
            *filled,
            "one = new(entity)",
            "set_(one, '__dict__', values)",
            "set_(one, '__pydantic_fields_set__', fields.copy())",
            "set_(one, '__pydantic_extra__', None)",
            "set_(one, '__pydantic_private__', None)",
            "made.append(one)",
        ]

    def _bound(self, number: int, constraint: Ge | Gt) -> str:
        """The test whether the lowest value of a field is within its bound."""
        place, group = next(
            (place, group) for place, group in enumerate(self._groups.values()) if number in group.fields
        )
        strict = isinstance(constraint, Gt)
        bound = f"bound{number}"
        self._names[bound] = constraint.gt if isinstance(constraint, Gt) else constraint.ge
        lowest = f"min(g{place}[{group.fields.index(number)}::{len(group.fields)}])"
        return f"{lowest} {'>' if strict else '>='} {bound}"


def _variables(fields: list[int]) -> str:
    return f"({', '.join(f'v{number}' for number in fields)},)"


def _look(attribute: Attribute[Any], other: Attribute[Any] | None, *, optional: bool) -> str:
    """What looks up the content of an attribute in `item`: None if it is missing and may be."""
    name, kind = attribute.attr_name, attribute.attr_type
    if other is None and not optional:
        return _look_at_required(attribute)
    missing = "None" if other is None else _look_at_required(other)
    return f"{missing} if (wire := get({name!r})) is None or {NULL!r} in wire else wire[{kind!r}]"


def _look_at_required(attribute: Attribute[Any]) -> str:
    """A KeyError where it is missing, or a NULL, even if it is of its kind as well."""
    return f"(wire := item[{attribute.attr_name!r}])[{attribute.attr_type!r} if {NULL!r} not in wire else None]"


def _decoder_of(attribute: Attribute[Any]) -> Callable[[list[Any]], list[Any]]:
    """What decodes contents of attributes of one kind; a None stays one."""
    deserialize = attribute.deserialize
    together: Together | None = getattr(attribute, "together", None)
    usual = None if together is None else together.usual

    def decode(contents: list[Any]) -> list[Any]:
        present = [content for content in contents if content is not None] if None in contents else contents
        if together is not None and (usual is None or usual(" ".join(present)) is not None):
            decoded = list(together.decode(present))
            if len(decoded) != len(present):  # a blank inside of a value
                raise ValueError("values that are not of the usual form")
        else:
            decoded = list(map(deserialize, present))
        return decoded if present is contents else _spread(decoded, contents)

    return decode


def _spread(decoded: list[Any], contents: list[Any]) -> list[Any]:
    """The decoded values in the places of what they were decoded from."""
    values = iter(decoded)
    return [None if content is None else next(values) for content in contents]
