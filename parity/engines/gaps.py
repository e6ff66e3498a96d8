"""What each engine gets wrong, in one table, each with a probe that proves on the running engine that it still does.

A feature that an engine lacks is never claimed from it: tests that need it are deselected there, and the report says
"not run" and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from parity.engines import probes
from parity.engines.base import Engine
from parity.engines.probes import Probe, Scratch
from parity.wire import Wire

__all__ = ["FEATURES", "GAPS", "Gap", "closed_gaps", "engine_lacks", "gaps_of"]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that one engine gets wrong.

    ``id`` is unique; ``engine`` is the engine's name; ``what`` says in a line what it does, for a report; ``feature``
    is what a test or an observable asks for; ``probe`` gives True on a running engine while the gap still holds.
    """

    id: str
    engine: str
    what: str
    feature: str
    probe: Probe


# A feature and what having it means.
FEATURES: Final = {
    "transactions-atomic": "a transaction is alone with its items, and a cancelled one leaves no trace",
    "client-token": "a transaction's token makes it apply once, and refuses another request under it",
    "client-token-after-cancel": "a token is remembered after its transaction was cancelled",
    "conflict": "transactions that meet are told of a conflict",
    "transaction-capacity": "the units of a transaction are right",
    "missing-key-capacity": "a missing key of a batch is charged",
    "failed-condition-capacity": "the units of a write whose condition failed are told",
    "transaction-operand-reason": "a sum that cannot be made is the reason of its item in a cancelled transaction",
    "number-normalised": "numbers are stored in their canonical form",
    "number-range": "numbers too long or too large are refused",
    "sum-38-digits": "sums are exact to 38 digits",
    "set-rules": "empty sets and sets with duplicates are refused",
    "batch-rules": "too large batches, and batches with duplicate keys, are refused",
    "index-key-type": "a wrong type for an index key is refused",
    "filter-rules": "a filter on the key of what is queried is refused",
    "huge-limit": "a Limit over 2**31-1 is taken or refused",
    "validation-messages": "validation errors are worded as DynamoDB words them",
    "separate-regions": "a table is there in one region only",
    "throttle": "requests over the provisioned units are refused",
    "expired-credentials": "credentials that expired are refused",
    "eventual-consistency": "a read may be stale unless it asks not to be",
}

_ALL: Final = ("moto", "dynoxide", "dynamodb-local")

