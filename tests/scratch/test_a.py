"""scratch"""
from decimal import Decimal
import pytest
from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.points.over_time import end, hold, points_of
from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered
from tests.campaigns.steps import BASE, bring_back, calculate, card, counters, earn, open_pharmacy, run, draft
TTL=900

@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    return Pharmacy(service.tenant())

def test_redeem_after_lapse_whole(service, pharmacy):
    c = pharmacy.card(100)
    hold(pharmacy, c, pharmacy.new_bill(), 100)
    service.clock.advance(seconds=TTL)
    a = pharmacy.redeem(c, pharmacy.new_bill(), 100)
    assert a.status == 200, a.text
    assert points_of(pharmacy, c) == (0, 0, 0)
    pharmacy.assert_books_balance()

def test_adjust_after_lapse_whole(service, pharmacy):
    c = pharmacy.card(100)
    hold(pharmacy, c, pharmacy.new_bill(), 100)
    service.clock.advance(seconds=TTL)
    a = pharmacy.adjust(c, -100)
    assert a.status == 200, a.text
    assert points_of(pharmacy, c) == (0, 0, 0)
    pharmacy.assert_books_balance()

@pytest.mark.parametrize("policy", ["DEBT", "CAP_AT_ZERO"])
def test_reverse_after_lapse_whole(service, pharmacy, policy):
    pharmacy.configure(returnPolicy=policy)
    c = pharmacy.card()
    b = pharmacy.new_bill()
    pharmacy.earn(c, b)  # 25
    pharmacy.redeem(c, pharmacy.new_bill(), 25)
    pharmacy.adjust(c, 100)
    hold(pharmacy, c, pharmacy.new_bill(), 100)
    service.clock.advance(seconds=TTL)
    a = pharmacy.reverse(b).json
    assert a["shortfallPoints"] == 0
    assert points_of(pharmacy, c) == (75, 0, 0)
    pharmacy.assert_books_balance()

def test_merge_after_lapse_whole_debt(service, pharmacy):
    t, s = pharmacy.card(), pharmacy.card(100)
    b = pharmacy.new_bill()
    pharmacy.earn(t, b)
    pharmacy.redeem(t, pharmacy.new_bill(), 25)
    pharmacy.reverse(b)
    assert points_of(pharmacy, t) == (-25, 0, 25)
    hold(pharmacy, s, pharmacy.new_bill(), 100)
    service.clock.advance(seconds=TTL)
    assert pharmacy.change(t, "merge", {"sourceCardId": s}).status == 200
    assert points_of(pharmacy, t) == (75, 0, 0)
    pharmacy.assert_books_balance()

def test_regrant_not_forgiven(service, pharmacy):
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=1)
    c = pharmacy.card()
    b, b2 = pharmacy.new_bill(), pharmacy.new_bill()
    pharmacy.earn(c, b)  # 25
    pharmacy.redeem(c, b2, 25)
    service.clock.advance(days=40)
    a = pharmacy.reverse(b2).json
    assert a["pointsRestored"] == 25
    assert points_of(pharmacy, c) == (25, 0, 0)
    a = pharmacy.reverse(b).json
    assert points_of(pharmacy, c) == (0, 0, 0), a
    pharmacy.assert_books_balance()

def _tiers(tenant, gold_spend=100000):
    assert tenant.admin.post("/tiers", {"level": 1, "name": "Base"}).status == 201
    silver = tenant.admin.post("/tiers", {"level": 2, "name": "Silver", "minSpend": 100}).json
    gold = tenant.admin.post("/tiers", {"level": 3, "name": "Gold", "minSpend": gold_spend}).json
    return silver, gold

def test_challenge_and_lift_same_bill(service):
    tenant = open_pharmacy(service)
    silver, gold = _tiers(tenant)
    buyer = card(tenant, customerId=6)
    run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=150, days=3, rewardTierId=gold["id"])
    a = earn(tenant, buyer, 1, (1, 200)).json
    assert a["tier"]["name"] == "Gold"
    back = bring_back(tenant, 1)
    assert back["tier"]["name"] == "Base"

