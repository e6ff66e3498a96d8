"""What is sent: parameters, endpoint, signature, headers."""

import copy
from typing import Any

import pytest
import time_machine
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.context import start_as_current_context
from botocore.credentials import ReadOnlyCredentials
from botocore.endpoint import Endpoint
from botocore.exceptions import ParamValidationError
from botocore.serialize import create_serializer
from botocore.session import Session
from botocore.useragent import UserAgentString, register_feature_id
from hypothesis import given, settings
from hypothesis import strategies as st

from common.data.fastpath.endpoint import planned_parameters
from common.data.fastpath.preparer import prepared
from common.data.fastpath.serializer import PlainSerializer, is_plain
from common.data.fastpath.signing import Kept, KeptKeySigner, keeping_signers
from common.data.fastpath.useragent import remember
from tests.unit.fastpath.test_parser import MODEL, MODELS, OPERATIONS, OTHER_OPERATIONS
from tests.unit.fastpath.values import parameters

NAMES = st.sampled_from(["X-Amz-Target", "Content-Type", "User-Agent", "amz-sdk-request", "X-Extra", "x-extra", "Host"])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9)


def outcome(serializer: Any, params: Any, operation: Any) -> object:
    try:
        return serializer.serialize_to_request(copy.deepcopy(params), operation)
    except ParamValidationError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return type(error)


@OPERATIONS
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_parameters_are_checked_and_written_as_botocore_does(operation: str, data: st.DataObject) -> None:
    model = MODELS[operation]
    own = create_serializer("json")
    ours = PlainSerializer(create_serializer("json"))
    for _ in range(3):  # the first sound one teaches it the operation
        params = data.draw(parameters(model.input_shape))
        assert outcome(ours, params, model) == outcome(own, params, model)


@OTHER_OPERATIONS
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_parameters_of_operations_on_tables_are_checked_and_written_as_botocore_does(
    operation: str, data: st.DataObject
) -> None:
    model = MODELS[operation]
    own, ours = create_serializer("json"), PlainSerializer(create_serializer("json"))
    resolver, planned = RESOLVERS[None], PLANNED[None]
    for _ in range(2):
        params = data.draw(parameters(model.input_shape))
        assert outcome(ours, params, model) == outcome(own, params, model)
        assert asked(planned, model, params) == asked(resolver._get_provider_params, model, params)  # noqa: SLF001


def test_sound_parameters_without_binary_take_the_short_way() -> None:
    check = is_plain(MODEL.operation_model("PutItem").input_shape)
    item: dict[str, Any] = {"a": {"S": "x"}, "b": {"M": {"c": {"L": [{"NULL": True}, {"SS": ["x"]}]}}}}
    assert check({"TableName": "t", "Item": item})
    assert not check({"TableName": "t", "Item": {**item, "d": {"B": b"x"}}})
    assert not check({"TableName": "t"})
    assert not check({"TableName": "", "Item": item})
    assert not check({"TableName": "t", "Item": item, "Unknown": 1})


@OPERATIONS
@settings(max_examples=15, deadline=None)
@given(data=st.data(), endpoint=st.sampled_from([None, "http://127.0.0.1:8000"]))
def test_the_endpoint_rules_are_asked_as_botocore_does(
    operation: str, data: st.DataObject, endpoint: str | None
) -> None:
    resolver = RESOLVERS[endpoint]
    ours = PLANNED[endpoint]
    model = MODELS[operation]
    for _ in range(2):
        params = data.draw(parameters(model.input_shape))
        assert asked(ours, model, params) == asked(resolver._get_provider_params, model, params)  # noqa: SLF001


def asked(provider_params: Any, model: Any, params: Any) -> object:
    try:
        return provider_params(model, params, {})
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return type(error)


def client(endpoint: str | None = None, **config: Any) -> Any:
    session = Session()
    session.set_credentials("AKID", "secret")
    return session.create_client("dynamodb", "eu-central-1", endpoint_url=endpoint, config=Config(**config))


CLIENTS = {endpoint: client(endpoint) for endpoint in (None, "http://127.0.0.1:8000")}
RESOLVERS = {endpoint: made._ruleset_resolver for endpoint, made in CLIENTS.items()}  # noqa: SLF001
PLANNED = {endpoint: planned_parameters(resolver) for endpoint, resolver in RESOLVERS.items()}


