"""Challenges that are missed, and the word three days before: each once, and nothing else hangs on the job."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from card_service.campaigns.campaign import ACTIVE, TIER_CHALLENGE, Campaign
from card_service.campaigns.challenge_ends import ENDING, MISSED, Night, Participation, event_due
from card_service.jobs.night import run_night
from card_service.jobs.run import Runner
from card_service.kit.days import end_of
from tests.campaigns import steps
from tests.campaigns.steps import BASE, bring_back, calculate, earn, open_pharmacy
from tests.concurrency.together import together
from tests.jobs.processes import Running
from tests.jobs.slowly import slowly, slowly_for_several
from tests.jobs.steps import events, moment, run
from tests.servers.clients import Tenant
from tests.servers.commands import card_service
from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered

ZONE = "Asia/Kolkata"
NOON = moment("2026-03-01T06:30:00+00:00")
CARDS = 20
MOMENT_SECONDS = 0.3


def _challenge(service: Service, tenant: Tenant, **fields: Any) -> int:
    body = {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 300, "days": 10, "bonusPoints": 50, **fields}
    return int(steps.run(service, tenant, **body)["id"])


def _told(service: Service, tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    return [(event.removeprefix("challenge."), payload) for event, payload in events(service.database, tenant)]


def _nights(service: Service, runner: Runner, tenant: Tenant, count: int) -> list[dict[str, Any]]:
    """Run the job on so many days, today first; gives what each did."""
    found = []
    for _ in range(count):
        found.append(dict(run(runner, "challenges", tenant).tally))
        service.clock.advance(days=1)
    return found


def test_the_word_comes_three_days_before_and_the_miss_on_the_day_after(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service)
    campaign = _challenge(service, tenant)
    misses, reaches = steps.card(tenant, customerId=1), steps.card(tenant, customerId=2)
    steps.card(tenant, customerId=3)
    earn(tenant, misses, 1, (1, 120))
    earn(tenant, reaches, 2, (1, 300))

    # The 2nd of March is the first of ten days.
    said = _nights(service, runner, tenant, 15)

    assert {day + 2: did for day, did in enumerate(said) if did} == {8: {"challengesEnding": 1}, 12: {"challengesMissed": 1}}
    payload = {"cardId": misses, "campaignId": campaign, "spent": 120, "targetSpend": 300, "on": "2026-03-11"}
    assert _told(service, tenant) == [
        ("completed", {"cardId": reaches, "campaignId": campaign, "billId": 2}),
        ("ending", payload),
        ("missed", payload),
    ]


def test_every_bill_that_completes_is_told_of(service: Service) -> None:
    tenant = open_pharmacy(service)
    campaign = _challenge(service, tenant)
    buyer = steps.card(tenant)
    for bill in (1, 2, 3):
        earn(tenant, buyer, bill, (1, 200))
    bring_back(tenant, 2)
    bring_back(tenant, 3)
    earn(tenant, buyer, 4, (1, 100))

    assert _told(service, tenant) == [("completed", {"cardId": buyer, "campaignId": campaign, "billId": bill}) for bill in (2, 4)]


def test_answers_are_the_same_with_and_without_the_job(service: Service, runner: Runner) -> None:
    """Two pharmacies live the same days; only one of them has a night."""
    shown: list[list[Any]] = []
    begin = service.clock.now
    for has_nights in (True, False):
        service.clock.now = begin
        tenant = open_pharmacy(service)
        campaign = _challenge(service, tenant, days=4)
        other = _challenge(service, tenant, days=90, name="Until the campaign ends")
        late, early = steps.card(tenant, customerId=1), steps.card(tenant, customerId=2)
        earn(tenant, late, 1, (1, 100))
        earn(tenant, early, 2, (1, 300))
        seen: list[Any] = []
        for day in range(33):
            if has_nights:
                list(run_night(runner, tenant.id))
            for one in (campaign, other):
                seen += [tenant.cashier.get(f"{BASE}/{one}/progress/{customer}").json for customer in (1, 2)]
            seen.append(tenant.cashier.get(f"{BASE}/customer/1/eligible").json)
            seen.append(calculate(tenant, late, (1, 250)))
            if day == 6:
                # In time by the day on which it was bought: after the job had closed it.
                earned = earn(tenant, late, 3, (1, 200), occurredAt=(begin + timedelta(days=2)).isoformat()).json
                assert earned["bonusPoints"] == 100
                seen.append(earned)
                seen.append(bring_back(tenant, 2, (1, 10), return_id=1))
            service.clock.advance(days=1)
        shown.append(_without_ids(seen))
        if has_nights:
            missed = [payload["campaignId"] for event, payload in _told(service, tenant) if event == "missed"]
            # The first before the late bill, then of the card whose reward was taken back: it misses both.
            assert missed == [campaign, campaign, other]

    assert shown[0] == shown[1]


def _without_ids(found: Any) -> Any:
    """Leave out what tells one pharmacy's things from another's."""
    if isinstance(found, list):
        return [_without_ids(one) for one in found]
    if isinstance(found, dict):
        return {name: _without_ids(one) for name, one in found.items() if name not in {"id", "cardId", "campaignId"}}
    return found


def test_an_end_that_comes_early_paused_ones_and_closed_cards(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service)
    ended, paused = _challenge(service, tenant), _challenge(service, tenant, name="Paused")
    stays, leaves = steps.card(tenant), steps.card(tenant)
    for bill, one in enumerate((stays, leaves)):
        earn(tenant, one, bill + 1, (1, 100))
    assert tenant.admin.post(f"{BASE}/{ended}/end").status == 200
    assert tenant.admin.post(f"{BASE}/{paused}/pause").status == 200
    assert tenant.admin.delete(f"/cards/{leaves}").status == 204

    said = _nights(service, runner, tenant, 14)

    assert {day + 2: did for day, did in enumerate(said) if did} == {2: {"challengesMissed": 1}, 12: {"challengesMissed": 1}}
    assert [(event, payload["cardId"], payload["campaignId"], payload["on"]) for event, payload in _told(service, tenant)] == [
        ("missed", stays, ended, "2026-03-02"),
        ("missed", stays, paused, "2026-03-11"),
    ]


def test_merged_cards_are_told_once_by_the_earlier_start(service: Service, runner: Runner) -> None:
    tenant = open_pharmacy(service)
    _challenge(service, tenant, targetSpend=1000)
    first, second, third = (steps.card(tenant) for _ in range(3))
    earn(tenant, first, 1, (1, 100))
    service.clock.advance(days=8)
    assert run(runner, "challenges", tenant).tally == {"challengesEnding": 1}
    earn(tenant, second, 2, (1, 100))
    service.clock.advance(days=2)
    assert run(runner, "challenges", tenant).tally == {"challengesMissed": 1}
    earn(tenant, third, 3, (1, 100))

    assert tenant.admin.post(f"/cards/{second}/merge", {"sourceCardId": first}).status == 200
    assert _nights(service, runner, tenant, 5) == [{}] * 5
    assert tenant.admin.post(f"/cards/{second}/merge", {"sourceCardId": third}).status == 200
    assert _nights(service, runner, tenant, 20) == [{}] * 20
    assert [payload["cardId"] for _, payload in _told(service, tenant)] == [first, first]


def test_a_tier_that_a_challenge_brought_ends_with_the_campaign_by_the_review(service: Service, runner: Runner) -> None:
    pharmacy = Tiered(service)
    pharmacy.tier(1, "Base")
    gold = pharmacy.tier(2, "Gold", minSpend=100_000, graceDays=30)
    card = pharmacy.card()
    _challenge(service, pharmacy.tenant, days=5, bonusPoints=None, rewardTierId=gold)
    pharmacy.earn(card, 300)
    assert pharmacy.name(card) == "Gold"

    # The campaign ends on 1 April, long after its five days.
    changed = []
    for _ in range(32):
        list(run_night(runner, pharmacy.tenant.id))
        changed.append(pharmacy.name(card))
        service.clock.advance(days=1)

    # 05:30 UTC of 1 April is before noon there: the night after it is the first.
    assert changed == ["Gold"] * 30 + ["Base"] * 2
    assert [event for event, _ in _told(service, pharmacy.tenant)] == ["tier.changed", "completed", "tier.changed"]


def test_killed_and_run_again_and_two_at_once_tell_everyone_once(service: Service, tmp_path: Path) -> None:
    database = service.database
    tenant = open_pharmacy(service)
    # Over since March on the clock of the processes, and two of them each.
    campaigns = [_challenge(service, tenant, name=f"Challenge {number}") for number in range(2)]
    cards = [steps.card(tenant) for _ in range(CARDS)]
    for number, one in enumerate(cards):
        earn(tenant, one, number + 1, (1, 100))
    command = ("jobs", "run", "challenges", "--tenant", str(tenant.id))
    with slowly(database, "outbox"), Running(database, *command, log=tmp_path / "killed") as job:
        assert job.wait_until(lambda: len(_told(service, tenant)) >= 5)
    with slowly_for_several(database, "outbox"):
        both = together([lambda: card_service(database, *command, "--json")] * 2)
    assert [one.returncode for one in both] == [0, 0], both
    # A run that finds everything done takes no time; a run beside another one waits for it card by card.
    assert database.server is None or min(json.loads(one.stdout)["seconds"] for one in both) > MOMENT_SECONDS, both
    assert card_service(database, *command).returncode == 0

    told = [(event, payload["cardId"], payload["campaignId"]) for event, payload in _told(service, tenant)]
    assert sorted(told) == sorted(("missed", card, campaign) for card in cards for campaign in campaigns)
    still = "SELECT COUNT(*) FROM campaign_counters WHERE tenant_id = :t AND card_id > 0 AND closed_at IS NULL"
    assert database.rows(still, t=tenant.id) == [(0,)]


@given(
    joined=st.integers(0, 40 * 24),
    days=st.integers(1, 12),
    ends=st.integers(1, 45 * 24),
    nights=st.sets(st.integers(0, 70)),
    zone=st.sampled_from((ZONE, "America/Anchorage", "Pacific/Auckland")),
)
def test_however_the_nights_fall_each_is_told_at_most_once_and_the_miss_of_everyone(
    joined: int, days: int, ends: int, nights: set[int], zone: str
) -> None:
    joined_at, ends_at = NOON + timedelta(hours=joined), NOON + timedelta(hours=max(ends, joined + 1))
    campaign = Campaign(
        1, "Spend", TIER_CHALLENGE, ACTIVE, NOON - timedelta(days=1), ends_at, target_spend=Decimal(100), days=days
    )
    one = Participation(1, 1, joined_at, Decimal(99), None)
    told: list[tuple[str, datetime]] = []
    for night in sorted({*nights, 90}):
        today = date(2026, 3, 1) + timedelta(days=night)
        now = end_of(today - timedelta(days=1), zone) + timedelta(seconds=1)
        if now < joined_at:
            continue
        event = event_due(campaign, one, Night(today, now, zone), now)
        if event is not None:
            told.append((event, now))
        if event == MISSED:
            break
        one = one._replace(warned_at=now if event == ENDING else one.warned_at)

    over = min(joined_at + timedelta(days=days), ends_at)
    assert [event for event, _ in told] in ([MISSED], [ENDING, MISSED])
    # Days are whole ones, so the end is up to one before the same hour of so many days later, and an hour for the clocks.
    assert told[-1][1] >= min(over - timedelta(hours=25), ends_at)
    if len(told) == 2:
        assert timedelta(0) < over - told[0][1] <= timedelta(days=5)


def test_who_has_reached_the_target_by_a_merge_has_not_missed_it() -> None:
    campaign = Campaign(1, "Spend", TIER_CHALLENGE, ACTIVE, NOON, NOON + timedelta(days=9), target_spend=Decimal(100), days=2)
    one = Participation(1, 1, NOON, Decimal(100), None)
    late = NOON + timedelta(days=20)
    assert event_due(campaign, one, Night(late.date(), late, ZONE), late) is None
    assert event_due(campaign, one._replace(spent=Decimal("99.99")), Night(late.date(), late, ZONE), late) == MISSED
