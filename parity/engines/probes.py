"""The probes of the table of gaps: each asks a running engine, over the wire, whether one gap still holds.

A probe gets a scratch table of its own and gives True while the engine behaves wrongly.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

from parity.wire import Document, Item, Wire, WireError, local_session

__all__ = ["Probe", "Scratch"]

_OK: Final = 200
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500

_TABLE: Final[Document] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "kind", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-kind",
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        }
    ],
    # The least there is: an engine that throttles at all throttles here.
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
}


class Scratch:
    """A table for one probe, made on entering and deleted on leaving.

    Its hash key is ``id``, that of its index ``by-kind`` is ``kind``.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.table = f"parity-probe-{secrets.token_hex(4)}"

    def __enter__(self) -> Self:
        self.wire.create_table(self.table, _TABLE)
        return self

    def __exit__(self, *_exc: object) -> None:
        with suppress(WireError):
            self.wire.delete_table(self.table)

    def send(self, operation: str, **arguments: object) -> tuple[int, Document]:
        """Send one request about the table."""
        return self.wire.send(operation, {"TableName": self.table, **arguments})

    def put(self, item: Item) -> int:
        """Put one item and give the status."""
        return self.send("PutItem", Item=item)[0]

    def update(self, name: str, expression: str, **values: dict[str, Any]) -> int:
        """Update the item with that id and give the status."""
        placeholders = {f":{key}": value for key, value in values.items()}
        status, _ = self.send(
            "UpdateItem", Key=_id(name), UpdateExpression=expression, ExpressionAttributeValues=placeholders
        )
        return status

    def get(self, name: str) -> Item:
        """Read the item with that id, strongly consistent; empty where there is none."""
        item: Item = self.wire.call("GetItem", {"TableName": self.table, "Key": _id(name), "ConsistentRead": True}).get(
            "Item", {}
        )
        return item

    def transact(self, *actions: Document, **arguments: object) -> tuple[int, Document]:
        """Write in one transaction."""
        return self.wire.send("TransactWriteItems", {"TransactItems": list(actions), **arguments})

    def put_action(self, name: str, **arguments: object) -> Document:
        """Make one Put of a transaction."""
        return {"Put": {"TableName": self.table, "Item": _id(name), **arguments}}

    def add_action(self, name: str, amount: str = "1") -> Document:
        """Make one Update of a transaction that sets ``n`` to ``n`` plus ``amount``."""
        values = {":x": {"N": amount}}
        return {
            "Update": {
                "TableName": self.table,
                "Key": _id(name),
                "UpdateExpression": "SET n = n + :x",
                "ExpressionAttributeValues": values,
            }
        }


Probe = Callable[[Scratch], bool]


def _id(name: str) -> Item:
    return {"id": {"S": name}}


def cancelled_transaction_undoes_other_writes(scratch: Scratch) -> bool:
    """A count is lost of three writers who count while transactions that touch other items are cancelled."""
    scratch.put({**_id("counter"), "n": {"N": "0"}})
    # Always true, and long: the more there is to evaluate, the more is written meanwhile.
    long = " OR ".join(["attribute_exists(id)", "attribute_not_exists(id)"] * 8)
    actions = [scratch.put_action(f"other-{number}", ConditionExpression=long) for number in range(99)]
    failing = scratch.put_action("never", ConditionExpression="attribute_exists(id)")

    counted: list[int] = []
    for _ in range(10):
        cancelled = threading.Event()

        def count(until: threading.Event = cancelled) -> None:
            while not until.is_set():
                scratch.update("counter", "SET n = n + :x", x={"N": "1"})
                counted.append(1)

        def cancel(done: threading.Event = cancelled) -> None:
            try:
                for _ in range(4):
                    scratch.transact(*actions, failing)
            finally:
                done.set()

        _at_once(count, count, count, cancel)
        if scratch.get("counter").get("n") != {"N": str(len(counted))}:
            return True
    return False


def token_applies_twice(scratch: Scratch) -> bool:
    """The same transaction under the same token is applied again."""
    scratch.put({**_id("a"), "n": {"N": "1"}})
    for _ in range(2):
        scratch.transact(scratch.add_action("a"), ClientRequestToken=scratch.table)
    return scratch.get("a")["n"] != {"N": "2"}


def changed_request_under_a_token_passes(scratch: Scratch) -> bool:
    """Another transaction under the token of an earlier one is accepted."""
    scratch.transact(scratch.put_action("a"), ClientRequestToken=scratch.table)
    status, _ = scratch.transact(scratch.put_action("b"), ClientRequestToken=scratch.table)
    return status == _OK