def request_of(method: str, url: str, headers: list[tuple[str, str]], body: Any, context: dict[str, Any]) -> AWSRequest:
    request = AWSRequest(method=method, url=url, data=body)
    for name, value in headers:
        request.headers[name] = value
    vars(request)["context"] = dict(context)
    return request


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET"]),
    url=st.sampled_from(
        [
            "https://dynamodb.eu-central-1.amazonaws.com/",
            "http://127.0.0.1:8000/",
            "http://h:80/a/../b c/",
            "http://h/?a=b",
            "http://[::1]:8000/",
        ]
    ),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=5),
    body=st.binary(max_size=20) | st.text(max_size=3),
    token=st.sampled_from([None, "", "token"]),
    secret=st.sampled_from(["one", "two"]),
    context=st.sampled_from(
        [{}, {"payload_signing_enabled": False}, {"checksum": {"request_algorithm": {"in": "trailer"}}}]
    ),
    dated=st.sampled_from([None, "Date", "X-Amz-Date", "Authorization"]),
)
def test_requests_are_signed_as_botocore_does(
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: Any,
    token: str | None,
    secret: str,
    context: dict[str, Any],
    dated: str | None,
) -> None:
    all_headers = [*headers, *([(dated, "Mon, 01 Jan 2024 00:00:00 GMT")] if dated else [])]
    credentials = ReadOnlyCredentials("AKID", secret, token)
    mine, theirs = (request_of(method, url, all_headers, body, context) for _ in range(2))
    with time_machine.travel("2025-10-02T23:59:59Z", tick=False):
        outcomes = []
        for auth, request in (
            (KeptKeySigner(credentials, "dynamodb", "eu-central-1", KEPT), mine),
            (SigV4Auth(credentials, "dynamodb", "eu-central-1"), theirs),
        ):
            try:
                auth.add_auth(request)
                outcomes.append(sorted(request.headers.items()))
            except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
                outcomes.append([("raised", type(error).__name__)])
    assert outcomes[0] == outcomes[1]
    assert vars(mine)["context"] == vars(theirs)["context"]


KEPT = Kept()


def test_a_new_day_and_new_credentials_get_a_new_signing_key() -> None:
    keys = {
        KEPT.key(secret, day, region, "dynamodb")
        for secret in ("one", "two")
        for day in ("20251002", "20251003")
        for region in ("eu-central-1", "us-east-1")
        for _ in range(2)
    }
    assert len(keys) == 8


@settings(max_examples=100, deadline=None)
@given(
    method=st.sampled_from(["POST", "POST", "GET"]),
    headers=st.lists(st.tuples(NAMES | st.just("Content-Length"), VALUES), max_size=5),
    body=st.binary(max_size=9) | st.text(max_size=3) | st.none(),
)
def test_requests_are_prepared_as_botocore_does(method: str, headers: list[tuple[str, str]], body: Any) -> None:
    endpoint = CLIENTS[None]._endpoint  # noqa: SLF001
    mine, theirs = (request_of(method, "https://h/", headers, body, {"a": 1}) for _ in range(2))
    one, other = prepared(endpoint)(mine), endpoint.prepare_request(theirs)
    assert dict(one.headers.items()) == dict(other.headers.items())
    for name in ("method", "url", "body", "stream_output", "context"):
        assert getattr(one, name) == getattr(other, name)


@pytest.mark.parametrize("wrapped", [False, True])
def test_who_wraps_the_last_step_or_the_signing_sees_each_request(
    wrapped: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = client()
    prepare, signers = prepared(made._endpoint), keeping_signers(made._request_signer)  # noqa: SLF001
    seen: list[str] = []

    def noting(name: str, own: Any) -> Any:
        def note(*args: Any) -> Any:
            seen.append(name)
            return own(*args)

        return note

    if wrapped:
        for owner, name in ((Endpoint, "prepare_request"), (SigV4Auth, "add_auth")):
            monkeypatch.setattr(owner, name, noting(name, getattr(owner, name)))
    for _ in range(2):
        request = request_of("POST", "http://h/", [], b"{}", {})
        signers("dynamodb", "eu-central-1", "v4").add_auth(request)
        assert "Authorization" in prepare(request).headers
    assert seen == (["add_auth", "prepare_request"] * 2 if wrapped else [])


@pytest.mark.parametrize("extra", [{}, {"user_agent": "mine"}, {"user_agent_extra": "more", "user_agent_appid": "app"}])
def test_the_user_agent_is_botocores_whatever_features_are_in_use(extra: dict[str, str]) -> None:
    creator: UserAgentString = client(**extra)._user_agent_creator  # noqa: SLF001
    remembered = remember(creator)
    for feature in (None, "PAGINATOR", "WAITER", None):
        with start_as_current_context():
            if feature is not None:
                register_feature_id(feature)
            assert [set(remembered().split()) for _ in range(2)] == [set(creator.to_string().split())] * 2


def test_the_user_agent_follows_the_configuration() -> None:
    made = client()
    creator: UserAgentString = made._user_agent_creator  # noqa: SLF001
    remembered = remember(creator)
    for extra, app in ((None, None), ("later", None), ("later", "app"), ("other", "app"), (None, None)):
        made.meta.config.user_agent_extra = extra
        made.meta.config.user_agent_appid = app
        assert set(remembered().split()) == set(creator.to_string().split())
