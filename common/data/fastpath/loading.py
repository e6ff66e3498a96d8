"""What botocore reads from disk for the first client of a session.

Before it reads a service's description it lists those of all 400 services, twice, to see that there is such a service.
"""

import copy
import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

__all__ = ["TYPES", "load_descriptions", "without_collection"]

SERVICE = "dynamodb"
TYPES = ("service-2", "endpoint-rule-set-1")


class _PlainFileLoader(JSONFileLoader):
    """Makes dicts, which keep their order as OrderedDicts do, in a third of the time."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return json.loads(file.read().decode())


def load_descriptions(session: Session) -> None:
    """Let the session's loader know DynamoDB's descriptions as it would itself, without the lists of all services."""
    loader = session.get_component("data_loader")
    if type(loader) is not Loader:
        return
    quick: Any = copy.copy(loader)  # a loader of our own, with the same cache
    quick.list_available_services = lambda _: [SERVICE]
    quick.file_loader = _PlainFileLoader()
    with suppress(DataNotFoundError):  # botocore will say so in its own words
        for name in TYPES:
            quick.load_service_model(SERVICE, name, api_version=None)
        quick.load_data_with_path("endpoints")


@contextmanager
def without_collection() -> Iterator[None]:
    """Let Python search for no garbage meanwhile.

    A client is tens of thousands of new objects that are all kept: they make Python go through the whole heap, for
    nothing. The next such search comes later, as ever. The collector is of the whole process: threads that do this at
    once leave it as the first of them found it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
