import gc
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session

from common.data.fastpath.loading import TYPES, load_descriptions, without_collection


@pytest.fixture
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.enable()


def test_a_client_finds_the_descriptions_that_botocore_would_load() -> None:
    session, own = Session(), Session()
    load_descriptions(session)
    loader, own_loader = session.get_component("data_loader"), own.get_component("data_loader")
    listed: list[str] = []
    vars(loader)["list_available_services"] = listed.append
    for name in TYPES:
        expected = own_loader.load_service_model("dynamodb", name, api_version=None)
        assert loader.load_service_model("dynamodb", name, api_version=None) == expected
    assert loader.load_data_with_path("endpoints") == own_loader.load_data_with_path("endpoints")
    made: Any = session.create_client("dynamodb", "eu-central-1")
    assert made.meta.service_model.service_name == "dynamodb"
    assert listed == []


def test_other_services_are_found_as_ever() -> None:
    session = Session()
    load_descriptions(session)
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
