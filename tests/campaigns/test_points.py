"""What campaigns give on bills, line by line, and what returns take back: over HTTP on both databases."""

from decimal import Decimal
from typing import Any

import pytest

from tests.campaigns.steps import BASE, bring_back, calculate, card, counters, earn, open_pharmacy, run
from tests.cards.steps import assert_balanced
from tests.servers.service import Service


def test_a_double_of_all_points_but_not_on_what_is_blocked(service: Service) -> None:
    tenant = open_pharmacy(service)
    tenant.admin.post("/card-config/restrictions", {"categoryId": 2, "earnBlocked": True})
    buyer = card(tenant)
    campaign = run(service, tenant)
    answer = earn(tenant, buyer, 1, (1, 100), (2, 100), (3, 100)).json
    assert [(line["points"], line["multiplier"]) for line in answer["items"]] == [(10, 2), (0, 1), (10, 1)]
    (why,) = answer["items"][0]["why"]
    assert why == {"source": "CAMPAIGN", "id": campaign["id"], "name": "Double", "multiplier": 2, "points": 5}
    assert answer["items"][1]["why"] == answer["items"][2]["why"] == []
    assert (answer["pointsEarned"], answer["newBalance"]) == (20, 20)
    expected = {"id": campaign["id"], "name": "Double", "type": "POINTS_MULTIPLIER", "reason": None}
    assert answer["campaigns"] == [{**expected, "applies": True, "points": 5}]
    only_blocked = earn(tenant, buyer, 2, (3, 100)).json
    assert only_blocked["campaigns"] == [{**expected, "applies": False, "reason": "NO_CATEGORY", "points": 0}]
    assert_balanced(service, tenant, buyer)


@pytest.mark.parametrize(("stacking", "points"), [("BEST", "15"), ("ADDITIVE", "20"), ("MULTIPLY", "30")])
def test_campaigns_stack_as_configured(service: Service, stacking: str, points: str) -> None:
    tenant = open_pharmacy(service, campaignStacking=stacking)
    buyer = card(tenant)
    run(service, tenant, multiplier=2)
    run(service, tenant, multiplier=3, type="CATEGORY_BONUS", categoryIds=[1])
    quoted = calculate(tenant, buyer, (1, 100), (2, 10))
    answer = earn(tenant, buyer, 1, (1, 100), (2, 10)).json
    assert [line["points"] for line in answer["items"]] == [Decimal(points), 2]
    assert (quoted["pointsEarned"], quoted["campaigns"]) == (answer["pointsEarned"], answer["campaigns"])
    assert [line["why"] for line in quoted["items"]] == [line["why"] for line in answer["items"]]
    for line, base in zip(answer["items"], (5, 1), strict=True):
        assert base + sum(why["points"] for why in line["why"]) == line["points"]
    tenant.admin.put("/card-config", {"maxTotalMultiplier": "1.50"})
    assert earn(tenant, buyer, 2, (1, 100)).json["pointsEarned"] == Decimal("7.50")


def test_an_exclusive_campaign_goes_alone(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant)
    run(service, tenant, multiplier=5)
    alone = run(service, tenant, multiplier=2, exclusive=True, minSpend=50)
    run(service, tenant, type="FIXED_BONUS", multiplier=None, bonusPoints=7)
    answer = earn(tenant, buyer, 1, (1, 100)).json
    assert (answer["pointsEarned"], answer["bonusPoints"]) == (10, 0)
    assert [(one["applies"], one["reason"]) for one in answer["campaigns"]] == [
        (False, "EXCLUDED"), (True, None), (False, "EXCLUDED")
    ]  # fmt: skip
    answer = earn(tenant, buyer, 2, (1, 40)).json
    assert (answer["pointsEarned"], answer["bonusPoints"]) == (10, 7)
    assert [one["reason"] for one in answer["campaigns"] if one["id"] == alone["id"]] == ["MIN_SPEND"]


