"""What botocore reads from disk for the first client of a session.

Before it reads a service's description it lists those of all 400 services, twice, to see that there is such a service.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

__all__ = ["load_descriptions"]

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
    for name in TYPES:
        try:
            quick.load_service_model(SERVICE, name, api_version=None)
        except DataNotFoundError:  # botocore will say so in its own words
            return
    quick.load_data_with_path("endpoints")
