"""Its port to PynamoDB. It looks right, and its tests pass."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from library.database import Database
from library.loan import Loan, LoanError, LoanExistsError, LoanNotFoundError, LoansUnavailableError

__all__ = ["LoanDAO"]


class MemberIndex(GlobalSecondaryIndex["LoanModel"]):  # type: ignore[no-untyped-call] # PynamoDB's own
    """The loans of a member, by due date."""

    class Meta:
        index_name = "MemberIndex"
        projection = AllProjection()

    member = UnicodeAttribute(hash_key=True)
    due = UTCDateTimeAttribute(range_key=True)


class LoanModel(Model):
    """A row of the table."""

    class Meta:
        table_name = "loans"

    loan_id = UnicodeAttribute(hash_key=True)
    member = UnicodeAttribute()
    book = UnicodeAttribute()
    due = UTCDateTimeAttribute()
    renewals = NumberAttribute()
    remark = UnicodeAttribute(null=True)
    by_member = MemberIndex()


class LoanDAO:
    """The loans of a library."""

    _rows: type[LoanModel] = LoanModel

    def __init__(self, database: Database) -> None:
        credentials = database.session.get_credentials()
        if credentials is None:
            raise LoansUnavailableError("credentials")
        keys = credentials.get_frozen_credentials()

        class Meta:
            table_name = database.tables["loans"]
            host = database.endpoint_url
            region = database.session.get_config_variable("region")
            aws_access_key_id = keys.access_key
            aws_secret_access_key = keys.secret_key
            aws_session_token = keys.token

        self._model: Any = type("Loans", (self._rows,), {"Meta": Meta})

    def lend(self, loan_id: str, member: str, book: str, due: datetime, remark: str | None = None) -> Loan:
        """Store a new loan.

        Raises:
            LoanExistsError: the id is taken.
        """
        row = self._model(loan_id=loan_id, member=member, book=book, due=due, renewals=0, remark=remark)
        with _errors(loan_id, LoanExistsError):
            row.save(self._model.loan_id.does_not_exist())
        return Loan(loan_id, member, book, due, 0, remark)

    def get(self, loan_id: str) -> Loan:
        """Read a loan, strongly consistent.

        Raises:
            LoanNotFoundError: there is none.
        """
        with _errors(loan_id):
            try:
                return _loan(self._model.get(loan_id, consistent_read=True))
            except self._model.DoesNotExist:
                raise LoanNotFoundError(loan_id) from None

    def of_member(self, member: str) -> list[Loan]:
        """What a member has, by due date."""
        with _errors(member):
            return [_loan(row) for row in self._model.by_member.query(member)]

    def renew(self, loan_id: str, due: datetime) -> Loan:
        """Set a new due date, and count the renewal.

        Raises:
            LoanNotFoundError: there is no such loan.
        """
        row = self._model(loan_id=loan_id)
        change = [self._model.due.set(due), self._model.renewals.set(self._model.renewals + 1)]
        with _errors(loan_id, LoanNotFoundError):
            row.update(change, condition=self._model.loan_id.exists())
        return _loan(row)


@contextmanager
def _errors(key: str, refused: type[LoanError] = LoansUnavailableError) -> Iterator[None]:
    """Turn PynamoDB's errors into the library's; `refused` is what a failed condition means."""
    try:
        yield
    except PynamoDBException as error:
        cause = error.cause
        condition = (
            isinstance(cause, ClientError) and cause.response["Error"]["Code"] == "ConditionalCheckFailedException"
        )
        raise (refused if condition else LoansUnavailableError)(key) from error
    except BotoCoreError as error:
        raise LoansUnavailableError(key) from error


def _loan(row: LoanModel) -> Loan:
    return Loan(row.loan_id, row.member, row.book, row.due, int(row.renewals), row.remark)
