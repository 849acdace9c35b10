"""What a campaign would have given on real bills, and what it has given."""

from datetime import timedelta
from decimal import Decimal

import pytest

from card_service.points import campaign_trial
from tests.campaigns.steps import BASE, bring_back, card, draft, earn, open_pharmacy, run
from tests.servers.service import Service


def test_a_dry_run_gives_what_the_campaign_gives(service: Service) -> None:
    tenant = open_pharmacy(service)
    first, second = card(tenant), card(tenant)
    today = service.clock.now.date()
    for bill, (buyer, amount) in enumerate(((first, 100), (second, 200), (first, 30), (second, 100), (first, 100)), 1):
        earn(tenant, buyer, bill, (1, amount), (3, 10))
    bring_back(tenant, 5)
    fields = {"minSpend": 50, "maxPoints": 16, "optIn": True}
    path = f"{BASE}/{draft(service, tenant, **fields)['id']}"
    body = {"from": today.isoformat(), "to": today.isoformat()}
    tried = tenant.admin.post(f"{path}/dry-run", body)
    assert tried.status == 200, tried.text
    assert {name: tried.json[name] for name in ("bills", "billsMet", "cards", "points", "amount")} == {
        "bills": 4, "billsMet": 3, "cards": 2, "points": 16, "amount": 8
    }  # fmt: skip
    assert [(one["billId"], one["points"]) for one in tried.json["sample"]] == [(1, 5), (2, 10), (4, 1)]
    assert tenant.admin.get(path).json["status"] == "DRAFT"
    other_days = {"from": (today - timedelta(days=9)).isoformat(), "to": (today - timedelta(days=1)).isoformat()}
    assert tenant.admin.post(f"{path}/dry-run", other_days).json["bills"] == 0
    for wrong in ({"from": "2026-01-01", "to": "2026-04-03"}, {"from": "2026-01-02", "to": "2026-01-01"}):
        assert tenant.admin.post(f"{path}/dry-run", wrong).status == 422


def test_a_dry_run_says_how_far_it_came_when_there_are_too_many_bills(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant)
    first = service.clock.now.date()
    for bill in range(1, 5):
        earn(tenant, buyer, bill, (1, 100))
        service.clock.advance(hours=12)
    path, last = f"{BASE}/{draft(service, tenant)['id']}/dry-run", first + timedelta(days=5)
    for most, complete, tried_to in ((3, False, first + timedelta(days=1)), (4, True, last)):
        monkeypatch.setattr(campaign_trial, "MOST_BILLS", most)
        tried = tenant.admin.post(path, {"from": first.isoformat(), "to": last.isoformat()}).json
        assert (tried["bills"], tried["complete"], tried["triedTo"]) == (most, complete, tried_to.isoformat())


def test_a_dry_run_of_each_other_type(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant)
    today = service.clock.now.date().isoformat()
    for bill in range(1, 4):
        earn(tenant, buyer, bill, (1, 100), (2, 50))
    body = {"from": today, "to": today}
    for fields, points in (
        ({"type": "CATEGORY_BONUS", "categoryIds": [2], "multiplier": 3}, 30),
        ({"type": "FIXED_BONUS", "multiplier": None, "bonusPoints": 7, "maxUsesPerCard": 2}, 14),
        ({"type": "TIER_CHALLENGE", "multiplier": None, "bonusPoints": 9, "targetSpend": 300, "days": 1}, 9),
    ):
        made = draft(service, tenant, **fields)
        assert tenant.admin.post(f"{BASE}/{made['id']}/dry-run", body).json["points"] == points, fields


def test_results_compare_bills_with_and_without_it(service: Service) -> None:
    tenant = open_pharmacy(service)
    first, second = card(tenant), card(tenant)
    campaign = run(service, tenant, minSpend=100)
    path = f"{BASE}/{campaign['id']}/results"
    assert tenant.admin.get(path).json == {
        "campaignId": campaign["id"], "uses": 0, "cards": 0, "points": 0, "amount": 0, "bills": 0,
        "averageBill": None, "averageBillOthers": None, "upliftPercent": None,
    }  # fmt: skip
    for bill, (buyer, amount) in enumerate(((first, 100), (first, 200), (second, 50), (second, 30), (second, 500)), 1):
        earn(tenant, buyer, bill, (1, amount))
    bring_back(tenant, 5)
    assert tenant.admin.get(path).json == {
        "campaignId": campaign["id"], "uses": 2, "cards": 1, "points": 15, "amount": Decimal("7.50"), "bills": 2,
        "averageBill": 150, "averageBillOthers": 40, "upliftPercent": 275,
    }  # fmt: skip
