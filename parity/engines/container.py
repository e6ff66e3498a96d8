"""DynamoDB Local in a container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Self

from parity.engines.base import Engine, EngineError, await_ready
from parity.engines.cache import DYNAMODB_LOCAL_VERSION
from parity.wire import local_session

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

__all__ = ["Container"]

_AMAZON: Final = "amazon/dynamodb-local"
# The image's own command keeps a database for each pair of credentials and region.
_AMAZON_COMMAND: Final = "-jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry"
_PORT: Final = 8000
_READY_SECONDS: Final = 60.0
_NO_DAEMON: Final = "there is no container engine to talk to; start Docker, set DOCKER_HOST, or choose another engine"


class Container(Engine):
    """DynamoDB Local in a container that testcontainers starts.

    ``PARITY_DYNAMODB_IMAGE`` names another image; one that is not Amazon's runs its own command and listens on port
    8000.
    """

    name = "docker"

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._image = environ.get("PARITY_DYNAMODB_IMAGE") or f"{_AMAZON}:{DYNAMODB_LOCAL_VERSION}"
        self._container: DockerContainer | None = None
        tag = self._image.rpartition("/")[2].partition("@")[0].partition(":")[2]
        self.version = tag or "unknown"

    def start(self) -> Self:
        """Start the container and wait until it serves."""
        if self._container is not None:
            return self
        # Heavy, and wanted only where containers are.
        try:
            from docker.errors import DockerException  # noqa: PLC0415
            from testcontainers.core.container import DockerContainer  # noqa: PLC0415
            from testcontainers.core.exceptions import ContainerConnectException, ContainerStartException  # noqa: PLC0415
        except ImportError as error:
            raise EngineError(
                f"testcontainers is not installed ({error}); install it, or choose another engine"
            ) from error

        try:
            container = DockerContainer(self._image)
        except (DockerException, OSError) as error:
            raise EngineError(_NO_DAEMON) from error
        container.with_exposed_ports(_PORT)
        if _AMAZON in self._image:
            container.with_command(_AMAZON_COMMAND)
        self._container = container
        try:
            container.start()
            endpoint = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(_PORT)}"
            await_ready(endpoint, local_session(), _READY_SECONDS)
        except (DockerException, ContainerStartException, ContainerConnectException, OSError) as error:
            self.stop()
            words = " ".join(str(error).split())
            raise EngineError(
                f"the image {self._image} does not start: {words}; set PARITY_DYNAMODB_IMAGE to one that does"
            ) from error
        except BaseException:
            self.stop()
            raise
        self._endpoint = endpoint
        return self

    def stop(self) -> None:
        """Stop and remove the container."""
        if self._container is None:
            return
        container, self._container, self._endpoint = self._container, None, None
        container.stop()
