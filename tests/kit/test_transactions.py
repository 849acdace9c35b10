"""The transaction runner: what runs again and what does not, and that a failed attempt leaves nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select

from card_service.kit.context import Context
from card_service.kit.db.database import MAX_ATTEMPTS, Bounded, Database
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.kit.errors import Conflict, Unavailable
from card_service.models.tenants import service_secrets
from tests.servers.databases import PrivateDatabase

CONTEXT = Context(tenant_id=1, performed_by="test", now=datetime(2026, 3, 2, tzinfo=UTC))
_names = (f"runner-{number}" for number in count())
# A table that belongs to no tenant, and that these tests give rows of their own.
_insert: Statement[None] = Statement(insert_into(service_secrets))
_find: Statement[tuple[Any, ...]] = Statement(
    select(service_secrets.c.name, service_secrets.c.secret).where(service_secrets.c.name == bindparam("name"))
)
_find_some: Statement[tuple[Any, ...]] = Statement(
    select(service_secrets.c.name).where(service_secrets.c.name.in_(bindparam("names", expanding=True)))
)
_connection_id: Statement[tuple[Any, ...]] = Statement(select(func.connection_id()))
# What these tests send is no statement of the service: others compare those with the GRANTs.
del Statement.all_statements[-4:]
only_mariadb = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


class Runner:
    """A database with a row to write, and a list of the causes for which it ran again."""

    def __init__(self, url: str) -> None:
        """Connect as the service does."""
        self.causes: list[str] = []
        self.database = Database(url, on_retry=self.causes.append)
        self.name = next(_names)
        # The first connection takes long on a busy machine, and that counts as time of the use case.
        assert self.written() is None

    def write(self, session: Session, what: str = "x") -> None:
        """Insert the row."""
        session.write(_insert, name=self.name, secret=what, created_at=CONTEXT.now)

    def written(self) -> str | None:
        """Read the row, in a transaction of its own."""
        row = self.database.read(lambda session, _: session.one(_find, name=self.name), CONTEXT)
        return row[1] if row else None


@pytest.fixture
def runner(database: PrivateDatabase) -> Iterator[Runner]:
    """Give a runner on each kind of database."""
    runner = Runner(database.url)
    yield runner
    runner.database.engine.dispose()


def test_what_a_use_case_wrote_is_there_and_its_result_is_given(runner: Runner) -> None:
    def use_case(session: Session, context: Context, one: int, *, other: int) -> int:
        runner.write(session)
        assert context is CONTEXT
        return one + other

    assert runner.database.transact(use_case, CONTEXT, 1, other=2) == 3
    assert (runner.written(), runner.causes) == ("x", [])


def test_an_attempt_that_fails_leaves_nothing_for_the_next(runner: Runner) -> None:
    attempts = []

    def use_case(session: Session, _: Context) -> None:
        assert session.one(_find, name=runner.name) is None
        runner.write(session)
        attempts.append(1)
        if len(attempts) < 4:
            raise ConcurrentChangeError

    runner.database.transact(use_case, CONTEXT)

    assert (len(attempts), runner.causes, runner.written()) == (4, ["changed"] * 3, "x")


def test_after_six_attempts_the_caller_is_asked_to_try_again(runner: Runner) -> None:
    def use_case(session: Session, _: Context) -> None:
        runner.write(session)
        raise ConcurrentChangeError

    with pytest.raises(Unavailable):
        runner.database.transact(use_case, CONTEXT)

    assert (len(runner.causes), runner.written()) == (MAX_ATTEMPTS, None)


@pytest.mark.parametrize("error", [Conflict("no"), ValueError("a mistake"), KeyboardInterrupt()])
def test_a_refusal_and_a_mistake_run_once_and_write_nothing(runner: Runner, error: BaseException) -> None:
    def use_case(session: Session, _: Context) -> None:
        runner.write(session)
        raise error

    with pytest.raises(type(error)):
        runner.database.transact(use_case, CONTEXT)

    assert (runner.causes, runner.written()) == ([], None)


@only_mariadb
def test_a_raced_key_runs_again_and_finds_the_winner(runner: Runner, database: PrivateDatabase) -> None:
    other = Runner(database.url)
    other.name = runner.name

    def use_case(session: Session, _: Context) -> str:
        row = session.one(_find, name=runner.name)
        if row is not None:
            return str(row[1])
        other.database.transact(lambda session, _: other.write(session, "winner"), CONTEXT)
        runner.write(session, "loser")
        return "loser"

    assert runner.database.transact(use_case, CONTEXT) == "winner"
    assert (runner.causes, runner.written()) == (["duplicate_key"], "winner")
    other.database.engine.dispose()


@only_mariadb
def test_a_connection_that_is_killed_is_replaced_and_the_use_case_runs_again(runner: Runner, database: PrivateDatabase) -> None:
    assert database.server is not None
    server, attempts = database.server, []

    def use_case(session: Session, _: Context) -> None:
        runner.write(session)
        attempts.append(1)
        (own,) = session.all(_connection_id)
        if len(attempts) == 1:
            with closing(server.connect()) as root, root.cursor() as cursor:
                cursor.execute(f"KILL {int(own[0])}")

    runner.database.transact(use_case, CONTEXT)

    assert (len(attempts), runner.causes, runner.written()) == (2, ["connection_lost"], "x")


def test_one_request_holds_one_connection(runner: Runner) -> None:
    with runner.database.lease() as outer, runner.database.lease() as inner:
        assert outer is inner
        runner.database.read(lambda session, _: session.one(_find, name="none"), CONTEXT)
        runner.database.transact(lambda session, _: runner.write(session), CONTEXT)
        assert runner.database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]  # QueuePool has it
    assert runner.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert runner.written() == "x"


@only_mariadb
@pytest.mark.parametrize("statement", ["plain", "expanding"])
def test_no_transaction_is_ended_twice(runner: Runner, statement: str) -> None:
    def ended() -> dict[str, int]:
        with runner.database.engine.connect() as connection:
            rows = connection.exec_driver_sql("SHOW SESSION STATUS WHERE Variable_name IN ('Com_commit', 'Com_rollback')")
            return {name: int(value) for name, value in rows}

    def use_case(session: Session, _: Context) -> None:
        if statement == "plain":
            session.one(_find, name=runner.name)
        else:
            session.all(_find_some, names=[runner.name])

    def cost_of(run: Callable[..., None]) -> tuple[int, int]:
        before = ended()
        run(use_case, CONTEXT)
        after = ended()
        # The connection that asked was rolled back once itself.
        return after["Com_commit"] - before["Com_commit"], after["Com_rollback"] - before["Com_rollback"] - 1

    assert cost_of(runner.database.transact) == (1, 0)
    assert cost_of(runner.database.read) == (0, 1)


def test_what_an_expanding_statement_wrote_is_committed_and_undone_as_any_other(runner: Runner) -> None:
    attempts = []

    def use_case(session: Session, _: Context) -> None:
        assert session.all(_find_some, names=[runner.name]) == []
        runner.write(session)
        session.all(_find_some, names=[runner.name])
        attempts.append(1)
        if len(attempts) < 3:
            raise ConcurrentChangeError

    runner.database.transact(use_case, CONTEXT)

    assert (len(attempts), runner.causes, runner.written()) == (3, ["changed"] * 2, "x")


def test_a_reader_leaves_no_transaction_to_the_next(runner: Runner, database: PrivateDatabase) -> None:
    assert runner.written() is None
    writer = Runner(database.url)
    writer.name = runner.name
    writer.database.transact(lambda session, _: writer.write(session), CONTEXT)

    assert runner.written() == "x"
    writer.database.engine.dispose()


def test_memory_forgets_the_oldest_and_keeps_what_has_a_name() -> None:
    memory = Bounded(3)
    memory["named"] = 0
    for number in range(10):
        memory[number] = number

    assert memory == {"named": 0, 8: 8, 9: 9}
