"""Where the engines that are no Python packages are kept and found: outside the repository, a directory a version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from parity.engines.base import EngineError

__all__ = [
    "DYNAMODB_LOCAL_VERSION",
    "DYNOXIDE_VERSION",
    "dynamodb_local_directory",
    "dynoxide_path",
    "find_dynamodb_local",
    "find_dynoxide",
    "find_java",
]

DYNOXIDE_VERSION: Final = "1.2.1"
DYNAMODB_LOCAL_VERSION: Final = "3.1.0"
_LEAST_JAVA: Final = 17
_NEED: Final = f"DynamoDB Local needs Java {_LEAST_JAVA} or newer"
_JAVA_SECONDS: Final = 30


def _cache_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Tell where ``make engines`` puts engines.

    That is ``PARITY_CACHE``, else ``dao-parity/engines`` in the user's cache directory.
    """
    if own := environ.get("PARITY_CACHE"):
        return Path(own).expanduser()
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "dao-parity" / "engines"


def dynoxide_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Tell the place of dynoxide's binary in the cache, there or not."""
    return _cache_directory(environ) / f"dynoxide-{DYNOXIDE_VERSION}" / "dynoxide"


def dynamodb_local_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Tell the place of DynamoDB Local's files in the cache, there or not."""
    return _cache_directory(environ) / f"dynamodb-local-{DYNAMODB_LOCAL_VERSION}"


def find_dynoxide(environ: Mapping[str, str] = os.environ) -> Path:
    """Find dynoxide's binary: ``DYNOXIDE_BIN`` if that is set, else on the PATH, else in the cache.

    :raises EngineError: there is none, or ``DYNOXIDE_BIN`` names no program.
    """
    if named := environ.get("DYNOXIDE_BIN"):
        if program := shutil.which(named, path=environ.get("PATH", "")):
            return Path(program)
        raise EngineError(f"DYNOXIDE_BIN names no program: {named}")
    if program := shutil.which("dynoxide", path=environ.get("PATH", "")):
        return Path(program)
    cached = dynoxide_path(environ)
    if os.access(cached, os.X_OK):
        return cached
    raise EngineError("dynoxide is not installed; run 'make engines', or set DYNOXIDE_BIN to its binary")


def find_dynamodb_local(environ: Mapping[str, str] = os.environ) -> Path:
    """Find the directory of DynamoDB Local's jars: ``DYNAMODB_LOCAL_HOME`` if that is set, else in the cache.

    :raises EngineError: there is none, or ``DYNAMODB_LOCAL_HOME`` holds none.
    """
    named = environ.get("DYNAMODB_LOCAL_HOME")
    directory = Path(named).expanduser() if named else dynamodb_local_directory(environ)
    if any(directory.glob("DynamoDBLocal*.jar")):
        return directory
    if named:
        raise EngineError(f"DYNAMODB_LOCAL_HOME holds no DynamoDBLocal jar: {named}")
    raise EngineError(
        "DynamoDB Local is not installed; run 'make engines', or set DYNAMODB_LOCAL_HOME to its directory"
    )


def find_java(environ: Mapping[str, str] = os.environ) -> Path:
    """Find a Java that DynamoDB Local runs on: the one of ``JAVA_HOME`` if that is set, else on the PATH.

    :raises EngineError: there is none, it does not run, or it is too old.
    """
    home = environ.get("JAVA_HOME")
    program = shutil.which("java", path=str(Path(home) / "bin") if home else environ.get("PATH", ""))
    if program is None:
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise EngineError(f"there is no java {where}; {_NEED}")
    try:
        told = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=_JAVA_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{program} does not run ({error}); {_NEED}") from error
    text = told.stdout + told.stderr
    # Before Java 9 versions were told as 1.8.
    version = re.search(r'version "(?:1\.)?(\d+)', text)
    if version is None:
        words = next(iter(text.strip().splitlines()), "nothing")
        raise EngineError(f"{program} -version says no version but: {words}; {_NEED}")
    if int(version[1]) < _LEAST_JAVA:
        raise EngineError(f"{program} is Java {version[1]}; {_NEED}")
    return Path(program)
