"""What returns take of challenges when something else happened meanwhile: lifts, tiers set by hand, merges, another rate."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.campaigns.steps import bring_back, card, counters, earn, open_pharmacy, run
from tests.cards.steps import assert_balanced
from tests.jobs.steps import events
from tests.servers.clients import Tenant
from tests.servers.service import Service


@pytest.fixture
def tenant(service: Service) -> Tenant:
    """Open a pharmacy with a base tier, Silver from 100.00 on, and Gold that only a challenge can bring."""
    tenant = open_pharmacy(service)
    for level, name, fields in ((1, "Base", {}), (2, "Silver", {"minSpend": 100}), (3, "Gold", {"minSpend": 100_000})):
        assert tenant.admin.post("/tiers", {"level": level, "name": name, **fields}).status == 201
    return tenant


def gold(tenant: Tenant) -> int:
    """Give the id of Gold."""
    return next(int(tier["id"]) for tier in tenant.admin.get("/tiers").json["items"] if tier["name"] == "Gold")


def challenge(service: Service, tenant: Tenant, spend: int, **fields: Any) -> int:
    """Run a challenge of three days; its id."""
    reward = fields or {"rewardTierId": gold(tenant)}
    return int(run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=spend, days=3, **reward)["id"])


def test_a_bill_that_lifted_and_won_at_once_leaves_nothing_behind(service: Service, tenant: Tenant) -> None:
    challenge(service, tenant, 150)
    buyer = card(tenant)
    before = tenant.cashier.get(f"/cards/{buyer}/tier").json
    assert earn(tenant, buyer, 1, (1, 200)).json["tier"]["name"] == "Gold"

    assert bring_back(tenant, 1)["tier"]["name"] == "Base"

    after = tenant.cashier.get(f"/cards/{buyer}/tier").json
    assert {name: after[name] for name in ("tier", "since", "heldTier")} == {
        name: before[name] for name in ("tier", "since", "heldTier")
    }
    assert_balanced(service, tenant, buyer)


def test_each_of_two_tiers_that_one_bill_wins_is_told(service: Service, tenant: Tenant) -> None:
    silver = next(tier["id"] for tier in tenant.admin.get("/tiers").json["items"] if tier["name"] == "Silver")
    for tier in (silver, gold(tenant)):
        challenge(service, tenant, 60, rewardTierId=tier)
    buyer = card(tenant)

    assert [earn(tenant, buyer, 1, (1, 60)).json["tier"]["name"] for _ in range(2)] == ["Gold", "Gold"]

    told = [payload for event, payload in events(service.database, tenant) if event == "tier.changed"]
    assert [(one["type"], one["to"]) for one in told] == [("CHALLENGE", silver), ("CHALLENGE", gold(tenant))]


def test_the_lift_before_a_challenge_is_still_undone_after_it(service: Service, tenant: Tenant) -> None:
    challenge(service, tenant, 150)
    buyer = card(tenant)
    assert earn(tenant, buyer, 1, (1, 100)).json["tier"]["name"] == "Silver"
    assert earn(tenant, buyer, 2, (1, 50)).json["tier"]["name"] == "Gold"
    assert [bring_back(tenant, bill)["tier"]["name"] for bill in (2, 1)] == ["Silver", "Base"]


@pytest.mark.parametrize("change", ["end", "earlier", "later"])
def test_a_tier_that_was_brought_stays_as_long_as_was_promised(service: Service, tenant: Tenant, change: str) -> None:
    campaign = challenge(service, tenant, 60)
    buyer = card(tenant)
    assert earn(tenant, buyer, 1, (1, 60)).json["tier"]["name"] == "Gold"
    promised = tenant.cashier.get(f"/cards/{buyer}/tier").json["heldUntil"]
    service.clock.advance(days=4)
    if change == "end":
        assert tenant.admin.post(f"/campaigns/{campaign}/end").json["status"] == "ENDED"
    else:
        ends_at = service.clock.now + timedelta(days=1 if change == "earlier" else 90)
        assert tenant.admin.put(f"/campaigns/{campaign}", {"endsAt": ends_at.isoformat()}).status == 200

    def reviewed() -> tuple[str, str | None]:
        assert tenant.admin.post("/tiers/recalculate", {"cardId": buyer, "dryRun": False}).status == 200
        standing = tenant.cashier.get(f"/cards/{buyer}/tier").json
        return standing["tier"]["name"], standing["heldUntil"]

    service.clock.advance(days=20)
    assert reviewed() == ("Gold", promised)
    service.clock.advance(days=7)
    assert reviewed() == ("Base", None)


def test_a_card_that_loses_a_challenge_is_no_lower_than_its_bills_reach(service: Service, tenant: Tenant) -> None:
    challenge(service, tenant, 60)
    buyer = card(tenant)
    assert earn(tenant, buyer, 1, (1, 60)).json["tier"]["name"] == "Gold"
    service.clock.advance(days=4)
    earn(tenant, buyer, 2, (1, 100))
    assert bring_back(tenant, 1)["tier"]["name"] == "Silver"


def test_a_tier_that_is_reached_without_its_challenge_stays_and_nothing_is_told(service: Service, tenant: Tenant) -> None:
    challenge(service, tenant, 60)
    buyer = card(tenant)
    earn(tenant, buyer, 1, (1, 60))
    service.clock.advance(days=4)
    assert earn(tenant, buyer, 2, (1, 100_000)).json["tierChanged"] is None

    back = bring_back(tenant, 1)

    assert (back["tier"]["name"], back["tierChanged"]) == ("Gold", None)
    standing = tenant.cashier.get(f"/cards/{buyer}/tier").json
    assert standing["heldTier"] is None
    history = tenant.admin.get(f"/cards/{buyer}/tier/history").json["items"]
    assert [row["type"] for row in history] == ["CHALLENGE"]


def test_tiers_that_one_bill_won_at_once_go_at_once(service: Service, tenant: Tenant) -> None:
    silver = next(int(tier["id"]) for tier in tenant.admin.get("/tiers").json["items"] if tier["name"] == "Silver")
    for tier in (silver, gold(tenant)):
        challenge(service, tenant, 60, rewardTierId=tier)
    buyer = card(tenant)
    assert earn(tenant, buyer, 1, (1, 60)).json["tier"]["name"] == "Gold"
    assert bring_back(tenant, 1)["tier"]["name"] == "Base"


@pytest.mark.parametrize("first", ["hand", "challenge"])
def test_a_tier_set_by_hand_is_not_the_challenges_to_take(service: Service, tenant: Tenant, first: str) -> None:
    challenge(service, tenant, 60)
    buyer = card(tenant, customerId=6)
    for step in ("hand", "challenge") if first == "hand" else ("challenge", "hand"):
        service.clock.advance(seconds=1)
        if step == "hand":
            body = {"tierId": gold(tenant), "reason": "for her loyalty"}
            assert tenant.admin.put("/loyalty/tier/update/6", body).status == 200
        else:
            assert earn(tenant, buyer, 1, (1, 60)).json["tier"]["name"] == "Gold"
    back = bring_back(tenant, 1)
    assert (back["tier"]["name"], back["tierChanged"]) == ("Gold", None)


def test_a_tier_of_a_challenge_that_is_over_is_not_brought_by_a_bill_that_comes_late(service: Service, tenant: Tenant) -> None:
    bought_at = service.clock.now
    begin, end = bought_at - timedelta(hours=1), bought_at + timedelta(days=1)
    challenge(service, tenant, 60, rewardTierId=gold(tenant), startsAt=begin.isoformat(), endsAt=end.isoformat())
    buyer = card(tenant)
    service.clock.advance(days=2)
    assert earn(tenant, buyer, 1, (1, 60), occurredAt=bought_at.isoformat()).json["tier"]["name"] == "Base"
    assert bring_back(tenant, 1)["tierChanged"] is None
    assert_balanced(service, tenant, buyer)


def test_a_reward_leaves_the_budget_as_it_was_though_the_rate_has_changed(service: Service, tenant: Tenant) -> None:
    campaign = challenge(service, tenant, 300, bonusPoints=50, budget=1000)
    buyer = card(tenant)
    earn(tenant, buyer, 1, (1, 100))
    assert tenant.admin.put("/card-config", {"pointsToAmountRate": "1.00"}).status == 200
    earn(tenant, buyer, 2, (1, 200))
    assert counters(service, campaign) == (1, 50, 50, 300)
    assert bring_back(tenant, 1)["bonusPointsReversed"] == 50
    assert counters(service, campaign) == counters(service, campaign, buyer) == (0, 0, 0, 200)


def test_both_rewards_of_merged_cards_go_back_when_nothing_is_left(service: Service, tenant: Tenant) -> None:
    campaign = challenge(service, tenant, 300, bonusPoints=50, budget=1000)
    target, source = card(tenant), card(tenant)
    for bill, buyer in ((1, target), (2, source)):
        assert earn(tenant, buyer, bill, (1, 300)).json["bonusPoints"] == 50
    assert tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200
    assert counters(service, campaign) == (2, 100, 50, 600)

    back = [bring_back(tenant, bill) for bill in (2, 1)]

    assert [one["bonusPointsReversed"] for one in back] == [0, 100]
    assert back[1]["newBalance"] == 0
    assert counters(service, campaign) == counters(service, campaign, target) == (0, Decimal(0), Decimal(0), Decimal(0))
    rows = tenant.admin.get(f"/cards/{target}/transactions", type="REVERSED").json["items"]
    assert {row["referredCardId"] for row in rows} == {None}
    assert_balanced(service, tenant, target, source)
