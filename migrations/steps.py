"""Steps that can be run again: a crash between two statements leaves nothing to repair by hand.

MariaDB and MySQL commit at every CREATE, and MySQL has no CREATE INDEX IF NOT EXISTS.
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import inspect


def create_index(name: str, table: str, columns: Sequence[str]) -> None:
    """Create an index unless a run that did not finish created it before."""
    existing = {index["name"] for index in inspect(op.get_bind()).get_indexes(table)}
    if name not in existing:
        op.create_index(name, table, list(columns))
