"""`python -m scripts.podman COMMAND...`: runs a command with a container engine, for machines where no Docker runs.

Where a Docker daemon answers, the command runs as it is. Elsewhere it runs on podman: with configuration of its own, an image of DynamoDB Local made of
what `make engines` fetched, since none can be pulled everywhere, and a service on a socket that speaks Docker's protocol. Afterwards nothing of that runs
or is mounted. podman and runc are packages of Debian and Ubuntu; they are installed where this runs as root and they are missing.

The exit code is the command's; 3 if there is no container engine to be had.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer
from docker import from_env
from docker.errors import DockerException

from parity.engines.base import EngineError
from parity.engines.cache import DYNAMODB_LOCAL_VERSION, find_dynamodb_local, find_java

__all__ = ["PodmanError", "main", "podman"]

_UNJUDGED: Final = 3
_IMAGE: Final = f"localhost/dynamodb-local:{DYNAMODB_LOCAL_VERSION}"
_PROGRAMS: Final = ("podman", "runc", "jlink", "tar", "unshare")
_ALONE: Final = "PODMAN_IN_ITS_OWN_MOUNT_NAMESPACE"
_READY_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 10
_STOP_SECONDS: Final = 10.0
_CONTAINERS: Final = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
"""
_STORAGE: Final = """\
[storage]
driver = "vfs"
graphroot = "{0}/graph"
runroot = "{0}/run"
"""
_MODULES: Final = "java.se,jdk.unsupported,jdk.crypto.ec"
_SERVER: Final = (
    '["/jre/bin/java", "-Djava.library.path=/opt/dynamodb", "-cp", "/opt/dynamodb/*", '
    '"software.amazon.dynamodb.services.local.main.ServerRunner"]'
)
_ARGUMENTS: Final = '["-inMemory", "-sharedDb", "-disableTelemetry", "-port", "8000"]'


class PodmanError(Exception):
    """There is no container engine, and none can be made: one line of why and what to do."""


