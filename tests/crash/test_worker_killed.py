"""Kill -9 of worker processes in the middle of the load: the others go on, new ones come."""

import os
import signal
import time
from pathlib import Path

from tests.concurrency.pharmacy import Pharmacy
from tests.crash.load import Load
from tests.patience import PATIENCE_SECONDS
from tests.servers.databases import PrivateDatabase
from tests.servers.processes import LiveServer, running_server


def test_a_killed_worker_loses_nothing_and_doubles_nothing(database: PrivateDatabase, tmp_path: Path) -> None:
    with running_server(database, tmp_path) as server:
        pharmacy = Pharmacy(server.tenant())
        workers = server.worker_pids
        assert len(workers) == 2
        with Load(pharmacy, [pharmacy.card() for _ in range(4)]) as load:
            for worker in workers:
                load.wait_for(acknowledged=30)
                os.kill(worker, signal.SIGKILL)
                _wait_until_replaced(server, worker)
            load.wait_for(acknowledged=30)

        load.assert_each_bill_counts_once(database)
        assert not set(workers) & set(server.worker_pids)
        assert server.stop() == 0


def _wait_until_replaced(server: LiveServer, killed: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        workers = server.worker_pids
        if killed not in workers and len(workers) == 2:
            return
        time.sleep(0.02)
    raise AssertionError("no new worker came")
