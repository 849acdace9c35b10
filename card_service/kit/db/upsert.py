"""An INSERT that meets its own unique key: leaves the row that is there alone, replaces columns, adds to them, or fills them.

Each kind of database has its own words for it, and none is INSERT IGNORE, which also swallows values that do not fit.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.ext.compiler import compiles

from card_service.kit.db.statement import row_of


class Upsert(Insert):
    """An INSERT of rows of which some may be there already, by any unique key of the table."""

    inherit_cache = False
    put: Sequence[str] = ()
    add: Sequence[str] = ()
    fill: Sequence[str] = ()


def insert_once(table: Table, *skip: str) -> Upsert:
    """Make an INSERT of every column but for `skip` that leaves a row alone which is there already."""
    return insert_or(table, *skip)


def insert_or(table: Table, *skip: str, put: Sequence[str] = (), add: Sequence[str] = (), fill: Sequence[str] = ()) -> Upsert:
    """Make an INSERT that, where the row is there already, replaces its columns `put`, adds to `add`, and fills empty `fill`.

    A server counts such a row twice, or not at all: `matches` cannot be told of these (`Session.queue`).
    """
    statement = Upsert(table).values(row_of(table, *skip))
    statement.put, statement.add, statement.fill = tuple(put), tuple(add), tuple(fill)
    return statement


@compiles(Upsert, "mysql", "mariadb")
def _on_server(element: Upsert, compiler: Any, **kw: Any) -> str:
    # A column set to itself changes nothing.
    same = compiler.preparer.format_column(next(iter(element.table.primary_key)))
    changes = _changes(element, compiler, "VALUES({})") or f"{same} = {same}"
    return f"{compiler.visit_insert(element, **kw)} ON DUPLICATE KEY UPDATE {changes}"


@compiles(Upsert, "sqlite")
def _on_sqlite(element: Upsert, compiler: Any, **kw: Any) -> str:
    changes = _changes(element, compiler, "excluded.{}")
    return f"{compiler.visit_insert(element, **kw)} ON CONFLICT DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"


def _changes(element: Upsert, compiler: Any, new: str) -> str:
    table = compiler.preparer.format_table(element.table)
    names = {name: compiler.preparer.quote(name) for name in (*element.put, *element.add, *element.fill)}
    put = [f"{names[name]} = {new.format(names[name])}" for name in element.put]
    fill = [f"{names[name]} = COALESCE({table}.{names[name]}, {new.format(names[name])})" for name in element.fill]
    return ", ".join(put + fill + [f"{names[name]} = {table}.{names[name]} + {new.format(names[name])}" for name in element.add])
