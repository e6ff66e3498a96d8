from typing import Any

from parity.fault_plan import plan_faults
from parity.transcript import TestRecord, Transcript


def transcript() -> Transcript:
    """One call that reads and one that writes, of two entities each."""
    calls: list[dict[str, Any]] = [
        {"entity": entity, "method": method, "requests": [{"operation": operation}], "outcome": ["return", []]}
        | {"injected": []}
        for entity in ("user", "http")
        for method, operation in (("get", "GetItem"), ("put", "PutItem"))
    ]
    record = TestRecord("test_a.py::test", "", [["call", "passed", ""]], False, calls, {}, [])  # noqa: FBT003 - its fields
    return Transcript(tests={("test_a.py::test", ""): record})


def test_an_entity_may_have_every_nth_of_its_faults_alone() -> None:
    whole = plan_faults(transcript())
    thinned = plan_faults(transcript(), {"http": 5})
    of_http = [case for case in whole if case.call >= 2]
    assert [case for case in thinned if case.call < 2] == [case for case in whole if case.call < 2]
    assert [case for case in thinned if case.call >= 2] == of_http[::5]
