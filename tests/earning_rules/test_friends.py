"""Bonuses of referrals over HTTP: to both sides, once, within the cap, and back with the bill."""

from decimal import Decimal
from typing import Any

import pytest

from tests.cards.steps import assert_balanced, bring_back, card, earn, issue, merge, open_pharmacy
from tests.earning_rules.test_earning_rules_api import add_rule
from tests.servers.clients import Tenant
from tests.servers.service import Service


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service, referralPointsPercent=0, referralMinBill=100)


def friend_of(tenant: Tenant, referrer: dict[str, Any]) -> int:
    return int(issue(tenant, referralCode=referrer["referralCode"])["id"])


def test_a_friend_brings_both_sides_a_bonus_once_and_again_after_a_return(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant)
    friend = friend_of(tenant, referrer)
    add_rule(tenant, "REFERRAL", 20)
    add_rule(tenant, "REFERRED", 10)
    assert [earn(tenant, friend, bill, amount).json["bonusPoints"] for bill, amount in ((1, 99), (2, 100), (3, 100))] == [
        0,
        10,
        0,
    ]
    assert card(tenant, referrer["id"])["pointsBalance"] == 20
    page = tenant.cashier.get(f"/cards/{referrer['id']}/referrals").json
    assert [(row["cardId"], row["pointsEarned"], row["bonusPoints"]) for row in page["items"]] == [(friend, 0, 20)]
    part = {"billId": 2, "returnId": 1, "items": [{"categoryId": 1, "amount": "0.01"}]}
    assert tenant.billing.post("/internal/cards/reverse-points", part).json["bonusPointsReversed"] == 10
    assert card(tenant, referrer["id"])["pointsBalance"] == 0
    assert earn(tenant, friend, 4, 100).json["bonusPoints"] == 10
    for bill in (1, 2, 3, 4):
        bring_back(tenant, bill)
    for one in (referrer["id"], friend):
        shown = card(tenant, one)
        assert (shown["pointsBalance"], shown["pointsDebt"], shown["totalPointsEarned"]) == (0, 0, 0)
    assert_balanced(service, tenant, referrer["id"], friend)


def test_a_referrer_is_paid_no_more_than_the_cap_and_the_friends_still_are(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant)
    friends = [friend_of(tenant, referrer) for _ in range(3)]
    add_rule(tenant, "REFERRAL", 20, maxPerCard=1, period="MONTH")
    add_rule(tenant, "REFERRED", 10)
    # 12:00 on the 2nd of March in India: April is 29 and a half days away.
    given = []
    for bill, hours in enumerate((0, 29 * 24 + 11, 1)):
        service.clock.advance(hours=hours)
        given.append([bonus["kind"] for bonus in earn(tenant, friends[bill], bill + 1).json["bonuses"]])
    assert given == [["REFERRAL", "REFERRED"], ["REFERRED"], ["REFERRAL", "REFERRED"]]
    assert card(tenant, referrer["id"])["pointsBalance"] == 40


def test_a_referrer_may_be_paid_by_their_own_tier(tenant: Tenant) -> None:
    tiers = [{"level": 1, "name": "BRONZE", "pointsMultiplier": "1.50"}, {"level": 2, "name": "GOLD", "minSpend": 900}]
    for tier in tiers:
        assert tenant.admin.post("/tiers", {"pointsMultiplier": 2, **tier}).status == 201
    referrer = issue(tenant)
    earn(tenant, referrer["id"], 1)
    friend = friend_of(tenant, referrer)
    add_rule(tenant, "REFERRAL", "3.33", useTierMultiplier=True)
    add_rule(tenant, "REFERRED", "3.33", useTierMultiplier=True)
    quote = {"cardId": friend, "items": [{"categoryId": 1, "amount": 1000}]}
    quoted = tenant.billing.post("/internal/cards/calculate", quote).json["bonuses"]
    earned = earn(tenant, friend, 2).json["bonuses"]
    assert [(bonus["kind"], bonus["points"]) for bonus in earned] == [
        ("REFERRAL", Decimal("6.66")),
        ("REFERRED", Decimal("4.99")),
    ]
    assert quoted == earned


def test_nothing_is_paid_while_the_referrer_is_blocked(tenant: Tenant) -> None:
    referrer = issue(tenant)
    friend = friend_of(tenant, referrer)
    add_rule(tenant, "REFERRED", 10)
    tenant.admin.post(f"/cards/{referrer['id']}/block", {"reason": "lost"})
    assert earn(tenant, friend, 1).json["bonuses"] == []
    tenant.admin.post(f"/cards/{referrer['id']}/unblock")
    assert earn(tenant, friend, 2).json["bonusPoints"] == 10


def kinds(tenant: Tenant, friend: int, bill: int, amount: Any = 100) -> list[str]:
    """Earn, and tell which bonuses that brought."""
    return [bonus["kind"] for bonus in earn(tenant, friend, bill, amount).json["bonuses"]]


