"""Where a request goes: what botocore's endpoint rules want to know of an operation is looked up once.

The rules themselves are asked for each request, since tables and credentials can matter to them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jmespath
from botocore.model import OperationModel

__all__ = ["planned_parameters"]

_MOST_TABLES: Final = 256

Parameters = dict[str, Any]


@dataclass(frozen=True)
class _Source:
    """Where the value of one parameter of the rules comes from, in botocore's order of precedence."""

    name: str
    static: object
    member: str | None
    path: str | None
    client_value: object
    builtin: str | None


def planned_parameters(resolver: Any) -> Callable[..., Parameters]:
    """`_get_provider_params` of an EndpointRulesetResolver, by a plan for each operation."""
    plans: dict[str, list[_Source]] = {}
    tables = _Tables()

    def get_provider_params(
        operation_model: OperationModel, call_args: Mapping[str, Any], request_context: Mapping[str, Any]
    ) -> Parameters:
        builtins = resolver._get_customized_builtins(operation_model, call_args, request_context)
        plan = plans.get(operation_model.name)
        if plan is None:
            plan = plans[operation_model.name] = _plan(resolver, operation_model)
        found: Parameters = {}
        for source in plan:
            value = source.static
            if value is None and source.member is not None:
                value = call_args.get(source.member)
            if value is None and source.path is not None:
                value = tables.found(source.path, call_args)
            if value is None:
                value = source.client_value
            if value is None and source.builtin is not None:
                value = builtins.get(source.builtin)
                if callable(value):
                    value = value()
            if value is not None:
                found[source.name] = value
                resolver._register_endpoint_feature_ids(source.name, value)
        return found

    return get_provider_params


def _plan(resolver: Any, operation_model: Any) -> list[_Source]:
    static = {one.name: one.value for one in operation_model.static_context_parameters}
    members = {one.name: one.member_name for one in operation_model.context_parameters}
    paths = operation_model.operation_context_parameters
    client = resolver._get_client_context_params()
    return [
        _Source(
            name,
            static.get(name),
            members.get(name),
            paths[name]["path"] if name in paths else None,
            resolver._client_context.get(client[name]) if name in client else None,
            definition.builtin,
        )
        for name, definition in resolver._param_definitions.items()
    ]


class _Tables:
    """What the paths of batches and transactions find, which depends on the tables of their parts alone."""

    TRANSACTION: Final = (
        "TransactItems[*].[ConditionCheck.TableName, Put.TableName, Delete.TableName, Update.TableName][]"
    )
    BATCH: Final = "keys(RequestItems)"

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], object] = {}

    def found(self, path: str, call_args: Mapping[str, Any]) -> object:
        """As `jmespath.search`."""
        try:
            key = self._key(path, call_args)
            known = self._known.get(key)
        except (AttributeError, KeyError, TypeError, ValueError):  # not of the form that requests of ours have
            return jmespath.search(path, call_args)
        if known is None:
            known = jmespath.search(path, call_args)
            if key:
                if len(self._known) >= _MOST_TABLES:
                    self._known.clear()
                self._known[key] = known
        return known

    def _key(self, path: str, call_args: Mapping[str, Any]) -> tuple[object, ...]:
        """What the result depends on; nothing for a path that is not known."""
        if path == self.TRANSACTION:
            parts = [part for action in call_args["TransactItems"] for (part,) in [action.items()]]
            return (path, *[(kind, content["TableName"]) for kind, content in parts])
        if path == self.BATCH:
            return (path, *call_args["RequestItems"].keys())
        return ()
