"""Whether a statement says whose rows it means: looked at when its module is imported, so that none can forget."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, TextClause, Update, bindparam
from sqlalchemy.sql import ClauseElement, operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ColumnClause
from sqlalchemy.sql.selectable import Alias as AliasClause
from sqlalchemy.sql.selectable import FromClause, Join

TENANT: BindParameter[int] = bindparam("session_tenant")
"""The tenant of the session; every tenant-owned table of a statement must be compared with it."""


class TenantNotBoundError(Exception):
    """A statement reads or writes a tenant-owned table without saying whose rows."""


def require_tenant(clause: ClauseElement) -> None:
    """Refuse a statement that reads or writes rows without saying whose; raises TenantNotBoundError."""
    free = sorted(set(_free(clause, frozenset())))
    if free:
        raise TenantNotBoundError(f"not bound to a tenant: {', '.join(free)} in {clause}")


def _free(element: Any, around: frozenset[FromClause]) -> Iterator[str]:
    """Name what reads or writes rows without saying whose; `around` are the tables that a subquery may refer to.

    Every SELECT answers for its own FROM list: a table that is bound in one of them is not bound in another.
    """
    # The one text that names no table is the * of count(*).
    if isinstance(element, TextClause) or (isinstance(element, ColumnClause) and element.is_literal and element.name != "*"):
        yield f"the text {element}"
    if isinstance(element, (Table, ColumnClause)):
        return
    if isinstance(element, Select):
        tables, bound = _from_list(element)
        mine = [table for table in tables if table not in around] or tables
        yield from _unbound(mine, bound | _bound(element.whereclause))
        around |= frozenset(mine)
    elif isinstance(element, Insert):
        yield from _free_of_insert(element)
    elif isinstance(element, (Update, Delete)):
        tables = [element.table, *_tables_named(element)]
        yield from _unbound(tables, _bound(element.whereclause))
        around |= frozenset(tables)
        if "tenant_id" in _given(element):
            yield f"{element.table} moved to another tenant"
    for child in element.get_children():
        yield from _free(child, around)


def _unbound(tables: Sequence[FromClause], bound: set[FromClause]) -> Iterator[str]:
    for table in tables:
        if isinstance(table, (Table, AliasClause)) and "tenant_id" in table.c and table not in bound:
            yield str(getattr(table, "name", table))


def from_list(statement: Select[Any]) -> list[FromClause]:
    """Give what `get_final_froms` gives of a SELECT that stands alone, without compiling it.

    Compiling every SELECT was a fifth of the time in which a process starts; tests/guards/test_statements.py compares the two.
    """
    if statement._setup_joins or statement._correlate:  # noqa: SLF001 - see the test
        return list(statement.get_final_froms())
    named: list[FromClause] = [*statement._from_obj]  # noqa: SLF001
    for element in (*statement._raw_columns, *statement._where_criteria):  # noqa: SLF001
        named += element._from_objects  # noqa: SLF001
    # A join stands for the tables that it joins.
    hidden = {table for one in named for table in one._hide_froms}  # noqa: SLF001
    return [one for one in dict.fromkeys(named) if one not in hidden]


def _from_list(statement: Select[Any]) -> tuple[list[FromClause], set[FromClause]]:
    """Give the tables that a SELECT reads itself, and those that the conditions of its joins bind.

    The condition of an outer join keeps no row of its left side out.
    """
    tables: list[FromClause] = []
    bound: set[FromClause] = set()
    pending = from_list(statement)
    while pending:
        one = pending.pop()
        if not isinstance(one, Join):
            tables.append(one)
            continue
        pending += [one.left, one.right]
        kept_out = _bound(one.onclause)
        if one.full:
            kept_out.clear()
        elif one.isouter:
            kept_out &= {one.right, *getattr(one.right, "_from_objects", ())}
        bound |= kept_out
    return tables, bound


def _free_of_insert(statement: Insert) -> Iterator[str]:
    tenant = _given(statement).get("tenant_id")
    if "tenant_id" in statement.table.c and getattr(tenant, "key", None) != TENANT.key:
        yield f"{statement.table} inserted for any tenant"


def _given(statement: Insert | Update | Delete) -> dict[str, Any]:
    values: Any = getattr(statement, "_values", None) or {}
    return {str(getattr(column, "name", column)): value for column, value in values.items()}


def _tables_named(statement: Update | Delete) -> set[FromClause]:
    """Find the other tables whose columns stand in an UPDATE or DELETE, which makes them part of it."""
    found: set[FromClause] = set()
    pending: list[Any] = [*_given(statement).values()]
    pending += [] if statement.whereclause is None else [statement.whereclause]
    while pending:
        one = pending.pop()
        if isinstance(one, Select) or not isinstance(one, ClauseElement):
            continue
        if isinstance(one, ColumnClause) and one.table is not None:
            found.add(one.table)
        pending += one.get_children()
    return found - {statement.table}


def _bound(where: ClauseElement | None) -> set[FromClause]:
    return set() if where is None else set(_tables_bound(where))


def _tables_bound(where: ClauseElement) -> Iterator[FromClause]:
    """Find the tables whose tenant_id a condition compares with TENANT, as one of its AND-ed parts."""
    if isinstance(where, BooleanClauseList):
        if where.operator is operators.and_:
            for part in where.clauses:
                yield from _tables_bound(part)
        return
    if isinstance(where, BinaryExpression) and where.operator is operators.eq:
        left, right = where.left, where.right
        if (
            isinstance(left, ColumnClause)
            and left.name == "tenant_id"
            and isinstance(right, BindParameter)
            and right.key == TENANT.key
            and left.table is not None
        ):
            yield left.table
