"""Everything that a tenant owns, table by table, a page at a time along a key that begins with the tenant.

The tables are those of the models, whichever there are: one that is added is exported, unless LEFT_OUT gives the reason why
it is not. A test holds both.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Table, UniqueConstraint, and_, bindparam, or_, select

from card_service import models
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.base import metadata
from card_service.models.tenants import tenants

LEFT_OUT = {
    "user_sessions": "sessions are secrets, and worth nothing elsewhere",
    "sign_in_attempts": "of no tenant: logins that failed, by their hashes",
    "service_secrets": "of no tenant: the service's own secrets",
}
"""The tables that no export has, and why."""
SECRET_COLUMNS = {"api_keys": {"key_hash"}, "users": {"password_hash"}}
"""Columns that no export has: with them keys and passwords could be tried out at leisure."""
PAGE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Exported:
    """A table to export: its columns, the key that its pages follow, and the statements of the first and the next pages."""

    name: str
    columns: tuple[Column[Any], ...]
    walk: tuple[str, ...]
    first: Statement[tuple[Any, ...]]
    following: Statement[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The table, and the key of the last row read; None for the first page."""

    table: Exported
    after: tuple[Any, ...] | None


@cache
def exported_tables() -> tuple[Exported, ...]:
    """Give every table that an export has, those that others point to first."""
    for module in pkgutil.iter_modules(models.__path__, f"{models.__name__}."):
        importlib.import_module(module.name)
    return tuple(_exported(table) for table in metadata.sorted_tables if table.name not in LEFT_OUT)


def read_page(session: Session, context: Context, query: ReadPage) -> list[tuple[Any, ...]]:  # noqa: ARG001 - a use case
    """Read the next rows of a table, at most PAGE_ROWS, in the order of its walk."""
    table = query.table
    if query.after is None:
        rows = session.all(table.first, limit=PAGE_ROWS)
    else:
        params = {f"after_{name}": value for name, value in zip(table.walk, query.after, strict=True)}
        rows = session.all(table.following, limit=PAGE_ROWS, **params)
    flags = [place for place, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    return [_with_flags(row, flags) for row in rows] if flags else rows


def last_key(table: Exported, row: Sequence[Any]) -> tuple[Any, ...]:
    """Give the key of a row that was read, to go on after it."""
    found: Mapping[str, Any] = {column.name: value for column, value in zip(table.columns, row, strict=True)}
    return tuple(found[name] for name in table.walk)


def _with_flags(row: tuple[Any, ...], flags: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for place in flags:
        values[place] = bool(values[place])
    return tuple(values)


def _exported(table: Table) -> Exported:
    secret = SECRET_COLUMNS.get(table.name, set())
    columns = tuple(column for column in table.columns if column.name not in secret and column.computed is None)
    own = table.c.id == TENANT if table is tenants else table.c.tenant_id == TENANT
    walk = walk_of(table)
    limit = bindparam("limit", type_=BigInteger())
    page = select(*columns).where(own).order_by(*(table.c[name] for name in walk)).limit(limit)
    return Exported(table.name, columns, walk, Statement(page), Statement(page.where(_after([table.c[name] for name in walk]))))


def walk_of(table: Table) -> tuple[str, ...]:
    """Choose the columns that pages follow: those after the tenant in a key that has no empty values.

    Raises LookupError for a table without such a key: reading it page by page would read all of it for each page.
    """
    if table is tenants:
        return ("id",)
    primary = tuple(column.name for column in table.primary_key.columns)
    if primary[0] == "tenant_id":
        return primary[1:]
    unique = [tuple(c.columns.keys()) for c in table.constraints if isinstance(c, UniqueConstraint)]
    # A key of the tenant alone holds one row of each.
    keys = [key[1:] or primary for key in unique if key[0] == "tenant_id"]
    indexes = [index.columns.keys() for index in table.indexes if index.columns.keys()[0] == "tenant_id"]
    # Every index ends with the primary key, whether or not it says so.
    keys += [tuple(dict.fromkeys((*names[1:], *primary))) for names in indexes]
    whole = [key for key in keys if not any(table.c[name].nullable for name in key)]
    if not whole:
        raise LookupError(f"{table.name} has no key that begins with the tenant and has no empty values")
    return min(whole, key=lambda key: (key != primary, len(key), key))


def _after(columns: Sequence[Column[Any]]) -> ColumnElement[bool]:
    """Say `(a, b) > (:after_a, :after_b)` in the form for which every database uses the key."""
    first, *rest = columns
    value = bindparam(f"after_{first.name}", type_=first.type)
    if not rest:
        return first > value
    return or_(first > value, and_(first == value, _after(rest)))
