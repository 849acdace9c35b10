"""Warnings of points that expire: 30, 7 and 1 days before, each once, by what the lots say."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from card_service.jobs.rules import DayRun, days_to_do, warning_due
from card_service.jobs.run import Runner
from tests.cards.steps import earn, give, issue, open_pharmacy, redeem
from tests.jobs.steps import events, moment, pharmacy_with_dates, run
from tests.servers.clients import Tenant
from tests.servers.service import Service

NOON = "T06:30:00+00:00"


def _said(service: Service, tenant: Tenant) -> list[tuple[int, Decimal, str, int]]:
    found = []
    for event, payload in events(service.database, tenant):
        assert event == "points.expiring"
        assert payload.keys() == {"cardId", "points", "on", "days"}
        found.append((payload["cardId"], payload["points"], payload["on"], payload["days"]))
    return found


def _on(service: Service, runner: Runner, tenant: Tenant, *days: str) -> list[int]:
    done = []
    for day in days:
        service.clock.now = moment(day + NOON)
        done.append(int(run(runner, "notify", tenant).tally.get("warnings", 0)))
    return done


def test_each_warning_is_given_once(service: Service, runner: Runner) -> None:
    tenant, (one,) = pharmacy_with_dates(service, 1, "2026-04-30", "2026-04-30")

    counts = _on(service, runner, tenant, "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-22", "2026-04-23", "2026-04-28")
    counts += _on(service, runner, tenant, "2026-04-29", "2026-04-30", "2026-05-01", "2026-05-02")

    assert counts == [0, 1, 0, 0, 1, 0, 1, 0, 0, 0]
    assert _said(service, tenant) == [(one, Decimal("20.00"), "2026-04-30", days) for days in (30, 7, 1)]


def test_days_that_were_missed_are_made_up_for_by_the_nearest_warning(service: Service, runner: Runner) -> None:
    tenant, (one,) = pharmacy_with_dates(service, 1, "2026-04-30", "2026-05-31")

    assert _on(service, runner, tenant, "2026-04-27", "2026-04-28", "2026-04-30", "2026-05-03") == [1, 0, 1, 1]

    warned = [("2026-04-30", 3), ("2026-04-30", 0), ("2026-05-31", 28)]
    assert _said(service, tenant) == [(one, Decimal("10.00"), on, days) for on, days in warned]


def test_what_is_spent_is_not_warned_of_and_what_comes_later_is_warned_of_with_the_next(service: Service, runner: Runner) -> None:
    tenant, (one, other) = pharmacy_with_dates(service, 2, "2026-04-30")
    redeem(tenant, other, 1, 10)
    assert _on(service, runner, tenant, "2026-04-01") == [1]
    give(tenant, one, 3, expiresAt="2026-04-30")

    assert _on(service, runner, tenant, "2026-04-02", "2026-04-24") == [0, 1]

    assert _said(service, tenant) == [(one, Decimal("10.00"), "2026-04-30", 29), (one, Decimal("13.00"), "2026-04-30", 6)]


def test_lots_that_follow_the_cards_activity_are_warned_of_by_its_date(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service, expiryPolicy="INACTIVITY", expiryMonths=1)
    one = int(issue(tenant)["id"])
    earn(tenant, one, 1)
    assert _on(service, runner, tenant, "2026-03-03", "2026-03-26") == [1, 1]
    earn(tenant, one, 2)

    # The clock starts anew with the second bill, on 26 March.
    assert _on(service, runner, tenant, "2026-03-26", "2026-03-27", "2026-04-19", "2026-04-25", "2026-04-26") == [0, 1, 1, 1, 0]

    warned = [("2026-04-02", 30, 100), ("2026-04-02", 7, 100)]
    warned += [("2026-04-26", days, 200) for days in (30, 7, 1)]
    assert _said(service, tenant) == [(one, Decimal(points), on, days) for on, days, points in warned]


def test_a_day_is_the_tenants(service: Service, runner: Runner) -> None:
    tenant, (one,) = pharmacy_with_dates(service, 1, "2026-04-30", timezone="Pacific/Auckland")

    # 12 hours ahead: midnight of 31 March is noon of the 30th in UTC, less an hour of summer time.
    for instant, count in (("2026-03-30T10:59:59+00:00", 0), ("2026-03-30T11:00:00+00:00", 1)):
        service.clock.now = moment(instant)
        assert run(runner, "notify", tenant).done == count

    assert _said(service, tenant) == [(one, Decimal("10.00"), "2026-04-30", 30)]


def test_it_looks_at_every_card_of_the_tenant_and_at_no_other(service: Service, runner: Runner) -> None:
    tenant, ids = pharmacy_with_dates(service, 5, "2026-04-01")
    other, _ = pharmacy_with_dates(service, 1, "2026-04-01")

    report = run(runner, "notify", tenant)

    assert (report.seen, report.done, report.tally) == (5, 5, {"warnings": 5})
    assert [card_id for card_id, *_ in _said(service, tenant)] == ids
    assert _said(service, other) == []


@given(st.integers(-400, 400))
def test_a_warning_is_due_from_its_day_until_the_next_is(left: int) -> None:
    today = date(2026, 3, 2)
    which = warning_due(today, today + timedelta(days=left))
    assert (which is None) == (left < 0 or left > 30)
    if which is not None:
        assert 0 <= left <= which
        assert not any(left <= nearer < which for nearer in (1, 7, 30))


@given(st.integers(0, 90), st.integers(0, 60))
def test_missed_days_are_done_in_their_order_up_to_the_target(missed: int, makes_up: int) -> None:
    target = date(2026, 3, 2)
    last = target - timedelta(days=missed)
    days = list(days_to_do([DayRun(last, last, is_finished=True)], target, makes_up))
    assert days == [target - timedelta(days=before) for before in range(min(missed, makes_up + 1) - 1, -1, -1)]
    assert list(days_to_do([], target, makes_up)) == [target]
    if 0 < missed <= makes_up:
        assert next(days_to_do([DayRun(last, last, is_finished=False)], target, makes_up)) == last


def test_what_was_done_by_hand_hides_no_missed_day_and_makes_none() -> None:
    first, eighth, target = date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 10)
    long_ago = DayRun(date(2026, 1, 5), target, is_finished=True)
    known = [long_ago, DayRun(first, first, is_finished=True), DayRun(eighth, eighth, is_finished=True)]
    assert [day.day for day in days_to_do(known, target, 365)] == [2, 3, 4, 5, 6, 7, 9, 10]
