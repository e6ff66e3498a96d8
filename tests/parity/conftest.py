"""What of this folder is collected."""

import os

import pytest

from .harness import chromium
from .reports import Reports

# A project of its own, that the tests beside it run the harness on.
collect_ignore = ["notes"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "browser: looks at the report in Chromium; left out where there is none, but in CI"
    )


def pytest_report_header() -> str:
    return f"browser: {chromium() or 'none, so tests of the page are not run (apt-get install chromium)'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium() is None and not os.environ.get("CI"):
        left_out = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """A report of a wrong candidate and one of a right one."""
    return Reports(tmp_path_factory.mktemp("reports"))