CONDITIONS: list[tuple[dict[str, Any], str]] = [
    ({"weekdays": ["TUE"]}, "OUTSIDE_HOURS"),  # the clock shows noon of a Monday in India
    ({"fromTime": "12:01", "toTime": "11:59"}, "OUTSIDE_HOURS"),
    ({"tierIds": [9999]}, "TIER"),
    ({"segments": ["over-60"]}, "SEGMENT"),
    ({"optIn": True}, "NOT_JOINED"),
    ({"minSpend": "100.01"}, "MIN_SPEND"),
    ({"categoryIds": [2]}, "NO_CATEGORY"),
]


@pytest.mark.parametrize(("fields", "reason"), CONDITIONS)
def test_a_bill_that_does_not_meet_it_gets_nothing_and_the_reason(service: Service, fields: dict[str, Any], reason: str) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant, segments=["staff"])
    run(service, tenant, **fields)
    for answer in (calculate(tenant, buyer, (1, 100)), earn(tenant, buyer, 1, (1, 100)).json):
        assert [(one["applies"], one["reason"], one["points"]) for one in answer["campaigns"]] == [(False, reason, 0)]
        assert answer["pointsEarned"] == 5


def test_a_segment_a_join_and_a_late_bill_count_at_the_bills_instant(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant, segments=["staff", "over-60"])
    campaign = run(service, tenant, segments=["over-60"], optIn=True, fromTime="12:00", toTime="12:30")
    body = {"campaignId": campaign["id"], "cardId": buyer}
    assert tenant.cashier.post(f"{BASE}/participate", body).status == 200
    assert earn(tenant, buyer, 1, (1, 100)).json["pointsEarned"] == 10
    noon = service.clock.now.isoformat()
    service.clock.advance(hours=1)
    assert earn(tenant, buyer, 2, (1, 100)).json["campaigns"][0]["reason"] == "OUTSIDE_HOURS"
    assert earn(tenant, buyer, 3, (1, 100), occurredAt=noon).json["pointsEarned"] == 10
    service.clock.advance(days=40)
    assert earn(tenant, buyer, 4, (1, 100)).json["campaigns"] == []


def test_caps_and_the_budget_cut_what_is_given_and_then_end_it(service: Service) -> None:
    tenant = open_pharmacy(service)  # a point is worth 0.50
    buyer, other = card(tenant), card(tenant)
    capped = run(service, tenant, maxPoints=8, maxUses=3)
    answer = earn(tenant, buyer, 1, (1, 100), (2, 100)).json
    assert [line["points"] for line in answer["items"]] == [10, 13]
    assert [(why["source"], why["points"]) for why in answer["items"][1]["why"]] == [("CAMPAIGN", 10), ("CAP", -7)]
    assert answer["campaigns"][0]["points"] == 8
    assert counters(service, capped["id"]) == counters(service, capped["id"], buyer) == (1, 8, 4, 0)
    answer = earn(tenant, other, 2, (1, 100)).json
    assert (answer["pointsEarned"], answer["campaigns"][0]["reason"]) == (5, "POINTS_EXHAUSTED")
    tenant.admin.post(f"{BASE}/{capped['id']}/end")
    by_budget = run(service, tenant, budget="2.49")
    assert earn(tenant, other, 3, (1, 100)).json["pointsEarned"] == Decimal("9.98")  # 4.98 points are worth 2.49
    assert counters(service, by_budget["id"]) == (1, Decimal("4.98"), Decimal("2.49"), 0)
    assert earn(tenant, buyer, 4, (1, 100)).json["campaigns"][0]["reason"] == "BUDGET_SPENT"
    tenant.admin.post(f"{BASE}/{by_budget['id']}/end")
    per_card = run(service, tenant, maxUsesPerCard=1, maxPointsPerCard=100)
    assert counters(service, per_card["id"]) is None
    assert earn(tenant, buyer, 5, (1, 100)).json["pointsEarned"] == 10
    assert earn(tenant, buyer, 6, (1, 100)).json["campaigns"][0]["reason"] == "CARD_USES_EXHAUSTED"
    assert earn(tenant, other, 7, (1, 100)).json["pointsEarned"] == 10
    assert_balanced(service, tenant, buyer, other)


