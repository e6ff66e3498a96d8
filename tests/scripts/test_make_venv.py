"""The virtual environment that the first `make` makes, of no requirements at all."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_parity_is_a_command_of_the_virtual_environment(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "parity").mkdir()
    program = "import sys; print(sys.prefix, sys.argv[1:]); sys.exit(3)"
    (tmp_path / "parity" / "__main__.py").write_text(program, encoding="utf-8")
    make = [str(ROOT / "scripts" / "make_venv"), sys.executable, "a venv", "requirements.txt"]
    subprocess.run(make, cwd=tmp_path, capture_output=True, check=True, timeout=240)

    done = subprocess.run(
        [tmp_path / "a venv" / "bin" / "parity", "run", "a b"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, f"{tmp_path / 'a venv'} ['run', 'a b']\n"), done.stderr
