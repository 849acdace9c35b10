"""Starting and stopping the real server: nothing in flight is lost, nothing hangs, and it says why it cannot start."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier

import pytest

from tests.ledger.story import done
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.servers.commands import card_service, environment, script
from tests.servers.databases import PrivateDatabase, sqlite_database
from tests.servers.kept_alive import WARM_UP_ANSWERS, ask_until_told_to_go
from tests.servers.mariadb import free_port
from tests.servers.processes import LiveServer, running_server

CLIENTS = 8


def test_it_says_where_it_is_and_answers_there(live_server: LiveServer) -> None:
    assert f"Ready: {live_server.url} (interactive page: {live_server.url}/docs)" in live_server.log
    assert live_server.log.count("Ready:") == 1
    answer = live_server.root.get("/docs")
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html")


def test_the_numbers_of_all_workers_are_added_up(live_server: LiveServer) -> None:
    sample = re.compile(r'card_service_requests_total\{method="GET",route="/healthz",status="200"\} (\S+)')

    def counted() -> float:
        found = sample.search(live_server.root.get("/metrics").text)
        return float(found[1]) if found else 0

    assert len(live_server.worker_pids) == 2
    before = counted()
    for _ in range(40):
        done(live_server.root.get("/healthz"))
    assert {counted() - before for _ in range(6)} == {40}


def test_a_request_in_flight_is_finished_before_it_stops(database: PrivateDatabase, tmp_path: Path) -> None:
    with running_server(database, tmp_path) as server:
        tenant = server.tenant()
        card = done(tenant.admin.post("/cards")).json["id"]
        body = b'{"points": 7, "reason": "slowly sent"}'
        head = (
            f"POST /api/v1/cards/{card}/adjust-points HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.keys['admin']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        # The head is there, so the request has begun; the rest of its body comes only after the stop.
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) as slow,
            ThreadPoolExecutor(1) as threads,
        ):
            slow.sendall(head.encode() + body[:10])
            time.sleep(0.5)
            # One SIGTERM only: a second one that meets the end of the interpreter kills it.
            stopping = threads.submit(server.stop)
            time.sleep(1.0)
            assert not stopping.done()
            slow.sendall(body[10:])
            answer = slow.recv(65536).decode()
            assert answer.startswith("HTTP/1.1 200"), answer
            assert stopping.result() == 0
    found = database.rows("SELECT count(*) FROM point_transactions WHERE card_id = :card", card=card)
    assert found == [(1,)]


@pytest.mark.parametrize("stalled_seconds", [0.0, 0.8])
def test_busy_clients_are_never_dropped_by_a_stop(database: PrivateDatabase, tmp_path: Path, stalled_seconds: float) -> None:
    """Nor when the workers got no processor for a while just then, as on a machine with too much to do."""
    warm = Barrier(CLIENTS + 1)
    with ThreadPoolExecutor(CLIENTS + 1) as threads, running_server(database, tmp_path) as server:
        clients = [threads.submit(ask_until_told_to_go, server.port, _ask_whether_it_lives, warm) for _ in range(CLIENTS)]
        warm.wait(PATIENCE_SECONDS)
        workers = server.worker_pids
        for pid in workers if stalled_seconds else []:
            os.kill(pid, signal.SIGSTOP)
        stopping = threads.submit(server.stop)
        time.sleep(stalled_seconds)
        for pid in workers if stalled_seconds else []:
            os.kill(pid, signal.SIGCONT)
        assert stopping.result() == 0
        answered = [client.result() for client in clients]
    assert min(answered) >= WARM_UP_ANSWERS
    assert sum(answered) > CLIENTS * WARM_UP_ANSWERS


def _ask_whether_it_lives(connection: HTTPConnection) -> None:
    connection.request("GET", "/healthz")


@pytest.mark.parametrize("after_seconds", [0.1, 0.5, 1.0])
def test_a_stop_during_the_start_does_not_hang(tmp_path: Path, after_seconds: float) -> None:
    database = sqlite_database(tmp_path)
    process = subprocess.Popen(
        [script(), "serve", "--port", str(free_port())],
        env=environment(database.url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        time.sleep(after_seconds)
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode in {0, -signal.SIGTERM}


def test_a_killed_worker_is_replaced_and_holds_no_connection_in_the_numbers(database: PrivateDatabase, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    with running_server(database, tmp_path, metrics_dir=str(numbers)) as server:
        wait_until(lambda: _all_connections(server) == 8)
        killed, *others = sorted(server.worker_pids)
        assert list(numbers.glob(f"gauge_live*_{killed}.db"))
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not list(numbers.glob(f"gauge_live*_{killed}.db")))
        wait_until(lambda: _all_connections(server) == 8)
        assert _connections(server, "in_use") == 0
        assert killed not in server.worker_pids
        assert len(server.worker_pids) == 2
        assert set(others) < set(server.worker_pids)


def _all_connections(server: LiveServer) -> float | None:
    try:
        return _connections(server, "max")
    except ConnectionError:
        # What the killed worker had accepted, or was about to, dies with it.
        return None


def _connections(server: LiveServer, which: str) -> float:
    found = re.search(rf"^card_service_pool_connections_{which} (\S+)$", server.root.get("/metrics").text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_the_folder_of_a_killed_servers_numbers_is_cleared_by_the_next(tmp_path: Path) -> None:
    database = sqlite_database(tmp_path)
    folders = tmp_path / "temporary"
    folders.mkdir()
    environment_of_both = {"TMPDIR": str(folders)}

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [script(), "serve", "--port", str(free_port())],
            env=environment(database.url) | environment_of_both,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Ready: ")
        return process

    with start() as killed:
        (left,) = folders.iterdir()
        killed.kill()
    with start() as stopped:
        assert left not in folders.iterdir()
        stopped.terminate()
    assert (stopped.returncode, list(folders.iterdir())) == (0, [])


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    database = sqlite_database(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = card_service(database, "serve", "--port", str(port))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == (
        f"Error: Cannot listen on 127.0.0.1 port {port}: address already in use."
        f" Stop the program that uses it, or choose another: --port {port + 1}\n"
    )


def test_a_database_that_is_not_migrated_is_said_in_one_line(tmp_path: Path) -> None:
    database = PrivateDatabase("sqlite", f"sqlite:///{tmp_path / 'none.sqlite3'}", "")
    refused = card_service(database, "serve", "--port", str(free_port()))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: There is no database at {tmp_path / 'none.sqlite3'} yet: run `card-service db upgrade`.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_database_behind_is_said_in_one_line(tmp_path: Path) -> None:
    database = sqlite_database(tmp_path)
    database.execute("UPDATE alembic_version SET version_num = '0001'")
    refused = card_service(database, "serve", "--port", str(free_port()))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: The database is at migration 0001, this version needs ")
    assert refused.stderr.endswith(": run `card-service db upgrade`.\n")


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        # It may lose commits.
        ("innodb_flush_log_at_trx_commit", 2, "innodb_flush_log_at_trx_commit=2"),
        ("sql_mode", "", "strict mode"),
    ],
)
def test_a_server_that_keeps_less_than_it_says_is_refused(
    database: PrivateDatabase, variable: str, value: str | int, says: str
) -> None:
    assert database.server is not None
    with database.server.changed(variable, value):
        refused = card_service(database, "serve", "--port", str(free_port()))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert says in refused.stderr
    assert refused.stderr.count("\n") == 1
