"""An INSERT that meets rows which are there already: leaves them, replaces columns of them, or adds to them."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pymysql
import pytest
from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, TenantNotBoundError, insert_into
from card_service.kit.db.tenancy import require_tenant
from card_service.kit.db.upsert import Upsert, insert_once, insert_or
from card_service.models.tenants import audit_log
from card_service.models.users import sign_in_attempts as rows
from tests.servers.databases import PrivateDatabase

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CONTEXT = Context(tenant_id=1, performed_by="test", now=NOW)
_numbers = count()
_once: Statement[None] = Statement(insert_once(rows))
_put: Statement[None] = Statement(insert_or(rows, put=("locked_until",), add=("failures",)))
_read: Statement[tuple[Any, ...]] = Statement(
    select(rows.c.login_hash, rows.c.failures, rows.c.locked_until)
    .where(rows.c.login_hash.startswith(bindparam("family"), autoescape=False))
    .order_by(rows.c.login_hash)
)
# What these tests send is no statement of the service: others compare those with the GRANTs.
del Statement.all_statements[-3:]


@pytest.fixture
def runner(database: PrivateDatabase) -> Iterator[Database]:
    """Give the transaction runner on each kind of database."""
    runner = Database(database.url)
    yield runner
    runner.engine.dispose()


def _row(name: str, failures: int, locked_until: datetime | None = None) -> dict[str, Any]:
    return {"login_hash": name, "failures": failures, "locked_until": locked_until, "updated_at": NOW}


def _after(runner: Database, statement: Statement[None], *batches: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    family = f"upsert-{next(_numbers)}-"

    def write(session: Session, _: Context) -> None:
        for batch in batches:
            session.queue(statement, [{**row, "login_hash": family + row["login_hash"]} for row in batch])

    runner.transact(write, CONTEXT)
    found = runner.read(lambda session, _: session.all(_read, family=family), CONTEXT)
    return [(name.removeprefix(family), *others) for name, *others in found]


def test_a_row_that_is_there_is_left_alone_and_the_others_come_in(runner: Database) -> None:
    found = _after(runner, _once, [_row("a", 1), _row("b", 2)], [_row("b", 20), _row("c", 30), _row("c", 31)])

    assert found == [("a", 1, None), ("b", 2, None), ("c", 30, None)]


def test_columns_are_replaced_and_added_to(runner: Database) -> None:
    found = _after(runner, _put, [_row("a", 1), _row("b", 2)], [_row("b", 20, NOW), _row("c", 30), _row("c", 1, NOW)])

    assert found == [("a", 1, None), ("b", 22, NOW), ("c", 31, NOW)]


def test_what_is_wrong_with_a_row_is_not_swallowed(runner: Database) -> None:
    with pytest.raises((sqlite3.IntegrityError, pymysql.err.IntegrityError)):
        _after(runner, _once, [{**_row("a", 1), "updated_at": None}])


def test_it_says_whose_rows_it_writes() -> None:
    assert require_tenant(insert_once(audit_log, "id")) is None  # type: ignore[func-returns-value]
    with pytest.raises(TenantNotBoundError):
        require_tenant(Upsert(audit_log).values(entity_id=1))
    assert not isinstance(insert_into(audit_log), Upsert)
