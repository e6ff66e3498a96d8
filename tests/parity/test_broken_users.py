from pathlib import Path

import pytest

from .harness import parity_run

CREATING = "tests/integration/test_user_dao.py::"
UPDATING = "tests/integration/test_user_dao_update.py::"
SUITE = [
    f"{CREATING}test_create_stores_an_absent_optional_as_null",
    f"{CREATING}test_create_sets_both_timestamps_to_now_whatever_the_entity_says",
    f"{CREATING}test_create_refuses_a_taken_username_and_keeps_its_row",
    f"{CREATING}test_get_by_username_returns_every_field",
    "tests/integration/test_user_dao_old_rows.py::test_a_null_optional_attribute_reads_as_nothing",
    f"{CREATING}test_get_by_an_unknown_username_is_not_found",
    f"{UPDATING}test_update_sets_every_field_that_it_is_for",
    f"{UPDATING}test_update_with_none_keeps_a_stored_null",
    f"{UPDATING}test_update_keeps_an_attribute_it_does_not_know",
    f"{UPDATING}test_update_of_an_unknown_user_is_not_found_and_creates_nothing",
]
TESTS = [word for test in SUITE for word in ("--test", test)]
FOUND = {
    "EmptyPhone": ("get_user_by_username", "return", "phone"),
    "LoudNames": ("update_user", "return", "first_name"),
    "AnotherError": ("get_user_by_username", "exception", "class"),
    "NoKey": ("update_user", "exception", "attributes.key"),
    "LeavesOutNull": ("create_user", "items", "users.phone"),
    "LosesUnknown": ("update_user", "items", "users.mfa_secret"),
    "ReadsFirst": ("update_user", "requests", "count"),
    "DropsACondition": ("update_user", "requests", "[0].UpdateItem.ConditionExpression"),
    "NaiveTimestamps": ("get_user_by_username", "return", "created_at"),
    "ShiftedTimestamps": ("create_user", "items", "users.created_at"),
}


@pytest.mark.parametrize(("candidate", "place"), FOUND.items(), ids=FOUND)
def test_a_candidate_broken_on_purpose_is_found(tmp_path: Path, candidate: str, place: tuple[str, str, str]) -> None:
    result = parity_run(
        tmp_path,
        *("--entity", "user", "--no-faults", "--candidate", f"tests.parity.broken_users:{candidate}"),
        *TESTS,
    )
    assert result.exit_code == 1, result.output
    assert place in result.places()


UNDER_FAULTS = {
    "RetriesOnceMore": ("get_user_by_username", "requests", "count"),
    "GivesUpEarlier": ("get_user_by_username", "requests", "attempts"),
    "SleepsTwiceAsLong": ("get_user_by_username", "requests", "waits"),
    "LostAnswerIsADuplicate": ("create_user", "exception", "class"),
}


@pytest.mark.parametrize(("candidate", "place"), UNDER_FAULTS.items(), ids=UNDER_FAULTS)
def test_one_that_is_broken_only_under_faults_is_found(
    tmp_path: Path, candidate: str, place: tuple[str, str, str]
) -> None:
    result = parity_run(
        tmp_path,
        *("--entity", "user", "--candidate", f"tests.parity.broken_users:{candidate}"),
        *("--test", f"{CREATING}test_create_stores_an_absent_optional_as_null"),
        *("--test", f"{CREATING}test_get_by_username_returns_every_field"),
    )
    assert result.exit_code == 1, result.output
    assert place in result.places()


def test_the_candidate_itself_is_not(tmp_path: Path) -> None:
    result = parity_run(
        tmp_path,
        *("--entity", "user", "--no-faults"),
        *TESTS,
    )
    assert (result.exit_code, result.places()) == (0, set()), result.output
