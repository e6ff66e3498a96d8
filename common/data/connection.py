"""The way to DynamoDB: one botocore session, one configuration, and what both libraries need of them."""

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, get_args

import boto3
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, CredentialRetrievalError, NoCredentialsError, NoRegionError
from botocore.session import Session
from botocore.session import get_session as new_session

from common.data.aws import Client, Resource, Table, keep_digits
from common.data.calls import Calls, data_operation
from common.data.errors import DatabaseError
from common.data.fastpath.client import speed_up
from common.data.fastpath.loading import described, without_collection
from common.data.fastpath.versions import check_versions, installed
from common.data.settings import Settings, TableName

__all__ = ["Bindable", "Connection"]

SESSION_LOCK = "_data_lock_"  # and the process id: kept on a session, by the connections on it
NO_REGION = "no AWS region: set AWS_REGION, or one that botocore finds"

T = TypeVar("T")


class Bindable(Protocol):
    """A class of models that a connection can be given."""

    @classmethod
    def bound(cls, connection: "Connection") -> type[Self]:
        """The same class, on this connection."""
        ...


M = TypeVar("M", bound=Bindable)


class _Process:
    """What belongs to one process: sockets, and locks that a fork would copy while they are held."""

    def __init__(self, session: Session | None, *, made_in: int) -> None:
        self.session = session or new_session()
        here, shared = os.getpid(), vars(self.session)
        forked = here != made_in or any(name.startswith(SESSION_LOCK) for name in list(shared))
        # Making clients is not thread-safe in botocore, so all connections on one session share its lock.
        lock = threading.RLock()
        with lock:  # so that whoever finds it waits until the session is good in this process
            self.lock: threading.RLock = shared.setdefault(f"{SESSION_LOCK}{here}", lock)
            if self.lock is lock and forked:
                _release(self.session)
        self.client: Client | None = None
        self.resource: Resource | None = None
        self.tables: dict[str, Table] = {}


