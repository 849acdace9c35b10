"""A job that is killed at any point and run again leaves the books of one clean run; so do two at once, and tills beside it."""

import json
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.cards.steps import card, give, issue, open_pharmacy
from tests.concurrency.together import insist, together
from tests.jobs.processes import Running
from tests.jobs.slowly import slowly, slowly_for_several
from tests.jobs.steps import books, events, runs
from tests.servers.clients import Tenant, tenant_of
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase
from tests.servers.processes import LiveServer
from tests.servers.service import Service

CARDS = 30
FEW = 12
TILLS = 4
MOMENT_SECONDS = 0.3
SOON = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
"""Within a week on the system's clock, which is that of the processes."""


def _fill(service: Service, cards: int = CARDS) -> Tenant:
    """Open a pharmacy in March whose points of spring are long past on the system's clock, and others soon will be."""
    tenant = open_pharmacy(service)
    for number in range(cards):
        one = int(issue(tenant)["id"])
        give(tenant, one, 5 + number)
        give(tenant, one, 10, expiresAt="2026-03-31")
        give(tenant, one, 20, expiresAt="2026-04-30")
        give(tenant, one, 40, expiresAt=SOON)
        if number % 3 == 0:
            give(tenant, one, -15)
    return tenant


def _posted(database: PrivateDatabase, tenant: Tenant) -> int:
    sql = "SELECT COUNT(*) FROM point_transactions WHERE tenant_id = :tenant AND type = 'EXPIRED'"
    return int(database.rows(sql, tenant=tenant.id)[0][0])


def _warned(database: PrivateDatabase, tenant: Tenant) -> int:
    return int(database.rows("SELECT COUNT(*) FROM outbox WHERE tenant_id = :tenant", tenant=tenant.id)[0][0])


def _warnings(database: PrivateDatabase, tenant: Tenant) -> list[Decimal]:
    found = events(database, tenant)
    assert len({payload["cardId"] for _, payload in found}) == len(found)
    return sorted(payload["points"] for _, payload in found)


def _run_to_its_end(database: PrivateDatabase, name: str, tenant: Tenant) -> dict[str, Any]:
    done = card_service(database, "jobs", "run", name, "--tenant", str(tenant.id), "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize(
    ("name", "writes", "progress"), [("expire", "point_transactions", _posted), ("notify", "outbox", _warned)]
)
def test_killed_at_any_point_and_run_again_is_one_clean_run(
    service: Service, tmp_path: Path, name: str, writes: str, progress: Callable[[PrivateDatabase, Tenant], int]
) -> None:
    database = service.database
    killed, clean = _fill(service), _fill(service)
    _run_to_its_end(database, name, clean)
    all_of_it = progress(database, clean)
    with slowly(database, writes):
        for _ in range(2):
            until = progress(database, killed) + random.randint(1, 6)  # noqa: S311 - a moment, not a secret
            with Running(database, "jobs", "run", name, "--tenant", str(killed.id), log=tmp_path / "log") as job:
                assert job.wait_until(lambda until=until: progress(database, killed) >= until)  # type: ignore[misc]
    assert progress(database, killed) < all_of_it

    _run_to_its_end(database, name, killed)

    assert progress(database, killed) == all_of_it >= CARDS
    assert books(database, killed) == books(database, clean)
    assert _warnings(database, killed) == _warnings(database, clean)
    assert set(runs(database, killed).values()) == {True}


def test_two_at_once_are_one(service: Service) -> None:
    database = service.database
    twice, once = _fill(service, FEW), _fill(service, FEW)

    for name, writes in (("expire", "point_transactions"), ("notify", "outbox")):
        with slowly_for_several(database, writes):
            both = together([lambda name=name: _run_to_its_end(database, name, twice)] * 2)  # type: ignore[misc]
        # A run that finds everything done takes no time; a run beside another one waits for it card by card.
        assert database.server is None or min(one["seconds"] for one in both) > MOMENT_SECONDS, both
        _run_to_its_end(database, name, once)

    assert books(database, twice) == books(database, once)
    assert _warnings(database, twice) == _warnings(database, once)


def test_tills_earn_on_the_cards_that_a_job_is_at(service: Service, live_server: LiveServer, tmp_path: Path) -> None:
    database = service.database
    tenant = _fill(service, FEW)
    ids = [one for (one,) in database.rows("SELECT id FROM loyalty_cards WHERE tenant_id = :t ORDER BY id", t=tenant.id)]
    tills = tenant_of(live_server.send, tenant.id, tenant.name, tenant.keys)
    before = [card(tills, one)["pointsBalance"] for one in ids]
    bills, over = count(1), Event()

    def sell(until: Event) -> Counter[int]:
        """Go round the cards, at least once, and tell how many bills each was given."""
        sold: Counter[int] = Counter()
        while not sold or not until.is_set():
            for one in ids:
                bill = {"cardId": one, "billId": next(bills), "billAmount": 100}
                body = {**bill, "items": [{"categoryId": 1, "amount": 100}]}
                assert insist(lambda body=body: tills.billing.post("/internal/cards/earn-points", body)).status == 200  # type: ignore[misc]
                sold[one] += 1
        return sold

    command = ("jobs", "run", "expire", "--tenant", str(tenant.id))
    with (
        slowly_for_several(database, "point_transactions"),
        ThreadPoolExecutor(TILLS) as threads,
        Running(database, *command, log=tmp_path / "one") as one_job,
        Running(database, *command, log=tmp_path / "another") as another,
    ):
        assert one_job.wait_until(lambda: _posted(database, tenant) > 0)
        selling = [threads.submit(sell, over) for _ in range(TILLS)]
        try:
            assert [one_job.end(), another.end()] == [0, 0]
        finally:
            over.set()
        sold = sum((till.result() for till in selling), Counter())

    assert [card(tills, one)["pointsBalance"] for one in ids] == [
        points + 10 * sold[one] for one, points in zip(ids, before, strict=True)
    ]
    posted = Counter(
        database.rows("SELECT card_id, type, bill_id, reference_id FROM point_transactions WHERE tenant_id = :t", t=tenant.id)
    )
    assert {row for row, times in posted.items() if times > 1 and row[1] != "ADJUSTED"} == set()
    assert all(tenant.admin.get(f"/cards/{one}/audit").json["balanced"] for one in ids)


def test_sigterm_stops_it_between_two_cards_and_the_next_goes_on(service: Service, tmp_path: Path) -> None:
    database = service.database
    tenant = _fill(service)
    command = ("jobs", "run", "expire", "--tenant", str(tenant.id))
    with slowly(database, "point_transactions"), Running(database, *command, log=tmp_path / "log") as job:
        assert job.wait_until(lambda: _posted(database, tenant) > 0)
        assert job.stop() == 1

    assert "STOPPED" in job.log.read_text()
    assert 0 < _posted(database, tenant) < 2 * CARDS
    assert set(runs(database, tenant).values()) == {False}
    assert card_service(database, *command).returncode == 0
    assert set(runs(database, tenant).values()) == {True}
