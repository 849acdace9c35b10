"""Campaigns that pay for friends, over HTTP on both databases: to both sides, once, within the caps, and back with the bill."""

from decimal import Decimal
from typing import Any

import pytest

from tests.campaigns.steps import BASE, bring_back, calculate, card, counters, earn, open_pharmacy, run
from tests.cards.steps import assert_balanced, merge
from tests.cards.steps import card as shown
from tests.earning_rules.test_earning_rules_api import add_rule
from tests.servers.clients import Tenant
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, start_service

FRIENDS = {"type": "REFERRAL", "multiplier": None, "bonusPoints": 20, "referredBonusPoints": 10, "name": "Bring a friend"}
NOTHING = (0, 0, 0, 0)


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service, referralMinBill=100)


def pair(tenant: Tenant, **fields: Any) -> tuple[int, int]:
    """Issue a card, and one that it has referred."""
    referrer = card(tenant)
    return referrer, card(tenant, referrerCardId=referrer, **fields)


def paid(answer: Any) -> list[tuple[str, int, Any]]:
    """Tell the bonuses of an answer: the kind, whose, how much."""
    return [(bonus["kind"], bonus["cardId"], bonus["points"]) for bonus in answer["bonuses"]]


def told(answer: Any) -> list[tuple[bool, str | None, Any]]:
    """Tell of each campaign whether it applies, why not, and what it gives."""
    return [(one["applies"], one["reason"], one["points"]) for one in answer["campaigns"]]


def money_of(tenant: Tenant, *card_ids: int) -> list[tuple[Any, ...]]:
    """Give balance, debt and all that was earned of cards."""
    found = [shown(tenant, one) for one in card_ids]
    return [(one["pointsBalance"], one["pointsDebt"], one["totalPointsEarned"]) for one in found]


def test_a_friends_first_bill_pays_both_sides_and_its_return_restores_everything(service: Service, tenant: Tenant) -> None:
    campaign = run(service, tenant, **FRIENDS, maxUses=5, budget=100, minSpend=120)
    referrer, friend = pair(tenant)
    stranger = card(tenant)
    before = money_of(tenant, referrer, friend)
    assert told(earn(tenant, stranger, 1, (1, 200)).json) == [(False, "NO_REFERRAL", 0)]
    assert told(earn(tenant, friend, 2, (1, 99)).json) == [(False, "MIN_SPEND", 0)]
    quoted = calculate(tenant, friend, (1, 200))
    answer = earn(tenant, friend, 3, (1, 200)).json
    assert paid(answer) == paid(quoted) == [("REFERRED", friend, 10), ("REFERRAL", referrer, 20)]
    assert told(answer) == told(quoted) == [(True, None, 30)]
    assert (answer["bonusPoints"], quoted["bonusPoints"], answer["pointsEarned"]) == (10, 10, 10)
    assert {bonus["id"] for bonus in answer["bonuses"]} == {campaign["id"]}
    assert counters(service, campaign["id"]) == counters(service, campaign["id"], referrer) == (1, 30, 15, 0)
    assert counters(service, campaign["id"], friend) is None
    assert shown(tenant, referrer)["pointsBalance"] == 20
    page = tenant.cashier.get(f"/cards/{referrer}/referrals").json
    assert [(row["cardId"], row["bonusPoints"]) for row in page["items"]] == [(friend, 20)]
    assert told(earn(tenant, friend, 4, (1, 200)).json) == [(False, "NO_REFERRAL", 0)]
    # 120 of the campaign is more than 100 of the configuration.
    assert bring_back(tenant, 3, (1, 80), return_id=1)["bonusPointsReversed"] == 0
    assert bring_back(tenant, 3, (1, "0.01"), return_id=2)["bonusPointsReversed"] == 10
    assert shown(tenant, referrer)["pointsBalance"] == 0
    assert counters(service, campaign["id"]) == counters(service, campaign["id"], referrer) == NOTHING
    # It is still the friend's first bill, until it is below 100.
    assert told(calculate(tenant, friend, (1, 200))) == [(False, "NO_REFERRAL", 0)]
    bring_back(tenant, 3, (1, 20), return_id=3)
    assert calculate(tenant, friend, (1, 200))["bonusPoints"] == 10
    assert earn(tenant, friend, 5, (1, 200)).json["bonusPoints"] == 10
    for bill in (2, 3, 4, 5):
        bring_back(tenant, bill)
    assert money_of(tenant, referrer, friend) == before
    assert counters(service, campaign["id"]) == counters(service, campaign["id"], referrer) == NOTHING
    assert_balanced(service, tenant, referrer, friend, stranger)


