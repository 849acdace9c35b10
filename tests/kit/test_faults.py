"""Which errors of the drivers run a use case again: by the list of docs/reliability.md, and by errors that really happened."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pymysql
import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from card_service.kit.db import faults
from card_service.kit.db.engine import build_engine
from tests.servers.databases import MIGRATION, PASSWORD, PrivateDatabase
from tests.servers.mariadb import free_port
from tests.servers.service import Service

AGAIN = (
    *(1213, 1205, 1020, 2006, 2013, 2014, 2055, 1927, 1053, 1040, 2002, 2003, 1158, 1159, 1160, 1161, 1317, 1969),
    # The one exception to "never": run again, the use case finds the winner's row.
    1062,
)
NEVER = (4025, 1452, 1264, 1265, 1366, 1406, 1142, 1792, 1114)
only_mariadb = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize("code", AGAIN)
def test_these_codes_run_the_use_case_again(code: int) -> None:
    assert faults.retry_cause(pymysql.err.OperationalError(code, "whatever it says")) is not None


@pytest.mark.parametrize("code", NEVER)
def test_these_codes_never_do_whatever_class_the_driver_gives_them(code: int) -> None:
    for kind in (pymysql.err.OperationalError, pymysql.err.IntegrityError, pymysql.err.DataError):
        assert faults.retry_cause(kind(code, "whatever it says")) is None


def test_an_error_that_is_not_the_databases_never_does() -> None:
    for error in (ValueError(1213), KeyError("locked"), RuntimeError(1205, "no error of a driver")):
        assert faults.retry_cause(error) is None


@pytest.fixture
def engine(database: PrivateDatabase) -> Iterator[Engine]:
    """Connect as the service does."""
    engine = build_engine(database.url)
    yield engine
    engine.dispose()


def _error(run: Callable[[], object]) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as caught:
        run()
    return caught.value


def _failing(engine: Engine, *statements: str) -> SQLAlchemyError:
    """Run statements of which the last fails."""
    *before, last = [text(sql) for sql in statements]
    with engine.connect() as connection:
        for statement in before:
            connection.execute(statement)
        return _error(lambda: connection.execute(last))


def test_a_taken_key_is_a_duplicate(engine: Engine) -> None:
    row = "INSERT INTO service_secrets (name, secret, created_at) VALUES ('twice', 'x', '2026-03-02 00:00:00')"

    error = _failing(engine, row, row)

    assert faults.is_duplicate(error)
    assert faults.retry_cause(error) == "duplicate_key"


def test_a_broken_check_is_no_reason_to_run_again(service: Service) -> None:
    tenant = service.tenant().id
    engine = build_engine(service.database.url)

    error = _failing(engine, f"UPDATE card_configurations SET points_precision = 9 WHERE tenant_id = {tenant}")

    engine.dispose()
    assert faults.retry_cause(error) is None
    assert not faults.is_lost(error)


def test_a_change_of_the_ledger_is_no_reason_to_run_again(service: Service) -> None:
    tenant = service.tenant()
    card = tenant.admin.post("/cards", {}).json["id"]
    assert tenant.admin.post(f"/cards/{card}/adjust-points", {"points": 1, "reason": "gift"}).status == 200
    engine = build_engine(service.database.url)

    errors = [
        _failing(engine, f"UPDATE point_transactions SET points = 2 WHERE card_id = {card}"),
        _failing(engine, f"DELETE FROM point_transactions WHERE card_id = {card}"),
    ]

    engine.dispose()
    assert [faults.retry_cause(error) for error in errors] == [None, None]


@only_sqlite
def test_a_locked_file_is_busy(engine: Engine, database: PrivateDatabase) -> None:
    other = create_engine(database.url, connect_args={"timeout": 0.05})
    with engine.connect() as holder:
        holder.exec_driver_sql("BEGIN IMMEDIATE")

        error = _failing(other, "INSERT INTO service_secrets (name, secret, created_at) VALUES ('busy', 'x', '2026-03-02')")

        assert (faults.retry_cause(error), faults.is_lock_timeout(error)) == ("busy", True)
    other.dispose()


@only_sqlite
def test_a_pool_without_a_free_connection_is_worth_another_try(database: PrivateDatabase) -> None:
    small = create_engine(database.url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05)
    with small.connect():
        assert faults.retry_cause(_error(small.connect)) == "pool_timeout"
    small.dispose()


@only_mariadb
def test_a_lock_that_is_held_too_long_times_out(engine: Engine, service: Service) -> None:
    row = f"card_configurations SET currency = 'INR' WHERE tenant_id = {service.tenant().id}"
    with engine.connect() as holder:
        holder.execute(text(f"UPDATE {row}"))

        error = _failing(engine, "SET SESSION innodb_lock_wait_timeout = 1", f"UPDATE {row}")

        assert (faults.retry_cause(error), faults.is_lock_timeout(error)) == ("lock_timeout", True)


@only_mariadb
def test_of_two_that_wait_for_each_other_one_is_told(engine: Engine, service: Service) -> None:
    rows = [f"UPDATE card_configurations SET currency = 'EUR' WHERE tenant_id = {service.tenant().id}" for _ in range(2)]
    both_hold_one = Barrier(2)

    def cross(first: str, second: str) -> SQLAlchemyError | None:
        with engine.connect() as connection:
            connection.execute(text(first))
            both_hold_one.wait(10)
            try:
                connection.execute(text(second))
            except SQLAlchemyError as error:
                return error
            return None

    with ThreadPoolExecutor(2) as threads:
        found = [one.result() for one in [threads.submit(cross, *rows), threads.submit(cross, *reversed(rows))]]

    (error,) = (error for error in found if error is not None)
    assert faults.retry_cause(error) == "deadlock"


@only_mariadb
@pytest.mark.parametrize("kill", ["CONNECTION", "QUERY", "the statement's own limit"])
def test_a_statement_that_is_cut_off_runs_again(engine: Engine, database: PrivateDatabase, kill: str) -> None:
    assert database.server is not None
    with engine.connect() as connection, closing(database.server.connect()) as root:
        if kill in {"CONNECTION", "QUERY"}:
            number = connection.execute(text("SELECT CONNECTION_ID()")).scalar_one()
            error = _cut_off(connection, lambda: _kill_while_running(root, kill, number))
        else:
            connection.execute(text("SET SESSION max_statement_time = 0.1"))
            error = _cut_off(connection, lambda: None)

    expected = {"CONNECTION": "connection_lost", "QUERY": "interrupted"}.get(kill, "too_slow")
    assert faults.retry_cause(error) == expected
    assert faults.is_lost(error) == (kill == "CONNECTION")


def _cut_off(connection: Connection, disturb: Callable[[], None]) -> SQLAlchemyError:
    # A long join, not SLEEP: a SLEEP that is cut off is no error everywhere.
    slow = text("SELECT COUNT(*) FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq * b.seq % 7 = 1")
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(lambda: _error(lambda: connection.execute(slow)))
        disturb()
        return running.result()


def _kill_while_running(root: "pymysql.connections.Connection[pymysql.cursors.Cursor]", what: str, number: int) -> None:
    with root.cursor() as cursor:
        found = 0
        while not found:
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %s AND info LIKE '%%seq_1%%'", (number,)
            )
            found = (cursor.fetchone() or (0,))[0]
        cursor.execute(f"KILL {what} {int(number)}")


@only_mariadb
def test_a_server_that_does_not_listen_is_unreachable(database: PrivateDatabase) -> None:
    assert database.kind == "mariadb"
    nowhere = build_engine(f"mysql+pymysql://{MIGRATION}:{PASSWORD}@127.0.0.1:{free_port()}/none")

    error = _error(nowhere.connect)

    assert (faults.retry_cause(error), faults.is_lost(error)) == ("unreachable", True)


@only_mariadb
def test_a_total_that_outgrows_its_column_is_told_apart(engine: Engine, service: Service) -> None:
    tenant = service.tenant()
    card = tenant.admin.post("/cards", {}).json["id"]

    error = _failing(engine, f"UPDATE loyalty_cards SET total_points_earned = 99999999999 WHERE id = {card}")

    assert (faults.retry_cause(error), faults.does_not_fit(error)) == (None, True)