def bring_some_back(tenant: Tenant, bill: int, amount: Any, return_id: int = 1) -> None:
    part = {"billId": bill, "returnId": return_id, "items": [{"categoryId": 1, "amount": amount}]}
    assert tenant.billing.post("/internal/cards/reverse-points", part).status == 200


@pytest.mark.parametrize("activities", [("REFERRAL",), ("REFERRAL", "REFERRED")])
def test_what_the_cap_withholds_is_not_paid_by_a_later_bill(
    service: Service, tenant: Tenant, activities: tuple[str, ...]
) -> None:
    referrer = issue(tenant)
    friends = [friend_of(tenant, referrer) for _ in range(2)]
    for activity in activities:
        add_rule(tenant, activity, 50, **({"maxPerCard": 1, "period": "MONTH"} if activity == "REFERRAL" else {}))
    theirs = ["REFERRED"] if "REFERRED" in activities else []
    assert [kinds(tenant, friend, bill) for bill, friend in enumerate(friends, 1)] == [["REFERRAL", *theirs], theirs]
    service.clock.advance(days=31)
    assert [kinds(tenant, friend, bill) for bill, friend in enumerate(friends, 3)] == [[], []]
    # Only when the first bill is none any more the next is the first, and April has room.
    bring_back(tenant, 2)
    assert kinds(tenant, friends[1], 5) == ["REFERRAL", *theirs]
    assert card(tenant, referrer["id"])["pointsBalance"] == 100
    assert_balanced(service, tenant, referrer["id"], *friends)


def test_the_first_bill_settles_a_referral_also_before_there_is_a_rule(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant)
    friend, other = friend_of(tenant, referrer), friend_of(tenant, referrer)
    # Too small to be the first.
    assert kinds(tenant, other, 1, 99) == []
    assert kinds(tenant, friend, 2) == []
    add_rule(tenant, "REFERRAL", 20, minBill=150)
    add_rule(tenant, "REFERRED", 10)
    assert (
        tenant.billing.post("/internal/cards/calculate", {"cardId": friend, "items": [{"categoryId": 1, "amount": 200}]}).json[
            "bonuses"
        ]
        == []
    )
    assert (kinds(tenant, friend, 3, 200), kinds(tenant, other, 4, 149)) == ([], ["REFERRED"])
    # What the first bill was too small for is not paid by another.
    assert kinds(tenant, other, 5, 200) == []
    bring_some_back(tenant, 2, "0.01")
    assert kinds(tenant, friend, 6, 200) == ["REFERRAL", "REFERRED"]
    assert_balanced(service, tenant, referrer["id"], friend, other)


def test_a_first_bill_that_has_lost_a_bonus_is_the_first_while_enough_is_left(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant)
    friend = friend_of(tenant, referrer)
    add_rule(tenant, "REFERRAL", 20, minBill=150)
    assert kinds(tenant, friend, 1, 200) == ["REFERRAL"]
    bring_some_back(tenant, 1, 60, 1)
    assert card(tenant, referrer["id"])["pointsBalance"] == 0
    assert kinds(tenant, friend, 2, 200) == []
    bring_some_back(tenant, 1, "40.01", 2)
    assert kinds(tenant, friend, 3, 200) == ["REFERRAL"]
    # Somebody still has what a bill brought that would be too small by now.
    assert tenant.admin.put("/card-config", {"referralMinBill": 500}).status == 200
    bring_some_back(tenant, 3, 1)
    assert kinds(tenant, friend, 4, 600) == []
    assert_balanced(service, tenant, referrer["id"], friend)


@pytest.mark.parametrize("into", ["the other", "the friend"])
def test_merged_cards_have_one_first_bill(service: Service, tenant: Tenant, into: str) -> None:
    referrer = issue(tenant)
    friend, other = friend_of(tenant, referrer), friend_of(tenant, referrer)
    assert kinds(tenant, friend, 1) == []
    add_rule(tenant, "REFERRED", 10)
    source, target = (friend, other) if into == "the other" else (other, friend)
    assert merge(tenant, target, source).status == 200
    assert kinds(tenant, target, 2) == []
    bring_back(tenant, 1)
    assert kinds(tenant, target, 3) == ["REFERRED"]
    assert kinds(tenant, target, 4) == []
    assert_balanced(service, tenant, referrer["id"], target)


def test_a_return_on_a_merged_card_leaves_the_first_bill_of_the_one_that_stays(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant)
    friend, other = friend_of(tenant, referrer), friend_of(tenant, referrer)
    assert (kinds(tenant, friend, 1), kinds(tenant, other, 2)) == ([], [])
    assert merge(tenant, friend, other).status == 200
    add_rule(tenant, "REFERRED", 10)
    bring_back(tenant, 2)
    assert kinds(tenant, friend, 3) == []
    bring_back(tenant, 1)
    assert kinds(tenant, friend, 4) == ["REFERRED"]
    assert_balanced(service, tenant, referrer["id"], friend)
