"""A table that takes its rows slowly, so that a test surely meets a job half-way, however fast the machine."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tests.servers.databases import PrivateDatabase

# SQLite has no sleep: it counts instead, some milliseconds each, and longer where the machine and so the test are slow.
SLOWLY = {
    "sqlite": (
        "BEGIN SELECT COUNT(*) FROM "
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows}) SELECT i FROM n); END"
    ),
    "mariadb": "DO SLEEP({seconds})",
}


@contextmanager
def slowly(database: PrivateDatabase, table: str, times: int = 1) -> Iterator[None]:
    """Make each insert into a table take a while, or so many times that.

    What runs inside must end there: the end waits for whoever still writes.
    """
    waits = SLOWLY[database.kind].format(rows=40_000 * times, seconds=0.1 * times)
    database.execute(f"CREATE TRIGGER slowly AFTER INSERT ON {table} FOR EACH ROW {waits}", as_owner=True)
    try:
        yield
    finally:
        database.execute("DROP TRIGGER slowly", as_owner=True)


def slowly_for_several(database: PrivateDatabase, table: str) -> AbstractContextManager[None]:
    """Do the same for several that write at once; not on SQLite, where only one writes and the others would wait in vain."""
    return slowly(database, table) if database.server else nullcontext()
