"""What botocore reads from disk for the first client of a session.

Before it reads a service's description it lists those of all 400 services, twice, to see that there is such a service.
"""

import copy
import functools
import gc
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader
from botocore.regions import EndpointResolver
from botocore.session import Session

__all__ = ["TYPES", "described", "without_collection"]

SERVICE = "dynamodb"
TYPES = ("service-2", "endpoint-rule-set-1")
ENDPOINTS = "endpoints"
_LOADER: Final = "_data_descriptions_"
"""Where a session keeps our loader, which all connections on it share."""


class _PlainFileLoader(JSONFileLoader):
    """Makes dicts, which keep their order as OrderedDicts do, in a third of the time."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return json.loads(file.read().decode())


_Base: Any = Session  # more than its stubs know


class _Described(_Base):  # type: ignore[misc]  # as it says
    """The caller's session under another class, which looks at DynamoDB's descriptions with a loader of ours.

    The caller's own loader, and whatever is made with it, sees nothing of that.
    """

    def get_component(self, name: str) -> Any:
        return vars(self)[_LOADER] if name == "data_loader" else super().get_component(name)

    def _get_internal_component(self, name: str) -> Any:
        if name != "endpoint_resolver" or name not in vars(self._internal_components)["_deferred"]:
            return super()._get_internal_component(name)
        loader = vars(self)[_LOADER]
        endpoints, path = loader.load_data_with_path(ENDPOINTS)
        return EndpointResolver(endpoints, uses_builtin_data=loader.is_builtin_path(path))


def described(session: Session) -> Session:
    """The session, so that a client made of it has DynamoDB's descriptions without the lists of all services.

    It is the session itself, where it or its loader is not botocore's own, or has no descriptions.
    """
    if type(session) is not Session:
        return session
    loader: Any = session.get_component("data_loader")
    if type(loader) is not Loader or type(loader.file_loader) is not JSONFileLoader:
        return session
    if _LOADER not in vars(session):
        quick: Any = copy.copy(loader)
        quick._cache = {}  # the caller's shall not have what ours has
        quick.list_available_services = lambda _: [SERVICE]
        quick.file_loader = _PlainFileLoader()
        try:
            for name in TYPES:
                quick.load_service_model(SERVICE, name, api_version=None)
            quick.load_data_with_path(ENDPOINTS)
        except DataNotFoundError:  # botocore will say so in its own words
            return session
        vars(session)[_LOADER] = quick
    same: Session = _Described.__new__(_Described)
    same.__dict__ = vars(session)
    return same


class _Collector:
    """Who has stopped Python's collector: a child that is forked meanwhile has it back, as nobody there would."""

    def __init__(self) -> None:
        self.stopped_by: set[object] = set()
        os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        if self.stopped_by:
            self.stopped_by.clear()
            gc.enable()


_collector = functools.cache(_Collector)


@contextmanager
def without_collection() -> Iterator[None]:
    """Let Python search for no garbage meanwhile.

    A client is tens of thousands of new objects that are all kept: they make Python go through the whole heap, for
    nothing. The next such search comes later, as ever. The collector is of the whole process: threads that do this at
    once leave it as the first of them found it.
    """
    if not gc.isenabled():
        yield
        return
    this, stopped_by = object(), _collector().stopped_by
    stopped_by.add(this)
    gc.disable()
    try:
        yield
    finally:
        stopped_by.discard(this)
        gc.enable()
