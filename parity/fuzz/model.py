"""The in-memory model of an entity: a class of the project's with the methods of its contract, over plain Python values.

A model is made without arguments, empty. `store(table, key, row)` tells it of a row, in wire form, that it did not make: an old one, one that another writer
changed, or what a call under a fault left; None for a row that is gone. A method raises NotImplementedError for a call that it cannot judge, such as one
that meets a row which it cannot read; such calls are counted, and compared between control and candidate alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from parity.differ import Place, Rules, diff_values
from parity.outcomes import Outcome, encode_exception
from parity.values import Encoder
from parity.wireform import Item

__all__ = ["Answer", "AnyOrder", "Model", "ModelRunner"]

# What a model does not know: how an error is worded, and where the DAO was when it came.
_UNKNOWN = frozenset({"message", "operation", "table", "key", "code", "request_id"})


class Model(Protocol):
    """What a model has beside the methods of the contract."""

    def store(self, table: str, key: Item, row: Item | None) -> None:
        """Take in a row as it stands in a table, or that it is gone."""
        ...


class AnyOrder(list[Any]):
    """A list of which the model does not know the order."""


@dataclass(frozen=True)
class Answer:
    """What a model did with a call."""

    outcome: Outcome
    result: Any = None
    error: Exception | None = None
    declined: bool = False


class ModelRunner:
    """Asks a model, a new one for each program."""

    def __init__(self, make: Callable[[], Model], encoder: Encoder) -> None:
        self._make, self._encoder = make, encoder
        self._model = make()
        self.compared: Counter[str] = Counter()
        self.declined: Counter[str] = Counter()

    def begin(self) -> None:
        """Forget everything."""
        self._model = self._make()

    def store(self, table: str, key: Item, row: Item | None) -> None:
        """Tell the model of a row."""
        self._model.store(table, key, row)

    def compare(
        self, method: str, arguments: Mapping[str, Any], control: Outcome, rules: Rules
    ) -> tuple[Answer, Sequence[Place]]:
        """Ask the model, and give the places where the control did otherwise: the control's side, then the model's."""
        answer = self._ask(method, arguments)
        if answer.declined:
            self.declined[method] += 1
            return answer, ()
        self.compared[method] += 1
        return answer, list(self._places(control, answer, rules))

    def _ask(self, method: str, arguments: Mapping[str, Any]) -> Answer:
        function = getattr(self._model, method, None)
        if function is None:
            return Answer(["declined"], declined=True)
        try:
            result = function(**arguments)
        except NotImplementedError:
            return Answer(["declined"], declined=True)
        except Exception as error:  # noqa: BLE001 - the model's outcome
            return Answer(["raise", encode_exception(error, self._encoder)], error=error)
        return Answer(["return", self._encoder.value(result)], result)

    def _places(self, control: Outcome, answer: Answer, rules: Rules) -> list[Place]:
        (kind, content), (own_kind, own) = control, answer.outcome
        if kind != own_kind:
            return [("raised", _brief(control), _brief(answer.outcome))]
        if kind == "return" and isinstance(answer.result, AnyOrder):
            return list(diff_values(_sorted(content), _sorted(self._encoder.value(list(answer.result))), rules))
        if kind == "return":
            return list(diff_values(content, own, rules))
        if content["class"] != own["class"]:
            return [("class", content["class"], own["class"])]
        none = self._encoder.value(None)
        public = {name for name in vars(answer.error) if not name.startswith("_")}
        return [
            (f"attributes.{name}", content["attributes"].get(name, none), value)
            for name, value in own["attributes"].items()
            if name in public
            and name not in _UNKNOWN
            and value != none
            and content["attributes"].get(name, none) != value
        ]


def _sorted(encoded: list[Any]) -> list[Any]:
    return [*encoded[:2], sorted(encoded[2], key=repr)] if encoded[0] == "sequence" else encoded


def _brief(outcome: Outcome) -> Any:
    kind, content = outcome
    return f"raises {content['class']}: {content['message']}" if kind == "raise" else ["returns", content]
