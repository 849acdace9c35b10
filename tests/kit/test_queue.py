"""Writes that travel together: in their order, all or none, each answered for by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.models.tenants import service_secrets
from tests.servers.databases import PrivateDatabase

CONTEXT = Context(tenant_id=1, performed_by="test", now=datetime(2026, 3, 2, tzinfo=UTC))
_families = (f"queue-{number}" for number in count())
_insert: Statement[None] = Statement(insert_into(service_secrets))
_update: Statement[None] = Statement(
    service_secrets.update().where(service_secrets.c.name == bindparam("one")).values(secret=bindparam("what"))
)
_all: Statement[tuple[Any, ...]] = Statement(
    select(service_secrets.c.name, service_secrets.c.secret)
    .where(service_secrets.c.name.startswith(bindparam("family"), autoescape=False))
    .order_by(service_secrets.c.name)
)
# What these tests send is no statement of the service: others compare those with the GRANTs.
del Statement.all_statements[-3:]


class Shelf:
    """Rows of one test, named by letters."""

    def __init__(self, url: str) -> None:
        """Connect as the service does."""
        self.causes: list[str] = []
        self.database = Database(url, on_retry=self.causes.append)
        self.family = next(_families) + "-"

    def row(self, letter: str, what: str = "first") -> dict[str, Any]:
        """Give the values of a row."""
        return {"name": self.family + letter, "secret": what, "created_at": CONTEXT.now}

    def read(self, session: Session) -> dict[str, str]:
        """Read the rows as letters and secrets."""
        return {name[-1]: secret for name, secret in session.all(_all, family=self.family)}

    def stored(self) -> dict[str, str]:
        """Read the rows in a transaction of their own."""
        return self.database.read(lambda session, _: self.read(session), CONTEXT)


@pytest.fixture
def shelf(database: PrivateDatabase) -> Iterator[Shelf]:
    """Give a shelf on each kind of database."""
    shelf = Shelf(database.url)
    yield shelf
    shelf.database.engine.dispose()


def test_what_waits_is_written_in_its_order_before_the_commit(shelf: Shelf) -> None:
    def use_case(session: Session, _: Context) -> None:
        session.queue(_insert, [shelf.row("a"), shelf.row("b", "50% of a; -- 'quoted' %s")])
        session.queue(_update, [{"one": shelf.family + "a", "what": "second"}, {"one": shelf.family + "a", "what": "third"}])
        session.queue(_insert, [])

    shelf.database.transact(use_case, CONTEXT)

    assert shelf.stored() == {"a": "third", "b": "50% of a; -- 'quoted' %s"}


def test_a_read_sees_what_was_queued_before_it(shelf: Shelf) -> None:
    def use_case(session: Session, _: Context) -> dict[str, str]:
        session.queue(_insert, [shelf.row("a")])
        return shelf.read(session)

    assert shelf.database.transact(use_case, CONTEXT) == {"a": "first"}


def test_a_write_at_once_comes_after_what_was_queued_before_it(shelf: Shelf) -> None:
    def use_case(session: Session, _: Context) -> int:
        session.queue(_insert, [shelf.row("a")])
        return session.write(_update, one=shelf.family + "a", what="second")

    assert shelf.database.transact(use_case, CONTEXT) == 1
    assert shelf.stored() == {"a": "second"}


def test_what_is_queued_for_another_tenant_is_committed_too_and_in_order(shelf: Shelf) -> None:
    def use_case(session: Session, _: Context) -> None:
        session.queue(_insert, [shelf.row("a")])
        session.for_tenant(2).queue(_update, [{"one": shelf.family + "a", "what": "second"}], matches=1)

    shelf.database.transact(use_case, CONTEXT)

    assert (shelf.causes, shelf.stored()) == ([], {"a": "second"})


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_fails_undoes_them_all_and_the_connection_can_be_used_again(shelf: Shelf, place: int) -> None:
    shelf.database.transact(lambda session, _: session.queue(_insert, [shelf.row("x")]), CONTEXT)
    attempts = []

    def use_case(session: Session, _: Context) -> None:
        attempts.append(1)
        letters = ["a", "b", "c"]
        if len(attempts) == 1:
            letters[place] = "x"
        for letter in letters:
            session.queue(_insert, [shelf.row(letter)])

    shelf.database.transact(use_case, CONTEXT)

    assert shelf.causes == ["duplicate_key"]
    assert sorted(shelf.stored()) == ["a", "b", "c", "x"]


def test_the_use_case_runs_again_where_fewer_rows_match_than_must(shelf: Shelf) -> None:
    attempts = []

    def use_case(session: Session, _: Context) -> None:
        attempts.append(1)
        if len(attempts) > 1:
            session.queue(_insert, [shelf.row("b")])
        session.queue(_update, [{"one": shelf.family + "b", "what": "second"}], matches=1)
        session.queue(_insert, [shelf.row("c")])

    shelf.database.transact(use_case, CONTEXT)

    assert (shelf.causes, shelf.stored()) == (["changed"], {"b": "second", "c": "first"})


def test_a_write_can_say_what_its_failure_means(shelf: Shelf) -> None:
    class TakenError(Exception):
        """The name is taken."""

    shelf.database.transact(lambda session, _: session.queue(_insert, [shelf.row("x")]), CONTEXT)

    def use_case(session: Session, _: Context) -> None:
        session.queue(_insert, [shelf.row("a")])
        session.queue(_insert, [shelf.row("x")], blame=lambda _: TakenError())

    with pytest.raises(TakenError):
        shelf.database.transact(use_case, CONTEXT)
    assert shelf.stored() == {"x": "first"}
