"""Steps that can be run again: a crash between two statements leaves nothing to repair by hand.

MariaDB and MySQL commit at every CREATE, and MySQL has no CREATE INDEX IF NOT EXISTS.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic import op
from sqlalchemy import Column, inspect


@contextmanager
def each_by_itself() -> Iterator[None]:
    """Commit after every statement inside, as SQLite does anyhow: the rows filled in are not kept locked for those to come."""
    if op.get_bind().dialect.name == "sqlite":
        yield
    else:
        with op.get_context().autocommit_block():
            yield


def create_index(name: str, table: str, columns: Sequence[str], *, unique: bool = False) -> None:
    """Create an index unless a run that did not finish created it before."""
    existing = {index["name"] for index in inspect(op.get_bind()).get_indexes(table)}
    if name not in existing:
        op.create_index(name, table, list(columns), unique=unique)


def drop_index(name: str, table: str) -> None:
    """Drop an index unless a run that did not finish dropped it before."""
    existing = {index["name"] for index in inspect(op.get_bind()).get_indexes(table)}
    if name in existing:
        op.drop_index(name, table)


def add_column(table: str, column: Column[object]) -> None:
    """Add a column unless a run that did not finish added it before."""
    if column.name not in _columns(table):
        op.add_column(table, column)


def drop_column(table: str, name: str) -> None:
    """Drop a column unless a run that did not finish dropped it before."""
    if name in _columns(table):
        op.drop_column(table, name)


def _columns(table: str) -> set[str]:
    return {column["name"] for column in inspect(op.get_bind()).get_columns(table)}
