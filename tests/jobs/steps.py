"""What the tests of the jobs do again and again: give points with a date, run a job, look at what it left."""

import json
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from card_service.jobs.catalogue import JOBS
from card_service.jobs.run import Report, Runner
from tests.cards.steps import give, issue, open_pharmacy
from tests.servers.clients import Tenant
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service


def pharmacy_with_dates(service: Service, cards: int, *last_days: str, **settings: Any) -> tuple[Tenant, list[int]]:
    """Open a pharmacy of so many cards, each with 10 points for every last valid day, and 5 that are for ever."""
    tenant = open_pharmacy(service, **settings)
    ids = [int(issue(tenant)["id"]) for _ in range(cards)]
    for card_id in ids:
        give(tenant, card_id, 5)
        for last_day in last_days:
            give(tenant, card_id, 10, expiresAt=last_day)
    return tenant, ids


def run(runner: Runner, name: str, tenant: Tenant, day: str | None = None, **how: Any) -> Report:
    """Run a job of the catalogue."""
    return runner.run(JOBS[name], tenant.id, date.fromisoformat(day) if day else None, **how)


def stopping(runner: Runner, read: int) -> Runner:
    """Give a runner that is told to stop at this read of the clock: one for the tenant's day, then one a transaction."""
    reads = count(1)

    def clock() -> datetime:
        if next(reads) == read:
            runner.stop.set()
        return runner.clock()

    return Runner(runner.database, clock, runner.stop)


def books(database: PrivateDatabase, tenant: Tenant) -> list[tuple[Any, ...]]:
    """Read all that was posted, by the place of its card among the tenant's, without whatever only tells one run from another."""
    first = database.rows("SELECT MIN(id) FROM loyalty_cards WHERE tenant_id = :tenant", tenant=tenant.id)[0][0]
    rows = database.rows(
        "SELECT card_id, seq, type, points, balance_after FROM point_transactions"
        " WHERE tenant_id = :tenant ORDER BY card_id, seq",
        tenant=tenant.id,
    )
    cards = database.rows(
        "SELECT id, seq, points_balance, points_pending, points_debt FROM loyalty_cards WHERE tenant_id = :tenant ORDER BY id",
        tenant=tenant.id,
    )
    return [(row[0] - first, *row[1:]) for row in (*rows, *cards)]


def events(database: PrivateDatabase, tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    """Read the outbox in its order."""
    rows = database.rows("SELECT event, payload FROM outbox WHERE tenant_id = :tenant ORDER BY id", tenant=tenant.id)
    return [(event, json.loads(payload, parse_float=Decimal)) for event, payload in rows]


def runs(database: PrivateDatabase, tenant: Tenant) -> dict[tuple[str, str], bool]:
    """Tell by job and day whether it was finished."""
    rows = database.rows("SELECT job, day, finished_at FROM job_runs WHERE tenant_id = :tenant", tenant=tenant.id)
    return {(job, str(day)): finished is not None for job, day, finished in rows}


def moment(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)
