"""A session whose clients lose answers, for tests whose threads write at once: each write that it touches was applied by the server."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

__all__ = ["losing_session"]


def losing_session(
    operation: str, every: int, *, then: Callable[[], object] | None = None, forgets_tokens: bool = False
) -> Session:
    """A session that loses the first and then every so manieth acknowledgement of a write, which is sent again. Refusals arrive.

    Args:
        operation: DynamoDB's name of the operation.
        every: of so many acknowledgements the first is lost.
        then: what others do before it is sent again.
        forgets_tokens: whether a transaction that is sent again is a new one to the server, as after ten minutes.
    """
    acknowledged = itertools.count()

    def lose(**event: Any) -> AWSResponse | None:
        request: AWSPreparedRequest = event["request"]
        if not _is_first_attempt(request):
            if forgets_tokens:
                _renew_token(request)
            return None
        http = URLLib3Session()
        response = http.send(request)
        http.close()
        if response.status_code != HTTPStatus.OK or next(acknowledged) % every:
            return response
        if then is not None:
            then()
        raise ConnectionClosedError(endpoint_url=request.url)

    session = Session()
    session.set_credentials("AKIDTHREADS", "secret")
    session.set_config_variable("region", "us-east-1")
    handler: Any = lose  # one that answers: the stubs know only those that do not
    session.register(f"before-send.dynamodb.{operation}", handler)
    return session


def _is_first_attempt(request: AWSPreparedRequest) -> bool:
    sent = request.headers["amz-sdk-request"]
    return "attempt=1" in (sent.decode() if isinstance(sent, bytes) else str(sent))


def _renew_token(request: AWSPreparedRequest) -> None:
    body = json.loads(cast("bytes", request.body))
    body["ClientRequestToken"] = str(uuid.UUID(bytes=body["ClientRequestToken"].encode()[:16], version=4))
    request.body = json.dumps(body).encode()
    request.headers["Content-Length"] = str(len(request.body))