def cancelled_token_is_forgotten(scratch: Scratch) -> bool:
    """Another transaction under the token of a cancelled one is accepted."""
    cancelled = scratch.put_action("a", ConditionExpression="attribute_exists(id)")
    scratch.transact(cancelled, ClientRequestToken=scratch.table)
    status, _ = scratch.transact(scratch.put_action("b"), ClientRequestToken=scratch.table)
    return status == _OK


def transaction_units_are_wrong(scratch: Scratch) -> bool:
    """A transaction of 100 small puts costs other than 200 write units."""
    actions = [scratch.put_action(f"item-{number}") for number in range(100)]
    _, answer = scratch.transact(*actions, ReturnConsumedCapacity="TOTAL")
    return _units(answer) != 2 * len(actions)


def missing_key_of_a_batch_is_free(scratch: Scratch) -> bool:
    """A BatchGetItem of two missing keys costs less than one read unit, two halves."""
    request = {scratch.table: {"Keys": [_id("missing"), _id("missing too")]}}
    _, answer = scratch.wire.send("BatchGetItem", {"RequestItems": request, "ReturnConsumedCapacity": "TOTAL"})
    return _units(answer) < 1


def _units(answer: Document) -> float:
    return sum(float(table.get("CapacityUnits", 0)) for table in answer.get("ConsumedCapacity") or [])


def failed_condition_tells_no_units(scratch: Scratch) -> bool:
    """A put whose condition fails answers without consumed capacity."""
    condition = {"ConditionExpression": "attribute_exists(id)", "ReturnConsumedCapacity": "TOTAL"}
    status, answer = scratch.send("PutItem", Item=_id("a"), **condition)
    return status == _BAD_REQUEST and "ConsumedCapacity" not in answer


def put_keeps_number_text(scratch: Scratch) -> bool:
    """A number put as 1.500 is read back as 1.500."""
    scratch.put({**_id("a"), "n": {"N": "1.500"}})
    return scratch.get("a")["n"] == {"N": "1.500"}


def update_keeps_number_text(scratch: Scratch) -> bool:
    """A number set as 2.00 by an update is read back as 2.00."""
    scratch.update("a", "SET n = :x", x={"N": "2.00"})
    return scratch.get("a")["n"] == {"N": "2.00"}


def nested_number_text_is_kept(scratch: Scratch) -> bool:
    """A number put inside a map as 2.00 is read back as 2.00."""
    scratch.put({**_id("a"), "m": {"M": {"n": {"N": "2.00"}}}})
    return scratch.get("a")["m"] == {"M": {"n": {"N": "2.00"}}}


def too_long_number_passes(scratch: Scratch) -> bool:
    """A number of 39 digits is stored."""
    return scratch.put({**_id("a"), "n": {"N": "1" * 39}}) == _OK


def too_large_number_passes(scratch: Scratch) -> bool:
    """1E+126, one more than the largest number's power of ten, is stored."""
    return scratch.put({**_id("a"), "n": {"N": "1E+126"}}) == _OK


def duplicates_in_a_set_pass(scratch: Scratch) -> bool:
    """A set that holds one text twice is stored."""
    return scratch.put({**_id("a"), "s": {"SS": ["x", "x"]}}) == _OK


def empty_set_passes(scratch: Scratch) -> bool:
    """An empty set is stored by an update."""
    return scratch.update("a", "SET s = :s", s={"SS": []}) == _OK


def duplicate_keys_in_a_batch_pass(scratch: Scratch) -> bool:
    """A BatchWriteItem that puts one key twice, with other attributes, is accepted."""
    puts = [{"PutRequest": {"Item": {**_id("a"), "n": {"N": number}}}} for number in "12"]
    return scratch.wire.send("BatchWriteItem", {"RequestItems": {scratch.table: puts}})[0] == _OK


def duplicate_keys_in_a_read_transaction_pass(scratch: Scratch) -> bool:
    """A TransactGetItems that reads one key twice is accepted."""
    gets = [{"Get": {"TableName": scratch.table, "Key": _id("a")}}] * 2
    return scratch.wire.send("TransactGetItems", {"TransactItems": gets})[0] == _OK


def too_large_batch_passes(scratch: Scratch) -> bool:
    """A BatchWriteItem of 26 puts is accepted."""
    puts = [{"PutRequest": {"Item": _id(f"item-{number}")}} for number in range(26)]
    return scratch.wire.send("BatchWriteItem", {"RequestItems": {scratch.table: puts}})[0] == _OK


def wrong_type_for_an_index_key_passes(scratch: Scratch) -> bool:
    """A number where an index has a text key is stored."""
    return scratch.put({**_id("a"), "kind": {"N": "1"}}) == _OK


