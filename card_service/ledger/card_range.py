"""The rows of a range of cards, and their sums, as the statements of the audit ask for them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func

from card_service.kit.db.statement import TENANT


def total(column: ColumnElement[Any]) -> Any:
    """Sum a column in its own type, 0 where there are no rows."""
    return func.coalesce(func.sum(column, type_=column.type), 0, type_=column.type)


def in_range(table: Any, column: str = "card_id") -> ColumnElement[bool]:
    """Ask for the rows of the cards from `first` to `last`, both included."""
    return and_(table.c.tenant_id == TENANT, table.c[column] >= bindparam("first"), table.c[column] <= bindparam("last"))
