"""TransactWriteItems with its actions in our own order.

PynamoDB's `TransactWrite` sorts the actions by kind, so that its reasons stand at other positions than the caller's
actions; and it asks for no stored rows with updates that fail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pynamodb.constants import (
    ALL_OLD,
    ITEM,
    TRANSACT_CONDITION_CHECK,
    TRANSACT_ITEMS,
    TRANSACT_PUT,
    TRANSACT_UPDATE,
    TRANSACT_WRITE_ITEMS,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data.aws_errors import aws_error
from common.data.models.base import DataModel, WireItem

__all__ = ["Reason", "TransactItem", "checking", "putting", "reasons", "transact", "updating"]

TransactItem = dict[str, dict[str, Any]]
"""An action of a transaction, as DynamoDB has it."""

REASONS: Final = "CancellationReasons"
CODE: Final = "Code"


@dataclass(frozen=True)
class Reason:
    """Why one action stood in the way of its transaction, or that it did not.

    Attributes:
        code: DynamoDB's; `None` as text for an action that was fine.
        row: the stored row of an action whose condition failed; None if there is none.
    """

    code: str
    row: WireItem | None

    @property
    def is_condition(self) -> bool:
        """Whether the action's condition failed."""
        return self.code == "ConditionalCheckFailed"

    @property
    def is_conflict(self) -> bool:
        """Whether another transaction has the row."""
        return self.code == "TransactionConflict"

    @property
    def is_invalid(self) -> bool:
        """Whether the action cannot be carried out: a sum that does not fit, or an item that is too large."""
        return self.code == "ValidationError"


def putting(row: DataModel, condition: Condition) -> TransactItem:
    """Put a row on the condition."""
    kwargs = row.get_save_kwargs_from_instance(condition=condition, return_values_on_condition_failure=ALL_OLD)
    return {TRANSACT_PUT: kwargs}


def updating(
    model: type[DataModel], key: Sequence[str], actions: Sequence[Action], condition: Condition
) -> TransactItem:
    """Update the row with this key on the condition."""
    return {TRANSACT_UPDATE: model.update_arguments(key, actions, condition, on_failure="old row")}


def checking(model: type[DataModel], key: Sequence[str], condition: Condition) -> TransactItem:
    """Write nothing, but insist on the condition."""
    return {TRANSACT_CONDITION_CHECK: model.check_arguments(key, condition)}


def transact(model: type[DataModel], actions: Sequence[TransactItem]) -> None:
    """Send the actions, which may be on several tables, over the connection of one of their models."""
    connection = model._get_connection().connection  # noqa: SLF001 - as the models do
    connection.dispatch(TRANSACT_WRITE_ITEMS, {TRANSACT_ITEMS: list(actions)})


def reasons(error: BaseException) -> list[Reason]:
    """Why a transaction was cancelled, by the actions as they were sent; nothing for any other error."""
    response: Mapping[str, Any] = vars(aws_error(error) or error).get("response", {})
    return [Reason(str(reason.get(CODE)), reason.get(ITEM)) for reason in response.get(REASONS) or []]
