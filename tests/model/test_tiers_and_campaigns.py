"""The worked examples of docs/programme.md sections 2 to 5, on the model."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from . import Pharmacy
from .stacking import share

NOON = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
RUNS = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"}
TWICE = {"type": "POINTS_MULTIPLIER", "name": "Twice", "multiplier": 2, **RUNS}
THRICE = {"type": "POINTS_MULTIPLIER", "name": "Thrice", "multiplier": 3, **RUNS}


def _pharmacy(**settings: Any) -> tuple[Pharmacy, int]:
    pharmacy = Pharmacy(NOON)
    pharmacy.put_config({"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, **settings})
    for category_id, percentage in ((1, 5), (2, 1)):
        pharmacy.save_category({"categoryId": category_id, "categoryName": "General", "pointPercentage": percentage})
    return pharmacy, pharmacy.issue_card({}).body["id"]


def _run(pharmacy: Pharmacy, *campaigns: dict[str, Any]) -> None:
    for campaign in campaigns:
        pharmacy.change_campaign(pharmacy.create_campaign(campaign).body["id"], "activate")


def _bill(card_id: int, bill_id: int, amount: Any, category_id: int = 1) -> dict[str, Any]:
    items = [{"categoryId": category_id, "amount": amount}]
    return {"cardId": card_id, "billId": bill_id, "billAmount": amount, "items": items}


def _part(bill_id: int, return_id: int, amount: Any) -> dict[str, Any]:
    return {"billId": bill_id, "returnId": return_id, "items": [{"categoryId": 1, "amount": amount}]}


def _ladder(pharmacy: Pharmacy, **of_silver: Any) -> None:
    pharmacy.create_tier({"level": 1, "name": "BRONZE"})
    pharmacy.create_tier({"level": 2, "name": "SILVER", "minSpend": 1000, "pointsMultiplier": "1.25", **of_silver})
    pharmacy.create_tier({"level": 3, "name": "GOLD", "minSpend": 5000, "minOrders": 2, "qualifyMode": "ALL"})


def _level(pharmacy: Pharmacy, card_id: int) -> Any:
    return pharmacy.balance(card_id).body["tier"]["name"]


@pytest.mark.parametrize(("stacking", "points"), [("BEST", "18.75"), ("ADDITIVE", "25.00"), ("MULTIPLY", "37.50")])
def test_the_three_ways_to_stack(stacking: str, points: str) -> None:
    pharmacy, card = _pharmacy(campaignStacking=stacking)
    pharmacy.create_tier({"level": 1, "name": "SILVER", "pointsMultiplier": "1.25"})
    _run(pharmacy, TWICE, THRICE)
    quote = pharmacy.calculate({"cardId": card, "items": [{"categoryId": 1, "amount": 100}]}).body
    assert quote["pointsEarned"] == Decimal(points)
    answer = pharmacy.earn_points(_bill(card, 1, 100)).body
    assert answer["pointsEarned"] == Decimal(points)
    assert sum(campaign["points"] for campaign in answer["campaigns"]) == Decimal(points) - Decimal("6.25")


def test_the_whole_multiplier_is_capped_and_a_tier_alone_may_pass_it() -> None:
    pharmacy, card = _pharmacy(maxTotalMultiplier=3)
    pharmacy.create_tier({"level": 1, "name": "SILVER", "pointsMultiplier": 4})
    _run(pharmacy, TWICE)
    assert pharmacy.earn_points(_bill(card, 1, 100)).body["pointsEarned"] == 20
    pharmacy.put_config({"maxTotalMultiplier": 6})
    assert pharmacy.earn_points(_bill(card, 2, 100)).body["pointsEarned"] == 30


def test_what_campaigns_gave_is_shared_by_what_each_multiplies() -> None:
    assert share(Fraction(10), [Fraction(1), Fraction(2)], 2) == [Fraction("3.33"), Fraction("6.67")]
    assert share(Fraction(1), [Fraction(1), Fraction(1)], 0) == [1, 0]


def test_the_base_tier_is_below_all_others() -> None:
    pharmacy, _ = _pharmacy()
    bodies = [{"level": 2, "name": "BRONZE"}, {"level": 1, "name": "LOW", "minOrders": 1}, {"level": 3, "name": "VIP"}]
    assert [pharmacy.create_tier(body).status for body in bodies] == [201, 422, 422]
    assert pharmacy.create_tier({"level": 3, "name": "GOLD", "minSpend": 5000}).status == 201


def test_a_bill_lifts_the_card_and_is_paid_by_the_old_tier() -> None:
    pharmacy, card = _pharmacy()
    _ladder(pharmacy)
    lifting = pharmacy.earn_points(_bill(card, 1, 1000)).body
    assert (lifting["pointsEarned"], lifting["tierChanged"]["to"]["name"]) == (50, "SILVER")
    del lifting["progress"]["until"]
    assert lifting["progress"] == {
        "nextTier": {"id": 3, "level": 3, "name": "GOLD", "multiplier": 1},
        "spendNeeded": 4000,
        "pointsNeeded": None,
        "ordersNeeded": 1,
    }
    assert pharmacy.earn_points(_bill(card, 2, 100)).body["pointsEarned"] == Decimal("6.25")
    assert pharmacy.reverse_points({"billId": 2}).body["tierChanged"] is None
    assert pharmacy.reverse_points(_part(1, 1, "0.01")).body["tierChanged"]["to"]["name"] == "BRONZE"


def test_a_return_of_a_lifting_bill_goes_back_one_step_at_a_time() -> None:
    pharmacy, card = _pharmacy()
    _ladder(pharmacy)
    pharmacy.earn_points(_bill(card, 1, 1000))
    pharmacy.earn_points(_bill(card, 2, 4000))
    assert _level(pharmacy, card) == "GOLD"
    pharmacy.reverse_points({"billId": 2})
    assert _level(pharmacy, card) == "SILVER"
    pharmacy.reverse_points({"billId": 1})
    assert _level(pharmacy, card) == "BRONZE"


def test_only_a_review_lowers_and_only_after_the_days_of_grace() -> None:
    pharmacy, card = _pharmacy()
    _ladder(pharmacy, qualificationPeriodDays=10, graceDays=5)
    pharmacy.earn_points(_bill(card, 1, 1000))
    levels = []
    for days in (9, 10, 14, 15):
        pharmacy.now = NOON + timedelta(days=days)
        pharmacy.review_tiers()
        levels.append(_level(pharmacy, card))
    assert levels == ["SILVER", "SILVER", "SILVER", "BRONZE"]


def test_a_tier_given_by_hand_stays_until_its_last_day() -> None:
    pharmacy, card = _pharmacy()
    _ladder(pharmacy)
    pharmacy.set_tier(card, {"tierId": 3, "until": "2026-01-20"})
    levels = []
    for day in (20, 21):
        pharmacy.now = NOON.replace(day=day)
        pharmacy.review_tiers()
        levels.append(_level(pharmacy, card))
    assert levels == ["GOLD", "BRONZE"]


@pytest.mark.parametrize(("until", "tiers"), [("2026-01-14", ["GOLD", "SILVER"]), ("2026-01-20", ["GOLD", "GOLD"])])
def test_a_merge_keeps_the_highest_hold_that_is_in_force(until: str, tiers: list[str]) -> None:
    pharmacy, target = _pharmacy()
    _ladder(pharmacy)
    source = pharmacy.issue_card({}).body["id"]
    pharmacy.set_tier(target, {"tierId": 2})
    pharmacy.set_tier(source, {"tierId": 3, "until": until})
    pharmacy.merge(target, {"sourceCardId": source})
    found = [_level(pharmacy, target)]
    pharmacy.review_tiers()
    assert [*found, _level(pharmacy, target)] == tiers


def test_a_tier_has_its_own_percentages_and_a_discount() -> None:
    pharmacy, card = _pharmacy()
    own = {"categoryPercentages": [{"categoryId": 1, "pointPercentage": 10}], "tierDiscountPercent": "2.50"}
    pharmacy.create_tier({"level": 1, "name": "BRONZE", **own})
    pharmacy.save_discount({"categoryId": 1, "categoryName": "General", "discountPercentage": 10})
    quote = pharmacy.calculate({"cardId": card, "items": [{"categoryId": 1, "amount": 100}]}).body
    assert (quote["payableAmount"], quote["pointsEarned"]) == (Decimal("87.75"), Decimal("8.77"))
    assert (quote["items"][0]["discountAmount"], quote["items"][0]["tierDiscountAmount"]) == (Decimal("12.25"), Decimal("2.25"))


def test_a_cap_cuts_the_last_bill_and_a_return_frees_what_it_took() -> None:
    pharmacy, card = _pharmacy()
    _run(pharmacy, {**TWICE, "maxPoints": 8, "maxUses": 2})
    assert [pharmacy.earn_points(_bill(card, n, 100)).body["pointsEarned"] for n in (1, 2)] == [10, 8]
    assert pharmacy.earn_points(_bill(card, 3, 100)).body["campaigns"][0]["reason"] == "USES_EXHAUSTED"
    assert pharmacy.campaign_results(1).body == {"uses": 2, "points": 8, "amount": Decimal("0.80")}
    pharmacy.reverse_points(_part(2, 1, 50))
    assert pharmacy.campaign_results(1).body == {"uses": 2, "points": Decimal("6.50"), "amount": Decimal("0.65")}
    pharmacy.reverse_points({"billId": 1})
    assert pharmacy.campaign_results(1).body == {"uses": 1, "points": Decimal("1.50"), "amount": Decimal("0.15")}
    assert pharmacy.earn_points(_bill(card, 4, 200)).body["campaigns"][0]["points"] == Decimal("6.50")


def test_a_budget_gives_no_more_points_than_it_pays_for() -> None:
    pharmacy, card = _pharmacy(pointsToAmountRate="0.30")
    _run(pharmacy, {**TWICE, "budget": 1})
    assert pharmacy.earn_points(_bill(card, 1, 100)).body["pointsEarned"] == Decimal("8.33")
    assert pharmacy.campaign_results(1).body == {"uses": 1, "points": Decimal("3.33"), "amount": Decimal("1.00")}
    assert pharmacy.earn_points(_bill(card, 2, 100)).body["pointsEarned"] == 5
    _run(pharmacy, {**THRICE, "priority": 1, "budget": "0.30"})
    assert pharmacy.earn_points(_bill(card, 3, 100)).body["pointsEarned"] == 6
    assert pharmacy.earn_points(_bill(card, 4, 100)).body["campaigns"][0]["reason"] == "BUDGET_SPENT"


def test_a_return_below_the_least_bill_takes_the_campaign_back() -> None:
    pharmacy, card = _pharmacy()
    _run(pharmacy, {**TWICE, "minSpend": 80}, {"type": "FIXED_BONUS", "bonusPoints": 7, "minSpend": 60, "name": "Gift", **RUNS})
    answer = pharmacy.earn_points(_bill(card, 1, 100)).body
    assert (answer["pointsEarned"], answer["bonusPoints"], answer["newBalance"]) == (10, 7, 17)
    taken = [pharmacy.reverse_points(_part(1, n, 20)).body for n in (1, 2, 3)]
    assert [(body["pointsReversed"], body["bonusPointsReversed"]) for body in taken] == [(2, 0), (5, 0), (1, 7)]
    assert [pharmacy.campaign_results(n).body["uses"] for n in (1, 2)] == [0, 0]
    assert pharmacy.books_balance()


def test_an_exclusive_campaign_goes_first_and_alone() -> None:
    pharmacy, card = _pharmacy()
    _run(pharmacy, {**THRICE, "priority": 1}, {**TWICE, "exclusive": True}, {**TWICE, "exclusive": True, "categoryIds": [2]})
    answer = pharmacy.earn_points(_bill(card, 1, 100)).body
    assert [campaign["reason"] for campaign in answer["campaigns"]] == ["EXCLUDED", None, "NO_CATEGORY"]
    assert answer["pointsEarned"] == 10


def test_hours_and_weekdays_are_those_of_the_wall_clock_and_of_the_day_they_began_on() -> None:
    pharmacy, card = _pharmacy()
    _run(pharmacy, {**TWICE, "weekdays": ["SAT"], "fromTime": "22:00", "toTime": "02:00"})
    reasons = []
    for instant in ("2026-01-17T16:29", "2026-01-17T16:30", "2026-01-17T20:29", "2026-01-17T20:30", "2026-01-18T16:30"):
        pharmacy.now = datetime.fromisoformat(f"{instant}:00+00:00")
        reasons.append(
            pharmacy.calculate({"cardId": card, "items": [{"categoryId": 1, "amount": 1}]}).body["campaigns"][0]["reason"]
        )
    assert reasons == ["OUTSIDE_HOURS", None, None, "OUTSIDE_HOURS", "OUTSIDE_HOURS"]


def test_the_bonus_of_the_first_purchase_goes_back_with_it_and_comes_again() -> None:
    pharmacy, card = _pharmacy()
    pharmacy.create_rule({"activity": "FIRST_PURCHASE", "name": "Welcome", "points": 50, "minBill": 50})
    bonuses = [pharmacy.earn_points(_bill(card, bill_id, 100)).body["bonusPoints"] for bill_id in (1, 2)]
    assert pharmacy.reverse_points({"billId": 1}).body["bonusPointsReversed"] == 50
    pharmacy.reverse_points({"billId": 2})
    bonuses.append(pharmacy.earn_points(_bill(card, 3, 100)).body["bonusPoints"])
    assert bonuses == [50, 0, 50]


def test_a_friend_brings_both_sides_a_bonus_once_and_a_referrer_no_more_than_the_cap() -> None:
    pharmacy, referrer = _pharmacy(referralMinBill=100, referralPointsPercent=0)
    pharmacy.create_rule({"activity": "REFERRAL", "name": "Thanks", "points": 20, "maxPerCard": 1, "period": "MONTH"})
    pharmacy.create_rule({"activity": "REFERRED", "name": "Welcome", "points": 10})
    friends = [pharmacy.issue_card({"referrerCardId": referrer}).body["id"] for _ in range(2)]
    amounts = [(friends[0], 99), (friends[0], 100), (friends[0], 100), (friends[1], 100)]
    answers = [pharmacy.earn_points(_bill(card, n, amount)).body for n, (card, amount) in enumerate(amounts)]
    assert [answer["bonusPoints"] for answer in answers] == [0, 10, 0, 10]
    assert pharmacy.balance(referrer).body["pointsBalance"] == 20
    pharmacy.reverse_points(_part(1, 1, "0.01"))
    assert pharmacy.balance(referrer).body["pointsBalance"] == 0
    assert pharmacy.earn_points(_bill(friends[0], 9, 100)).body["bonusPoints"] == 10
    assert pharmacy.balance(referrer).body["pointsBalance"] == 20
