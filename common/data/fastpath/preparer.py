"""The last step before a request is sent: its headers as bytes, and the length of its body."""

from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSRequest, HeadersDict
from botocore.endpoint import Endpoint

__all__ = ["prepared"]


def prepared(endpoint: Endpoint) -> Callable[[AWSRequest], AWSPreparedRequest]:
    """`prepare_request` of the endpoint: without botocore's copies where the request is a body of bytes, POSTed."""
    prepare: Callable[[Any], AWSPreparedRequest] = endpoint.prepare_request

    def prepare_request(request: Any) -> AWSPreparedRequest:
        body = request.data
        usual = type(request) is AWSRequest and request.method == "POST" and not request.params
        if not usual or type(body) is not bytes or not body:
            return prepare(request)
        headers: Any = HeadersDict()
        for name, value in request.headers.items():
            headers[name] = value.encode() if isinstance(value, str) else value
        if "Transfer-Encoding" not in headers and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body))
        return AWSPreparedRequest("POST", request.url, headers, body, request.stream_output, request.context)

    return prepare_request
