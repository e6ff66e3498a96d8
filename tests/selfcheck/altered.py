"""What several wrong DAOs are made with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from common.data.models.base import DataModel

__all__ = ["AlteredUpdates"]


class AlteredUpdates(DataModel):
    """A model whose conditional updates are altered before they are sent; stands before the model in a class's bases."""

    @classmethod
    @abstractmethod
    def altered(cls, actions: Sequence[Action], condition: Condition) -> tuple[Sequence[Action], Condition]:
        """What is sent for these."""

    @classmethod
    def update_arguments(
        cls, key: Sequence[str], actions: Sequence[Action], condition: Condition, **wanted: Any
    ) -> dict[str, Any]:
        return super().update_arguments(key, *cls.altered(actions, condition), **wanted)
