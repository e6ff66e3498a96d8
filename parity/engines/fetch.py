"""Fetch the engines that are no Python packages: ``python -m parity.engines.fetch``, which ``make engines`` runs.

An engine whose package manager is not on this machine is passed over with a line that says what to install; that is no
error.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from parity.engines.base import EngineError
from parity.engines.cache import (
    DYNAMODB_LOCAL_VERSION,
    DYNOXIDE_VERSION,
    dynamodb_local_directory,
    dynoxide_path,
    find_dynamodb_local,
    find_dynoxide,
    find_java,
)

__all__ = ["main"]

_FETCH_SECONDS: Final = 900
_OTHERWISE: Final = "'cargo install dynoxide-rs' or Homebrew bring it too, found on the PATH or by DYNOXIDE_BIN"
_POM: Final = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>engines</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>software.amazon.dynamodb</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""


def _fetch_engines(environ: Mapping[str, str], report: Callable[[str], None]) -> bool:
    """Fetch what is missing and can be had; report a line for each engine.

    Returns whether every fetch that was tried succeeded.
    """
    succeeded = True
    for name, fetch in (("dynoxide", _fetch_dynoxide), ("dynamodb-local", _fetch_dynamodb_local)):
        try:
            report(f"{name}: {fetch(environ)}")
        except EngineError as error:
            report(f"{name}: {error}")
            succeeded = False
    return succeeded


def main() -> int:
    """Fetch, print a line an engine, and return the exit status: 1 where a fetch failed."""
    return 0 if _fetch_engines(os.environ, _print) else 1


def _fetch_dynoxide(environ: Mapping[str, str]) -> str:
    try:
        return f"there ({find_dynoxide(environ)})"
    except EngineError:
        pass
    # The one npm package that is a static binary with no install script.
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return f"not fetched: npm has no binary for this machine; {_OTHERWISE}"
    npm = shutil.which("npm", path=environ.get("PATH", ""))
    if npm is None:
        return f"not fetched: npm is not installed; {_OTHERWISE}"
    target = dynoxide_path(environ)
    with _staging(target.parent) as stage:
        package = f"@dynoxide/linux-x64@{DYNOXIDE_VERSION}"
        options = ("--no-save", "--no-audit", "--no-fund", "--loglevel", "error")
        _run([npm, "install", *options, "--prefix", str(stage / "npm"), package], stage, environ)
        shutil.copy2(stage / "npm" / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide", stage / "dynoxide")
        (stage / "dynoxide").chmod(0o755)
        shutil.rmtree(stage / "npm")
    return f"{DYNOXIDE_VERSION} fetched ({target})"


def _fetch_dynamodb_local(environ: Mapping[str, str]) -> str:
    try:
        there = find_dynamodb_local(environ)
    except EngineError:
        there = None
    if there is not None:
        return f"there ({there}){_java_trouble(environ)}"
    missing = [tool for tool in ("mvn", "java") if shutil.which(tool, path=environ.get("PATH", "")) is None]
    if missing:
        return f"not fetched: {' and '.join(missing)} not installed (Maven, and Java 17 or newer)"
    target = dynamodb_local_directory(environ)
    with _staging(target) as stage:
        pom = stage / "pom.xml"
        pom.write_text(_POM.format(version=DYNAMODB_LOCAL_VERSION))
        goals = ("dependency:copy-dependencies", f"-DoutputDirectory={stage}", "-DincludeScope=runtime")
        _run(["mvn", "-q", "-B", "-f", str(pom), *goals], stage, environ)
        pom.unlink()
    return f"{DYNAMODB_LOCAL_VERSION} fetched ({target}){_java_trouble(environ)}"


def _java_trouble(environ: Mapping[str, str]) -> str:
    try:
        find_java(environ)
    except EngineError as error:
        return f", but {error}"
    return ""


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Give a directory to fill, which takes the place of ``target`` on success and is gone otherwise."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".fetching-", dir=target.parent))
    except OSError as error:
        reason = f"cannot write in {target.parent} ({error.strerror})"
        raise EngineError(f"not fetched: {reason}; set PARITY_CACHE to a directory that can be written") from error
    try:
        yield stage
        stage.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        stage.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _run(command: Sequence[str], directory: Path, environ: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=dict(environ),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_FETCH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"not fetched: {command[0]} failed: {error}") from error
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        words = lines[0] if lines else "it said nothing"
        raise EngineError(f"not fetched: {Path(command[0]).name} failed, is there a network? {words}")


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's output


if __name__ == "__main__":
    sys.exit(main())
