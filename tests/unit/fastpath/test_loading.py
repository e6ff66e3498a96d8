from typing import Any

from botocore.session import Session

from common.data.fastpath.loading import TYPES, load_descriptions


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