def test_a_budget_ends_however_small_what_is_given_of_it(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant)
    tenant.admin.put("/card-config", {"pointsToAmountRate": "0.30"})
    run(service, tenant, budget="0.01")
    assert earn(tenant, buyer, 1, (1, 100)).json["campaigns"][0]["points"] == Decimal("0.03")  # worth 0.009: it costs 0.01
    assert earn(tenant, buyer, 2, (1, 100)).json["campaigns"][0]["reason"] == "BUDGET_SPENT"
    tenant.billing.post("/internal/cards/reverse-points", {"billId": 1})
    assert earn(tenant, buyer, 3, (1, 100)).json["campaigns"][0]["points"] == Decimal("0.03")


def test_a_cap_that_comes_later_counts_what_was_given_before(service: Service) -> None:
    tenant = open_pharmacy(service)
    first, second = card(tenant), card(tenant)
    campaign = run(service, tenant)
    for bill, buyer in enumerate((first, second, first), 1):
        earn(tenant, buyer, bill, (1, 100))
    assert counters(service, campaign["id"]) is None
    assert tenant.admin.put(f"{BASE}/{campaign['id']}", {"maxUses": 4}).status == 200
    assert counters(service, campaign["id"]) == (3, 15, Decimal("7.5"), 0)
    assert earn(tenant, second, 4, (1, 100)).json["pointsEarned"] == 10
    assert earn(tenant, second, 5, (1, 100)).json["campaigns"][0]["reason"] == "USES_EXHAUSTED"
    bring_back(tenant, 1)
    assert counters(service, campaign["id"]) == (3, 15, Decimal("7.5"), 0)
    assert earn(tenant, second, 6, (1, 100)).json["pointsEarned"] == 10


def test_a_return_follows_the_line_until_too_little_is_left(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant)
    double = run(service, tenant, minSpend=60, maxUses=9)
    bonus = run(service, tenant, type="FIXED_BONUS", multiplier=None, bonusPoints=20, minSpend=80, maxUses=9)
    answer = earn(tenant, buyer, 1, (1, 100)).json
    assert (answer["pointsEarned"], answer["bonusPoints"], answer["newBalance"]) == (10, 20, 30)
    assert [(one["kind"], one["id"], one["points"]) for one in answer["bonuses"]] == [("CAMPAIGN", bonus["id"], 20)]
    back = bring_back(tenant, 1, (1, 10), return_id=1)
    assert (back["pointsReversed"], back["bonusPointsReversed"]) == (1, 0)
    assert counters(service, double["id"]) == (1, Decimal("4.5"), Decimal("2.25"), 0)
    back = bring_back(tenant, 1, (1, 20), return_id=2)
    assert (back["pointsReversed"], back["bonusPointsReversed"]) == (2, 20)
    assert counters(service, bonus["id"]) == counters(service, bonus["id"], buyer) == (0, 0, 0, 0)
    assert counters(service, double["id"]) == (1, Decimal("3.5"), Decimal("1.75"), 0)
    tenant.admin.post(f"{BASE}/{double['id']}/end")
    back = bring_back(tenant, 1, (1, 20), return_id=3)
    assert back["pointsReversed"] == Decimal("4.50")  # of 10, 5 without the campaign, half of which stays: 2.50
    assert counters(service, double["id"]) == counters(service, double["id"], buyer) == (0, 0, 0, 0)
    back = bring_back(tenant, 1)
    assert (back["pointsReversed"], back["newBalance"]) == (Decimal("2.50"), 0)
    assert_balanced(service, tenant, buyer)


