"""One SQL statement, compiled once for each kind of database, and unable to leave its tenant.

A statement is built when its module is imported, and refused there if any tenant-owned table in it (any table
with a `tenant_id`) is not bound to `TENANT`. The session fills that parameter itself, so a query cannot forget
its tenant and a caller cannot choose one.

Compiling and caching is what SQLAlchemy does too; keeping the compiled text beside the statement saves it from
computing its cache key at every call, which on the hot path was a third of the service's time (bench/README.md).
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

from sqlalchemy import Delete, Dialect, Insert, Select, Table, Update, bindparam
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.elements import BindParameter

from card_service.kit.db.tenancy import TENANT, TenantNotBoundError, require_tenant

__all__ = ["TENANT", "Statement", "TenantNotBoundError", "insert_into"]

Row = TypeVar("Row")


class Compiled:
    """The text of a statement for one kind of database, and how its values go in and come out."""

    __slots__ = ("_head", "_row", "_tail", "binders", "constants", "is_insert", "names", "readers", "sql")

    def __init__(self, clause: ClauseElement, dialect: Dialect) -> None:
        """Compile `clause`; the parameters are positional in every driver we use."""
        compiled: Any = clause.compile(dialect=dialect)
        self.sql: str = str(compiled)
        self.is_insert = isinstance(clause, Insert)
        # An INSERT that may meet its own key goes on after its rows (`kit/db/upsert.py`).
        head, on, after = self.sql.partition(" ON ") if self.is_insert else (self.sql, "", "")
        self._head, self._tail = head, on + after
        self._row = head.rpartition(" VALUES ")[2]
        self.names: tuple[str, ...] = tuple(compiled.positiontup)
        # Values that stand in the statement itself, such as the 1 of `version + 1`.
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}
        processors: dict[str, Callable[[Any], Any]] = compiled._bind_processors  # noqa: SLF001 - see tests/kit/test_statement.py
        self.binders = [(i, processors[name]) for i, name in enumerate(self.names) if name in processors]
        self.readers: list[tuple[int, Callable[[Any], Any]]] = []
        if isinstance(clause, Select):
            for i, column in enumerate(clause.selected_columns):
                kind = column.type.dialect_impl(dialect)
                reader = kind.result_processor(dialect, None)
                if reader is not None:
                    self.readers.append((i, reader))

    def for_rows(self, count: int) -> str:
        """Give the text of an INSERT of so many rows."""
        return self._head + f", {self._row}" * (count - 1) + self._tail

    def values(self, params: dict[str, Any]) -> list[Any]:
        """Put the parameters in the order of the text, in the form that the driver takes."""
        if self.constants:
            params = {**self.constants, **params}
        values = [params[name] for name in self.names]
        for i, bind in self.binders:
            values[i] = bind(values[i])
        return values

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """Turn a driver's row into Python values."""
        if not self.readers:
            return row
        values = list(row)
        for i, reader in self.readers:
            values[i] = reader(values[i])
        return values


class Statement(Generic[Row]):
    """A select, insert, update or delete; `row` makes a result of each row's values, in their order.

    `across_tenants` gives the reason why a statement may see every tenant; a test lists those that do.
    """

    all_statements: "list[Statement[Any]]" = []  # noqa: RUF012 - the register that the guard tests read

    @overload
    def __init__(
        self: "Statement[Any]",
        clause: Select[Any] | Insert | Update | Delete,
        row: None = None,
        *,
        across_tenants: str | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        clause: Select[Any] | Insert | Update | Delete,
        row: Callable[..., Row],
        *,
        across_tenants: str | None = None,
    ) -> None: ...

    def __init__(
        self,
        clause: Select[Any] | Insert | Update | Delete,
        row: Callable[..., Row] | None = None,
        *,
        across_tenants: str | None = None,
    ) -> None:
        """Refuse a statement that does not say whose rows it means."""
        if across_tenants is None:
            require_tenant(clause)
        self.clause = clause
        self.row: Callable[..., Any] = row or _plain_row
        self.across_tenants = across_tenants
        self.expanding = any(isinstance(element, BindParameter) and element.expanding for element in visitors.iterate(clause))
        self._compiled: dict[str, Compiled] = {}
        Statement.all_statements.append(self)

    def compiled(self, dialect: Dialect) -> Compiled:
        """Give the text for this kind of database, compiling it the first time."""
        key = f"{dialect.name}+{dialect.driver}"
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = Compiled(self.clause, dialect)
        return found


def insert_into(table: Table, *skip: str) -> Insert:
    """Make an INSERT of every column of `table`, each a parameter of its own name, but for `skip`."""
    return table.insert().values(row_of(table, *skip))


def row_of(table: Table, *skip: str) -> dict[str, BindParameter[Any]]:
    """Give the values of such an INSERT."""
    left_out = {*skip, *(c.name for c in table.columns if c.computed is not None)}
    columns = [c for c in table.columns if c.name not in left_out]
    return {c.name: TENANT if c.name == "tenant_id" else bindparam(c.name) for c in columns}


def _plain_row(*values: Any) -> tuple[Any, ...]:
    return values
