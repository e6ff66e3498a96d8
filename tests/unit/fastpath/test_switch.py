"""Where the fast path is, and where it is not."""

from typing import Any

import botocore.auth
import pynamodb
import pytest
from botocore.awsrequest import HeadersDict
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session
from botocore.loaders import JSONFileLoader, Loader
from botocore.parsers import JSONParser, ResponseParserFactory
from botocore.regions import EndpointRulesetResolver
from botocore.session import Session
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from pydantic import BaseModel
from pynamodb.attributes import Attribute, AttributeContainer
from pynamodb.models import Model
from urllib3 import HTTPResponse, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from common.data import Connection, DatabaseError, Settings
from common.data.dao.user_dao import UserDAO
from common.data.fastpath.client import speed_up
from common.data.fastpath.versions import SUPPORTED, check_versions, installed
from tests.unit.conftest import a_session

HOOKS: dict[object, tuple[str, ...]] = {
    JSONParser: ("_parse_body_as_json", "_handle_list", "_handle_map"),
    ResponseParserFactory: ("create_parser", "set_parser_defaults"),
    Endpoint: ("prepare_request", "create_request"),
    EndpointRulesetResolver: (
        "_get_customized_builtins",
        "_get_provider_params",
        "_get_client_context_params",
        "_register_endpoint_feature_ids",
    ),
    RequestSigner: ("get_auth_instance", "handler", "sign"),
    UserAgentString: ("to_string", "rebuild_and_replace_user_agent_handler"),
    URLLib3Session: ("send", "close", "_setup_ssl_cert"),
    HTTPConnection: ("is_closed", "request"),
    HTTPConnectionPool: ("_get_conn", "_put_conn", "urlopen"),
    HTTPResponse: ("stream",),
    PoolManager: ("connection_from_url",),
    HTTPHeaders: ("raw_items",),
    HeadersDict: ("items",),
    Session: ("get_component", "_get_internal_component"),
    botocore.auth: ("get_current_datetime", "_host_from_url", "SIGNED_HEADERS_BLACKLIST", "SIGV4_TIMESTAMP"),
    botocore.auth.SigV4Auth: ("_normalize_url_path", "_is_streaming_checksum_payload", "add_auth"),
    Model: ("_instantiate", "_get_connection"),
    AttributeContainer: ("_container_serialize", "_container_deserialize", "get_attributes"),
    JSONFileLoader: ("_load_file",),
    Loader: ("list_available_services", "load_service_model", "load_data_with_path", "is_builtin_path"),
    Attribute: ("get_value", "deserialize", "__get__"),
    BaseModel: ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"),
}
PARTS = ("_serializer", "_endpoint", "_ruleset_resolver", "_request_signer", "_user_agent_creator")


@pytest.mark.parametrize(("owner", "names"), HOOKS.items(), ids=lambda part: getattr(part, "__name__", ""))
def test_every_hook_is_there(owner: object, names: tuple[str, ...]) -> None:
    assert [name for name in names if not hasattr(owner, name)] == []


def test_every_part_of_a_client_is_there() -> None:
    made: Any = a_session().create_client("dynamodb")
    assert [name for name in PARTS if name not in vars(made)] == []
    assert {"http_session", "_response_parser_factory"} <= vars(made._endpoint).keys()  # noqa: SLF001
    assert {"_manager", "_proxy_config", "_verify"} <= vars(made._endpoint.http_session).keys()  # noqa: SLF001
    assert {"_param_definitions", "_client_context"} <= vars(made._ruleset_resolver).keys()  # noqa: SLF001
    assert {"_service_name", "_region_name"} <= vars(botocore.auth.SigV4Auth(None, "a", "b")).keys()  # type: ignore[arg-type]
    assert {"_client_features", "_client_config"} <= vars(made._user_agent_creator).keys()  # noqa: SLF001
    assert {"user_agent_extra", "user_agent_appid"} <= vars(made.meta.config).keys()
    assert vars(made._user_agent_creator)["_client_config"] is made.meta.config  # noqa: SLF001
    assert "_defaults" in vars(made._endpoint._response_parser_factory)  # noqa: SLF001
    session: Any = Session()
    assert {"file_loader", "_cache"} <= vars(session.get_component("data_loader")).keys()
    assert "endpoint_resolver" in vars(session._internal_components)["_deferred"]  # noqa: SLF001


