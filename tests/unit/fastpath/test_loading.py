import gc
import os
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

from common.data.fastpath.loading import TYPES, described, without_collection


@pytest.fixture
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.enable()


def test_a_client_finds_the_descriptions_that_botocore_would_load(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    same = described(session)
    loader, own_loader = same.get_component("data_loader"), Session().get_component("data_loader")
    for name in TYPES:
        expected = own_loader.load_service_model("dynamodb", name, api_version=None)
        assert loader.load_service_model("dynamodb", name, api_version=None) == expected
    assert loader.load_data_with_path("endpoints") == own_loader.load_data_with_path("endpoints")
    listed: list[object] = []
    monkeypatch.setattr(Loader, "list_available_services", lambda *names: listed.append(names))
    made: Any = same.create_client("dynamodb", "eu-central-1")
    assert made.meta.service_model.service_name == "dynamodb"
    assert listed == []
    other: Any = described(session).create_client("dynamodb", "eu-central-1")
    assert other.meta.service_model.metadata is made.meta.service_model.metadata


def test_the_callers_session_keeps_what_it_had_and_gets_what_it_would_get() -> None:
    session: Any = Session()
    session.set_credentials("AKID", "secret")
    same: Any = described(session)
    same.create_client("dynamodb", "eu-central-1")
    assert isinstance(same, Session)
    assert same.get_credentials() is session.get_credentials()
    assert same.get_component("event_emitter") is session.get_component("event_emitter")
    same.set_credentials("other", "secret")
    assert session.get_credentials().access_key == "other"
    loader: Any = session.get_component("data_loader")
    assert not [key for key in vars(loader)["_cache"] if "dynamodb" in key or "endpoints" in key]
    made = session.create_client("dynamodb", "eu-central-1")
    assert type(made.meta.service_model.metadata) is OrderedDict


def test_other_sessions_and_loaders_are_left_alone() -> None:
    class Own(Session):
        pass

    class OwnLoader(Loader):
        pass

    class OwnFileLoader(JSONFileLoader):
        pass

    own_files = Loader(file_loader=OwnFileLoader())
    for session, loader in ((Own(), Loader()), (Session(), OwnLoader()), (Session(), own_files)):
        session.register_component("data_loader", loader)
        assert described(session) is session


def test_a_loader_without_descriptions_is_left_to_botocore() -> None:
    session = Session()
    session.register_component("data_loader", Loader(include_default_search_paths=False))
    assert described(session) is session


def test_other_services_are_found_as_ever() -> None:
    session = Session()
    described(session).create_client("dynamodb", "eu-central-1")
    assert session.get_available_services() == Session().get_available_services()
    assert session.create_client("sts", "eu-central-1").meta.service_model.service_name == "sts"


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_left_as_it_was_found(was_on: bool) -> None:  # noqa: FBT001
    (gc.enable if was_on else gc.disable)()
    with without_collection(), without_collection():
        assert not gc.isenabled()
    assert gc.isenabled() is was_on
    with pytest.raises(ValueError, match="no client"), without_collection():
        raise ValueError("no client")
    assert gc.isenabled() is was_on


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("was_on", [True, False])
def test_a_child_that_is_forked_meanwhile_has_the_collector_as_it_was(was_on: bool) -> None:  # noqa: FBT001
    (gc.enable if was_on else gc.disable)()
    with without_collection():
        child = os.fork()
        if child == 0:
            os._exit(0 if gc.isenabled() is was_on else 1)
        assert not gc.isenabled()
    assert os.waitpid(child, 0)[1] == 0
