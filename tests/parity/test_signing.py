from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from time_machine import travel

from parity.signing import Signer

INSTANT = datetime(2025, 10, 2, 23, 47, 15, tzinfo=UTC)


@pytest.mark.parametrize("token", [None, "a session token/+="])
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:8000/",
        "http://127.0.0.1:80/",
        "https://dynamodb.eu-west-1.amazonaws.com/",
        "https://localhost:8443/a path/",
        "http://[::1]:8000/",
    ],
)
def test_a_signature_is_botocores_own(endpoint: str, token: str | None) -> None:
    body = '{"TableName": "users", "Key": {"Pk": {"S": "größe"}}}'.encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"}
    request = AWSRequest("POST", endpoint, dict(headers), data=body)
    with travel(INSTANT, tick=False):
        SigV4Auth(Credentials("AKIDEXAMPLE", "a secret key", token), "dynamodb", "eu-west-1").add_auth(request)

    signer = Signer(endpoint, "eu-west-1")
    signed = signer.headers(ReadOnlyCredentials("AKIDEXAMPLE", "a secret key", token), INSTANT, headers, body)

    assert signed == dict(request.headers.items())


def test_another_day_or_secret_makes_another_signature() -> None:
    signer = Signer("http://127.0.0.1:8000/", "eu-west-1")
    first = ReadOnlyCredentials("AKID", "one", None)

    def sign(credentials: ReadOnlyCredentials, instant: datetime) -> str:
        return signer.headers(credentials, instant, {}, b"{}")["Authorization"].rpartition("=")[2]

    signatures = {
        sign(first, INSTANT),
        sign(first, INSTANT.replace(day=3)),
        sign(ReadOnlyCredentials("AKID", "two", None), INSTANT),
    }
    assert len(signatures) == 3
