"""The User-Agent header, built once for each set of features instead of twice for each request."""

from collections.abc import Callable
from typing import Any

from botocore.context import get_context
from botocore.useragent import UserAgentString

__all__ = ["remember"]


def remember(creator: UserAgentString) -> Callable[[], str]:
    """`to_string` of the creator, computed anew only when the features in use differ.

    All else that it says is of the process and of the client's configuration, whose texts a caller may change.
    """
    build = creator.to_string
    known: dict[object, str] = {}
    config: Any = vars(creator)["_client_config"]

    def to_string() -> str:
        context = get_context()
        features = frozenset(() if context is None else context.features).union(vars(creator)["_client_features"] or ())
        key = (features, config.user_agent_extra, config.user_agent_appid)
        text = known.get(key)
        if text is None:
            text = known[key] = build()
        return text

    return to_string
