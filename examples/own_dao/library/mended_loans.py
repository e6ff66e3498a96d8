"""The port, mended: two attributes, and nothing else."""

from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.constants import NULL, STRING
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from library import pynamodb_loans

__all__ = ["LoanDAO"]


class IsoTimeAttribute(Attribute[datetime]):
    """An instant as the old code wrote it, with the fraction left out where it is zero."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """By isoformat, and so ordered as text."""
        return value.isoformat()

    def deserialize(self, value: str) -> datetime:
        """In whichever spelling."""
        return datetime.fromisoformat(value).astimezone(UTC)


class MemberIndex(GlobalSecondaryIndex["LoanModel"]):  # type: ignore[no-untyped-call] # PynamoDB's own
    """The loans of a member, by due date."""

    class Meta:
        index_name = "MemberIndex"
        projection = AllProjection()

    member = UnicodeAttribute(hash_key=True)
    due = IsoTimeAttribute(range_key=True)


class LoanModel(pynamodb_loans.LoanModel):
    """A row of the table, with NULL where the old code wrote NULL."""

    class Meta:
        table_name = "loans"

    due = IsoTimeAttribute()
    by_member = MemberIndex()  # type: ignore[assignment] # it takes the place of one of another class

    def _container_serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:  # noqa: FBT001, FBT002 - PynamoDB's signature
        return {"remark": {NULL: True}, **super()._container_serialize(null_check)}


class LoanDAO(pynamodb_loans.LoanDAO):
    """The loans of a library."""

    _rows = LoanModel
