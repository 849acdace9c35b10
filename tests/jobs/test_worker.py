"""The worker runs every job once a day for every tenant, makes up for what was missed, and stops when it is told to."""

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from card_service.commands.worker import Nights
from card_service.jobs.catalogue import JOBS
from card_service.jobs.night import run_night
from card_service.jobs.run import Runner
from card_service.kit.days import day_of
from card_service.kit.db.database import Database
from tests.cards.steps import card, earn, issue, open_pharmacy
from tests.jobs.processes import Running
from tests.jobs.steps import events, moment, pharmacy_with_dates, runs
from tests.servers.clients import Tenant
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, start_service

ZONES = ("Asia/Kolkata", "Pacific/Auckland", "America/Anchorage")


@pytest.fixture(params=["sqlite", "mariadb"])
def own(request: pytest.FixtureRequest) -> PrivateDatabase:
    """Give a database of the test's own, for a worker takes all tenants that it finds."""
    database: PrivateDatabase = request.getfixturevalue(f"own_{request.param}")
    return database


def _all_of_today(tenant: Tenant, database: PrivateDatabase, zone: str) -> bool:
    today = day_of(datetime.now(UTC), zone)
    days = {name: str(today - timedelta(days=1) if job.closes else today) for name, job in JOBS.items()}
    done = runs(database, tenant)
    return all(done.get((name, day)) for name, day in days.items())


def test_two_workers_run_everything_once_for_every_tenant_and_stop_when_told(own: PrivateDatabase, tmp_path: Path) -> None:
    service = start_service(own)
    soon = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    tenants = [pharmacy_with_dates(service, 3, "2026-03-31", soon, timezone=zone) for zone in ZONES]

    workers = [Running(own, "worker", "--every", "1", log=tmp_path / f"worker-{n}") for n in range(2)]
    for (tenant, _), zone in zip(tenants, ZONES, strict=True):
        assert workers[0].wait_until(lambda tenant=tenant, zone=zone: _all_of_today(tenant, own, zone))  # type: ignore[misc]
    for worker in workers:
        # The other may have done it all, on a busy machine, before this one was there to be stopped.
        assert worker.wait_until(lambda worker=worker: "Ready" in worker.log.read_text())  # type: ignore[misc]
    codes = [worker.stop() for worker in workers]

    assert codes == [0, 0], [worker.log.read_text() for worker in workers]
    begun = own.rows("SELECT tenant_id, job, day, started_at FROM job_runs ORDER BY tenant_id, job, day")
    for tenant, ids in tenants:
        assert len(events(own, tenant)) == len(ids)
        for one in ids:
            assert len(tenant.admin.get(f"/cards/{one}/transactions", type="EXPIRED").json["items"]) == 1
    assert own.rows("SELECT COUNT(*), SUM(failed) FROM job_runs WHERE finished_at IS NOT NULL") == [(len(begun), 0)]

    third = Running(own, "worker", "--every", "1", log=tmp_path / "third")
    assert third.wait_until(lambda: "Ready" in third.log.read_text())
    assert third.stop() == 0
    if all(_all_of_today(tenant, own, zone) for (tenant, _), zone in zip(tenants, ZONES, strict=True)):
        assert own.rows("SELECT tenant_id, job, day, started_at FROM job_runs ORDER BY tenant_id, job, day") == begun


@pytest.mark.parametrize("after_seconds", [0.1, 0.5, 1.0])
def test_a_worker_that_is_stopped_while_it_starts_ends(own_sqlite: PrivateDatabase, tmp_path: Path, after_seconds: float) -> None:
    start_service(own_sqlite).tenant()
    with Running(own_sqlite, "worker", log=tmp_path / "worker") as worker:
        time.sleep(after_seconds)
        assert worker.stop() in {0, -signal.SIGTERM}, worker.log.read_text()


class _Meeting(Nights):
    """Stands still where it has met a tenant, until it may give that one its midnight."""

    met, may_go_on = Event(), Event()

    def _know(self, tenant_id: int) -> None:
        self.met.set()
        self.may_go_on.wait()
        super()._know(tenant_id)


def test_a_worker_that_is_stopped_while_it_meets_a_tenant_ends(own_sqlite: PrivateDatabase) -> None:
    service = start_service(own_sqlite)
    service.tenant()
    runner = Runner(Database(own_sqlite.url), service.clock)
    nights = _Meeting(runner)
    nights.start(60)
    assert nights.met.wait(30)
    runner.stop.set()
    end = Thread(target=nights.end, daemon=True)
    end.start()
    end.join(0.5)
    assert end.is_alive(), "it must wait for what runs"
    nights.may_go_on.set()

    end.join(30)

    assert not end.is_alive()
    runner.database.engine.dispose()


def test_a_night_makes_up_for_the_days_that_were_missed(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service, pendingDays=1, expiryPolicy="ROLLING", expiryMonths=1)
    one = int(issue(tenant)["id"])
    assert {report.job for report in run_night(runner, tenant.id)} == set(JOBS)
    assert list(run_night(runner, tenant.id)) == []
    earn(tenant, one, 1)

    service.clock.advance(days=40)
    done = [(report.job, str(report.day), report.done) for report in run_night(runner, tenant.id)]

    # Today is 11 April. The points were available on 3 March and valid until 3 April.
    assert [day for job, day, _ in done if job == "expire"] == ["2026-04-11"]
    # At most a month of days is made up for.
    assert [day for job, day, _ in done if job == "snapshot"] == [f"2026-03-{n}" for n in range(11, 32)] + [
        f"2026-04-{n:02}" for n in range(1, 11)
    ]
    assert card(tenant, one)["pointsBalance"] == 0
    assert list(run_night(runner, tenant.id)) == []


def test_the_next_night_begins_at_midnight_where_the_tenant_is(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service, timezone="America/Anchorage")
    list(run_night(runner, tenant.id))

    service.clock.now = moment("2026-03-02T08:59:59+00:00")
    assert list(run_night(runner, tenant.id)) == []
    service.clock.now = moment("2026-03-02T09:00:00+00:00")
    assert [report.job for report in run_night(runner, tenant.id)] == list(JOBS)


def test_a_tenant_for_which_a_job_cannot_run_keeps_it_from_no_other(own_sqlite: PrivateDatabase) -> None:
    """It is always a day later in Kiritimati than in Pago Pago."""
    service = start_service(own_sqlite)
    behind, ahead = (open_pharmacy(service, timezone=zone) for zone in ("Pacific/Pago_Pago", "Pacific/Kiritimati"))
    day = str(day_of(datetime.now(UTC), "Pacific/Kiritimati"))

    done = card_service(own_sqlite, "jobs", "run", "expire", "--date", day)

    assert done.returncode == 1
    assert f"tenant {behind.id}: " in done.stderr
    assert "has not begun" in done.stderr
    assert runs(own_sqlite, behind) == {}
    assert runs(own_sqlite, ahead) == {("expire", day): True}
