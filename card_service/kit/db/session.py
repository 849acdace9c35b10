"""A session: one connection, one tenant, and nothing but statements that are bound to it."""

from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from card_service.kit.db.statement import TENANT, Statement

Row = TypeVar("Row")


class Session:
    """What a use case gets of the database.

    It runs `Statement`s only and fills their tenant itself, whatever the caller passed. It has no commit:
    the transaction belongs to the runner (`kit/db/database.py`).
    """

    __slots__ = ("_connection", "_cursor", "_dialect", "memory", "tenant_id")

    def __init__(self, connection: Connection, tenant_id: int, memory: MutableMapping[Hashable, Any]) -> None:
        """Bind a connection to a tenant; 0 is nobody's id, for statements across tenants.

        `memory` keeps what can never change, such as the rules of one version, from one transaction to the next.
        """
        self._connection = connection
        self._dialect = connection.dialect
        driver: Any = connection.connection.dbapi_connection
        self._cursor: Any = driver.cursor()
        self.tenant_id = tenant_id
        self.memory = memory

    def for_tenant(self, tenant_id: int) -> "Session":
        """Give a session of the same transaction for a tenant that was only just created."""
        return Session(self._connection, tenant_id, self.memory)

    def all(self, statement: Statement[Row], **params: Any) -> list[Row]:
        """Run a select and give every row."""
        params[TENANT.key] = self.tenant_id
        if statement.expanding:
            return [statement.row(*row) for row in self._connection.execute(statement.clause, params)]
        compiled = statement.compiled(self._dialect)
        self._cursor.execute(compiled.sql, compiled.values(params))
        make, read = statement.row, compiled.read
        return [make(*read(row)) for row in self._cursor.fetchall()]

    def one(self, statement: Statement[Row], **params: Any) -> Row | None:
        """Run a select that finds at most one row."""
        rows = self.all(statement, **params)
        return rows[0] if rows else None

    def write(self, statement: Statement[Any], **params: Any) -> int:
        """Run an insert, update or delete; gives the number of rows it matched."""
        params[TENANT.key] = self.tenant_id
        if statement.expanding:
            return self._connection.execute(statement.clause, params).rowcount
        compiled = statement.compiled(self._dialect)
        self._cursor.execute(compiled.sql, compiled.values(params))
        return int(self._cursor.rowcount)

    def insert(self, statement: Statement[Any], **params: Any) -> int:
        """Insert one row and give the key that the database made for it."""
        self.write(statement, **params)
        return int(self._cursor.lastrowid)

    def insert_many(self, statement: Statement[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all rows in one round trip."""
        if not rows:
            return
        compiled = statement.compiled(self._dialect)
        mine = {TENANT.key: self.tenant_id}
        self._cursor.executemany(compiled.sql, [compiled.values({**row, **mine}) for row in rows])
