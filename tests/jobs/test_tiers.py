"""The job tiers reviews every card, each at most one step down a day, however often it is run."""

from card_service.jobs.run import Runner
from tests.jobs.steps import events, run
from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered


def test_a_card_is_taken_down_once_a_day_however_often_the_job_is_run(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    for name in ("SILVER", "GOLD", "PLATINUM"):
        assert pharmacy.change(name, downgrade="ONE_DOWN").status == 200
    cards = [pharmacy.card() for _ in range(3)]
    for card in cards[:2]:
        pharmacy.earn(card, 50_000)
    assert run(runner, "tiers", pharmacy.tenant).tally == {}

    for name, done in (("GOLD", 2), ("SILVER", 2), ("BRONZE", 2), ("BRONZE", 0)):
        pharmacy.days(365)
        first, again = (run(runner, "tiers", pharmacy.tenant) for _ in range(2))
        assert (first.seen, first.tally.get("downgraded", 0)) == (3, done)
        assert (again.seen, again.tally, again.done) == (3, {}, 0)
        assert [pharmacy.name(card) for card in cards] == [name, name, "BRONZE"]

    down = [payload["cardId"] for event, payload in events(service.database, pharmacy.tenant) if payload["type"] == "DOWNGRADE"]
    assert sorted(down) == sorted(cards[:2] * 3)


def test_grace_begins_with_the_job_and_ends_with_it(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    pharmacy.tier(1, "Basic")
    pharmacy.tier(2, "Plus", minOrders=1, qualificationPeriodDays=10, graceDays=3)
    card = pharmacy.card()
    pharmacy.earn(card, 10)
    said = []
    for _ in range(15):
        said.append(dict(run(runner, "tiers", pharmacy.tenant).tally))
        pharmacy.days(1)

    assert [day for day in enumerate(said) if day[1]] == [(10, {"graceBegun": 1}), (13, {"downgraded": 1})]
    assert pharmacy.name(card) == "Basic"