def test_challenge_lost_then_lift_bill(service):
    tenant = open_pharmacy(service)
    silver, gold = _tiers(tenant)
    buyer = card(tenant, customerId=6)
    run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=150, days=3, rewardTierId=gold["id"])
    a = earn(tenant, buyer, 1, (1, 100)).json
    assert a["tier"]["name"] == "Silver"
    a = earn(tenant, buyer, 2, (1, 50)).json
    assert a["tier"]["name"] == "Gold"
    back = bring_back(tenant, 2)
    assert back["tier"]["name"] == "Silver"
    back = bring_back(tenant, 1)
    assert back["tier"]["name"] == "Base"

def test_challenge_lost_reaches_higher(service):
    tenant = open_pharmacy(service)
    silver, gold = _tiers(tenant)
    buyer = card(tenant, customerId=6)
    run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=60, days=3, rewardTierId=gold["id"])
    a = earn(tenant, buyer, 1, (1, 60)).json
    assert a["tier"]["name"] == "Gold"
    service.clock.advance(days=4)
    a = earn(tenant, buyer, 2, (1, 100)).json
    back = bring_back(tenant, 1)
    assert back["tier"]["name"] == "Silver"

def test_challenge_lost_leaves_hand(service):
    tenant = open_pharmacy(service)
    silver, gold = _tiers(tenant)
    buyer = card(tenant, customerId=6)
    run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=60, days=3, rewardTierId=gold["id"])
    assert tenant.admin.put("/loyalty/tier/update/6", {"tierId": gold["id"], "reason": "x"}).status == 200
    earn(tenant, buyer, 1, (1, 60))
    back = bring_back(tenant, 1)
    assert back["tier"]["name"] == "Gold"

def test_challenge_won_then_hand(service):
    tenant = open_pharmacy(service)
    silver, gold = _tiers(tenant)
    buyer = card(tenant, customerId=6)
    run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=60, days=3, rewardTierId=gold["id"])
    earn(tenant, buyer, 1, (1, 60))
    service.clock.advance(seconds=60)
    assert tenant.admin.put("/loyalty/tier/update/6", {"tierId": gold["id"], "reason": "x"}).status == 200
    back = bring_back(tenant, 1)
    assert back["tier"]["name"] == "Gold"

def test_challenge_budget_rate(service):
    tenant = open_pharmacy(service)
    buyer = card(tenant)
    c = run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=300, days=3, bonusPoints=50, budget=1000)
    earn(tenant, buyer, 1, (1, 100))
    assert tenant.admin.put("/card-config", {"pointsToAmountRate": "1.00"}).status == 200
    earn(tenant, buyer, 2, (1, 200))
    assert counters(service, c["id"]) == (1, 50, 50, 300)
    bring_back(tenant, 1)
    assert counters(service, c["id"]) == (0, 0, 0, 200)

def test_challenge_merge_double(service):
    tenant = open_pharmacy(service)
    a, b = card(tenant), card(tenant)
    c = run(service, tenant, type="TIER_CHALLENGE", multiplier=None, targetSpend=300, days=3, bonusPoints=50, budget=1000)
    earn(tenant, a, 1, (1, 300))
    earn(tenant, b, 2, (1, 300))
    assert tenant.admin.post(f"/cards/{a}/merge", {"sourceCardId": b}).status == 200
    assert counters(service, c["id"], a) == (2, 100, 50, 600)
    bring_back(tenant, 2)
    bring_back(tenant, 1)
    assert counters(service, c["id"], a) == (0, 0, 0, 0)
    assert tenant.admin.get(f"/cards/{a}").json["pointsBalance"] == 0

BIG = Decimal("9999999999.99")
def test_tier_history_overflow(service):
    p = Tiered(service)
    p.tenant.admin.post("/card-config/categories", {"categoryId": 1, "categoryName": "x", "pointPercentage": 0})
    p.tier(1, "Base")
    p.tier(2, "Three", minOrders=2)
    c = p.card()
    p.earn(c, BIG)
    assert p.earn(c, BIG)["tier"]["name"] == "Three"
    assert p.history(c)
    p.review()
    p.standing(c)
