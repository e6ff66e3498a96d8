"""What both DAOs have to do. It does not know which of them it runs on."""

from datetime import timedelta
from typing import Any

import pytest

from library.loan import LoanExistsError, LoanNotFoundError


def test_a_loan_is_read_as_it_was_lent(loan_dao: Any, ids: Any, clock: Any) -> None:
    loan = loan_dao.lend(ids.name("loan"), ids.name("ada"), "Middlemarch", clock.now() + timedelta(days=14))
    assert loan_dao.get(loan.loan_id) == loan


def test_an_id_is_taken_once(loan_dao: Any, ids: Any, clock: Any) -> None:
    loan = loan_dao.lend(ids.name("loan"), ids.name("ada"), "Middlemarch", clock.now(), remark="a stain on page 3")
    with pytest.raises(LoanExistsError):
        loan_dao.lend(loan.loan_id, loan.member, "Emma", clock.now())
    assert loan_dao.get(loan.loan_id) == loan


def test_a_member_has_loans_by_due_date(loan_dao: Any, ids: Any, clock: Any) -> None:
    member, now = ids.name("ada"), clock.now()
    loans = [loan_dao.lend(ids.name("loan"), member, "Emma", now + timedelta(days=days)) for days in (3, 1, 2)]
    assert loan_dao.of_member(member) == sorted(loans, key=lambda loan: loan.due)


def test_a_renewal_is_counted(loan_dao: Any, ids: Any, clock: Any) -> None:
    loan = loan_dao.lend(ids.name("loan"), ids.name("ada"), "Emma", clock.now())
    later = loan.due + timedelta(days=14)
    renewed = loan_dao.renew(loan.loan_id, later)
    assert (renewed.due, renewed.renewals) == (later, 1)


def test_what_is_not_lent_is_told(loan_dao: Any, ids: Any, clock: Any) -> None:
    with pytest.raises(LoanNotFoundError):
        loan_dao.get(ids.name("loan"))
    with pytest.raises(LoanNotFoundError):
        loan_dao.renew(ids.name("loan"), clock.now())


@pytest.mark.seeded
def test_rows_of_the_old_code_are_read(loan_dao: Any, seeds: Any) -> None:
    for row in seeds("loans"):
        assert loan_dao.get(row["loan_id"]["S"]).book == row["book"]["S"]
