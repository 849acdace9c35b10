"""An event is there once, with its cause or not at all."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import pymysql
import pytest

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.db.session import Session
from card_service.outbox.emit import emit
from tests.servers.clients import Tenant
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def runner(database: PrivateDatabase) -> Iterator[Database]:
    """Give the transaction runner on each kind of database."""
    runner = Database(database.url)
    yield runner
    runner.engine.dispose()


def _events(database: PrivateDatabase, tenant: Tenant) -> list[tuple[str, int, dict[str, object]]]:
    rows = database.rows(
        "SELECT event, card_id, payload FROM outbox WHERE tenant_id = :tenant AND dispatched_at IS NULL ORDER BY id",
        tenant=tenant.id,
    )
    return [(event, card_id, json.loads(payload)) for event, card_id, payload in rows]


def test_an_event_lasts_with_its_cause_once_for_each_tenant(service: Service, runner: Database) -> None:
    tenants = [service.tenant(), service.tenant()]
    cards = [tenant.admin.post("/cards", {}).json["id"] for tenant in tenants]

    def twice(session: Session, context: Context, card_id: int, days: int) -> None:
        for said in (days, days + 1):
            emit(session, context, "points.expiring", once="1:30", card_id=card_id, payload={"days": said})
        emit(session, context, "birthday", once="1:30", card_id=card_id, payload={})

    for days in (30, 7):
        for tenant, card in zip(tenants, cards, strict=True):
            runner.transact(twice, Context(tenant.id, "test", NOW), card, days)

    for tenant, card in zip(tenants, cards, strict=True):
        assert _events(service.database, tenant) == [("points.expiring", card, {"days": 30}), ("birthday", card, {})]


def test_a_cause_that_does_not_last_leaves_no_event(service: Service, runner: Database) -> None:
    tenant = service.tenant()
    card = tenant.admin.post("/cards", {}).json["id"]

    def fails(session: Session, context: Context) -> None:
        emit(session, context, "birthday", once="1", card_id=card, payload={})
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        runner.transact(fails, Context(tenant.id, "test", NOW))

    assert _events(service.database, tenant) == []


def test_an_event_of_a_card_of_another_tenant_is_refused(service: Service, runner: Database) -> None:
    tenant, other = service.tenant(), service.tenant()
    card = other.admin.post("/cards", {}).json["id"]

    with pytest.raises((sqlite3.IntegrityError, pymysql.err.IntegrityError)):
        runner.transact(
            lambda session, context: emit(session, context, "birthday", once="1", card_id=card, payload={}),
            Context(tenant.id, "test", NOW),
        )
