"""schemathesis against the live services: no 5xx, and answers as declared."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from common.data import Connection, User, UserRole
from services.inventory_service.application import create_app as create_inventory
from services.inventory_service.seeding import ASSETS, read_assets, seed
from services.order_service.application import create_app as create_orders
from services.shared.context import Daos
from services.shared.settings import ServiceSettings
from services.shared.tokens import issue_token
from services.user_service.application import create_app as create_users
from tests.running import running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SERVICES: dict[str, Callable[[ServiceSettings, Connection], FastAPI]] = {
    "user": create_users,
    "inventory": create_inventory,
    "orders": create_orders,
}
EXAMPLES = 12


@pytest.fixture
def headers(connection: Connection, settings: ServiceSettings) -> dict[str, str]:
    """Of an admin, among assets."""
    daos = Daos.live(connection)
    admin = User(
        username="root",
        email="root@example.org",
        password="correct horse",
        first_name="R",
        last_name="R",
        role=UserRole.ADMIN,
    )
    daos.users.create_user(admin)
    seed(daos, read_assets(ASSETS))
    return {"Authorization": f"Bearer {issue_token(settings, 'root')}"}


@pytest.mark.parametrize("service", SERVICES)
def test_answers_are_as_declared_and_never_5xx(
    connection: Connection, settings: ServiceSettings, headers: dict[str, str], service: str
) -> None:
    with running(SERVICES[service](settings, connection)) as (address,):
        schema = openapi.from_url(f"{address}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        for operation in operations:
            _try(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), headers)
            if operation.body or operation.query:
                _try(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), headers)
        assert len(operations) >= 6


def _try(cases: SearchStrategy[Case[Any]], headers: dict[str, str]) -> None:
    @given(case=cases)
    @hypothesis_settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers_well(case: Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers_well()
