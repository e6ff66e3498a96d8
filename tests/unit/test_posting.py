"""What a posting makes of reasons that no engine here gives."""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders

from common.data import (
    Balance,
    BalanceTransaction,
    Connection,
    InsufficientBalanceError,
    TransactionStatus,
    TransactionType,
)
from common.data.dao._archived_boto3 import BalanceDAO as ArchivedBalanceDAO
from common.data.dao.balance_dao import BalanceDAO
from tests.unit.test_calls import Body

CODES = ("None", "TransactionConflict", "ConditionalCheckFailed")  # posting, balance, ledger row
ENTRY = BalanceTransaction(
    username="alice",
    transaction_id=UUID("00000000-0000-4000-8000-00000000000a"),
    transaction_type=TransactionType.WITHDRAW,
    amount=Decimal(-1),
    description="",
    status=TransactionStatus.COMPLETED,
    created_at=datetime(2024, 1, 1, tzinfo=UTC),
)


def cancelled(request: AWSRequest) -> AWSResponse:
    body = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": f"Transaction cancelled [{', '.join(CODES)}]",
        "CancellationReasons": [{"Code": code} for code in CODES],
    }
    return AWSResponse(str(request.url), 400, HTTPHeaders(), Body(json.dumps(body).encode()))


@pytest.mark.parametrize("side", [ArchivedBalanceDAO, BalanceDAO], ids=["boto3", "pynamodb"])
@pytest.mark.parametrize("cash", [Decimal(0), Decimal(5)])
def test_a_conflict_on_the_balance_is_tried_again_although_the_ledger_key_is_taken(
    connection: Connection,
    side: type[ArchivedBalanceDAO] | type[BalanceDAO],
    cash: Decimal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    dao = side(connection)
    dao.create_balance(Balance(username="alice", current_balance=cash))
    answers = [cancelled]

    def answer(request: AWSRequest, **_: object) -> AWSResponse | None:
        return answers.pop()(request) if answers else None

    for client in (connection.client, connection.table("users").meta.client):
        client.meta.events.register_first("before-send.dynamodb.TransactWriteItems", answer)  # type: ignore[arg-type]  # may answer
    if cash == 0:
        with pytest.raises(InsufficientBalanceError):
            dao.post_transaction(ENTRY)
    else:
        assert dao.post_transaction(ENTRY).current_balance == 4
    assert len(waits) == 1
