"""Migrated databases for the tests, and a look into their tables behind the service's back."""

import atexit
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text

from card_service import migrate
from card_service.kit.db.engine import build_engine
from tests.servers.mariadb import MariaDB

NAME = "card_service"
APPLICATION, MIGRATION = "card_app", "card_owner"
PASSWORD = "only-on-this-machine"  # noqa: S105 - of a server that lives as long as the run
READ_ONLY = "alembic_version"
APPEND_ONLY = "point_transactions"


@dataclass(frozen=True)
class PrivateDatabase:
    """A migrated database of this run.

    `url` is what the service uses; `migration_url` belongs to the user that may change the schema (SQLite
    has no users: both are the same). `server` is None on SQLite.
    """

    kind: str
    url: str
    migration_url: str
    server: MariaDB | None = None

    def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Read rows as the application's user; values as the driver gives them, `:name` for parameters."""
        with engine_of(self.url).connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql), params)]

    def execute(self, sql: str, *, as_owner: bool = False, **params: Any) -> int:
        """Run and commit one statement; the number of rows it touched."""
        with engine_of(self.migration_url if as_owner else self.url).begin() as connection:
            return connection.execute(text(sql), params).rowcount


def sqlite_database(folder: Path) -> PrivateDatabase:
    """Make a migrated SQLite file in a folder."""
    file = folder / "card-service.sqlite3"
    shutil.copy(_migrated_file(), file)
    url = f"sqlite:///{file}"
    return PrivateDatabase("sqlite", url, url)


def mariadb_database(server: MariaDB, name: str = NAME) -> PrivateDatabase:
    """Make a migrated database on a running server, with the two users and the grants of docs/operations.md."""
    migration_url = server.url(MIGRATION, PASSWORD, name)
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        for user in (APPLICATION, MIGRATION):
            cursor.execute(f"CREATE USER IF NOT EXISTS '{user}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        cursor.execute(f"GRANT ALL ON {name}.* TO '{MIGRATION}'@'127.0.0.1'")
        _migrate(migration_url)
        cursor.execute(f"GRANT SELECT, INSERT ON {name}.* TO '{APPLICATION}'@'127.0.0.1'")
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_name NOT IN (%s, %s)",
            (name, APPEND_ONLY, READ_ONLY),
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"GRANT UPDATE, DELETE ON {name}.{table} TO '{APPLICATION}'@'127.0.0.1'")
    return PrivateDatabase("mariadb", server.url(APPLICATION, PASSWORD, name), migration_url, server)


@cache
def _migrated_file() -> Path:
    """Migrate once: a file is copied in no time."""
    folder = Path(mkdtemp(prefix="card-service-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "migrated.sqlite3"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    engine = build_engine(url)
    try:
        migrate.upgrade(engine)
    finally:
        engine.dispose()


@cache
def engine_of(url: str) -> Engine:
    """Give what connects anew each time, as no server may find a connection of before it was killed."""
    # For TLS, PyMySQL reads every certificate of the system with each connection: 50 ms of the processor.
    plain = {"ssl_disabled": True} if url.startswith("mysql") else {}
    return create_engine(url, poolclass=NullPool, connect_args=plain)
