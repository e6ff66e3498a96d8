"""The last step before a request is sent: its headers as bytes, and the length of its body."""

from collections.abc import Callable
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSRequest, HeadersDict
from botocore.endpoint import Endpoint

from common.data.fastpath.originals import original

__all__ = ["prepared"]

_PREPARE_REQUEST: Final = original(Endpoint, "prepare_request")


def prepared(endpoint: Endpoint) -> Callable[[AWSRequest], AWSPreparedRequest]:
    """`prepare_request` of the endpoint: without botocore's copies where the request is a body of bytes, POSTed."""
    own: Any = type(endpoint)

    def prepare_request(request: Any) -> AWSPreparedRequest:
        body = request.data
        usual = type(request) is AWSRequest and request.method == "POST" and not request.params
        if not usual or type(body) is not bytes or not body or Endpoint.prepare_request is not _PREPARE_REQUEST:
            made: AWSPreparedRequest = own.prepare_request(endpoint, request)
            return made
        headers: Any = HeadersDict()
        for name, value in request.headers.items():
            headers[name] = value.encode() if isinstance(value, str) else value
        if "Transfer-Encoding" not in headers and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body))
        return AWSPreparedRequest("POST", request.url, headers, body, request.stream_output, request.context)

    return prepare_request
