"""A private, durable MariaDB for one run, its counters, and what they and the processes say of a stretch of work."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pymysql.connections import Connection
from pymysql.cursors import Cursor
from sqlalchemy.engine import make_url

from bench.cpu import python_loop_ms, tree_seconds
from tests.servers.databases import PrivateDatabase, mariadb_database
from tests.servers.mariadb import MariaDB, running_mariadb

MEGABYTE = 1024 * 1024
COUNTERS = ("Questions", "Com_select", "Com_insert", "Com_update", "Com_delete", "Com_commit", "Com_rollback", "Com_begin")


@contextlib.contextmanager
def durable_server(*, buffer_pool_megabytes: int = 1024) -> Iterator[MariaDB]:
    """Give a server of its own that flushes its log at every COMMIT, and discard it afterwards."""
    with running_mariadb(durable=True) as server:
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"SET GLOBAL innodb_buffer_pool_size={buffer_pool_megabytes * MEGABYTE}")
            cursor.execute(f"SET GLOBAL innodb_log_file_size={512 * MEGABYTE}")
            cursor.execute("SELECT @@innodb_flush_log_at_trx_commit")
            if cursor.fetchone() != (1,):
                raise RuntimeError("the database is not durable: figures would flatter")
        yield server


@contextlib.contextmanager
def durable_database() -> Iterator[PrivateDatabase]:
    """Give a migrated database on such a server."""
    with durable_server() as server:
        yield mariadb_database(server)


def require_server(database: PrivateDatabase) -> MariaDB:
    """Give the server of a database; what is measured is MariaDB."""
    if database.server is None:
        raise RuntimeError("the measurement needs MariaDB")
    return database.server


def administrator(database: PrivateDatabase) -> "Connection[Cursor]":
    """Connect to a database past the service's privileges, to fill it."""
    return require_server(database).connect(make_url(database.url).database)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder for logs, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="card-service-bench-") as folder:
        yield Path(folder)


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the service and of the database, and statements sent, over a stretch of work."""

    service_seconds: float
    database_seconds: float
    statements: dict[str, int]
    python_loop_ms: float = 0.0


class Meter:
    """Reads what the processes and the database have spent since it was made.

    `service_pid` is the parent of the service's processes; without it only the database is counted.
    """

    def __init__(self, server: MariaDB, service_pid: int | None = None) -> None:
        """Start counting now."""
        self._server = server
        self._service_pid = service_pid
        self._loop_ms = python_loop_ms()
        self._connection = server.connect()
        self._start = self._read()

    def stop(self) -> Cost:
        """Give what was spent since the start, without the meter's own statements."""
        end = self._read()
        self._connection.close()
        counted = {name: end.statements[name] - self._start.statements[name] for name in COUNTERS}
        # The reading that ends the stretch counts itself.
        counted["Questions"] -= 1
        return Cost(
            end.service_seconds - self._start.service_seconds,
            end.database_seconds - self._start.database_seconds,
            counted,
            self._loop_ms,
        )

    def _read(self) -> Cost:
        with self._connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS")
            counters = {name: int(value) for name, value in cursor.fetchall() if name in COUNTERS}
        service = tree_seconds(self._service_pid) if self._service_pid else 0.0
        return Cost(service, tree_seconds(self._server.pid), counters)
