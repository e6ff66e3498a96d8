"""What is put into a botocore client of DynamoDB, and where."""

from typing import Any

from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserFactory

from common.data.aws import Client
from common.data.fastpath.endpoint import planned_parameters
from common.data.fastpath.http import OpenConnectionSession
from common.data.fastpath.parser import PlainItemParserFactory
from common.data.fastpath.preparer import prepared
from common.data.fastpath.serializer import PlainSerializer
from common.data.fastpath.signing import keeping_signers
from common.data.fastpath.useragent import remember

__all__ = ["speed_up"]

PROTOCOL = "json"


def speed_up(client: Client) -> None:
    """Let the client do the same with less work: its events, retries, time-outs and errors stay botocore's own."""
    inside: Any = client  # botocore's private parts; a test asserts that each is there
    if inside.meta.service_model.resolved_protocol != PROTOCOL:
        return
    endpoint, resolver, creator = inside._endpoint, inside._ruleset_resolver, inside._user_agent_creator
    signer = inside._request_signer
    inside._serializer = PlainSerializer(inside._serializer)
    creator.to_string = remember(creator)
    resolver._get_provider_params = planned_parameters(resolver)
    signer.get_auth_instance = keeping_signers(signer)
    endpoint.prepare_request = prepared(endpoint)
    if type(endpoint.http_session) is URLLib3Session:
        endpoint.http_session = OpenConnectionSession(endpoint.http_session)
    if type(endpoint._response_parser_factory) is ResponseParserFactory:  # a caller may have one of its own
        endpoint._response_parser_factory = PlainItemParserFactory(endpoint._response_parser_factory)