GAPS: Final[tuple[Gap, ...]] = (
    Gap(
        "moto-transactions-not-atomic",
        "moto",
        "a cancelled transaction undoes what others wrote meanwhile",
        "transactions-atomic",
        probes.cancelled_transaction_undoes_other_writes,
    ),
    Gap("moto-token-ignored", "moto", "the same token applies again", "client-token", probes.token_applies_twice),
    Gap(
        "moto-token-takes-other-request",
        "moto",
        "a changed request under the same token is accepted",
        "client-token",
        probes.changed_request_under_a_token_passes,
    ),
    Gap(
        "moto-token-forgotten",
        "moto",
        "a token is forgotten after a cancelled try",
        "client-token-after-cancel",
        probes.cancelled_token_is_forgotten,
    ),
    Gap(
        "moto-transaction-units",
        "moto",
        "no units are told for a transaction",
        "transaction-capacity",
        probes.transaction_units_are_wrong,
    ),
    Gap(
        "moto-operand-of-transaction",
        "moto",
        "a missing operand is a top-level ValidationException",
        "transaction-operand-reason",
        probes.missing_operand_ends_a_transaction_at_the_top,
    ),
    Gap("moto-number-text", "moto", "number text is kept as sent", "number-normalised", probes.put_keeps_number_text),
    Gap(
        "moto-number-text-update",
        "moto",
        "number text of an update is kept as sent",
        "number-normalised",
        probes.update_keeps_number_text,
    ),
    Gap(
        "moto-number-text-nested",
        "moto",
        "number text in a map is kept as sent",
        "number-normalised",
        probes.nested_number_text_is_kept,
    ),
    Gap("moto-long-number", "moto", "a number of 39 digits passes", "number-range", probes.too_long_number_passes),
    Gap("moto-large-number", "moto", "a number over 1E+126 passes", "number-range", probes.too_large_number_passes),
    Gap(
        "moto-long-sum",
        "moto",
        "a sum with a fraction is rounded to 28 digits",
        "sum-38-digits",
        probes.long_sum_is_rounded,
    ),
    Gap(
        "moto-exponent-sum",
        "moto",
        "a sum of numbers like 9E+37 is a 500",
        "sum-38-digits",
        probes.sum_in_exponent_form_breaks,
    ),
    Gap("moto-duplicates-in-set", "moto", "duplicates in a set pass", "set-rules", probes.duplicates_in_a_set_pass),
    Gap("moto-empty-set", "moto", "an empty set passes in an update", "set-rules", probes.empty_set_passes),
    Gap(
        "moto-batch-duplicates",
        "moto",
        "duplicate keys of BatchWriteItem pass",
        "batch-rules",
        probes.duplicate_keys_in_a_batch_pass,
    ),
    Gap(
        "moto-transact-get-duplicates",
        "moto",
        "duplicate keys of TransactGetItems pass",
        "batch-rules",
        probes.duplicate_keys_in_a_read_transaction_pass,
    ),
    Gap("moto-large-batch", "moto", "more than 25 items in a batch pass", "batch-rules", probes.too_large_batch_passes),
    Gap(
        "moto-index-key-type",
        "moto",
        "a wrong type for an index key passes",
        "index-key-type",
        probes.wrong_type_for_an_index_key_passes,
    ),
    Gap(
        "moto-filter-on-key",
        "moto",
        "a query may filter on its own hash key",
        "filter-rules",
        probes.filter_on_the_hash_key_passes,
    ),
    Gap(
        "dynamodb-local-transaction-units",
        "dynamodb-local",
        "the units of a transaction are too low: its bytes are summed, then doubled",
        "transaction-capacity",
        probes.transaction_units_are_wrong,
    ),
    Gap(
        "dynamodb-local-missing-key",
        "dynamodb-local",
        "a missing key of a batch is not charged",
        "missing-key-capacity",
        probes.missing_key_of_a_batch_is_free,
    ),
    Gap(
        "dynamodb-local-number-text-update",
        "dynamodb-local",
        "number text of an update is kept as sent",
        "number-normalised",
        probes.update_keeps_number_text,
    ),
    Gap(
        "dynamodb-local-number-text-nested",
        "dynamodb-local",
        "number text in a map is kept as sent",
        "number-normalised",
        probes.nested_number_text_is_kept,
    ),
    Gap(
        "dynamodb-local-overflow",
        "dynamodb-local",
        "a sum that overflows ends a transaction with a top-level ValidationException",
        "transaction-operand-reason",
        probes.overflow_ends_a_transaction_at_the_top,
    ),
    Gap(
        "dynamodb-local-operand",
        "dynamodb-local",
        "a missing operand ends a transaction with a top-level ValidationException",
        "transaction-operand-reason",
        probes.missing_operand_ends_a_transaction_at_the_top,
    ),
    Gap(
        "dynamodb-local-token-forgotten",
        "dynamodb-local",
        "a token is forgotten after a cancelled try",
        "client-token-after-cancel",
        probes.cancelled_token_is_forgotten,
    ),
    Gap(
        "dynamodb-local-huge-limit",
        "dynamodb-local",
        "a Limit over 2**31-1 is a 500",
        "huge-limit",
        probes.huge_limit_breaks,
    ),
    Gap(
        "dynamodb-local-one-database",
        "dynamodb-local",
        "all credentials and regions share one database",
        "separate-regions",
        probes.credentials_share_one_database,
    ),
    Gap(
        "dynoxide-one-database",
        "dynoxide",
        "all credentials and regions share one database",
        "separate-regions",
        probes.credentials_share_one_database,
    ),
    Gap(
        "dynoxide-token-forgotten",
        "dynoxide",
        "a token is forgotten after a cancelled try",
        "client-token-after-cancel",
        probes.cancelled_token_is_forgotten,
    ),
    Gap(
        "dynoxide-messages",
        "dynoxide",
        "a few validation errors are worded otherwise",
        "validation-messages",
        probes.syntax_error_is_worded_otherwise,
    ),
    *(
        Gap(
            f"{name}-no-conflict",
            name,
            "no transaction is told of a conflict",
            "conflict",
            probes.conflict_is_never_told,
        )
        for name in _ALL
    ),
    *(
        Gap(
            f"{name}-failed-condition",
            name,
            "a failed condition tells no units",
            "failed-condition-capacity",
            probes.failed_condition_tells_no_units,
        )
        for name in _ALL
    ),
    *(
        Gap(f"{name}-no-throttle", name, "nothing is throttled", "throttle", probes.nothing_is_throttled)
        for name in _ALL
    ),
    *(
        Gap(f"{name}-no-expiry", name, "no credentials expire", "expired-credentials", probes.expired_credentials_pass)
        for name in _ALL
    ),
    *(
        Gap(f"{name}-never-stale", name, "no read is stale", "eventual-consistency", probes.reads_are_never_stale)
        for name in _ALL
    ),
)

# The container holds the same engine.
_SAME_ENGINE: Final = {"docker": "dynamodb-local"}


def gaps_of(engine: str, feature: str | None = None) -> tuple[Gap, ...]:
    """List the gaps of the engine with that name, all or those of one feature; an endpoint has none that are known.

    :raises ValueError: no such feature.
    """
    if feature is not None and feature not in FEATURES:
        raise ValueError(f"there is no feature {feature!r}; they are {', '.join(FEATURES)}")
    name = _SAME_ENGINE.get(engine, engine)
    return tuple(gap for gap in GAPS if gap.engine == name and feature in {None, gap.feature})


def engine_lacks(engine: str, feature: str) -> bool:
    """Tell whether the engine with that name cannot show a feature of ``FEATURES``.

    :raises ValueError: no such feature.
    """
    return bool(gaps_of(engine, feature))


def closed_gaps(engine: Engine) -> list[Gap]:
    """The gaps of a running engine that its probes find no more: take them out of the table."""
    closed = []
    with Wire(engine.endpoint, engine.session()) as wire:
        for gap in gaps_of(engine.name):
            with Scratch(wire) as scratch:
                if not gap.probe(scratch):
                    closed.append(gap)
    return closed
