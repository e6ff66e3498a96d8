import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


@contextmanager
def served(**variables: str) -> Iterator[subprocess.Popen[str]]:
    ports = dict.fromkeys(("SERVICE_USER_PORT", "SERVICE_INVENTORY_PORT", "SERVICE_ORDER_PORT"), "0")
    child = subprocess.Popen(
        [sys.executable, "-m", "scripts.serve"],
        cwd=ROOT,
        env={**os.environ, **ports, "ADMIN_PASSWORD": "correct horse", "DATA_BCRYPT_ROUNDS": "4", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def test_a_newcomer_registers_deposits_buys_and_sells_and_stops_it_by_ctrl_c() -> None:
    with served() as child:
        assert child.stdout is not None
        told: dict[str, str] = {}
        while "order_service" not in told:
            line = child.stdout.readline()
            assert line, child.communicate()
            name, _, value = line.strip().partition(": ")
            told[name] = value
        assert told["admin"] == "username admin, password correct horse"
        with httpx.Client() as http:
            users, orders, inventory = (told[f"{name}_service"] for name in ("user", "order", "inventory"))
            assert {http.get(f"{at}/docs").status_code for at in (users, orders, inventory)} == {200}
            assert len(http.get(f"{inventory}/assets").json()["items"]) == 4
            # What stands in the examples of the OpenAPI is what a newcomer sends.
            schemas = http.get(f"{users}/openapi.json").json()["components"]["schemas"]
            new = {
                name: field["examples"][0]
                for name, field in schemas["Registration"]["properties"].items()
                if "examples" in field
            }
            assert http.post(f"{users}/register", json=new).status_code == 201
            login = {name: new[name] for name in ("username", "password")}
            token = http.post(f"{users}/login", json=login).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert http.post(f"{users}/balance/deposit", json={"amount": "1000"}, headers=headers).status_code == 200
            for kind in ("market_buy", "market_sell"):
                order = {"order_type": kind, "asset_id": "ETH", "quantity": "0.1"}
                assert http.post(f"{orders}/orders", json=order, headers=headers).json()["status"] == "completed"
            assert http.get(f"{users}/balance", headers=headers).json()["current_balance"] == "1000"
        child.send_signal(signal.SIGINT)
        rest, log = child.communicate(timeout=30)
        assert (child.returncode, rest) == (0, "stopped\n")
        assert "Traceback" not in log
        assert new["password"] not in log
        assert token not in log


def test_settings_that_make_no_sense_are_told_in_one_line() -> None:
    with served(SERVICE_TOKEN_SECRET="short") as child:
        _, log = child.communicate(timeout=60)
        assert child.returncode == 1
        assert (
            log
            == "error: the settings are not valid: SERVICE_TOKEN_SECRET: Value should have at least 32 items after validation, not 5\n"
        )
