"""The migrations: one line of them, equal to the models, there and back on a filled database, and again after a crash."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.exc import OperationalError

import migrations
from card_service import migrate
from card_service.kit.db import engine as engines
from card_service.kit.db.engine import build_engine
from card_service.models import (
    bills,
    campaigns,
    card_config,
    cards,
    earning,
    idempotency,
    jobs,
    ledger,
    outbox,
    programs,
    tenants,
    tiers,
    users,
)
from card_service.models.base import metadata
from tests.concurrency.pharmacy import Pharmacy
from tests.servers.databases import MIGRATION, PASSWORD, PrivateDatabase
from tests.servers.service import Service, start_service

TABLE_GROUPS = (tenants, card_config, cards, earning, ledger, idempotency, bills, programs, campaigns, outbox, tiers, jobs, users)
"""Imported so that their tables are in `metadata`."""
VERSIONS = "alembic_version"
_names = (f"migrations_{number}" for number in count(1))


class Crashed(Exception):
    """The migration was cut off here."""


@pytest.fixture
def empty(database: PrivateDatabase, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty database of each kind to the user who may change the schema."""
    name = next(_names)
    if database.server is None:
        engine = build_engine(f"sqlite:///{tmp_path / name}.sqlite3")
    else:
        with database.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute(f"GRANT ALL ON {name}.* TO '{MIGRATION}'@'127.0.0.1'")
        engine = build_engine(database.server.url(MIGRATION, PASSWORD, name))
    yield engine
    engine.dispose()
    if database.server is not None:
        with database.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def _shape(engine: Engine) -> dict[str, Any]:
    """Read every table with its columns, keys, indexes and checks, and the triggers."""
    found = inspect(engine)
    tables = {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            found.get_pk_constraint(table)["constrained_columns"],
            sorted((i["name"] or "", tuple(i["column_names"]), bool(i["unique"])) for i in found.get_indexes(table)),
            sorted(tuple(key["constrained_columns"]) for key in found.get_foreign_keys(table)),
            sorted(check["name"] or "" for check in found.get_check_constraints(table)),
        )
        for table in found.get_table_names()
    }
    triggers = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    )
    with engine.connect() as connection:
        return tables | {"triggers": sorted(name for (name,) in connection.exec_driver_sql(triggers))}


def test_there_is_one_newest_migration_and_the_file_names_it() -> None:
    folder = Path(migrations.__file__).parent

    heads = ScriptDirectory(str(folder)).get_heads()

    assert heads == [migrate.head_revision()]
    assert (folder / ".current-alembic-head").read_text().strip() == migrate.head_revision()


def test_each_migration_follows_the_one_before() -> None:
    scripts = list(ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions())

    assert [script.down_revision for script in scripts] == [*(script.revision for script in scripts[1:]), None]
    assert {script.revision for script in scripts} == migrate.known_revisions()


