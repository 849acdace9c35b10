"""What every test may ask for: the service on SQLite and on MariaDB, servers in processes of their own, and a clock.

A test that takes `service`, `database` or `live_server` runs twice, once on each kind of database: `-k sqlite` or
`-k mariadb` picks one. Every test makes its own tenants and really commits; when the run ends, the books of every tenant
on both databases are audited and the run fails when they do not balance.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.commands import assert_books_balance
from tests.servers.databases import PrivateDatabase, mariadb_database, sqlite_database
from tests.servers.mariadb import MariaDB, running_mariadb
from tests.servers.processes import LiveServer, running_server
from tests.servers.service import Service, start_service

# What the tests write is fsynced as in production; in memory that costs nothing, and a killed process loses as little.
_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest and tempfile make private folders in it
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 2 * 1024**3:
    # Also for the programs that tests start: a browser keeps its profile there.
    tempfile.tempdir = os.environ["TMPDIR"] = str(_MEMORY)

# Each example makes a tenant of its own on the shared service, so a function's fixture serves many, and some are slow.
_ALLOWED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
settings.register_profile("default", max_examples=300, deadline=None, suppress_health_check=_ALLOWED, print_blob=True)
settings.register_profile("long", settings.get_profile("default"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """Start the private MariaDB of this run; a missing one fails, and says what to type."""
    with running_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateDatabase]:
    database = sqlite_database(tmp_path_factory.mktemp("sqlite"))
    yield database
    assert_books_balance(database)


@pytest.fixture(scope="session")
def _mariadb(mariadb: MariaDB) -> Iterator[PrivateDatabase]:
    database = mariadb_database(mariadb)
    yield database
    assert_books_balance(database)


@pytest.fixture(scope="session", params=["sqlite", "mariadb"])
def database(request: pytest.FixtureRequest) -> PrivateDatabase:
    """Give a migrated database of each kind, shared by the whole run."""
    database: PrivateDatabase = request.getfixturevalue(f"_{request.param}")
    return database


# One of each kind for the whole run: what depends on a fixture with parameters is made anew whenever the parameter changes.
@pytest.fixture(scope="session")
def _sqlite_service(_sqlite: PrivateDatabase) -> Service:
    return start_service(_sqlite)


@pytest.fixture(scope="session")
def _mariadb_service(_mariadb: PrivateDatabase) -> Service:
    return start_service(_mariadb)


@pytest.fixture
def service(database: PrivateDatabase, request: pytest.FixtureRequest) -> Service:
    """Give the service in this process, its clock back at the start."""
    service: Service = request.getfixturevalue(f"_{database.kind}_service")
    service.clock.reset()
    return service


@pytest.fixture(scope="session")
def _sqlite_server(_sqlite: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with running_server(_sqlite, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def _mariadb_server(_mariadb: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with running_server(_mariadb, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def live_server(database: PrivateDatabase, request: pytest.FixtureRequest) -> LiveServer:
    """Give a server in processes of its own, shared by the run: a test that kills one starts its own."""
    server: LiveServer = request.getfixturevalue(f"_{database.kind}_server")
    return server


@pytest.fixture
def own_mariadb() -> Iterator[PrivateDatabase]:
    """Give a migrated MariaDB of the test's own, to be killed (`.server.kill()`) and started again; audited at the end."""
    with running_mariadb() as server:
        database = mariadb_database(server)
        yield database
        assert_books_balance(database)


@pytest.fixture
def own_sqlite(tmp_path: Path) -> Iterator[PrivateDatabase]:
    """Give a migrated SQLite file of the test's own; audited at the end."""
    database = sqlite_database(tmp_path)
    yield database
    assert_books_balance(database)