def long_sum_is_rounded(scratch: Scratch) -> bool:
    """A sum of 32 digits with a fraction, which DynamoDB keeps exactly, comes out shorter."""
    scratch.put({**_id("a"), "n": {"N": "1.1"}})
    scratch.update("a", "SET n = n + :x", x={"N": f"1.{'0' * 30}1"})
    return scratch.get("a")["n"] != {"N": f"2.1{'0' * 29}1"}


def sum_in_exponent_form_breaks(scratch: Scratch) -> bool:
    """9E+37 added to itself is a server error."""
    scratch.put({**_id("a"), "n": {"N": "9E+37"}})
    return scratch.update("a", "SET n = n + :x", x={"N": "9E+37"}) >= _SERVER_ERROR


def overflow_ends_a_transaction_at_the_top(scratch: Scratch) -> bool:
    """A sum over the largest number fails a transaction as a whole, not as the reason of one item."""
    scratch.put({**_id("a"), "n": {"N": "9E+125"}})
    return _is_top_level_validation(scratch.transact(scratch.add_action("a", "9E+125")))


def missing_operand_ends_a_transaction_at_the_top(scratch: Scratch) -> bool:
    """A sum with an attribute that the item lacks fails a transaction as a whole, not as the reason of one item."""
    scratch.put(_id("a"))
    return _is_top_level_validation(scratch.transact(scratch.add_action("a")))


def _is_top_level_validation(answer: tuple[int, Document]) -> bool:
    status, body = answer
    return status == _BAD_REQUEST and str(body.get("__type")).endswith("ValidationException")


def huge_limit_breaks(scratch: Scratch) -> bool:
    """A Limit over 2**31-1 is a server error."""
    return scratch.send("Scan", Limit=2**31)[0] >= _SERVER_ERROR


def filter_on_the_hash_key_passes(scratch: Scratch) -> bool:
    """A table query may filter on the table's own hash key."""
    status, _ = scratch.send(
        "Query",
        KeyConditionExpression="id = :x",
        FilterExpression="id <> :y",
        ExpressionAttributeValues={":x": {"S": "x"}, ":y": {"S": "y"}},
    )
    return status == _OK


def syntax_error_is_worded_otherwise(scratch: Scratch) -> bool:
    """The message about a wrong update expression does not name the words around the wrong one."""
    _, answer = scratch.send(
        "UpdateItem", Key=_id("a"), UpdateExpression="SET a = :x b", ExpressionAttributeValues={":x": {"S": "x"}}
    )
    return 'token: "b", near: ":x b"' not in str(answer.get("message", answer.get("Message")))


def credentials_share_one_database(scratch: Scratch) -> bool:
    """A table is seen with another access key from another region."""
    session = local_session()
    session.set_credentials("somebodyelse", "somebodyelse")
    session.set_config_variable("region", "eu-west-1")
    with Wire(scratch.wire.endpoint, session) as other:
        return other.send("DescribeTable", {"TableName": scratch.table})[0] == _OK


def conflict_is_never_told(scratch: Scratch) -> bool:
    """Six threads write one item in transactions, and none is ever told of a conflict."""
    scratch.put({**_id("a"), "n": {"N": "0"}})
    conflicts: list[Document] = []

    def write() -> None:
        for _ in range(25):
            status, answer = scratch.transact(scratch.add_action("a"))
            if status != _OK and "Conflict" in json.dumps(answer):
                conflicts.append(answer)

    _at_once(*[write] * 6)
    return not conflicts


def nothing_is_throttled(scratch: Scratch) -> bool:
    """Four megabytes written at once to a table of one write unit are all taken."""
    item = {"text": {"S": "x" * 200_000}}
    return all(scratch.put({**_id(f"item-{number}"), **item}) == _OK for number in range(20))


def expired_credentials_pass(scratch: Scratch) -> bool:
    """A session token that nobody issued is taken."""
    session = local_session()
    session.set_credentials("ASIAEXPIRED", "expired", "an-expired-token")
    with Wire(scratch.wire.endpoint, session) as expired:
        return expired.send("ListTables", {})[0] == _OK


def reads_are_never_stale(scratch: Scratch) -> bool:
    """Fifty reads that may be stale each see the write before them."""
    for number in range(50):
        scratch.put({**_id("a"), "n": {"N": str(number)}})
        _, answer = scratch.send("GetItem", Key=_id("a"), ConsistentRead=False)
        if answer.get("Item", {}).get("n") != {"N": str(number)}:
            return False
    return True


def _at_once(*actions: Callable[[], None]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
