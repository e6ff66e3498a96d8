"""What both DAOs speak of."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Loan", "LoanError", "LoanExistsError", "LoanNotFoundError", "LoansUnavailableError"]


@dataclass(frozen=True)
class Loan:
    """A book that a member has; `due` is aware."""

    loan_id: str
    member: str
    book: str
    due: datetime
    renewals: int
    remark: str | None


class LoanError(Exception):
    """Base of the errors."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{type(self).__name__}: {key}")
        self.key = key


class LoanExistsError(LoanError):
    """There is such a loan already."""


class LoanNotFoundError(LoanError):
    """There is no such loan."""


class LoansUnavailableError(LoanError):
    """The database does not do what it was asked."""
