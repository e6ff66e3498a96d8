from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from common.data import Balance, BalanceTransaction, TransactionStatus, TransactionType
from common.data.arguments import check_posting, check_transaction_id
from common.data.errors import InvalidArgumentError

ID = UUID("00000000-0000-4000-8000-00000000000a")
FIELDS: dict[str, object] = {
    "username": "alice",
    "transaction_id": ID,
    "transaction_type": "deposit",
    "amount": Decimal("1.50"),
    "description": "",
    "status": "completed",
}


def test_a_balance_begins_at_zero_and_now() -> None:
    balance = Balance(username="alice")
    assert balance.current_balance == Decimal(0)
    assert balance.created_at.tzinfo is UTC


def test_a_transaction_takes_the_text_of_its_enumerations_and_naive_time_as_utc() -> None:
    entry = BalanceTransaction.model_validate(FIELDS | {"created_at": datetime(2024, 1, 1)})  # noqa: DTZ001 - the point
    assert entry.transaction_type is TransactionType.DEPOSIT
    assert entry.status is TransactionStatus.COMPLETED
    assert entry.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert entry.reference_id is None
    assert BalanceTransaction.model_validate_json(entry.model_dump_json()) == entry


@pytest.mark.parametrize("amount", [1.5, True, "NaN", "1_0", " 1", None, Decimal("NaN"), Decimal("Infinity")])
def test_an_amount_is_an_exact_number(amount: object) -> None:
    with pytest.raises(ValidationError) as caught:
        BalanceTransaction.model_validate(FIELDS | {"amount": amount})
    assert "input_value" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("transaction_type", "gift"), ("status", "done"), ("description", "\ud800"), ("transaction_id", "x"), ("more", 1)],
)
def test_what_is_no_transaction_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        BalanceTransaction.model_validate(FIELDS | {field: value})


def test_entities_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Balance(username="alice").current_balance = Decimal(1)


@pytest.mark.parametrize("value", [ID, str(ID), str(ID).upper()])
def test_a_transaction_id_is_a_uuid_or_its_text(value: object) -> None:
    assert check_transaction_id(value) == ID


@pytest.mark.parametrize("value", [None, 5, "", ID.hex, f"{{{ID}}}", f"urn:uuid:{ID}", f"{ID} ", ID.bytes])
def test_what_is_no_uuid_is_no_transaction_id(value: object) -> None:
    with pytest.raises(InvalidArgumentError):
        check_transaction_id(value)


@pytest.mark.parametrize(
    ("kind", "amount", "fits"),
    [
        *[(kind, "1", kind not in {"withdraw", "order_payment"}) for kind in TransactionType],
        *[(kind, "-1", kind in {"withdraw", "order_payment", "system_adjustment"}) for kind in TransactionType],
        *[(kind, "0", False) for kind in TransactionType],
    ],
)
def test_the_sign_of_a_posting_is_that_of_its_type(kind: TransactionType, amount: str, *, fits: bool) -> None:
    entry = BalanceTransaction.model_validate(FIELDS | {"transaction_type": kind, "amount": Decimal(amount)})
    if fits:
        assert check_posting("transaction", entry) == entry
    else:
        with pytest.raises(InvalidArgumentError):
            check_posting("transaction", entry)
