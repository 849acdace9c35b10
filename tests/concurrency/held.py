"""Locks held from outside the service: raw connections that keep a transaction open for as long as a test wants."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy.engine import make_url

from tests.patience import PATIENCE_SECONDS
from tests.servers.databases import NAME, PrivateDatabase
from tests.servers.mariadb import MariaDB


@contextmanager
def cards_locked(database: PrivateDatabase, card_ids: Sequence[int]) -> Iterator[None]:
    """Hold the locks that postings to these cards need: their rows on MariaDB, the one write lock of SQLite."""
    if database.server is None:
        with closing(sqlite3.connect(make_url(database.url).database or "", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with transaction(database.server) as cursor:
        cursor.execute("SELECT id FROM loyalty_cards WHERE id IN %s FOR UPDATE", (list(card_ids),))
        yield


@contextmanager
def transaction(server: MariaDB) -> Iterator[Any]:
    """Give a cursor in a transaction of its own, undone at the end unless it was committed."""
    connection = server.connect(NAME)
    try:
        connection.begin()
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.rollback()
        connection.close()


def wait_until_blocked(server: MariaDB, requests: int = 1) -> None:
    """Wait until this many transactions wait for a row lock."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
            if (cursor.fetchone() or (0,))[0] >= requests:
                return
            # InnoDB looks anew only when nobody has read this table for 0.1 s: who asks faster sees what was, for ever.
            time.sleep(0.15)
    raise AssertionError("no request waits for a lock")
