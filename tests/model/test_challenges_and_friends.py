"""Challenges, joining, friends and activities of docs/programme.md sections 3 to 5, on the model."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from . import Pharmacy

NOON = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
RUNS = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-02-01T00:00:00Z"}
CHALLENGE = {"type": "TIER_CHALLENGE", "name": "Three hundred", "targetSpend": 300, "days": 3, **RUNS}
FRIENDS = {"type": "REFERRAL", "name": "Friends", "bonusPoints": 30, "referredBonusPoints": 10, **RUNS}


@pytest.fixture
def pharmacy() -> Pharmacy:
    """Open with Base and Gold, a card, and a friend of its customer."""
    pharmacy = Pharmacy(NOON)
    pharmacy.put_config({"isEnabled": True, "referralPointsPercent": 0})
    pharmacy.save_category({"categoryId": 1, "categoryName": "General", "pointPercentage": 5})
    pharmacy.create_tier({"level": 1, "name": "BASE"})
    pharmacy.create_tier({"level": 2, "name": "GOLD", "minSpend": 100_000})
    pharmacy.issue_card({"customerId": 1})
    pharmacy.issue_card({"customerId": 2, "referrerCardId": 1})
    return pharmacy


def _run(pharmacy: Pharmacy, campaign: dict[str, Any]) -> None:
    pharmacy.change_campaign(pharmacy.create_campaign(campaign).body["id"], "activate")


def _earn(pharmacy: Pharmacy, bill_id: int, amount: Any, card_id: int = 2, **fields: Any) -> dict[str, Any]:
    items = [{"categoryId": 1, "amount": amount}]
    body = {"cardId": card_id, "billId": bill_id, "billAmount": amount, "items": items, **fields}
    return pharmacy.earn_points(body).body


def _part(bill_id: int, return_id: int, amount: Any) -> dict[str, Any]:
    return {"billId": bill_id, "returnId": return_id, "items": [{"categoryId": 1, "amount": amount}]}


def test_a_challenge_is_won_lost_and_won_again_while_there_is_time(pharmacy: Pharmacy) -> None:
    _run(pharmacy, {**CHALLENGE, "bonusPoints": 50, "maxUses": 1})
    bonuses = [_earn(pharmacy, bill_id, amount)["bonusPoints"] for bill_id, amount in ((1, 100), (2, 200), (3, 50))]
    assert bonuses == [0, 50, 0]
    assert [pharmacy.reverse_points(_part(1, n, amount)).body["bonusPointsReversed"] for n, amount in ((1, 50), (2, 10))] == [
        0,
        50,
    ]
    progress = pharmacy.progress(1, 2).body
    assert (progress["uses"], progress["spent"], progress["remaining"]) == (0, 290, 10)
    assert _earn(pharmacy, 4, 10)["bonusPoints"] == 50
    pharmacy.now = progress["until"]
    assert pharmacy.now == datetime(2026, 1, 17, 18, 30, tzinfo=UTC)
    assert _earn(pharmacy, 5, 10)["campaigns"][0]["reason"] == "NOT_RUNNING"
    assert pharmacy.reverse_points({"billId": 2}).body["bonusPointsReversed"] == 50
    assert pharmacy.books_balance()


def test_a_tier_of_a_challenge_goes_with_it_and_after_the_campaigns_end(pharmacy: Pharmacy) -> None:
    _run(pharmacy, {**CHALLENGE, "rewardTierId": 2})
    assert _earn(pharmacy, 1, 300)["tierChanged"]["to"]["name"] == "GOLD"
    assert pharmacy.tier_of(2).body["heldTier"]["name"] == "GOLD"
    assert pharmacy.reverse_points(_part(1, 1, 1)).body["tierChanged"]["to"]["name"] == "BASE"
    _earn(pharmacy, 2, 1)
    pharmacy.now += timedelta(days=31)
    pharmacy.review_tiers()
    assert pharmacy.tier_of(2).body["tier"]["name"] == "BASE"
    assert pharmacy.reverse_points({"billId": 2}).body["tierChanged"] is None


@pytest.mark.parametrize("target", [1, 2])
def test_merged_cards_count_as_they_were_without_the_challenge(pharmacy: Pharmacy, target: int) -> None:
    pharmacy.create_tier({"level": 3, "name": "PLATINUM", "minSpend": 1_000_000})
    _run(pharmacy, {**CHALLENGE, "rewardTierId": 3})
    pharmacy.set_tier(1, {"tierId": 2})
    _earn(pharmacy, 1, 300)
    pharmacy.merge(target, {"sourceCardId": 3 - target})
    assert pharmacy.tier_of(target).body["tier"]["name"] == "PLATINUM"
    assert pharmacy.reverse_points({"billId": 1}).body["tierChanged"]["to"]["name"] == "GOLD"


def test_who_must_join_joins_once_while_it_runs(pharmacy: Pharmacy) -> None:
    _run(pharmacy, {**CHALLENGE, "bonusPoints": 50, "optIn": True})
    assert _earn(pharmacy, 1, 300)["campaigns"][0]["reason"] == "NOT_JOINED"
    pharmacy.now += timedelta(hours=1)
    first = pharmacy.participate(1, 2).body
    pharmacy.now += timedelta(hours=1)
    assert pharmacy.participate(1, 2).body == first
    assert _earn(pharmacy, 2, 300)["bonusPoints"] == 50
    pharmacy.change_campaign(1, "pause")
    assert pharmacy.participate(1, 1).body["code"] == "CAMPAIGN_STATE"


def test_a_campaign_pays_for_a_friend_once_cuts_the_referrer_first_and_goes_back_with_the_bill(pharmacy: Pharmacy) -> None:
    pharmacy.put_config({"referralMinBill": 100})
    _run(pharmacy, {**FRIENDS, "maxPoints": 35})
    assert _earn(pharmacy, 1, 99)["campaigns"][0]["reason"] == "NO_REFERRAL"
    paid = _earn(pharmacy, 2, 100)
    assert [(one["kind"], one["points"], one["cardId"]) for one in paid["bonuses"]] == [("REFERRAL", 25, 1), ("REFERRED", 10, 2)]
    assert (paid["bonusPoints"], paid["campaigns"][0]["points"]) == (10, 35)
    assert _earn(pharmacy, 3, 100)["campaigns"][0]["reason"] == "NO_REFERRAL"
    assert pharmacy.reverse_points(_part(2, 1, "0.01")).body["bonusPointsReversed"] == 10
    assert pharmacy.balance(1).body["pointsBalance"] == 0
    assert pharmacy.eligible(2).body["items"][0]["eligible"]
    assert _earn(pharmacy, 4, 100)["bonusPoints"] == 10


def test_caps_of_a_campaign_for_friends_are_the_referrers_whichever_friend_comes(pharmacy: Pharmacy) -> None:
    pharmacy.issue_card({"customerId": 3, "referrerCardId": 1})
    _run(pharmacy, {**FRIENDS, "maxUsesPerCard": 1})
    assert _earn(pharmacy, 1, 100)["bonusPoints"] == 10
    assert pharmacy.eligible(3).body["items"][0]["reason"] == "CARD_USES_EXHAUSTED"
    assert _earn(pharmacy, 2, 100, card_id=3)["campaigns"][0]["reason"] == "CARD_USES_EXHAUSTED"
    assert pharmacy.eligible(3).body["items"][0]["reason"] == "NO_REFERRAL"
    assert [pharmacy.progress(1, card_id).body["uses"] for card_id in (1, 2)] == [1, 0]
    for bill_id in (1, 2):
        pharmacy.reverse_points({"billId": bill_id})
    assert _earn(pharmacy, 3, 100, card_id=3)["bonusPoints"] == 10


def test_a_friends_first_bill_settles_the_referral_whatever_it_pays(pharmacy: Pharmacy) -> None:
    pharmacy.put_config({"referralMinBill": 100})
    pharmacy.issue_card({"customerId": 3, "referrerCardId": 1})
    pharmacy.create_rule({"activity": "REFERRAL", "name": "Thanks", "points": 5, "maxPerCard": 1, "period": "MONTH"})
    kinds = [[one["kind"] for one in _earn(pharmacy, bill_id, 150, card)["bonuses"]] for bill_id, card in ((1, 2), (2, 3))]
    assert kinds == [["REFERRAL"], []]
    pharmacy.now += timedelta(days=31)
    assert _earn(pharmacy, 3, 150, 3)["bonuses"] == []
    pharmacy.reverse_points(_part(2, 1, 50))
    assert _earn(pharmacy, 4, 150, 3)["bonuses"] == []
    pharmacy.reverse_points(_part(2, 2, "0.01"))
    assert len(_earn(pharmacy, 5, 150, 3)["bonuses"]) == 1
    assert pharmacy.balance(1).body["pointsBalance"] == 10
    assert pharmacy.books_balance()


def test_an_activity_is_paid_once_for_a_reference_and_within_its_cap(pharmacy: Pharmacy) -> None:
    rule = {"activity": "CUSTOM", "code": "quiz", "name": "Quiz", "points": Decimal("2.5"), "maxPerCard": 2, "period": "DAY"}
    pharmacy.create_rule(rule)
    quiz = {"cardId": 1, "activity": "CUSTOM", "code": "quiz"}
    answers = [pharmacy.earn_activity({**quiz, "reference": name}) for name in ("a", "b", "a", "c")]
    assert [answer.status for answer in answers] == [201, 201, 200, 409]
    assert answers[2].body == answers[0].body
    assert pharmacy.earn_activity({**quiz, "code": "survey", "reference": "a"}).body["code"] == "NO_RULE"
    pharmacy.now += timedelta(hours=12)
    assert pharmacy.earn_activity({**quiz, "reference": "c"}).body["newBalance"] == Decimal("7.5")


def test_segments_say_who_a_campaign_is_for(pharmacy: Pharmacy) -> None:
    _run(pharmacy, {"type": "FIXED_BONUS", "name": "Gift", "bonusPoints": 5, "segments": ["vip", "new"], **RUNS})
    assert _earn(pharmacy, 1, 10)["campaigns"][0]["reason"] == "SEGMENT"
    pharmacy.change_card(2, {"segments": ["diabetes", "vip"]})
    assert _earn(pharmacy, 2, 10)["bonusPoints"] == 5
