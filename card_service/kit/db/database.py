"""The transaction runner: the only way to write, and the only place that commits."""

import random
import time
from collections.abc import Callable, Hashable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from card_service.kit.context import Context
from card_service.kit.db import faults
from card_service.kit.db.engine import CLEAN, build_engine
from card_service.kit.db.session import Session
from card_service.kit.errors import Unavailable, ValidationFailed

Result = TypeVar("Result")
P = ParamSpec("P")

MAX_ATTEMPTS = 6
LAST_START_SECONDS = 3.0
FIRST_PAUSE_SECONDS = 0.01
MEMORY_ENTRIES = 1024


class Bounded(dict[Hashable, Any]):
    """A mapping that forgets its oldest entry when it is full; what has a plain name stays."""

    def __init__(self, most: int) -> None:
        """Hold at most `most` entries."""
        super().__init__()
        self._most = most

    def __setitem__(self, key: Hashable, value: Any) -> None:
        """Keep a value; another thread may be doing the same, which does no harm."""
        super().__setitem__(key, value)
        if len(self) > self._most:
            for oldest in [key for key in list(self) if not isinstance(key, str)][: len(self) - self._most]:
                self.pop(oldest, None)


class Lease:
    """One connection held for one request or command.

    A connection does not start a transaction by a statement of its own: the first statement does, so the
    request's authentication and its use case share one transaction and one COMMIT. At READ COMMITTED every
    statement sees what is committed when it starts, so the earlier read makes no later one stale.
    """

    def __init__(self, engine: Engine, memory: MutableMapping[Hashable, Any]) -> None:
        """Take no connection before the first statement needs one."""
        self._engine = engine
        self._memory = memory
        self._connection: Connection | None = None

    def session(self, tenant_id: int) -> Session:
        """Bind the connection to a tenant."""
        if self._connection is None:
            self._connection = self._engine.connect()
        self._connection.info[CLEAN] = False
        return Session(self._connection, tenant_id, self._memory)

    def begin_writing(self) -> None:
        """Take SQLite's one write lock at once: a reader that turns writer cannot wait for it."""
        if self._connection is None:
            self._connection = self._engine.connect()
        if self._connection.dialect.name == "sqlite":
            driver: Any = self._connection.connection.dbapi_connection
            if driver.in_transaction:
                driver.rollback()
            driver.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make it last."""
        if self._connection is not None:
            self._transaction().commit()
            self._connection.info[CLEAN] = True

    def rollback(self, error: BaseException | None = None) -> None:
        """Undo it; after an error that lost the connection, drop every pooled connection of that age."""
        if self._connection is None:
            return
        try:
            if error is not None and faults.is_lost(error):
                self._connection.invalidate(error)
                self.close()
                self._engine.dispose()
            else:
                self._transaction().rollback()
                self._connection.info[CLEAN] = True
        except Exception as second:  # noqa: BLE001 - the first error is the one to tell
            if not faults.is_lost(second) and self._connection is not None:
                self._connection.invalidate(second)
            self.close()

    def close(self) -> None:
        """Give the connection back; the pool ends what was left open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _transaction(self) -> Any:
        """Give what ends the transaction: the driver, or SQLAlchemy if it ran a statement itself and so began one of its own.

        It would roll that one back when the connection is given back, a round trip for nothing.
        """
        assert self._connection is not None  # noqa: S101 - both callers have looked
        return self._connection if self._connection.in_transaction() else self._connection.connection.dbapi_connection


class Database:
    """Runs use cases, each in one transaction, and again when the database asks for it."""

    def __init__(self, url: str, *, pool_size: int = 8, on_retry: Callable[[str], None] | None = None) -> None:
        """Connect to nothing yet; `on_retry` is told the cause of each retry."""
        self.engine = build_engine(url, pool_size=pool_size)
        self._on_retry = on_retry or (lambda _cause: None)
        self.memory: MutableMapping[Hashable, Any] = Bounded(MEMORY_ENTRIES)
        self._current: ContextVar[Lease | None] = ContextVar(f"lease-{id(self)}", default=None)

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Hold one connection for everything inside; inner leases are the outer one."""
        current = self._current.get()
        if current is not None:
            yield current
            return
        lease = Lease(self.engine, self.memory)
        token = self._current.set(lease)
        try:
            yield lease
        finally:
            self._current.reset(token)
            lease.close()

    def transact(
        self,
        use_case: Callable[Concatenate[Session, Context, P], Result],
        context: Context,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a use case that writes, commit it, and give its result.

        A deadlock, a lock time-out, a lost connection or a raced unique key runs the whole use case again: at most
        six times, none started after 3 s, with full jitter. A COMMIT whose answer was lost is safe to run again
        because the use case then finds its own stored answer.
        """
        return self._run(use_case, context, args, kwargs, writes=True)

    def read(
        self,
        use_case: Callable[Concatenate[Session, Context, P], Result],
        context: Context,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a use case that only reads; retried as `transact` is."""
        return self._run(use_case, context, args, kwargs, writes=False)

    def _run(self, use_case: Callable[..., Result], context: Context, args: Any, kwargs: Any, *, writes: bool) -> Result:
        started = time.monotonic()
        attempt = 0
        with self.lease() as lease:
            while True:
                attempt += 1
                try:
                    if writes:
                        lease.begin_writing()
                    session = lease.session(context.tenant_id)
                    result = use_case(session, context, *args, **kwargs)
                    if writes:
                        session.flush()
                        lease.commit()
                except BaseException as error:
                    lease.rollback(error)
                    cause = faults.retry_cause(error)
                    if cause is None:
                        if faults.does_not_fit(error):
                            raise ValidationFailed(detail="An amount or a total would become too large") from error
                        raise
                    self._on_retry(cause)
                    pause = random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311 - jitter, not a secret
                    if attempt >= MAX_ATTEMPTS or time.monotonic() - started + pause > LAST_START_SECONDS:
                        raise Unavailable from error
                    time.sleep(pause)
                else:
                    return result