def test_a_challenge_brings_its_reward_once_and_returns_take_it_back(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant, customerId=5)
    fields = {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 300, "days": 3, "bonusPoints": 50, "maxUses": 1}
    campaign = run(service, tenant, **fields)
    progress = f"{BASE}/{campaign['id']}/progress/5"
    assert earn(tenant, buyer, 1, (1, 100)).json["bonusPoints"] == 0
    assert tenant.cashier.get(progress).json["remaining"] == 200
    assert calculate(tenant, buyer, (1, 200))["bonusPoints"] == 50
    answer = earn(tenant, buyer, 2, (1, 200)).json
    assert (answer["bonusPoints"], answer["newBalance"]) == (50, 65)
    assert [(one["kind"], one["id"]) for one in answer["bonuses"]] == [("CHALLENGE", campaign["id"])]
    assert earn(tenant, buyer, 3, (1, 50)).json["bonusPoints"] == 0
    assert counters(service, campaign["id"]) == (1, 50, 25, 350)
    shown = tenant.cashier.get(progress).json
    assert (shown["spent"], shown["uses"], shown["completedAt"]) == (350, 1, "2026-03-02T06:30:00Z")
    assert bring_back(tenant, 1, (1, 50), return_id=1)["bonusPointsReversed"] == 0
    assert bring_back(tenant, 1, (1, 10), return_id=2)["bonusPointsReversed"] == 50
    assert counters(service, campaign["id"]) == (0, 0, 0, 290)
    assert earn(tenant, buyer, 4, (1, 10)).json["bonusPoints"] == 50
    assert bring_back(tenant, 2)["bonusPointsReversed"] == 50
    service.clock.advance(days=3)
    late = earn(tenant, buyer, 5, (1, 1000)).json
    assert (late["bonusPoints"], late["campaigns"][0]["reason"]) == (0, "NOT_RUNNING")
    assert_balanced(service, tenant, buyer)


def test_a_challenge_brings_a_tier_until_it_is_lost(service: Service) -> None:
    tenant = open_pharmacy(service)
    assert tenant.admin.post("/tiers", {"level": 1, "name": "Base"}).status == 201
    gold = tenant.admin.post("/tiers", {"level": 2, "name": "Gold", "minSpend": 100000, "pointsMultiplier": "1.25"}).json
    buyer = card(tenant, customerId=6)
    fields = {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 150, "days": 3, "rewardTierId": gold["id"]}
    run(service, tenant, **fields)
    assert earn(tenant, buyer, 1, (1, 100)).json["tierChanged"] is None
    answer = earn(tenant, buyer, 2, (1, 100)).json
    assert (answer["pointsEarned"], answer["tier"]["id"]) == (5, gold["id"])
    assert (answer["tierChanged"]["from"]["name"], answer["tierChanged"]["to"]["name"]) == ("Base", "Gold")
    # The worked example of docs/programme.md: 5.00 with tier 1.25 and campaigns of 2 and 3.
    double, triple = run(service, tenant, tierIds=[gold["id"]]), run(service, tenant, multiplier=3)
    eligible = tenant.cashier.get(f"{BASE}/customer/6/eligible").json["items"]
    assert [one["eligible"] for one in eligible] == [True, True, True]
    for bill, (stacking, points) in enumerate((("BEST", "18.75"), ("ADDITIVE", "25"), ("MULTIPLY", "37.50")), 3):
        tenant.admin.put("/card-config", {"campaignStacking": stacking})
        answer = earn(tenant, buyer, bill, (1, 100)).json
        assert answer["pointsEarned"] == Decimal(points), stacking
        assert answer["items"][0]["multiplier"] == Decimal(points) / 5
    for campaign in (double, triple):
        tenant.admin.post(f"{BASE}/{campaign['id']}/end")
    for bill in (5, 4, 3):
        assert bring_back(tenant, bill)["tierChanged"] is None
    back = bring_back(tenant, 1)
    assert (back["tier"]["name"], back["tierChanged"]["from"]["name"]) == ("Base", "Gold")
    history = tenant.admin.get(f"/cards/{buyer}/tier/history").json["items"]
    assert sorted(one["type"] for one in history) == ["CHALLENGE", "REVERSAL"]
    assert earn(tenant, buyer, 9, (1, 50)).json["tier"]["name"] == "Gold"
    unknown = {**fields, "rewardTierId": 2**60, "name": "No tier", "startsAt": double["startsAt"], "endsAt": double["endsAt"]}
    del unknown["multiplier"]
    assert tenant.admin.post(BASE, unknown).status == 422
    assert_balanced(service, tenant, buyer)


