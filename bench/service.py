"""The service under load: started on the database of the run, called, and its cost taken."""

import contextlib
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.database import Meter, require_server
from bench.load import Load, run_apart
from bench.report import Figure, Label
from tests.servers.databases import PrivateDatabase
from tests.servers.processes import LiveServer, running_server


@dataclass(frozen=True)
class Target:
    """A running service and the database behind it."""

    live: LiveServer
    database: PrivateDatabase

    def measure(self, label: Label, requests: Iterable[bytes], seconds: float) -> Figure:
        """Run one load against the service and give its figure."""
        rate = label.rate or None
        load = Load(self.live.port, requests, clients=label.clients, seconds=seconds, rate=rate)
        meter = Meter(require_server(self.database), self.live.pid)
        outcome = run_apart(load)
        cost = meter.stop()
        for sample in outcome.samples[:1]:
            print(f"  an answer that was refused: {sample.splitlines()[0]} ... {sample[-300:]}")
        return Figure.of(label, outcome, cost)


@contextlib.contextmanager
def running_target(database: PrivateDatabase, folder: Path, driver: str = "pymysql") -> Iterator[Target]:
    """Start the service with one of the drivers and stop it in order afterwards."""
    if driver == "mysqlclient":
        database = replace(database, url=database.url.replace("mysql+pymysql:", "mysql+mysqldb:"))
    with running_server(database, folder) as live:
        yield Target(live, database)
        live.stop()


def has_driver(driver: str) -> bool:
    """Whether a driver can be imported; mysqlclient is an extra."""
    return importlib.util.find_spec({"pymysql": "pymysql", "mysqlclient": "MySQLdb"}[driver]) is not None
