"""A session: one connection, one tenant, and nothing but statements that are bound to it."""

from collections.abc import Callable, Hashable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.statement import TENANT, Statement

Row = TypeVar("Row")
Blame = Callable[[Exception], Exception]


class _Queued(NamedTuple):
    """A write that waits for the others: its text, its values, and what is expected of it."""

    sql: str
    values: list[Any]
    matches: int | None
    blame: Blame | None


class Session:
    """What a use case gets of the database.

    It runs `Statement`s only and fills their tenant itself, whatever the caller passed. It has no commit:
    the transaction belongs to the runner (`kit/db/database.py`).
    """

    __slots__ = ("_connection", "_cursor", "_dialect", "_queue", "memory", "tenant_id")

    def __init__(
        self,
        connection: Connection,
        tenant_id: int,
        memory: MutableMapping[Hashable, Any],
        queue: list[_Queued] | None = None,
    ) -> None:
        """Bind a connection to a tenant; 0 is nobody's id, for statements across tenants.

        `memory` keeps what can never change, such as the rules of one version, from one transaction to the next.
        """
        self._connection = connection
        self._dialect = connection.dialect
        driver: Any = connection.connection.dbapi_connection
        self._cursor: Any = driver.cursor()
        # One for all sessions of a transaction: the runner flushes only the session that it made.
        self._queue: list[_Queued] = [] if queue is None else queue
        self.tenant_id = tenant_id
        self.memory = memory

    def for_tenant(self, tenant_id: int) -> "Session":
        """Give a session of the same transaction for a tenant that was only just created."""
        return Session(self._connection, tenant_id, self.memory, self._queue)

    def all(self, statement: Statement[Row], **params: Any) -> list[Row]:
        """Run a select and give every row."""
        self.flush()
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
        self.flush()
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

    def queue(
        self,
        statement: Statement[Any],
        rows: Sequence[Mapping[str, Any]],
        *,
        matches: int | None = None,
        blame: Blame | None = None,
    ) -> None:
        """Write these rows together with what else waits: before the next statement, or else before the COMMIT.

        An INSERT takes all its rows in one statement. If it does not match as many rows as it must (`matches`), the
        use case runs again; `blame` may turn the driver's error into another.
        """
        compiled = statement.compiled(self._dialect)
        mine = {TENANT.key: self.tenant_id}
        values = [compiled.values({**row, **mine}) for row in rows]
        if compiled.is_insert and rows:
            together = [value for row in values for value in row]
            self._queue.append(_Queued(compiled.for_rows(len(rows)), together, matches, blame))
        else:
            self._queue += [_Queued(compiled.sql, row, matches, blame) for row in values]

    def flush(self) -> None:
        """Send what waits: to MariaDB and MySQL in one packet, so that a lock is held for one round trip and not for six."""
        if not self._queue:
            return
        queued = self._queue.copy()
        self._queue.clear()
        send = self._each if self._dialect.name == "sqlite" else self._together
        answers = send(queued)
        changed = False
        for one in queued:
            try:
                matched = next(answers)
            except Exception as error:
                blamed = one.blame(error) if one.blame else error
                if blamed is error:
                    raise
                raise blamed from error
            # The answers of the others are still read: what is left on the line would be taken for that of the ROLLBACK.
            changed |= one.matches is not None and matched != one.matches
        if changed:
            raise ConcurrentChangeError

    def _each(self, queued: Sequence[_Queued]) -> Iterator[int]:
        for one in queued:
            self._cursor.execute(one.sql, one.values)
            yield self._cursor.rowcount

    def _together(self, queued: Sequence[_Queued]) -> Iterator[int]:
        self._cursor.execute(";".join(one.sql for one in queued), [value for one in queued for value in one.values])
        yield self._cursor.rowcount
        while self._cursor.nextset():
            yield self._cursor.rowcount
