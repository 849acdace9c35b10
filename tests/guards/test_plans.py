"""How the databases find what one person has: by indexes, however much the others of the tenant have."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, String, Table, event
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from card_service.kit.db.engine import build_engine
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.db.types import UtcDateTime
from card_service.models.bills import bill_bonuses, bills
from card_service.models.cards import loyalty_cards as cards
from card_service.models.earning import activity_awards
from tests.servers.databases import PrivateDatabase, mariadb_database, sqlite_database
from tests.servers.mariadb import MariaDB
from tests.servers.service import start_service

OTHERS = 3_000
READ_AT_MOST = 100
ALL_OF_THE_TENANT = re.compile(r"^SCAN (?!own\b|CONSTANT)|\(tenant_id=\?( AND (occurred_at|created_at)[<>]\?)?\)$")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_GIVEN = {"status": "ACTIVE", "state": "OPEN", "kind": "REFERRAL", "version": 1, "points": 5, "activity": "REVIEW"}


def _of_a_person() -> list[Statement[Any]]:
    """Find the statements that read what a card has, and what the cards have that were merged into it."""
    return [one for one in Statement.all_statements if re.search(r"merged_into_card_id (=|IN) \S*card_id", str(one.clause))]


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def connection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Connect to a tenant (1) of many cards, each with a bill, a bonus and an award."""
    folder: Path = tmp_path_factory.mktemp("plans")
    mariadb: MariaDB | None = request.getfixturevalue("mariadb") if request.param == "mariadb" else None
    database: PrivateDatabase = mariadb_database(mariadb, "plans") if mariadb else sqlite_database(folder)
    assert start_service(database).tenant().id == 1
    engine = build_engine(database.url)
    with engine.connect() as opened:
        for table in (cards, bills, bill_bonuses, activity_awards):
            opened.execute(table.insert(), [_row(table, number) for number in range(1, OTHERS + 1)])
            if mariadb:
                opened.exec_driver_sql(f"ANALYZE TABLE {table.name}")
        opened.commit()
        yield opened
    engine.dispose()


def test_what_a_person_has_is_found_by_indexes(connection: Connection) -> None:
    statements = _of_a_person()
    assert len(statements) > 5
    found = {str(one.clause): _explained(connection, one) for one in statements}

    bad = {sql: plan for sql, plan in found.items() if _reads_the_tenant(connection, plan)}

    assert not bad, "\n\n".join(f"{sql}\n{plan}" for sql, plan in bad.items())


def _reads_the_tenant(connection: Connection, plan: list[Any]) -> bool:
    if connection.dialect.name == "sqlite":
        return any(ALL_OF_THE_TENANT.search(step.detail) for step in plan)
    # The figure may be followed by a percentage, of what a filter leaves of it.
    return sum(int(str(step.rows or 0).split()[0]) for step in plan) > READ_AT_MOST


def _explained(connection: Connection, statement: Statement[Any]) -> list[Any]:
    """Ask the database how it would run a statement, with the text that it is really sent."""
    sent: list[Any] = []

    def keep(_connection: Any, _cursor: Any, text: str, parameters: Any, *_: Any) -> None:
        sent[:] = [text, parameters]

    event.listen(connection, "before_cursor_execute", keep)
    connection.execute(statement.clause, _parameters(statement))
    event.remove(connection, "before_cursor_execute", keep)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return list(connection.exec_driver_sql(explain + sent[0], sent[1]))


def _parameters(statement: Statement[Any]) -> dict[str, Any]:
    binds = [one for one in visitors.iterate(statement.clause) if isinstance(one, BindParameter) and one.required]
    found = {one.key: [7, 8, 9] if one.expanding else _sample(one) for one in binds}
    return found | {TENANT.key: 1}


def _sample(column: Any) -> Any:
    """Give a value that a column, or a parameter, may have."""
    if isinstance(column.type, UtcDateTime):
        return NOW
    return "x" if isinstance(column.type, String) else 0


def _row(table: Table, number: int) -> dict[str, Any]:
    """Make a row of nothing in particular, but for what is checked, and of a card of its own."""
    numbers = dict.fromkeys(("id", "card_id", "bill_id", "opened_seq"), number)
    texts = dict.fromkeys(("card_number", "reference"), str(number))
    given = {**_GIVEN, **numbers, **texts, "tenant_id": 1, "occurred_at": NOW, "earned_at": NOW}
    needed = [c for c in table.columns if c.computed is None and not (c.nullable or c.server_default is not None)]
    row = {c.name: given.get(c.name, _sample(c)) for c in needed}
    return row | {name: given[name] for name in ("occurred_at", "earned_at") if name in table.c}
