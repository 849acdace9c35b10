"""The report on referring: who was brought, what they spend beside others, and the points given for them."""

from decimal import Decimal
from typing import Any

import pytest

from tests.campaigns.steps import run
from tests.cards.steps import bring_back, earn, issue, open_pharmacy
from tests.earning_rules.test_earning_rules_api import add_rule
from tests.servers.clients import Tenant
from tests.servers.service import Service

PATH = "/referrals/report"


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def report(tenant: Tenant, **days: Any) -> dict[str, Any]:
    answer = tenant.admin.get(PATH, **days)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_nothing_to_report(tenant: Tenant) -> None:
    assert report(tenant) == {
        "from": "2026-02-01", "to": "2026-03-02", "referrers": 0, "friends": 0, "friendsWithBills": 0, "referralPoints": 0,
        "bonusPoints": 0, "friendsSpend": 0, "averageSpendOfFriends": None, "averageSpendOfOthers": None,
    }  # fmt: skip


def test_friends_and_others_of_some_days_less_what_came_back(service: Service, tenant: Tenant) -> None:
    add_rule(tenant, "REFERRAL", 20)
    add_rule(tenant, "REFERRED", 5)
    one, other, alone = (issue(tenant)["id"] for _ in range(3))
    friends = [issue(tenant, referrerCardId=referrer)["id"] for referrer in (one, one, one, other)]
    for bill, (card_id, amount) in enumerate([(friends[0], 1000), (friends[0], 100), (friends[1], 333), (alone, 500)], start=1):
        earn(tenant, card_id, bill, amount)
    earn(tenant, friends[2], 5, 777)
    bring_back(tenant, 5)
    part = {"billId": 1, "returnId": 1, "items": [{"categoryId": 1, "amount": "0.33"}]}
    assert tenant.billing.post("/internal/cards/reverse-points", part).status == 200
    service.clock.advance(days=1)
    issue(tenant, referrerCardId=alone)
    earn(tenant, alone, 6, 1)
    earn(tenant, friends[1], 7, 50)

    first = report(tenant, **{"from": "2026-03-02", "to": "2026-03-02"})

    # Friends spent 999.67 + 100 and 333; 1 % of that went to their referrers, each line rounded down.
    assert first == {
        "from": "2026-03-02", "to": "2026-03-02", "referrers": 2, "friends": 4, "friendsWithBills": 2,
        "referralPoints": Decimal("14.32"), "bonusPoints": 50, "friendsSpend": Decimal("1432.67"),
        "averageSpendOfFriends": Decimal("716.34"), "averageSpendOfOthers": 500,
    }  # fmt: skip
    both = report(tenant)
    assert (both["from"], both["to"]) == ("2026-02-02", "2026-03-03")
    assert (both["referrers"], both["friends"], both["friendsWithBills"]) == (3, 5, 2)
    assert (both["friendsSpend"], both["averageSpendOfOthers"]) == (Decimal("1482.67"), 501)
    second = report(tenant, **{"from": "2026-03-03"})
    assert (second["referralPoints"], second["bonusPoints"], second["averageSpendOfFriends"]) == (Decimal("0.50"), 0, 50)
    assert report(open_pharmacy(service))["friends"] == 0


def test_bonuses_of_campaigns_count_beside_those_of_rules(service: Service, tenant: Tenant) -> None:
    add_rule(tenant, "REFERRED", 5)
    add_rule(tenant, "FIRST_PURCHASE", 7)
    run(service, tenant, type="REFERRAL", multiplier=None, bonusPoints=20, referredBonusPoints=10)
    run(service, tenant, type="FIXED_BONUS", multiplier=None, bonusPoints=1)
    referrer = issue(tenant)["id"]
    for bill in (1, 2):
        earn(tenant, issue(tenant, referrerCardId=referrer)["id"], bill)
    assert report(tenant)["bonusPoints"] == 70
    bring_back(tenant, 2)
    assert report(tenant)["bonusPoints"] == 35


@pytest.mark.parametrize(
    "days", [{"from": "2026-03-02", "to": "2026-03-01"}, {"from": "2025-03-01", "to": "2026-03-02"}, {"from": "2026-03-03"}]
)
def test_days_that_are_no_window(tenant: Tenant, days: dict[str, Any]) -> None:
    answer = tenant.admin.get(PATH, **days)
    assert (answer.status, list(answer.json["errors"])) == (422, ["to"])
    assert report(tenant, **{"from": "2025-03-02", "to": "2026-03-02"})["friends"] == 0
