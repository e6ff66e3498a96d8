"""Writing of requests: parameters that are plain become JSON at once.

botocore checks the parameters against its model, then copies them along it, which for DynamoDB changes nothing but
binary values. Here one pass looks whether they are valid and hold nothing that would change. If it cannot tell, the
parameters take botocore's own way: its checks, its errors, its copy.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

__all__ = ["PlainSerializer", "RequestSerializer", "is_plain"]

ATTRIBUTE_VALUE: Final = "AttributeValue"
_CONTENTS: Final[Mapping[str, type]] = {"S": str, "N": str, "BOOL": bool, "NULL": bool}
_SIMPLE: Final[Mapping[str, type]] = {"string": str, "boolean": bool, "integer": int, "long": int}

Check = Callable[[Any], bool]


class RequestSerializer(Protocol):
    """What botocore's client wants of its serializer."""

    def serialize_to_request(self, parameters: Mapping[str, Any], operation_model: OperationModel) -> dict[str, Any]:
        """The parts of an HTTP request."""
        ...


class PlainSerializer:
    """Serializes plain parameters itself, and leaves all others to botocore's serializer."""

    def __init__(self, own: RequestSerializer) -> None:
        self._own = own
        self._checks: dict[str, Check] = {}
        self._frames: dict[str, dict[str, Any]] = {}

    def serialize_to_request(self, parameters: Mapping[str, Any], operation_model: OperationModel) -> dict[str, Any]:
        """The parts of an HTTP request.

        Raises:
            botocore.exceptions.ParamValidationError: by botocore's own checks.
        """
        name = operation_model.name
        frame = self._frames.get(name)
        if frame is None or not self._checks[name](parameters):
            return self._serialized(parameters, operation_model)
        body = json.dumps(parameters).encode()
        return {**frame, "headers": dict(frame["headers"]), "body": body}

    def _serialized(self, parameters: Mapping[str, Any], operation_model: OperationModel) -> dict[str, Any]:
        """The own way of botocore; what it says beside the body is the same for each request of an operation."""
        request = self._own.serialize_to_request(parameters, operation_model)
        if operation_model.name not in self._frames and "host_prefix" not in request:
            self._checks[operation_model.name] = is_plain(operation_model.input_shape)
            self._frames[operation_model.name] = {**request, "headers": dict(request["headers"])}
        return request


def is_plain(shape: Shape | None) -> Check:
    """A check that is true only of values that are valid for the shape, and are their own JSON form."""
    return _never if shape is None else _check(shape, {})


def _check(shape: Shape, made: dict[str, Check]) -> Check:
    if shape.name == ATTRIBUTE_VALUE:
        return _is_plain_value
    if shape.name in made:
        return made[shape.name]
    made[shape.name] = _never  # of a shape within itself
    check: Check = _never
    if "jsonvalue" in shape.serialization or shape.metadata.keys() & {"document", "union"}:
        check = _never
    elif isinstance(shape, StructureShape):
        check = _structure(shape, made)
    elif isinstance(shape, MapShape):
        check = _map(shape, made)
    elif isinstance(shape, ListShape):
        check = _list(shape, made)
    elif shape.type_name in _SIMPLE:
        check = _simple(shape)
    made[shape.name] = check
    return check


def _never(_value: object) -> bool:
    return False


def _structure(shape: StructureShape, made: dict[str, Check]) -> Check:
    members = {
        name: _never if "name" in member.serialization else _check(member, made)
        for name, member in shape.members.items()
    }
    required = frozenset(shape.metadata.get("required", ()))

    def check(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys() <= members.keys():
            return False
        return all([members[name](part) for name, part in value.items()])

    return check


def _map(shape: MapShape, made: dict[str, Check]) -> Check:
    if shape.value.name == ATTRIBUTE_VALUE and not _bounds(shape.key):
        return _is_plain_map
    of_key, of_value = _check(shape.key, made), _check(shape.value, made)

    def check(value: Any) -> bool:
        return type(value) is dict and all(of_key(key) and of_value(part) for key, part in value.items())

    return check


def _list(shape: ListShape, made: dict[str, Check]) -> Check:
    least, of_member = shape.metadata.get("min", 0), _check(shape.member, made)

    def check(value: Any) -> bool:
        return type(value) in {list, tuple} and len(value) >= least and all(map(of_member, value))

    return check


def _simple(shape: Shape) -> Check:
    kind: Any = _SIMPLE[shape.type_name]
    least = shape.metadata.get("min")

    def check(value: Any) -> bool:
        return type(value) is kind and (least is None or (len(value) if kind is str else value) >= least)

    return check


def _bounds(shape: Shape) -> bool:
    return "min" in shape.metadata or shape.type_name != "string"


def _is_plain_map(value: Any) -> bool:
    if type(value) is not dict:
        return False
    return all([type(name) is str and _is_plain_value(part) for name, part in value.items()])


def _is_plain_value(value: Any) -> bool:
    """Whether a value in wire form is valid and without binary."""
    if type(value) is not dict or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    if (wanted := _CONTENTS.get(kind)) is not None:
        return type(content) is wanted
    if kind == "M":
        return _is_plain_map(content)
    if type(content) is not list:
        return False
    if kind in {"SS", "NS"}:
        return all(type(member) is str for member in content)
    return kind == "L" and all(map(_is_plain_value, content))
