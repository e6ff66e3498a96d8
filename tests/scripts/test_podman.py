"""The container engine of machines without Docker; that it proves parity is a step of CI, which takes a minute."""

import os
import socketserver
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOWS = "import os; print(os.environ['DOCKER_HOST'], os.environ.get('PARITY_DYNAMODB_IMAGE')); raise SystemExit(7)"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.podman", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Daemon(BaseHTTPRequestHandler):
    """As much of Docker's protocol as tells that it is there."""

    def do_GET(self) -> None:
        body = b'{"ApiVersion": "1.41"}' if self.path.endswith("/version") else b"OK"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a socket has none"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
        pass


def test_a_daemon_that_answers_is_used_as_it_is(tmp_path: Path) -> None:
    socket = tmp_path / "docker.sock"
    with socketserver.ThreadingUnixStreamServer(str(socket), Daemon) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        done = run(sys.executable, "-c", SHOWS, DOCKER_HOST=f"unix://{socket}", PARITY_DYNAMODB_IMAGE="mine")
        server.shutdown()
        thread.join()
    assert (done.returncode, done.stdout) == (7, f"unix://{socket} mine\n"), done.stderr


def test_no_container_engine_is_one_clear_line_and_exit_code_3(tmp_path: Path) -> None:
    done = run("true", DOCKER_HOST=f"unix://{tmp_path}/nothing.sock", PATH=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1), done.stderr
    assert (
        "no Docker daemon answers, and podman, runc, jlink, tar, unshare is not installed: start Docker, or "
        in done.stderr
    )


def test_no_command_is_told() -> None:
    done = run()
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "name a command" in done.stderr