class Connection:
    """A connection to the three tables, for any number of DAOs and threads.

    It opens nothing before the first call, may be closed and used again, and is good in a child after a fork.
    Credentials come from the session by botocore's own chain, and refresh by themselves.
    """

    def __init__(self, settings: Settings | None = None, *, session: Session | None = None) -> None:
        """Keep the settings (from the environment if none are given) and the caller's botocore session, if any.

        Raises:
            DatabaseError: the fast path is on, and a library is of a version that it is not proved with.
        """
        self._settings = Settings() if settings is None else settings
        if self._settings.fast_path:
            check_versions(installed())
        self._session = session
        self._made_in = os.getpid()
        self._calls = Calls(self._settings)
        self._processes: dict[int, _Process] = {}
        self._models: dict[type[object], object] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'open' if self._is_open else 'not open'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def settings(self) -> Settings:
        """The settings that it was made with."""
        return self._settings

    @property
    def calls(self) -> Calls:
        """The calls of the DAOs on it."""
        return self._calls

    @property
    def client(self) -> Client:
        """The botocore client, made at the first call.

        Raises:
            DatabaseError: there is no region.
            botocore.exceptions.BotoCoreError: there are no credentials; inside a data operation an AccessDeniedError.
        """
        here = self._here
        with here.lock:
            if here.client is None:
                here.client = self._made(here, self._make_client)
            return here.client

    def table(self, table: TableName) -> Table:
        """The boto3 Table of a logical name, on a client of its own with the same configuration and credentials.

        The threads share it: its actions only pass their arguments on to the client. What boto3 keeps on a Table, from `load()`, is nobody's here.

        Raises:
            DatabaseError: there is no region.
            botocore.exceptions.BotoCoreError: there are no credentials; inside a data operation an AccessDeniedError.
        """
        here, name = self._here, self._settings.table_name(table)
        if (made := here.tables.get(name)) is not None:
            return made
        with here.lock:
            if here.resource is None:
                here.resource = self._made(here, self._make_resource)
            return here.tables.setdefault(name, here.resource.Table(name))

    def bind(self, model: type[M]) -> type[M]:
        """The model class on this connection; the same one each time."""
        bound = self._models.get(model)
        if not (isinstance(bound, type) and issubclass(bound, model)):
            bound = self._models.setdefault(model, model.bound(self))
        if not (isinstance(bound, type) and issubclass(bound, model)):
            raise TypeError(f"{model.__name__}.bound() gave no subclass of it")
        return bound

    @data_operation
    def ping(self) -> None:
        """Describe the three tables.

        Raises:
            TableNotFoundError: one is missing.
            DatabaseError: or another of its subclasses, as from any method of a DAO.
        """
        for table in get_args(TableName):
            name = self._settings.table_name(table)
            self._calls.current.at(name, None)
            self.client.describe_table(TableName=name)

    def close(self) -> None:
        """Close the sockets of this process. The next call opens new ones."""
        here = self._processes.pop(os.getpid(), None)
        if here is None:
            return
        with here.lock:
            if here.client is not None:
                here.client.close()
            if here.resource is not None:
                here.resource.meta.client.close()

    @property
    def _connection(self) -> Self:
        return self  # so that ping() is a data operation like any other

    @property
    def _is_open(self) -> bool:
        here = self._processes.get(os.getpid())
        return here is not None and not (here.client is None and here.resource is None)

    @property
    def _here(self) -> _Process:
        here = self._processes.get(os.getpid())
        if here is None:
            # setdefault is atomic: of two threads that come first, both get the same
            here = self._processes.setdefault(os.getpid(), _Process(self._session, made_in=self._made_in))
        return here

    @property
    def _arguments(self) -> dict[str, Any]:
        settings = self._settings
        config = Config(
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_pool_connections=settings.max_pool_connections,
            retries={"total_max_attempts": settings.max_attempts, "mode": settings.retry_mode},
        )
        return {"region_name": settings.aws_region, "endpoint_url": settings.endpoint_url, "config": config}

    def _made(self, here: _Process, make: Callable[[Session], T]) -> T:
        # A client keeps the lack of credentials for good: without any, none is made, and the next call looks again.
        if _retrieved("the chain of botocore", here.session.get_credentials) is None:
            raise NoCredentialsError
        try:
            return make(here.session)
        except NoRegionError as error:
            raise DatabaseError(NO_REGION) from error
        except ValueError as error:
            raise DatabaseError(f"no client can be made: {error}") from None

    def _make_client(self, session: Session) -> Client:
        if self._settings.fast_path:
            with without_collection():
                client = self._plain_client(described(session))
            speed_up(client)
            return client
        return self._plain_client(session)

    def _plain_client(self, session: Session) -> Client:
        client = session.create_client("dynamodb", **self._arguments)
        if not isinstance(client, Client):
            raise TypeError("botocore made no DynamoDB client")
        self._watch(client, session)
        return client

    def _make_resource(self, session: Session) -> Resource:
        resource: Resource = boto3.Session(botocore_session=session).resource("dynamodb", **self._arguments)
        self._watch(resource.meta.client, session)
        keep_digits(resource.meta.client.meta.events)
        return resource

    def _watch(self, client: Client, session: Session) -> None:
        self._calls.watch(client.meta.events)
        credentials = session.get_credentials()

        def refresh(**_: object) -> None:
            if isinstance(credentials, Credentials):
                _refresh(credentials)

        # Before each call and each attempt: botocore reads them for the endpoint first, then for the signature.
        client.meta.events.register_first("provide-client-params.dynamodb", refresh)
        client.meta.events.register_first("request-created.dynamodb", refresh)


def _release(session: Session) -> None:
    """Give the credentials of a session a lock of this process: a thread of the parent may have held theirs."""
    credentials = vars(session).get("_credentials")
    if isinstance(credentials, RefreshableCredentials):
        vars(credentials)["_refresh_lock"] = threading.Lock()


def _refresh(credentials: Credentials) -> None:
    """Refresh credentials that have expired, before the signer does."""
    _retrieved(str(credentials.method), credentials.get_frozen_credentials)


def _retrieved(provider: str, read: Callable[[], T]) -> T:
    """What a source of credentials gives. What it raises may be anything, and quote a secret."""
    try:
        return read()
    except BotoCoreError:
        raise
    except Exception as error:  # noqa: BLE001 - turned into an error of botocore
        raise CredentialRetrievalError(provider=provider, error_msg=type(error).__name__) from None
