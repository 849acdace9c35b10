"""A member as a whole, what happened to them in time, and the two calls that are another path to what there is."""

from typing import Any

import pytest

from tests.cards.steps import bring_back, earn, give, issue, open_pharmacy
from tests.loyalty.test_enroll import enroll, running
from tests.servers.clients import Tenant
from tests.servers.service import Service


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def _timeline(tenant: Tenant, card_id: int, limit: int) -> list[dict[str, Any]]:
    """Read it page by page to its end."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = tenant.cashier.get(f"/loyalty/members/{card_id}/activities", limit=limit, cursor=cursor).json
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            return items


def test_a_member_is_shown_as_a_whole_by_card_and_by_customer(service: Service, tenant: Tenant) -> None:
    card = issue(tenant, customerId=31, customerName="Asha")
    plain = tenant.cashier.get(f"/loyalty/members/{card['id']}").json
    assert (plain["card"], plain["program"], plain["cashBack"], plain["activities"]) == (card, None, None, [])
    program = running(tenant, type="CASH_BACK", currency="EUR", endsOn="2026-12-31")
    enroll(tenant, program, customerId=31)
    for bill in range(1, 13):
        service.clock.advance(minutes=1)
        earn(tenant, card["id"], bill)
    shown = tenant.billing.get("/loyalty/customer/31").json
    assert shown == tenant.admin.get(f"/loyalty/members/{card['id']}").json
    assert shown["card"] == tenant.admin.get(f"/cards/{card['id']}").json
    assert (shown["amount"], shown["cashBack"]["balance"], shown["cashBack"]["currency"]) == (120, 120, "EUR")
    assert shown["program"] == {
        "id": program,
        "name": "Plus",
        "type": "CASH_BACK",
        "status": "ACTIVE",
        "startsOn": None,
        "endsOn": "2026-12-31",
    }
    assert [one["posting"]["billId"] for one in shown["activities"]] == list(range(12, 2, -1))
    assert tenant.cashier.get("/loyalty/customer/999").json["code"] == "CARD_NOT_FOUND"


def test_a_member_is_shown_with_tier_progress_and_benefits(tenant: Tenant) -> None:
    card = issue(tenant)["id"]
    assert tenant.cashier.get(f"/loyalty/members/{card}").json["tier"] is None
    tenant.admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"})
    silver = next(one for one in tenant.admin.get("/tiers").json["items"] if one["name"] == "SILVER")
    assert tenant.admin.put(f"/tiers/{silver['id']}", {"benefits": {"freeShippingFrom": 499}}).status == 200
    earn(tenant, card, 1, 12_000)
    shown = tenant.cashier.get(f"/loyalty/members/{card}").json
    standing = tenant.cashier.get(f"/cards/{card}/tier").json
    assert (shown["tier"]["name"], shown["benefits"]) == ("SILVER", {"freeShippingFrom": 499})
    assert (shown["tier"], shown["progress"]) == (standing["tier"], standing["progress"])
    assert shown["progress"]["spendNeeded"] == 13_000
    # In a programme of points alone there are no tiers.
    enroll(tenant, running(tenant, type="POINTS"), cardId=card)
    shown = tenant.cashier.get(f"/loyalty/members/{card}").json
    assert (shown["tier"], shown["progress"], shown["benefits"]) == (None, None, {})
    assert tenant.cashier.get(f"/cards/{card}").json.get("tier") is None


def test_a_member_is_shown_with_what_expires_next(tenant: Tenant) -> None:
    card = issue(tenant)["id"]
    give(tenant, card, 7)
    assert tenant.cashier.get(f"/loyalty/members/{card}").json["expiresNext"] is None
    give(tenant, card, 5, expiresAt="2026-05-31")
    give(tenant, card, 3, expiresAt="2026-04-30")
    shown = tenant.cashier.get(f"/loyalty/members/{card}").json
    assert shown["expiresNext"] == {"on": "2026-04-30", "expiresAt": "2026-04-30T18:30:00Z", "points": 3}


def test_the_timeline_weaves_all_kinds_and_every_page_size_shows_the_same(service: Service, tenant: Tenant) -> None:
    card = issue(tenant, customerId=32)["id"]
    joined = []
    for number in range(3):
        give(tenant, card, 10)
        service.clock.advance(hours=1)
        campaign = _campaign(tenant, f"Campaign {number}")
        answer = tenant.billing.post("/campaigns/participate", {"campaignId": campaign, "customerId": 32})
        assert answer.status in {200, 201}, answer.text
        joined.append(campaign)
        # The posting after it is of the same instant.
        give(tenant, card, 1)
        service.clock.advance(hours=1)
    assert tenant.admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"}).status in {200, 201}
    earn(tenant, card, 1, 12_000)
    assert tenant.admin.post("/earning-rules", {"activity": "REVIEW", "name": "A review", "points": 2}).status == 201
    for reference in ("first", "second"):
        body = {"customerId": 32, "activity": "REVIEW", "reference": reference}
        assert tenant.billing.post("/loyalty/points/earn", body).status == 201
    bring_back(tenant, 1)
    whole = _timeline(tenant, card, 200)
    assert [one["campaignJoined"]["campaignId"] for one in whole if one["kind"] == "CAMPAIGN_JOINED"] == joined[::-1]
    assert [one["tierChange"]["type"] for one in whole if one["kind"] == "TIER_CHANGE"] == ["REVERSAL", "UPGRADE"]
    assert [one["award"]["reference"] for one in whole if one["kind"] == "AWARD"] == ["second", "first"]
    history = tenant.cashier.get(f"/cards/{card}/transactions", limit=200).json["items"]
    assert [one["posting"] for one in whole if one["kind"] == "POSTING"] == history
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)
    for limit in (1, 2, 3, 5):
        assert _timeline(tenant, card, limit) == whole, limit


def test_a_posting_between_two_pages_moves_nothing(tenant: Tenant) -> None:
    card = issue(tenant)["id"]
    for _ in range(4):
        give(tenant, card, 1)
    first = tenant.cashier.get(f"/loyalty/members/{card}/activities", limit=2).json
    give(tenant, card, 5)
    second = tenant.cashier.get(f"/loyalty/members/{card}/activities", limit=2, cursor=first["nextCursor"]).json
    assert [one["posting"]["seq"] for one in first["items"] + second["items"]] == [4, 3, 2, 1]
    other = issue(tenant)["id"]
    for cursor in (first["nextCursor"], "x", "W10"):
        refused = tenant.cashier.get(f"/loyalty/members/{other}/activities", cursor=cursor)
        assert (refused.status, list(refused.json["errors"])) == (422, ["cursor"])


def test_the_history_of_a_customer_is_that_of_their_card(tenant: Tenant) -> None:
    card = issue(tenant, customerId=33)["id"]
    for bill in (1, 2, 3):
        earn(tenant, card, bill)
    path = "/loyalty/points/history/33"
    whole = tenant.cashier.get(f"/cards/{card}/transactions").json
    assert tenant.cashier.get(path).json == whole
    assert tenant.cashier.get(path, billId=2).json["items"] == [whole["items"][1]]
    first = tenant.cashier.get(path, limit=2).json
    assert first["items"] + tenant.cashier.get(path, limit=2, cursor=first["nextCursor"]).json["items"] == whole["items"]


def test_redeeming_by_either_path_is_one_call(tenant: Tenant) -> None:
    card = issue(tenant)["id"]
    give(tenant, card, 100)
    body = {"cardId": card, "billId": 7, "points": 40, "billAmount": 1000}
    first = tenant.billing.post("/loyalty/points/redeem", body)
    again = tenant.billing.post("/internal/cards/redeem-points", body)
    assert (first.status, again.headers["Idempotent-Replayed"], again.text) == (200, "true", first.text)
    assert tenant.billing.post("/loyalty/points/redeem", {**body, "points": 41}).json["code"] == "BILL_ALREADY_REDEEMED"


def _campaign(tenant: Tenant, name: str) -> int:
    body = {
        "name": name,
        "type": "FIXED_BONUS",
        "bonusPoints": 5,
        "optIn": True,
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "2026-12-31T00:00:00Z",
    }
    made = tenant.admin.post("/campaigns", body)
    assert made.status == 201, made.text
    assert tenant.admin.post(f"/campaigns/{made.json['id']}/activate").status == 200
    return int(made.json["id"])
