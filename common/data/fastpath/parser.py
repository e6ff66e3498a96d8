"""Reading of answers: items that are plain are handed through as the JSON has them.

botocore walks every value of an answer along its model, which for DynamoDB's items gives the same dicts again: nothing
changes but binary values, which are decoded, and JSON nulls and unknown members, which are dropped. So an item without
any of these is passed on as it is. Everything else, errors and all that surrounds the items included, takes botocore's walk.
"""

import re
from itertools import chain
from typing import Any, Final

from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

__all__ = ["PlainItemParser", "PlainItemParserFactory"]

ATTRIBUTE_VALUE: Final = "AttributeValue"

_SCALAR_NAMES: Final = frozenset({"S", "N", "BOOL", "NULL"})
_SCALARS: Final = frozenset((name,) for name in _SCALAR_NAMES)
_PLAIN: Final = frozenset((name,) for name in (*_SCALAR_NAMES, "M", "L", "SS", "NS"))
_NULL: Final = re.compile(rb"[:,\[]\s*null")


_Base: Any = JSONParser  # more than its stubs know


class PlainItemParser(_Base):  # type: ignore[misc]  # as it says
    """botocore's parser of the JSON protocol, with a short cut at plain items. One is made for each answer."""

    _may_skip = False

    def _parse_body_as_json(self, body_contents: bytes) -> Any:
        # A null may be inside of any value, and its text inside of any string: the search decides for the whole answer.
        self._may_skip = b"null" not in body_contents or _NULL.search(body_contents) is None
        return super()._parse_body_as_json(body_contents)

    def _handle_list(self, shape: Any, node: Any) -> Any:
        member = shape.member
        if self._may_skip and member.type_name == "map" and member.value.name == ATTRIBUTE_VALUE:
            try:
                # Nearly all pages hold nothing but scalars; these are known without a loop in Python.
                values = chain.from_iterable(map(dict.values, node))
                if type(node) is list and _SCALARS.issuperset(map(tuple, map(dict.keys, values))):
                    return node
            except TypeError:  # an item that is no map, or a value that is none
                pass
        return super()._handle_list(shape, node)

    def _handle_map(self, shape: Any, value: Any) -> Any:
        if self._may_skip and shape.value.name == ATTRIBUTE_VALUE and _is_plain_map(value):
            return value
        return super()._handle_map(shape, value)


class PlainItemParserFactory(ResponseParserFactory):
    """Makes such parsers for the protocol that DynamoDB speaks."""

    def __init__(self, own: ResponseParserFactory) -> None:
        super().__init__()
        self._own_defaults: dict[str, Any] = vars(own)["_defaults"]

    def create_parser(self, protocol_name: str) -> ResponseParser:  # noqa: ARG002 - botocore's signature
        """The parser of one answer."""
        parser: ResponseParser = PlainItemParser(**self._own_defaults)
        return parser


def _is_plain_map(attributes: Any) -> bool:
    """Whether botocore would give an equal map back."""
    if type(attributes) is not dict:
        return False
    values = attributes.values()
    try:
        # Without a loop in Python: nearly all items hold scalars alone, and nearly all values of the others are some.
        kinds = set(map(tuple, map(dict.keys, values)))
    except TypeError:  # a value that is no map
        return False
    return kinds <= _SCALARS or (
        kinds <= _PLAIN and all([_is_plain(value) for value in values if _SCALAR_NAMES.isdisjoint(value)])
    )


def _is_plain(value: dict[str, Any]) -> bool:
    """The same of a value of one known kind."""
    ((kind, content),) = value.items()
    if kind in _SCALAR_NAMES:
        return True
    if kind == "M":
        return _is_plain_map(content)
    if type(content) is not list:
        return False
    return kind != "L" or all([type(part) is dict and (*part,) in _PLAIN and _is_plain(part) for part in content])
