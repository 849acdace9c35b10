"""The jobs holds, release and expire bring into the books what balances say already: by the day, once, each in its zone."""

from decimal import Decimal

import pytest

from card_service.jobs.catalogue import JOBS
from card_service.jobs.run import DayNotYet, Runner
from card_service.tenants.keys import TenantNotFound
from tests.cards.steps import card, earn, give, issue, open_pharmacy
from tests.jobs.steps import books, moment, pharmacy_with_dates, run, runs, stopping
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service


def _expired(database: PrivateDatabase, tenant_id: int) -> Decimal:
    rows = database.rows("SELECT points FROM point_transactions WHERE tenant_id = :t AND type = 'EXPIRED'", t=tenant_id)
    # SQLite keeps hundredths.
    return Decimal(-sum(points for (points,) in rows)) / (100 if database.kind == "sqlite" else 1)


def test_what_is_past_its_last_day_is_posted_once(service: Service, runner: Runner) -> None:
    # Two lots that end on one day are written by one statement.
    tenant, ids = pharmacy_with_dates(service, 3, "2026-03-31", "2026-04-30", "2026-03-31")
    shown = [card(tenant, one)["pointsBalance"] for one in ids]
    assert run(runner, "expire", tenant).seen == 0

    service.clock.now = moment("2026-03-31T18:30:00+00:00")
    first, again = run(runner, "expire", tenant), run(runner, "expire", tenant)

    assert (first.seen, first.done, first.tally) == (3, 3, {"pointsExpired": Decimal("60.00")})
    assert (again.seen, again.done, again.finished, again.skipped) == (0, 0, True, False)
    assert shown == [35, 35, 35]
    assert [card(tenant, one)["pointsBalance"] for one in ids] == [15, 15, 15]
    assert _expired(service.database, tenant.id) == 60
    assert [tenant.admin.get(f"/cards/{one}/audit").json["differences"] for one in ids] == [[], [], []]
    assert runs(service.database, tenant) == {("expire", "2026-03-02"): True, ("expire", "2026-04-01"): True}


def test_a_day_begins_where_the_tenant_is(service: Service, runner: Runner) -> None:
    india, _ = pharmacy_with_dates(service, 1, "2026-03-31")
    alaska, _ = pharmacy_with_dates(service, 1, "2026-03-31", timezone="America/Anchorage")

    service.clock.now = moment("2026-04-01T07:59:59+00:00")
    assert [run(runner, "expire", one).done for one in (india, alaska)] == [1, 0]
    service.clock.now = moment("2026-04-01T08:00:00+00:00")
    report = run(runner, "expire", alaska)

    assert (report.done, str(report.day)) == (1, "2026-04-01")
    assert runs(service.database, alaska) == {("expire", "2026-03-31"): True, ("expire", "2026-04-01"): True}


def test_a_day_of_the_past_takes_what_was_due_by_its_end(service: Service, runner: Runner) -> None:
    tenant, ids = pharmacy_with_dates(service, 1, "2026-03-31")
    late = int(issue(tenant)["id"])
    give(tenant, late, 10, expiresAt="2026-04-30")
    service.clock.now = moment("2026-06-01T12:00:00+00:00")

    assert run(runner, "expire", tenant, "2026-03-31").done == 0
    assert run(runner, "expire", tenant, "2026-04-01").done == 1
    assert [len(tenant.admin.get(f"/cards/{one}/transactions", type="EXPIRED").json["items"]) for one in (*ids, late)] == [1, 0]
    assert run(runner, "expire", tenant, "2026-06-01").done == 1
    with pytest.raises(DayNotYet):
        run(runner, "expire", tenant, "2026-06-02")


def test_pending_points_are_released_on_their_day(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service, pendingDays=2)
    one = int(issue(tenant)["id"])
    earn(tenant, one, 1)
    service.clock.now = moment("2026-03-03T18:29:59+00:00")
    assert run(runner, "release", tenant).seen == 0

    service.clock.now = moment("2026-03-03T18:30:00+00:00")
    report = run(runner, "release", tenant)

    assert (report.done, report.tally) == (1, {"pointsReleased": Decimal("100.00")})
    stored = service.database.rows("SELECT points_pending FROM loyalty_cards WHERE id = :id", id=one)
    assert stored == [(0,)]
    assert run(runner, "release", tenant).seen == 0


def test_a_hold_that_has_lapsed_gives_its_points_back_once(service: Service, runner: Runner) -> None:
    tenant, (one,) = pharmacy_with_dates(service, 1, holdTtlSeconds=900)
    body = {"cardId": one, "billId": 1, "points": 5, "billAmount": 100, "mode": "HOLD"}
    assert tenant.billing.post("/internal/cards/redeem-points", body).status == 200
    service.clock.advance(seconds=899)
    assert run(runner, "holds", tenant, kept=False).seen == 0

    service.clock.advance(seconds=1)
    report, again = run(runner, "holds", tenant, kept=False), run(runner, "holds", tenant, kept=False)

    assert (report.done, report.tally) == (1, {"pointsGivenBack": Decimal("5.00")})
    assert again.seen == 0
    assert runs(service.database, tenant) == {}
    assert [entry[2] for entry in books(service.database, tenant)[:3]] == ["ADJUSTED", "REDEEMED", "REDEEM_REVERSED"]


def test_a_stopped_run_goes_on_where_it_was_and_a_finished_one_is_only_done_again_by_hand(
    service: Service, runner: Runner
) -> None:
    tenant, ids = pharmacy_with_dates(service, 6, "2026-03-31")
    service.clock.now = moment("2026-04-01T12:00:00+00:00")

    # The stop comes while some card is at work.
    first = run(stopping(runner, 8), "expire", tenant)
    runner.stop.clear()
    rest = run(runner, "expire", tenant, again=False)

    assert not first.finished
    assert 0 < first.done < len(ids)
    assert rest.finished
    assert first.done + rest.done == len(ids)
    assert run(runner, "expire", tenant, again=False).skipped
    assert service.database.rows(
        "SELECT seen, done, failed FROM job_runs WHERE tenant_id = :t AND job = 'expire'", t=tenant.id
    ) == [(6, 6, 0)]


@pytest.mark.parametrize("name", JOBS)
def test_a_stop_before_the_first_chunk_is_no_end(service: Service, runner: Runner, name: str) -> None:
    tenant, _ = pharmacy_with_dates(service, 1)

    # The second reading is to keep that the day was begun.
    first = run(stopping(runner, 2), name, tenant)
    runner.stop.clear()

    assert not first.finished
    assert not run(runner, name, tenant, again=False).skipped


def test_no_such_tenant(runner: Runner, service: Service) -> None:
    tenant = service.tenant()
    with pytest.raises(TenantNotFound):
        run(runner, "expire", type(tenant)(2**40, "nobody", tenant.admin, tenant.cashier, tenant.billing, {}))