def test_caps_and_the_budget_cut_the_referrers_part_first(service: Service, tenant: Tenant) -> None:
    capped = run(service, tenant, **FRIENDS, maxPoints=45)
    pairs = [pair(tenant) for _ in range(3)]
    answers = [earn(tenant, friend, bill, (1, 100)).json for bill, (_, friend) in enumerate(pairs, 1)]
    kinds = [[(kind, points) for kind, _, points in paid(answer)] for answer in answers]
    assert kinds == [[("REFERRED", 10), ("REFERRAL", 20)], [("REFERRED", 10), ("REFERRAL", 5)], []]
    assert told(answers[2]) == [(False, "POINTS_EXHAUSTED", 0)]
    assert counters(service, capped["id"]) == (2, 45, Decimal("22.5"), 0)
    bring_back(tenant, 1)
    assert counters(service, capped["id"]) == (1, 15, Decimal("7.5"), 0)
    bring_back(tenant, 3)
    assert earn(tenant, pairs[2][1], 4, (1, 100)).json["bonusPoints"] == 10
    tenant.admin.post(f"{BASE}/{capped['id']}/end")
    by_budget = run(service, tenant, **FRIENDS, budget=4)  # a point is worth 0.50
    referrer, friend = pair(tenant)
    assert paid(earn(tenant, friend, 5, (1, 100)).json) == [("REFERRED", friend, 8)]
    assert counters(service, by_budget["id"]) == (1, 8, 4, 0)
    _, other = pair(tenant)
    assert told(earn(tenant, other, 6, (1, 100)).json) == [(False, "BUDGET_SPENT", 0)]
    # What there was no money for is not paid later, though there is something left again.
    bring_back(tenant, 5)
    assert told(earn(tenant, other, 7, (1, 100)).json) == [(False, "NO_REFERRAL", 0)]
    bring_back(tenant, 6)
    assert earn(tenant, other, 8, (1, 100)).json["bonusPoints"] == 8
    assert_balanced(service, tenant, referrer, friend, other, *(one for both in pairs for one in both))


def test_the_caps_for_a_card_are_those_of_the_referrer_with_all_friends_together(service: Service, tenant: Tenant) -> None:
    campaign = run(service, tenant, **FRIENDS, maxUsesPerCard=2, maxPointsPerCard=50)
    referrer, first = pair(tenant)
    second, third = (card(tenant, referrerCardId=referrer, customerId=customer) for customer in (2, 3))
    other, stranger = pair(tenant, customerId=4)

    def eligible(customer: int) -> Any:
        return tenant.cashier.get(f"{BASE}/customer/{customer}/eligible").json["items"][0]["reason"]

    assert told(earn(tenant, first, 1, (1, 100)).json) == [(True, None, 30)]
    # What the referrer has left of the 50 cuts their part first.
    quoted, answer = calculate(tenant, second, (1, 100)), earn(tenant, second, 2, (1, 100)).json
    assert paid(quoted) == paid(answer) == [("REFERRED", second, 10), ("REFERRAL", referrer, 10)]
    assert counters(service, campaign["id"], referrer) == (2, 50, 25, 0)
    assert (eligible(3), eligible(4)) == ("CARD_USES_EXHAUSTED", None)
    quoted, answer = calculate(tenant, third, (1, 100)), earn(tenant, third, 3, (1, 100)).json
    assert told(quoted) == told(answer) == [(False, "CARD_USES_EXHAUSTED", 0)]
    assert told(earn(tenant, stranger, 4, (1, 100)).json) == [(True, None, 30)]
    results = tenant.admin.get(f"{BASE}/{campaign['id']}/results").json
    assert (results["uses"], results["cards"], results["points"], results["bills"]) == (3, 2, 80, 3)
    # A return frees them, for the first bill of a friend; the third has had theirs, until that comes back.
    bring_back(tenant, 1)
    assert counters(service, campaign["id"], referrer) == (1, 20, 10, 0)
    assert eligible(3) == "NO_REFERRAL"
    bring_back(tenant, 3)
    assert eligible(3) is None
    assert told(earn(tenant, third, 5, (1, 100)).json) == [(True, None, 30)]
    assert tenant.admin.put(f"{BASE}/{campaign['id']}", {"maxUsesPerCard": 9}).status == 200
    assert told(earn(tenant, first, 6, (1, 100)).json) == [(False, "CARD_POINTS_EXHAUSTED", 0)]
    for bill in (2, 4, 5):
        bring_back(tenant, bill)
    assert counters(service, campaign["id"], referrer) == counters(service, campaign["id"], other) == NOTHING
    assert [row[0] for row in money_of(tenant, referrer, other)] == [0, 0]
    assert_balanced(service, tenant, referrer, first, second, third, other, stranger)