def test_a_merge_adds_what_was_counted(service: Service) -> None:
    tenant = open_pharmacy(service)
    target, source = card(tenant), card(tenant)
    campaign = run(service, tenant, maxUsesPerCard=3, maxUses=100)
    for bill, buyer in ((1, target), (2, source), (3, source)):
        earn(tenant, buyer, bill, (1, 100))
    assert tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200
    assert counters(service, campaign["id"], target) == counters(service, campaign["id"]) == (3, 15, Decimal("7.5"), 0)
    assert counters(service, campaign["id"], source) == (0, 0, 0, 0)
    assert earn(tenant, target, 4, (1, 100)).json["campaigns"][0]["reason"] == "CARD_USES_EXHAUSTED"
    bring_back(tenant, 2)
    assert counters(service, campaign["id"], target) == counters(service, campaign["id"]) == (2, 10, 5, 0)
    assert earn(tenant, target, 5, (1, 100)).json["pointsEarned"] == 10
    assert_balanced(service, tenant, target, source)


def test_a_tier_of_a_challenge_that_is_lost_after_a_merge_is_the_one_the_cards_had_before(service: Service) -> None:
    tenant = open_pharmacy(service)
    names = (("Base", None), ("Silver", 100), ("Gold", 100000))
    tiers = {}
    for level, (name, spend) in enumerate(names, 1):
        body = {"level": level, "name": name, **({"minSpend": spend} if spend else {})}
        tiers[name] = tenant.admin.post("/tiers", body).json["id"]
    fields = {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 300, "days": 3, "rewardTierId": tiers["Gold"]}
    run(service, tenant, **fields)

    def tier_of(card_id: int) -> str:
        return str(tenant.admin.get(f"/cards/{card_id}/tier").json["tier"]["name"])

    def complete(first: int) -> int:
        """Make a card of Silver that the challenge then brings into Gold."""
        buyer = card(tenant)
        assert earn(tenant, buyer, first, (1, 150)).json["tier"]["name"] == "Silver"
        assert earn(tenant, buyer, first + 1, (1, 150)).json["tier"]["name"] == "Gold"
        return buyer

    # Into one of the base tier, which goes on into another; the return takes both back to what the first card had.
    source, between, target = complete(1), card(tenant), card(tenant)
    for stays, goes in ((between, source), (target, between)):
        assert tenant.admin.post(f"/cards/{stays}/merge", {"sourceCardId": goes}).status == 200
        assert tier_of(stays) == "Gold"
    back = bring_back(tenant, 2, (1, 10), return_id=1)
    assert (back["tierChanged"]["from"]["name"], back["tierChanged"]["to"]["name"]) == ("Gold", "Silver")
    standing = tenant.admin.get(f"/cards/{target}/tier").json
    assert (standing["tier"]["name"], standing["heldTier"], standing["heldUntil"]) == ("Silver", None, None)
    # Into one that an administrator has put there: that one stays, whatever becomes of the challenge.
    for held, (bill, stays_in) in {"Gold": (11, "Gold"), "Silver": (21, "Silver")}.items():
        source, target = complete(bill), card(tenant, customerId=bill)
        body = {"tierId": tiers[held], "reason": "a friend of the house"}
        assert tenant.admin.put(f"/loyalty/tier/update/{bill}", body).status == 200
        assert tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200
        assert tier_of(target) == "Gold"
        assert bring_back(tenant, bill + 1, (1, 10), return_id=1)["tier"]["name"] == stays_in
        assert tenant.admin.get(f"/cards/{target}/tier").json["heldTier"]["name"] == held
    # One that was put into the tier of the reward before was not lifted by it, and stays there.
    buyer = card(tenant, customerId=31)
    tenant.admin.put("/loyalty/tier/update/31", {"tierId": tiers["Gold"], "reason": "a friend of the house"})
    earn(tenant, buyer, 31, (1, 300))
    assert bring_back(tenant, 31)["tierChanged"] is None
    assert tier_of(buyer) == "Gold"
