"""Generated values, items and parameters of DynamoDB: sound ones mostly, and all that can be wrong with them."""

import base64
import functools
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

__all__ = ["answers", "attribute_values", "items", "parameters"]

TEXT = st.text(max_size=6) | st.sampled_from(["null", ': null, "B"', '[null]"', "\ud800", "é", ""])
NUMBERS = st.sampled_from(["0", "-1.5", "1E+3", "123456789012345678901234567890.12345678", "2.00"])
BINARY = st.binary(max_size=4).map(lambda content: base64.b64encode(content).decode())


def _json_values() -> st.SearchStrategy[Any]:
    """Any JSON."""
    scalars = st.none() | st.booleans() | st.integers(-3, 3) | TEXT
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2))


@functools.cache
def attribute_values(*, wire: bool = True, odd: bool = True) -> st.SearchStrategy[Any]:
    """Values of attributes: binary as base64 on the wire, as bytes in parameters; odd ones are no values at all."""
    binary: st.SearchStrategy[Any] = BINARY if wire else st.binary(max_size=4)
    scalars = st.one_of(
        st.builds(lambda text: {"S": text}, TEXT),
        st.builds(lambda number: {"N": number}, NUMBERS),
        st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
        st.just({"NULL": True}),
        st.builds(lambda content: {"B": content}, binary),
        st.builds(lambda texts: {"SS": texts}, st.lists(TEXT, max_size=2)),
        st.builds(lambda numbers: {"NS": numbers}, st.lists(NUMBERS, max_size=2)),
        st.builds(lambda contents: {"BS": contents}, st.lists(binary, max_size=2)),
    )
    strange = st.one_of(
        st.just({}),
        st.builds(
            lambda kind, value: {kind: value}, st.sampled_from(["S", "M", "L", "SS", "B", "NEW"]), _json_values()
        ),
        st.builds(lambda value: {"S": "a", "NEW": value}, _json_values()),
        st.builds(lambda text: {"S": text, "N": "1"}, TEXT),
        _json_values(),
    )

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        maps = st.builds(lambda content: {"M": content}, st.dictionaries(TEXT, inner, max_size=3))
        return maps | st.builds(lambda content: {"L": content}, st.lists(inner, max_size=3))

    return st.recursive(scalars | strange if odd else scalars, nested, max_leaves=6)


def items(*, odd: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Items as they come over the wire."""
    return st.dictionaries(TEXT, attribute_values(odd=odd), max_size=4)


@functools.cache
def answers(shape: Shape | None) -> st.SearchStrategy[Any]:
    """JSON of the shape: its members and unknown ones, each of them there or not."""
    return _of_shape(shape, wire=True, depth=3)


@functools.cache
def parameters(shape: Shape | None) -> st.SearchStrategy[Any]:
    """Parameters of the shape, sound or not."""
    return _of_shape(shape, wire=False, depth=3)


def _of_shape(shape: Shape | None, *, wire: bool, depth: int) -> st.SearchStrategy[Any]:
    if shape is None:
        return st.just({})
    if shape.name == "AttributeValue":
        return attribute_values(wire=wire, odd=False) | attribute_values(wire=wire)
    if depth == 0:
        return _json_values()
    found: st.SearchStrategy[Any]
    if isinstance(shape, StructureShape):
        required = shape.metadata.get("required", [])
        parts = {name: _of_shape(member, wire=wire, depth=depth - 1) for name, member in shape.members.items()}
        mandatory = {name: part for name, part in parts.items() if name in required}
        optional = {name: part for name, part in parts.items() if name not in required}
        sound = st.fixed_dictionaries(mandatory, optional=optional)
        unknown = st.fixed_dictionaries({}, optional={**parts, "FutureMember": _json_values()})
        found = sound | unknown
    elif isinstance(shape, MapShape):
        found = st.dictionaries(TEXT, _of_shape(shape.value, wire=wire, depth=depth - 1), max_size=2)
    elif isinstance(shape, ListShape):
        found = st.lists(_of_shape(shape.member, wire=wire, depth=depth - 1), max_size=2)
    elif shape.type_name in {"integer", "long"}:
        found = st.integers(-1, 3)
    elif shape.type_name in {"double", "float"}:
        found = st.floats(0, 9)
    elif shape.type_name == "boolean":
        found = st.booleans()
    else:
        found = TEXT | st.just("table")
    return found
