"""Birthdays are paid once a year, by the tier or the rule, and also when nobody asked on the day."""

from decimal import Decimal

from card_service.jobs.night import run_night
from card_service.jobs.run import Runner
from tests.cards.steps import card, issue
from tests.jobs.steps import events, moment, run, stopping
from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered


def test_a_birthday_is_paid_by_the_tier_else_by_the_rule_with_the_tiers_multiplier(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    rule = {"activity": "BIRTHDAY", "name": "Birthday", "points": 10, "useTierMultiplier": True}
    assert pharmacy.tenant.admin.post("/earning-rules", rule).status == 201
    assert pharmacy.change("PLATINUM", birthdayPoints=500).status == 200
    bronze, gold, platinum = (pharmacy.card(birthDate="1980-03-04") for _ in range(3))
    pharmacy.earn(gold, 25_000)
    pharmacy.earn(platinum, 50_000)
    before = [card(pharmacy.tenant, one)["pointsBalance"] for one in (bronze, gold, platinum)]
    service.clock.advance(days=2)

    first, again = (run(runner, "birthdays", pharmacy.tenant) for _ in range(2))

    assert (first.done, first.tally) == (3, {"birthdays": 3, "pointsIssued": Decimal("525.00")})
    assert (again.done, again.tally) == (0, {})
    after = [card(pharmacy.tenant, one)["pointsBalance"] for one in (bronze, gold, platinum)]
    assert [new - old for new, old in zip(after, before, strict=True)] == [10, 15, 500]
    assert [event for event, _ in events(service.database, pharmacy.tenant)].count("birthday") == 3
    assert all(pharmacy.tenant.admin.get(f"/cards/{one}/audit").json["balanced"] for one in (bronze, gold, platinum))


def test_days_on_which_no_worker_ran_are_made_up_for(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    rule = {"activity": "BIRTHDAY", "name": "Birthday", "points": 10}
    assert pharmacy.tenant.admin.post("/earning-rules", rule).status == 201
    cards = [int(issue(pharmacy.tenant, birthDate=f"1980-03-{day:02}")["id"]) for day in (1, 2, 3, 20, 21)]
    list(run_night(runner, pharmacy.tenant.id))
    service.clock.now = moment("2026-03-20T12:00:00+00:00")

    list(run_night(runner, pharmacy.tenant.id))
    list(run_night(runner, pharmacy.tenant.id))

    # The day before the first night is nobody's to make up for.
    assert [card(pharmacy.tenant, one)["pointsBalance"] for one in cards] == [0, 10, 10, 10, 0]


def test_a_birthday_job_by_hand_hides_no_day_that_was_missed(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    rule = {"activity": "BIRTHDAY", "name": "Birthday", "points": 10}
    assert pharmacy.tenant.admin.post("/earning-rules", rule).status == 201
    cards = [int(issue(pharmacy.tenant, birthDate=f"1980-03-{day:02}")["id"]) for day in (4, 9, 10)]
    list(run_night(runner, pharmacy.tenant.id))
    service.clock.now = moment("2026-03-10T12:00:00+00:00")

    run(runner, "birthdays", pharmacy.tenant)
    assert [card(pharmacy.tenant, one)["pointsBalance"] for one in cards] == [0, 0, 10]
    list(run_night(runner, pharmacy.tenant.id))

    assert [card(pharmacy.tenant, one)["pointsBalance"] for one in cards] == [10, 10, 10]


def test_the_very_first_night_stopped_half_way_is_finished_after_midnight(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    rule = {"activity": "BIRTHDAY", "name": "Birthday", "points": 10}
    assert pharmacy.tenant.admin.post("/earning-rules", rule).status == 201
    cards = [int(issue(pharmacy.tenant, birthDate="1980-03-02")["id"]) for _ in range(3)]
    # The stop comes with the first card.
    assert not run(stopping(runner, 4), "birthdays", pharmacy.tenant).finished
    runner.stop.clear()
    service.clock.advance(days=1)

    list(run_night(runner, pharmacy.tenant.id))

    assert [card(pharmacy.tenant, one)["pointsBalance"] for one in cards] == [10, 10, 10]
