"""A service's application, from its routes and what all services have."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import APIRouter, FastAPI

from common.data import Connection
from services.shared.context import Context, Daos, Here
from services.shared.middleware import AroundRequests
from services.shared.problems import Problem, add_handlers, responses
from services.shared.settings import ServiceSettings
from services.shared.values import View

__all__ = ["build"]

_health = APIRouter(tags=["health"])


class Health(View):
    """How the service is."""

    status: str = "ok"


@_health.get("/healthz")
async def is_alive() -> Health:
    """Whether the process answers."""
    return Health()


@_health.get("/readyz", responses=responses(429, 503))
def is_ready(here: Here) -> Health:
    """Whether the tables can be reached."""
    here.connection.ping()
    return Health()


def build(
    title: str, routers: Sequence[APIRouter], settings: ServiceSettings, connection: Connection, daos: Daos | None
) -> FastAPI:
    """An application on a connection; on the live DAOs unless others are given. Nothing is sent."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = settings.threads
        yield

    app = FastAPI(title=title, version="1.0.0", redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    app.state.context = Context(settings, connection, daos or Daos.live(connection))
    app.add_middleware(AroundRequests, max_body_bytes=settings.max_body_bytes)
    add_handlers(app)
    for router in (*routers, _health):
        app.include_router(router)
    _declare_problems(app)
    return app


def _declare_problems(app: FastAPI) -> None:
    """Put the schema into the OpenAPI to which the declared problems refer."""
    make = app.openapi

    def openapi() -> dict[str, object]:
        document = make()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= schema.pop("$defs", {})
        schemas["Problem"] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way
