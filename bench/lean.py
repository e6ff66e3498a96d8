"""The leanest client on botocore: the requests of a DAO sent again by the fast client alone, and nothing made of the answers."""

import copy
from collections.abc import Callable
from typing import Any

from common.data.aws import Client

__all__ = ["Replay"]


class Replay:
    """Sends the requests again that a call made."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client
        self._requests: list[tuple[str, dict[str, Any]]] = []
        self._learning = False
        client.meta.events.register("provide-client-params.dynamodb", self._note)

    def learn(self, call: Callable[[], object]) -> None:
        """Note the requests of this call."""
        self._requests.clear()
        self._learning = True
        try:
            call()
        finally:
            self._learning = False

    def run(self) -> None:
        """Send them."""
        for operation, params in self._requests:
            self._client._make_api_call(operation, params)  # noqa: SLF001 - as PynamoDB does

    def _note(self, params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
        if self._learning:
            self._requests.append((model.name, copy.deepcopy(params)))
