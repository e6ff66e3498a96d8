"""Reading of answers: items that are plain are handed through as the JSON has them.

botocore walks every value of an answer along its model, which for DynamoDB's items gives the same dicts again: nothing
changes but binary values, which are decoded, and JSON nulls and unknown members, which are dropped. So an item without
any of these, whose values are of one kind each, is passed on as it is. Everything else, errors and all that surrounds
the items included, takes botocore's walk.
"""

import re
from itertools import chain
from typing import Any, Final

from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

__all__ = ["PlainItemParser", "PlainItemParserFactory"]

ATTRIBUTE_VALUE: Final = "AttributeValue"

_SCALARS: Final = frozenset({"S", "N", "BOOL", "NULL"})
_SETS: Final = frozenset({"SS", "NS"})
_PLAIN: Final = _SCALARS | _SETS | {"M", "L"}
_DICT: Final = frozenset({dict})
_LIST: Final = frozenset({list})
_NO_LISTS: Final[list[Any]] = []
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
        of_items = member.type_name == "map" and member.value.name == ATTRIBUTE_VALUE
        if self._may_skip and of_items and type(node) is list and _is_plain(node):
            return node
        return super()._handle_list(shape, node)

    def _handle_map(self, shape: Any, value: Any) -> Any:
        if self._may_skip and shape.value.name == ATTRIBUTE_VALUE and _is_plain([value]):
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


def _is_plain(items: Any) -> bool:
    """Whether botocore would give an equal list of items back.

    It goes level by level and not item by item, so that no loop in Python meets the scalars, which most values are.
    """
    maps, lists = items, _NO_LISTS
    try:
        while maps or lists:
            values = [*chain.from_iterable(map(dict.values, maps)), *chain.from_iterable(lists)]
            names = [*chain.from_iterable(values)]
            kinds = set(names)
            known = len(names) == len(values) and kinds <= _PLAIN and _DICT.issuperset(map(type, values))
            if not known or kinds <= _SCALARS:
                return known
            maps = [value["M"] for value in values if "M" in value]
            lists = [value["L"] for value in values if "L" in value]
            sets = [value[kind] for kind in kinds & _SETS for value in values if kind in value]
            if not _LIST.issuperset(map(type, (*lists, *sets))):
                return False
    except TypeError:  # a map or a value that is none
        return False
    return True
