"""The DAO that has been in production for years."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from library.database import Database
from library.loan import Loan, LoanError, LoanExistsError, LoanNotFoundError, LoansUnavailableError

__all__ = ["LoanDAO"]


class LoanDAO:
    """The loans of a library."""

    def __init__(self, database: Database) -> None:
        session = boto3.Session(botocore_session=database.session)
        config = Config(retries={"mode": "standard", "total_max_attempts": 4})
        resource = session.resource("dynamodb", endpoint_url=database.endpoint_url, config=config)
        self._table = resource.Table(database.tables["loans"])

    def lend(self, loan_id: str, member: str, book: str, due: datetime, remark: str | None = None) -> Loan:
        """Store a new loan.

        Raises:
            LoanExistsError: the id is taken.
        """
        item = {
            "loan_id": loan_id,
            "member": member,
            "book": book,
            "due": due.isoformat(),
            "renewals": 0,
            "remark": remark,
        }
        with _errors(loan_id, LoanExistsError):
            self._table.put_item(Item=item, ConditionExpression=Attr("loan_id").not_exists())
        return Loan(loan_id, member, book, due, 0, remark)

    def get(self, loan_id: str) -> Loan:
        """Read a loan, strongly consistent.

        Raises:
            LoanNotFoundError: there is none.
        """
        with _errors(loan_id):
            item = self._table.get_item(Key={"loan_id": loan_id}, ConsistentRead=True).get("Item")
        if item is None:
            raise LoanNotFoundError(loan_id)
        return _loan(item)

    def of_member(self, member: str) -> list[Loan]:
        """What a member has, by due date."""
        pages = self._table.meta.client.get_paginator("query").paginate(
            TableName=self._table.name, IndexName="MemberIndex", KeyConditionExpression=Key("member").eq(member)
        )
        with _errors(member):
            return [_loan(item) for page in pages for item in page["Items"]]

    def renew(self, loan_id: str, due: datetime) -> Loan:
        """Set a new due date, and count the renewal.

        Raises:
            LoanNotFoundError: there is no such loan.
        """
        with _errors(loan_id, LoanNotFoundError):
            answer = self._table.update_item(
                Key={"loan_id": loan_id},
                UpdateExpression="SET due = :due, renewals = renewals + :one",
                ConditionExpression=Attr("loan_id").exists(),
                ExpressionAttributeValues={":due": due.isoformat(), ":one": 1},
                ReturnValues="ALL_NEW",
            )
        return _loan(answer["Attributes"])


@contextmanager
def _errors(key: str, refused: type[LoanError] = LoansUnavailableError) -> Iterator[None]:
    """Turn boto3's errors into the library's; `refused` is what a failed condition means."""
    try:
        yield
    except ClientError as error:
        condition = error.response["Error"]["Code"] == "ConditionalCheckFailedException"
        raise (refused if condition else LoansUnavailableError)(key) from error
    except BotoCoreError as error:
        raise LoansUnavailableError(key) from error


def _loan(item: Mapping[str, Any]) -> Loan:
    return Loan(
        loan_id=item["loan_id"],
        member=item["member"],
        book=item["book"],
        due=datetime.fromisoformat(item["due"]),
        renewals=int(item["renewals"]),
        remark=item.get("remark"),
    )
