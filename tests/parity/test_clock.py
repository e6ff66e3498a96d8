import logging
import time
import uuid
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from botocore.compat import get_current_datetime
from botocore.handlers import generate_idempotent_uuid
from botocore.session import Session

from parity.clock import START, Clock, Ids, deterministic_uuids


def test_no_two_readings_are_equal() -> None:
    with Clock():
        readings = [datetime.now(UTC), datetime.now(UTC), datetime.fromtimestamp(time.time(), UTC)]
    assert readings[0] == START
    assert sorted(set(readings)) == readings


def test_a_reading_by_the_aws_client_or_the_standard_library_does_not_tick() -> None:
    with Clock() as clock:
        get_current_datetime()
        logging.LogRecord("x", 10, "x", 1, "x", (), None)
        assert clock.peek() == START


def test_every_clock_gives_the_same_instants() -> None:
    seen = []
    for _ in range(2):
        with Clock() as clock:
            first = datetime.now(UTC)
            clock.align()
            seen.append((first, datetime.now(UTC), clock.now()))
    assert seen[0] == seen[1]


def test_one_more_reading_inside_a_call_does_not_shift_what_follows() -> None:
    seen = []
    for readings in (1, 3):
        with Clock() as clock:
            for _ in range(readings):
                datetime.now(UTC)
            clock.align()
            seen.append(datetime.now(UTC))
    assert seen[0] == seen[1]


def test_it_can_be_moved() -> None:
    instant = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
    with Clock() as clock:
        clock.move_to(instant)
        assert datetime.now(UTC) == instant
        clock.shift(60)
        assert datetime.now(UTC) - instant > timedelta(seconds=60)


def test_real_time_comes_back() -> None:
    with Clock():
        inside = datetime.now(UTC)
    assert datetime.now(UTC) - inside > timedelta(days=1)


def test_uuids_come_from_the_seed_however_they_are_imported() -> None:
    seen = []
    for _ in range(2):
        with deterministic_uuids("seed"):
            seen.append((uuid.uuid4(), uuid4()))
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]
    assert uuid.uuid4() != seen[0][0]


def test_the_clients_own_tokens_stay_random() -> None:
    operation = Session().get_service_model("dynamodb").operation_model("TransactWriteItems")
    tokens = []
    for _ in range(2):
        params: dict[str, str] = {}
        with deterministic_uuids("seed"):
            generate_idempotent_uuid(params, operation)
        tokens.append(params["ClientRequestToken"])
    assert tokens[0] != tokens[1]


def test_names_of_two_tests_differ_and_are_short() -> None:
    one, other = Ids("one"), Ids("other")
    name = one.name("a-stem-that-is-rather-long")
    assert len(name) <= 30
    assert name != other.name("a-stem-that-is-rather-long")
    assert Ids("one").name("a-stem-that-is-rather-long") == name
    assert one.uuid().version == 4