def test_what_the_migrations_make_is_what_the_models_say(database: PrivateDatabase) -> None:
    engine = build_engine(database.migration_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    found = inspect(engine)

    checks = {table: {check["name"] for check in found.get_check_constraints(table)} for table in metadata.tables}

    engine.dispose()
    assert differences == []
    for name, table in metadata.tables.items():
        assert {c.name for c in table.constraints if type(c).__name__ == "CheckConstraint"} <= checks[name], name


def test_a_filled_database_goes_down_and_up_again(empty: Engine, database: PrivateDatabase) -> None:
    migrate.upgrade(empty)
    shape = _shape(empty)
    _fill(empty, database)

    migrate.downgrade(empty, "base")
    assert set(inspect(empty).get_table_names()) == {VERSIONS}

    migrate.upgrade(empty)
    assert _shape(empty) == shape
    assert migrate.current_revision(empty) == migrate.head_revision()


def test_an_upgrade_of_a_filled_database_keeps_what_is_in_it(empty: Engine, database: PrivateDatabase) -> None:
    migrate.upgrade(empty)
    service, card = _fill(empty, database)
    secrets = migrate.secrets_of(empty)

    migrate.upgrade(empty)

    assert migrate.secrets_of(empty) == secrets
    assert service.balance(card) == 35
    service.assert_books_balance()


def test_an_upgrade_cut_off_after_any_of_its_statements_is_finished_by_the_next(empty: Engine) -> None:
    crashes, at, allowed = 0, migrate.current_revision(empty), 1
    while not _upgraded_within(empty, allowed):
        crashes += 1
        before, at = at, migrate.current_revision(empty)
        # Within one migration each attempt gets a statement further than the last.
        allowed = allowed + 1 if at == before else 1

    # At least each table is a statement that an upgrade was cut off after.
    assert crashes > len(metadata.tables)
    whole = _shape(empty)
    migrate.downgrade(empty, "base")
    migrate.upgrade(empty)
    assert _shape(empty) == whole
    assert migrate.current_revision(empty) == migrate.head_revision()


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_migration_takes_as_long_as_it_takes_and_a_statement_of_the_service_does_not(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "STATEMENT_SECONDS", 0.2)
    monkeypatch.setattr(engines, "SOCKET_SECONDS", 0.4)
    told = "SELECT @@max_statement_time, @@innodb_lock_wait_timeout, @@lock_wait_timeout, @@sql_mode LIKE '%STRICT_%'"
    found = []

    def take_long(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url == empty.url and statement.lstrip().startswith(("CREATE TABLE", "DROP TABLE")):
            cursor.execute("SELECT SLEEP(0.6)")
            cursor.execute(told)
            found.append(cursor.fetchone())

    event.listen(Engine, "before_cursor_execute", take_long)
    try:
        migrate.upgrade(empty, "0001")
        up = len(found)
        migrate.downgrade(empty, "base")
    finally:
        event.remove(Engine, "before_cursor_execute", take_long)

    # Whoever waits behind a migration for a lock is not to wait for long.
    assert set(found) == {(0, engines.LOCK_WAIT_SECONDS, 5, 1)}
    assert 0 < up < len(found)
    own = build_engine(empty.url.render_as_string(hide_password=False))
    with own.connect() as connection:
        assert connection.exec_driver_sql("SELECT CAST(@@max_statement_time AS CHAR)").scalar_one().startswith("0.2")
        with pytest.raises(OperationalError):
            # Not SLEEP: one that is cut off is no error everywhere.
            connection.exec_driver_sql("SELECT COUNT(*) FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq * b.seq MOD 7 = 1")
    own.dispose()


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_rows_that_a_migration_has_filled_in_are_free_while_it_fills_in_others(empty: Engine, database: PrivateDatabase) -> None:
    migrate.upgrade(empty)
    _fill(empty, database)
    with empty.begin() as connection:
        connection.exec_driver_sql("UPDATE bills SET state = 'PARTIALLY_RETURNED', `lines` = '[{\"returned\": \"1.00\"}]'")
    migrate.downgrade(empty, "0012")
    filled_in: list[str | None] = []

    def look(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        """Lock what the statement before has filled in, as a till does."""
        if connection.engine.url == empty.url and connection.engine is not empty:
            if filled_in and filled_in[-1] is not None:
                with empty.connect() as till:
                    till.exec_driver_sql(f"SELECT 1 FROM {filled_in[-1]} FOR UPDATE NOWAIT")
            table = re.match("UPDATE (loyalty_cards|bills) ", statement)
            filled_in.append(table and table[1])

    event.listen(Engine, "before_cursor_execute", look)
    try:
        migrate.upgrade(empty, "0016")
    finally:
        event.remove(Engine, "before_cursor_execute", look)

    assert {"loyalty_cards", "bills"} < set(filled_in)


def _upgraded_within(engine: Engine, allowed: int) -> bool:
    """Upgrade, and crash before a statement that would change more than `allowed` things; whether it came to the end."""
    changes = 0

    def cut_off(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal changes
        mine = connection.engine.url == engine.url
        if mine and statement.lstrip().upper().startswith(("CREATE", "INSERT", "UPDATE", "DROP")):
            changes += 1
            if changes > allowed:
                raise Crashed

    # On every engine: a migration has one of its own.
    event.listen(Engine, "before_cursor_execute", cut_off)
    try:
        migrate.upgrade(engine)
    except Crashed:
        return False
    finally:
        event.remove(Engine, "before_cursor_execute", cut_off)
    return True


def _fill(engine: Engine, database: PrivateDatabase) -> tuple[Pharmacy, int]:
    """Put a row into as many tables as one pharmacy needs."""
    url = engine.url.render_as_string(hide_password=False)
    service: Service = start_service(PrivateDatabase(database.kind, url, url, database.server))
    pharmacy = Pharmacy(service.tenant())
    referrer = pharmacy.card()
    card, bill = pharmacy.card(20, referrerCardId=referrer), pharmacy.new_bill()
    assert pharmacy.redeem(card, bill, 10).status == 200
    assert pharmacy.earn(card, bill, "1010.00").status == 200
    assert pharmacy.balance(card) == 35
    return pharmacy, card
