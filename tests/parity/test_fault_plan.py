import json
from pathlib import Path
from typing import Any

from parity.fault_plan import plan_faults
from parity.transcript import Transcript, read_transcript


def transcript(path: Path) -> Transcript:
    """A call that reads and one that writes, of two entities each."""
    calls: list[dict[str, Any]] = [
        {"entity": entity, "method": method, "requests": [{"operation": operation}], "outcome": ["return", []]}
        | {"injected": []}
        for entity in ("user", "http")
        for method, operation in (("get", "GetItem"), ("put", "PutItem"))
    ]
    test = {
        "kind": "test",
        "test": "test_a.py::test",
        "variant": "",
        "phases": [["call", "passed", ""]],
        "calls": calls,
    }
    path.write_text(json.dumps(test))
    return read_transcript(path)


def test_an_entity_may_have_every_nth_of_its_faults_alone(tmp_path: Path) -> None:
    control = transcript(tmp_path / "control.jsonl")
    whole, thinned = plan_faults(control), plan_faults(control, {"http": 5})
    of_user, of_http = ([case for case in whole if (case.call >= 2) is http] for http in (False, True))
    assert len(of_user) == len(of_http) > 20
    assert thinned == of_user + of_http[::5]
