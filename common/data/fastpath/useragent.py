"""The User-Agent header, built once for each set of features instead of twice for each request."""

from collections.abc import Callable

from botocore.context import get_context
from botocore.useragent import UserAgentString

__all__ = ["remember"]


def remember(creator: UserAgentString) -> Callable[[], str]:
    """`to_string` of the creator, computed anew only when the features in use differ.

    All else that it says is of the process and of the client's configuration.
    """
    build = creator.to_string
    known: dict[frozenset[str], str] = {}

    def to_string() -> str:
        context = get_context()
        features = frozenset(() if context is None else context.features).union(vars(creator)["_client_features"] or ())
        text = known.get(features)
        if text is None:
            text = known[features] = build()
        return text

    return to_string
