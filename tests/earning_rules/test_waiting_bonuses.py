"""Bonuses of bills whose rule has days of its own to wait: pending until then, on the card and in the answer, and in a return."""

from datetime import datetime
from typing import Any

import pytest

from tests.cards.steps import assert_balanced, bring_back, card, earn, issue, open_pharmacy, redeem
from tests.earning_rules.test_earning_rules_api import add_rule
from tests.points.over_time import first_instant_of
from tests.servers.clients import Tenant
from tests.servers.service import Service


def points_of(tenant: Tenant, card_id: int) -> tuple[Any, Any, Any]:
    """Read balance, pending points and debt."""
    shown = card(tenant, card_id)
    return shown["pointsBalance"], shown["pointsPending"], shown["pointsDebt"]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def friends(tenant: Tenant) -> tuple[int, int]:
    """Issue a card, and one that it has referred."""
    referrer = issue(tenant)["id"]
    return referrer, issue(tenant, referrerCardId=referrer)["id"]


def test_a_bonus_waits_the_days_of_its_rule_and_its_clock_starts_then(service: Service) -> None:
    tenant = open_pharmacy(service, expiryPolicy="ROLLING", expiryMonths=1)
    member = issue(tenant)["id"]
    add_rule(tenant, "FIRST_PURCHASE", 50, pendingDays=14)

    earned = earn(tenant, member, 1).json

    # It is the 2nd of March: the points of the bill are valid until the 2nd of April, the bonus from the 16th on.
    assert (earned["pointsEarned"], earned["bonusPoints"], earned["pendingPoints"], earned["newBalance"]) == (100, 50, 50, 100)
    assert instant(earned["availableAt"]) == first_instant_of("2026-03-16")
    assert instant(earned["expiresAt"]) == first_instant_of("2026-04-03")
    expiring = tenant.admin.get(f"/cards/{member}/expiring").json["items"]
    assert [(item["on"], item["points"]) for item in expiring] == [("2026-04-02", 100), ("2026-04-16", 50)]
    # Noon of the 2nd in India: the 16th begins in thirteen and a half days.
    service.clock.advance(days=13, hours=12, microseconds=-1)
    assert points_of(tenant, member) == (100, 50, 0)
    service.clock.advance(microseconds=1)
    assert points_of(tenant, member) == (150, 0, 0)
    redeem(tenant, member, 2, 150)
    assert_balanced(service, tenant, member)


@pytest.mark.parametrize(
    ("days", "of_rule", "pending", "available"),
    [
        (3, 0, 150, "2026-03-05"),
        (3, 3, 150, "2026-03-05"),
        (3, 1, 150, None),
        (3, 9, 150, None),
        (0, 9, 50, "2026-03-11"),
        (0, 0, 0, None),
    ],
)
def test_an_answer_names_a_day_only_when_it_is_that_of_all_that_waits(
    service: Service, days: int, of_rule: int, pending: int, available: str | None
) -> None:
    tenant = open_pharmacy(service, pendingDays=days)
    member = issue(tenant)["id"]
    rule = add_rule(tenant, "FIRST_PURCHASE", 50, pendingDays=of_rule)

    earned = earn(tenant, member, 1).json

    assert earned["pendingPoints"] == pending
    assert (earned["availableAt"] and instant(earned["availableAt"])) == (available and first_instant_of(available))
    assert tenant.admin.put(f"/earning-rules/{rule}", {"pendingDays": 365}).json["pendingDays"] == 365
    assert points_of(tenant, member)[1] == pending
    assert earn(tenant, member, 1).json == earned


def test_a_return_takes_the_bonus_from_its_own_lot_while_it_waits(service: Service) -> None:
    tenant = open_pharmacy(service)
    member = issue(tenant)["id"]
    add_rule(tenant, "FIRST_PURCHASE", 50, minBill=500, pendingDays=14)
    earn(tenant, member, 1)
    earn(tenant, member, 2, 300)
    redeem(tenant, member, 3, 130)
    part = {"billId": 1, "returnId": 1, "items": [{"categoryId": 1, "amount": "500.01"}]}

    back = tenant.billing.post("/internal/cards/reverse-points", part).json

    # The points of the lines are spent and owed; the bonus goes back out of what waits.
    assert (back["bonusPointsReversed"], back["shortfallPoints"]) == (50, 0)
    balance, pending, debt = points_of(tenant, member)
    assert (pending, balance + debt) == (0, 0)
    bring_back(tenant, 1)
    assert points_of(tenant, member) == (-100, 0, 100)
    assert_balanced(service, tenant, member)


@pytest.mark.parametrize("waited", [0, 7])
def test_a_friends_return_takes_the_referrers_bonus_pending_or_not(service: Service, waited: int) -> None:
    tenant = open_pharmacy(service, referralPointsPercent=0)
    referrer, friend = friends(tenant)
    add_rule(tenant, "REFERRAL", 20, pendingDays=7)
    add_rule(tenant, "REFERRED", 10)

    earned = earn(tenant, friend, 1).json

    # Of the customer's own points nothing waits.
    assert (earned["bonusPoints"], earned["pendingPoints"], earned["availableAt"]) == (10, 0, None)
    assert (points_of(tenant, referrer), points_of(tenant, friend)) == ((0, 20, 0), (110, 0, 0))
    service.clock.advance(days=waited)
    assert points_of(tenant, referrer) == ((20, 0, 0) if waited else (0, 20, 0))
    assert bring_back(tenant, 1)["bonusPointsReversed"] == 10
    assert points_of(tenant, referrer) == points_of(tenant, friend) == (0, 0, 0)
    assert earn(tenant, friend, 2).json["bonusPoints"] == 10
    assert points_of(tenant, referrer) == (0, 20, 0)
    assert_balanced(service, tenant, referrer, friend)
