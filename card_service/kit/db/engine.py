"""The connection pool, and what every new connection is told before its first statement."""

import sqlite3
from pathlib import Path
from typing import Any

from pymysql.constants import CLIENT
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import PoolResetState

LOCK_WAIT_SECONDS = 3
STATEMENT_SECONDS = 4
SOCKET_SECONDS = 5
SCHEMA_LOCK_SECONDS = 5
CLEAN = "clean"
"""Set in a connection's info when nothing was sent since its last COMMIT."""


def build_engine(url: str | URL, *, pool_size: int = 8, migrating: bool = False) -> Engine:
    """Make the engine for an SQLite, MariaDB or MySQL address.

    The time-outs are one ladder: lock wait 3 s < statement 4 s < socket 5 s < use case 6 s, so that the inner one
    always ends first and says why (docs/reliability.md rule 7). With `migrating` a statement takes as long as it takes:
    one that fills or indexes a large table would be cut off at every attempt. It waits for locks no longer than others.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(address, pool_size)
    timeouts: dict[str, Any] = {"connect_timeout": SOCKET_SECONDS, "write_timeout": SOCKET_SECONDS}
    if not migrating:
        timeouts["read_timeout"] = SOCKET_SECONDS
    engine = create_engine(
        # The writes of a posting go in one packet (Session.queue); each is a fixed text, and values are escaped as ever.
        address.update_query_dict({"charset": "utf8mb4", "client_flag": str(CLIENT.MULTI_STATEMENTS)}),
        paramstyle="format",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_recycle=1800,
        pool_use_lifo=True,
        pool_reset_on_return=None,
        isolation_level="READ COMMITTED",
        connect_args=timeouts,
    )
    event.listen(engine, "connect", lambda connection, _record: _prepare_server_connection(connection, migrating=migrating))
    event.listen(engine, "reset", _end_open_transaction)
    return engine


def _prepare_server_connection(connection: Any, *, migrating: bool) -> None:
    """Set the session's time-outs and zone; MariaDB and MySQL name the statement's limit differently."""
    cursor = connection.cursor()
    cursor.execute("SELECT VERSION(), @@sql_mode")
    version, sql_mode = cursor.fetchone()
    if "STRICT_" not in sql_mode:
        msg = "the database must run in strict mode (sql_mode has no STRICT_TRANS_TABLES): it would cut values off silently"
        raise RuntimeError(msg)
    # 0 is no limit, whatever the server has for all.
    limit = 0 if migrating else STATEMENT_SECONDS
    settings = [f"innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}", "time_zone='+00:00'"]
    if migrating:
        # A change of a table that waits for a transaction keeps everybody else waiting for the table.
        settings += [f"lock_wait_timeout={SCHEMA_LOCK_SECONDS}"]
    if "MariaDB" in version:
        settings += [f"max_statement_time={limit}", "idle_write_transaction_timeout=10"]
    else:
        settings += [f"max_execution_time={limit * 1000}"]
    cursor.execute("SET SESSION " + ", ".join(settings))
    cursor.close()


def _end_open_transaction(connection: Any, record: Any, state: PoolResetState) -> None:
    """Roll back what a reader left open; a connection that has just committed, or rolled back, costs no round trip."""
    if not (record.info.get(CLEAN) or state.transaction_was_reset):
        connection.rollback()


def _sqlite_engine(url: URL, pool_size: int) -> Engine:
    name = url.database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_reset_on_return=None,
        connect_args={"check_same_thread": False, "timeout": LOCK_WAIT_SECONDS, "isolation_level": None},
    )

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        """Write-ahead log, so that readers never wait; foreign keys, which SQLite leaves off."""
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        # Without it REPLACE removes a row of the ledger and no trigger is asked.
        connection.execute("PRAGMA recursive_triggers=ON")

    def end_open_transaction(connection: sqlite3.Connection, _record: Any, _state: PoolResetState) -> None:
        if connection.in_transaction:
            connection.rollback()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "reset", end_open_transaction)
    return engine
