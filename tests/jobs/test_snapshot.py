"""What a day ended with: the standing as it is read, the postings as they were, whenever it is asked for."""

from decimal import Decimal
from typing import Any

from card_service.jobs.night import run_night
from card_service.jobs.run import Runner
from card_service.kit.days import day_of
from tests.cards.steps import bring_back, earn, give, issue, open_pharmacy, redeem
from tests.jobs.steps import moment, run, runs
from tests.servers.clients import Tenant
from tests.servers.service import Service

STANDING = ("cards", "points_available", "points_pending", "points_on_hold", "points_debt", "liability")
FLOWS = ("issued", "taken_back", "redeemed", "given_back", "expired")


def _day(service: Service, tenant: Tenant, day: str) -> dict[str, Any]:
    names = (*STANDING, *FLOWS)
    (row,) = service.database.rows(
        f"SELECT {', '.join(names)} FROM daily_snapshots WHERE tenant_id = :tenant AND day = :day",
        tenant=tenant.id,
        day=day,
    )
    scale = 100 if service.database.kind == "sqlite" else 1
    return {name: value if name == "cards" else Decimal(value) / scale for name, value in zip(names, row, strict=True)}


def test_a_day_holds_what_was_posted_on_it_and_what_it_ended_with(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service, pointsToAmountRate="0.1234")
    one, other, merged = (int(issue(tenant)["id"]) for _ in range(3))
    give(tenant, merged, 40)
    give(tenant, one, 7, expiresAt="2026-03-02")
    earn(tenant, one, 1)
    earn(tenant, other, 2, 500)
    redeem(tenant, other, 3, 20)
    bring_back(tenant, 2)
    assert tenant.admin.post(f"/cards/{one}/merge", {"sourceCardId": merged}).status == 200
    service.clock.now = moment("2026-03-02T18:30:00+00:00")

    run(runner, "snapshot", tenant, "2026-03-02")
    run(runner, "snapshot", tenant, "2026-03-03")

    assert _day(service, tenant, "2026-03-02") == {
        "cards": 2,
        "points_available": Decimal(140),
        "points_pending": 0,
        "points_on_hold": 0,
        # 50 came in, 20 were spent, all 50 were taken back.
        "points_debt": 20,
        "liability": Decimal("17.27"),
        "issued": 197,
        "taken_back": 50,
        "redeemed": 20,
        "given_back": 0,
        "expired": 0,
    }
    # What expires at midnight is of the next day.
    assert {name: _day(service, tenant, "2026-03-03")[name] for name in FLOWS} == dict.fromkeys(FLOWS, 0) | {"expired": 7}


def test_the_days_add_up_to_the_books(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service, pendingDays=1, expiryPolicy="ROLLING", expiryMonths=1)
    one = int(issue(tenant)["id"])
    for number in range(1, 41):
        earn(tenant, one, number)
        if number % 7 == 0:
            redeem(tenant, one, 1000 + number, 30)
            bring_back(tenant, number - 1)
        run(runner, "snapshot", tenant, str(day_of(service.clock.now, "Asia/Kolkata")))
        service.clock.advance(days=1)

    days = service.database.rows("SELECT day FROM daily_snapshots WHERE tenant_id = :tenant ORDER BY day", tenant=tenant.id)
    found = [_day(service, tenant, str(day)) for (day,) in days]

    total = Decimal(0)
    for day in found:
        total += day["issued"] - day["taken_back"] - day["redeemed"] + day["given_back"] - day["expired"]
        assert day["points_available"] + day["points_pending"] - day["points_debt"] == total
    assert len(found) == 40
    assert sum(day["expired"] for day in found) > 0
    assert found[-1]["points_pending"] == 100


def test_what_is_on_hold_is_owed_until_it_is_spent_and_no_longer_counted_when_it_came_back(
    service: Service, runner: Runner
) -> None:
    tenant = open_pharmacy(service, pointsToAmountRate="0.50", holdTtlSeconds=7200)
    kept, lapses = (int(issue(tenant)["id"]) for _ in range(2))
    for one in (kept, lapses):
        give(tenant, one, 100)
    redeem(tenant, kept, 1, 10)
    service.clock.now = moment("2026-03-02T17:30:00+00:00")
    holds: list[int] = []
    for bill, one, points in ((2, kept, 30), (3, lapses, 21)):
        body = {"cardId": one, "billId": bill, "points": points, "billAmount": 1000, "mode": "HOLD"}
        answer = tenant.billing.post("/internal/cards/redeem-points", body)
        assert answer.status == 200, answer.text
        holds.append(answer.json["redemptionId"])

    # Midnight there is at 18:30: both are live across it.
    service.clock.now = moment("2026-03-02T18:30:01+00:00")
    run(runner, "snapshot", tenant, "2026-03-02")
    confirmed = tenant.billing.post(f"/internal/cards/redeem-points/{holds[0]}/confirm")
    assert confirmed.status == 200, confirmed.text
    service.clock.advance(hours=3)
    run(runner, "holds", tenant)
    service.clock.advance(days=1)
    run(runner, "snapshot", tenant, "2026-03-03")

    first, second = (_day(service, tenant, day) for day in ("2026-03-02", "2026-03-03"))
    assert [first[name] for name in ("points_available", "points_on_hold", "liability", "redeemed")] == [139, 51, 95, 61]
    # The one is spent for good, the other came back.
    assert [second[name] for name in ("points_available", "points_on_hold", "liability", "given_back")] == [160, 0, 80, 21]


def test_a_day_done_again_later_keeps_its_standing(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service)
    one = int(issue(tenant)["id"])
    give(tenant, one, 10)
    run(runner, "snapshot", tenant, "2026-03-02")
    give(tenant, one, 5)
    service.clock.advance(days=1)
    give(tenant, one, 1)

    run(runner, "snapshot", tenant, "2026-03-02")
    late = _day(service, tenant, "2026-03-02")
    give(tenant, one, 100)
    service.clock.advance(days=3)
    run(runner, "snapshot", tenant, "2026-03-02")

    # The first was taken before the day was over; the second says as of when it is.
    assert (late["points_available"], late["issued"]) == (16, 15)
    assert _day(service, tenant, "2026-03-02") == late


def test_a_snapshot_by_hand_is_of_the_day_that_has_ended(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service)
    give(tenant, int(issue(tenant)["id"]), 10)
    service.clock.advance(days=1)

    assert str(run(runner, "snapshot", tenant).day) == "2026-03-02"
    assert _day(service, tenant, "2026-03-02")["issued"] == 10


def test_one_of_a_day_that_is_not_over_is_done_again_by_the_night(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service)
    one = int(issue(tenant)["id"])
    list(run_night(runner, tenant.id))
    give(tenant, one, 10)
    assert run(runner, "snapshot", tenant, "2026-03-02").finished
    assert not runs(service.database, tenant)["snapshot", "2026-03-02"], "the day is not over"
    give(tenant, one, 5)

    service.clock.advance(days=1)
    list(run_night(runner, tenant.id))

    assert _day(service, tenant, "2026-03-02")["issued"] == 15
    assert runs(service.database, tenant)["snapshot", "2026-03-02"]