def test_every_part_of_a_pool_and_its_connections_is_there() -> None:
    made: Any = URLLib3Session()
    pool = made._manager.connection_from_url("http://127.0.0.1:1/")  # noqa: SLF001
    connection = pool._get_conn()  # noqa: SLF001
    assert (pool.host, pool.timeout.connect_timeout, pool.timeout.read_timeout) == ("127.0.0.1", 60, 60)
    assert (connection.is_closed, connection.sock) == (True, None)
    pool._put_conn(connection)  # noqa: SLF001
    assert pool._get_conn() is connection  # noqa: SLF001
    pool.close()
    assert pool.pool is None


def replaced(client: Any) -> list[str]:
    """The parts of a client that are ours."""
    endpoint = client._endpoint  # noqa: SLF001
    parts = {
        "serializer": client._serializer,  # noqa: SLF001
        "http session": endpoint.http_session,
        "parsers": endpoint._response_parser_factory,  # noqa: SLF001
        "prepare_request": vars(endpoint).get("prepare_request"),
        "provider params": vars(client._ruleset_resolver).get("_get_provider_params"),  # noqa: SLF001
        "auth": vars(client._request_signer).get("get_auth_instance"),  # noqa: SLF001
        "user agent": vars(client._user_agent_creator).get("to_string"),  # noqa: SLF001
    }

    def module(part: object) -> str:
        return str(getattr(part, "__module__", type(part).__module__))

    return [name for name, part in parts.items() if module(part).startswith("common.data.fastpath")]


@pytest.mark.parametrize("fast_path", [True, False])
def test_only_the_client_of_the_new_daos_takes_it_and_only_if_it_is_on(fast_path: bool) -> None:  # noqa: FBT001
    settings = Settings(aws_region="eu-central-1", fast_path=fast_path)
    with Connection(settings, session=a_session()) as connection:
        assert len(replaced(connection.client)) == (7 if fast_path else 0)
        assert replaced(connection.table("users").meta.client) == []


def test_a_callers_own_parsers_and_http_session_stay() -> None:
    class Parsers:
        """Without what botocore's own keeps."""

        def create_parser(self, protocol_name: str) -> Any:
            return ResponseParserFactory().create_parser(protocol_name)

    class Sender(URLLib3Session):
        pass

    session = a_session()
    session.register_component("response_parser_factory", Parsers())
    made: Any = session.create_client("dynamodb")
    made._endpoint.http_session = Sender()  # noqa: SLF001
    speed_up(made)
    assert "parsers" not in replaced(made)
    assert "http session" not in replaced(made)
    assert len(replaced(made)) == 5


def test_the_environment_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_FAST_PATH", raising=False)
    assert Settings().fast_path
    for value in ("0", "false", "off"):
        monkeypatch.setenv("DATA_FAST_PATH", value)
        assert not Settings().fast_path


def test_a_version_that_it_is_not_proved_with_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.__version__", "1.45.0")
    message = r"^the fast path is proved with botocore 1\.44, but 1\.45\.0 is installed: set DATA_FAST_PATH=false$"
    with pytest.raises(DatabaseError, match=message):
        Connection(Settings(fast_path=True), session=Session())
    Connection(Settings(fast_path=False), session=Session())


def test_the_installed_versions_are_proved() -> None:
    found = {**installed(), "pynamodb": pynamodb.__version__}
    assert found.keys() == SUPPORTED.keys()
    check_versions(found)


def test_a_pynamodb_that_it_is_not_proved_with_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynamodb.__version__", "6.2.0")
    with pytest.raises(DatabaseError, match=r"pynamodb 6\.1, but 6\.2\.0 is installed"):
        UserDAO(Connection(Settings(fast_path=True), session=Session()))