@contextmanager
def podman() -> Iterator[Mapping[str, str]]:
    """An environment in which podman answers; what was started for it is gone afterwards.

    Raises:
        PodmanError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="podman-", ignore_cleanup_errors=True) as scratch:
        home = Path(scratch)
        environment = _configured(home)
        try:
            _make_image(home, environment)
            with _service(home / "podman.sock", environment) as socket:
                yield {
                    **environment,
                    "DOCKER_HOST": f"unix://{socket}",
                    "TESTCONTAINERS_RYUK_DISABLED": "true",
                    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
                    "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
                    "PARITY_DYNAMODB_IMAGE": _IMAGE,
                }
        finally:
            # Containers that the command left, the image, and every mount.
            _run(["podman", "system", "reset", "--force"], environment)


def _docker_answers(environ: Mapping[str, str]) -> bool:
    """Whether there is a daemon that the docker engine can use as it is."""
    try:
        client = from_env(environment=dict(environ), timeout=_ANSWER_SECONDS)
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except (DockerException, OSError):
        return False
    finally:
        client.close()


def _need_programs() -> None:
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    packages = [name for name in ("podman", "runc") if name in missing]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
            _must(["apt-get", *command], {**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        raise PodmanError(
            f"no Docker daemon answers, and {', '.join(missing)} is not installed: start Docker, or apt-get install podman runc "
            "and a JDK of Java 17 or newer"
        )


def _configured(home: Path) -> dict[str, str]:
    (home / "containers.conf").write_text(_CONTAINERS, encoding="utf-8")
    (home / "storage.conf").write_text(_STORAGE.format(home), encoding="utf-8")
    return {
        **os.environ,
        "CONTAINERS_CONF": str(home / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(home / "storage.conf"),
    }


def _make_image(home: Path, environment: Mapping[str, str]) -> None:
    """An image of nothing but a Java runtime, DynamoDB Local, and the libraries that both need."""
    try:
        jars, java = find_dynamodb_local(environment), find_java(environment)
    except EngineError as error:
        raise PodmanError(str(error)) from error
    root = home / "root"
    jre, opt = root / "jre", root / "opt" / "dynamodb"
    jlink = shutil.which("jlink", path=str(java.resolve().parent)) or "jlink"
    stripped = ["--strip-debug", "--no-man-pages", "--no-header-files"]
    _must([jlink, "--add-modules", _MODULES, *stripped, "--output", str(jre)], environment)
    shutil.copytree(jars, opt)
    (root / "tmp").mkdir()
    binaries = [jre / "bin" / "java", *jre.glob("lib/**/*.so"), *opt.glob("**/*.so")]
    for library in sorted(_libraries(binaries, jre, environment)):
        copy = root / library.relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, copy)
    archive = home / "root.tar"
    _must(["tar", "-C", str(root), "-cf", str(archive), "."], environment)
    shutil.rmtree(root)
    changes = ["WORKDIR /opt/dynamodb", f"ENTRYPOINT {_SERVER}", f"CMD {_ARGUMENTS}", "EXPOSE 8000"]
    options = [word for change in changes for word in ("--change", change)]
    _must(["podman", "import", *options, str(archive), _IMAGE], environment)
    archive.unlink()


def _libraries(binaries: Sequence[Path], jre: Path, environment: Mapping[str, str]) -> set[Path]:
    """The libraries outside the runtime that the dynamic linker would load for these."""
    places = os.pathsep.join(str(jre / "lib" / part) for part in ("", "server"))
    needed: set[Path] = set()
    for binary in binaries:
        for line in _run(["ldd", str(binary)], {**environment, "LD_LIBRARY_PATH": places}).stdout.splitlines():
            words = line.partition("=>")[2].split() or line.split()
            if words and words[0].startswith("/") and not words[0].startswith(str(jre)):
                needed.add(Path(words[0]))
    return needed


@contextmanager
def _service(socket: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    here = {**environment, "DOCKER_HOST": f"unix://{socket}"}
    process = subprocess.Popen(
        ["podman", "system", "service", "--time=0", f"unix://{socket}"],  # noqa: S607 - found on the PATH before
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while not _docker_answers(here):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PodmanError(f"podman's service does not answer: {_last_words(process)}")
            threading.Event().wait(0.05)
        yield socket
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _last_words(process: "subprocess.Popen[str]") -> str:
    process.terminate()
    return " ".join(process.communicate()[1].split()[-40:])


def _run(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _must(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command that has to succeed.

    Raises:
        PodmanError: it does not.
    """
    done = _run(command, environment)
    if done.returncode != 0:
        words = " ".join((done.stderr or done.stdout).split()[-60:])
        raise PodmanError(f"{' '.join(command[:3])} exits with {done.returncode}: {words}")


def _done(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end, in a session of its own, so that Ctrl-C reaches it once, by way of this process; gives its exit code."""
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGINT)
            process.wait()
            raise


def main(command: Sequence[str]) -> int:
    """Run a command with a container engine; gives its exit code."""
    # As Ctrl-C does, so that everything is stopped in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not command:
        typer.echo("error: name a command: python -m scripts.podman COMMAND...", err=True)
        return _UNJUDGED
    try:
        if _docker_answers(os.environ):
            return _done(command, os.environ)
        _need_programs()
        if os.geteuid() == 0 and _ALONE not in os.environ:
            # Mounts of its own, which are gone with it: podman leaves one for networks.
            alone = ["unshare", "--mount", sys.executable, "-m", "scripts.podman", *command]
            os.execvpe("unshare", alone, {**os.environ, _ALONE: "1"})  # noqa: S606, S607 - this script again
        with podman() as environment:
            return _done(command, environment)
    except (PodmanError, FileNotFoundError) as error:
        typer.echo(f"error: {error}", err=True)
        return _UNJUDGED
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