@pytest.mark.parametrize("merged", ["", "referrer", "friend", "into the friend"])
def test_a_friend_who_alone_is_paid_counts_for_the_referrer_who_has_it_back_after_a_merge(
    service: Service, tenant: Tenant, merged: str
) -> None:
    only_friends = {**FRIENDS, "bonusPoints": None}
    campaign = run(service, tenant, **only_friends, maxUsesPerCard=1)
    referrer, friend = pair(tenant)
    later = card(tenant, referrerCardId=referrer)
    assert told(earn(tenant, friend, 1, (1, 100)).json) == [(True, None, 10)]
    assert told(earn(tenant, later, 2, (1, 100)).json) == [(False, "CARD_USES_EXHAUSTED", 0)]
    bring_back(tenant, 2)
    holder = referrer
    if merged:
        target, source = {
            "referrer": (card(tenant), referrer),
            "friend": (card(tenant), friend),
            "into the friend": (friend, referrer),
        }[merged]
        assert merge(tenant, target, source).status == 200
        holder = referrer if merged == "friend" else target
    assert told(calculate(tenant, later, (1, 100))) == [(False, "CARD_USES_EXHAUSTED", 0)]
    assert counters(service, campaign["id"], holder) == (1, 10, 5, 0)

    assert bring_back(tenant, 1)["bonusPointsReversed"] == 10

    assert counters(service, campaign["id"], holder) == NOTHING
    assert told(earn(tenant, later, 3, (1, 100)).json) == [(True, None, 10)]
    assert_balanced(service, tenant, referrer, friend, later, holder)


def test_it_is_for_whom_and_when_it_says_and_while_both_can_be_paid(service: Service, tenant: Tenant) -> None:
    run(service, tenant, **FRIENDS, segments=["students"], fromTime="12:00", toTime="12:30", priority=1)
    _, plain = pair(tenant)
    referrer, student = pair(tenant, segments=["students"])
    alone = card(tenant, segments=["students"], customerId=8)
    assert told(earn(tenant, plain, 1, (1, 100)).json) == [(False, "SEGMENT", 0)]
    eligible = tenant.cashier.get(f"{BASE}/customer/8/eligible").json["items"]
    assert [(one["eligible"], one["reason"]) for one in eligible] == [(False, "NO_REFERRAL")]
    tenant.admin.post(f"/cards/{referrer}/block", {"reason": "lost"})
    assert told(earn(tenant, student, 2, (1, 100)).json) == [(False, "NO_REFERRAL", 0)]
    assert told(calculate(tenant, student, (1, 100))) == [(False, "NO_REFERRAL", 0)]
    tenant.admin.post(f"/cards/{referrer}/unblock")
    noon = service.clock.now.isoformat()
    service.clock.advance(hours=1)
    assert told(earn(tenant, student, 3, (1, 100)).json) == [(False, "OUTSIDE_HOURS", 0)]
    assert told(calculate(tenant, None, (1, 100))) == [(False, "OUTSIDE_HOURS", 0)]
    # That was the friend's first bill; each of these is only once the one before it came back.
    assert told(earn(tenant, student, 6, (1, 100), occurredAt=noon).json) == [(False, "NO_REFERRAL", 0)]
    bring_back(tenant, 3)
    assert told(earn(tenant, student, 4, (3, 100), occurredAt=noon).json) == [(False, "NO_CATEGORY", 0)]
    bring_back(tenant, 4)
    assert earn(tenant, student, 5, (1, 100), occurredAt=noon).json["bonusPoints"] == 10
    assert_balanced(service, tenant, referrer, student, alone)


def test_rules_and_campaigns_pay_beside_each_other_and_the_cap_of_a_rule_counts_its_own(own_sqlite: PrivateDatabase) -> None:
    # In a database where nothing was made before, the campaign has the very id of the rule; both pay the same card for referrals.
    service = start_service(own_sqlite)
    tenant = open_pharmacy(service, referralMinBill=100)
    campaign = run(service, tenant, **{**FRIENDS, "referredBonusPoints": None})["id"]
    assert add_rule(tenant, "REFERRAL", 7, maxPerCard=2, period="EVER") == campaign
    referrer = card(tenant)
    friends = [card(tenant, referrerCardId=referrer) for _ in range(3)]
    given = [[points for *_, points in paid(earn(tenant, one, bill, (1, 100)).json)] for bill, one in enumerate(friends, 1)]
    assert given == [[20, 7], [20, 7], [20]]
    bring_back(tenant, 1)
    bring_back(tenant, 2)
    assert shown(tenant, referrer)["pointsBalance"] == 20
    assert_balanced(service, tenant, referrer, *friends)


def test_a_merge_of_the_referrer_or_of_the_friend_in_between_changes_nothing_of_the_return(
    service: Service, tenant: Tenant
) -> None:
    campaign = run(service, tenant, **FRIENDS, maxUses=9)
    (referrer, friend), (new_referrer, new_friend) = pair(tenant), (card(tenant), card(tenant))
    assert earn(tenant, friend, 1, (1, 100)).json["bonusPoints"] == 10
    assert merge(tenant, new_referrer, referrer).status == 200
    assert merge(tenant, new_friend, friend).status == 200
    assert counters(service, campaign["id"], new_referrer) == counters(service, campaign["id"]) == (1, 30, 15, 0)
    assert [row[0] for row in money_of(tenant, new_referrer, new_friend)] == [20, 15]
    back = bring_back(tenant, 1)
    assert (back["bonusPointsReversed"], back["newBalance"]) == (10, 0)
    assert money_of(tenant, new_referrer, new_friend) == [(0, 0, 0), (0, 0, 0)]
    assert counters(service, campaign["id"], new_referrer) == counters(service, campaign["id"]) == NOTHING
    assert_balanced(service, tenant, referrer, friend, new_referrer, new_friend)
