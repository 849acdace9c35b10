"""The documented alternative server: gunicorn with config/gunicorn.py serves, adds its workers' numbers up, and stops."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import Client, over_network
from tests.servers.commands import environment
from tests.servers.databases import PrivateDatabase, sqlite_database
from tests.servers.mariadb import free_port

CHECKOUT = Path(__file__).resolve().parents[2]


def test_gunicorn_serves_with_our_configuration(tmp_path: Path) -> None:
    database = sqlite_database(tmp_path)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "config/gunicorn.py",
        "--bind",
        f"127.0.0.1:{port}",
        "wsgi:application",
    ]
    root = Client(over_network(port), base="")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment(database.url, metrics_dir=str(tmp_path / "metrics")), stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError):
                if root.get("/readyz").status == 200:
                    break
            time.sleep(0.1)
        assert root.get("/readyz").status == 200, (tmp_path / "log").read_text()
        for _ in range(10):
            assert root.get("/healthz").status == 200
        assert 'card_service_requests_total{method="GET",route="/healthz",status="200"} 10.0' in root.get("/metrics").text
        assert root.get("/api/v1/card-config").status == 401
    finally:
        process.terminate()
        assert process.wait(30) == 0
    assert '"operation":"card-config.' in (tmp_path / "log").read_text()


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_it_is_refused_a_server_that_may_lose_commits(database: PrivateDatabase) -> None:
    assert database.server is not None
    with database.server.changed("innodb_flush_log_at_trx_commit", 2):
        loaded = subprocess.run(
            [sys.executable, "-c", "import wsgi"],
            cwd=CHECKOUT,
            env=environment(database.url),
            capture_output=True,
            text=True,
            check=False,
        )
    assert loaded.returncode == 1
    assert "innodb_flush_log_at_trx_commit=2" in loaded.stderr
