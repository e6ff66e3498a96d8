"""TransactWriteItems by boto3's client, and the reading of why it was cancelled."""

from typing import Any

from botocore.exceptions import ClientError

from common.data.aws import ExactDeserializer
from common.data.dao._archived_boto3._rows import Item

__all__ = ["CONDITION_FAILED", "CONFLICT", "INVALID", "old_item", "reason_codes"]

CONDITION_FAILED = "ConditionalCheckFailed"
CONFLICT = "TransactionConflict"
INVALID = "ValidationError"


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    response: dict[str, Any] = vars(error)["response"]
    return response.get("CancellationReasons") or []


def reason_codes(error: ClientError) -> list[str]:
    """The code of each action, in the order sent: "None" for one that was fine; empty for any other error."""
    return [reason.get("Code", "None") for reason in _reasons(error)]


def old_item(error: ClientError, position: int) -> Item | None:
    """The stored item of the action at this position; boto3 leaves it in wire form."""
    item = _reasons(error)[position].get("Item")
    if not item:
        return None
    return {name: ExactDeserializer().deserialize(value) for name, value in item.items()}
