"""The card beside the bill: its tier and the way up, what waits, is held and expires, its programme, and campaigns to join."""

from datetime import timedelta
from typing import Any

from tests.servers.clients import Tenant
from tests.servers.service import Service
from tests.web.till import MEDICINES, new_card, open_till, ready_tenant

LADDER = {"preset": "bronze-silver-gold-platinum"}


def campaign(service: Service, tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Make a campaign that runs for ten days, and activate it."""
    now = service.clock.now
    window = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(days=10)).isoformat()}
    made = tenant.admin.post("/campaigns", {"name": "Autumn", "type": "POINTS_MULTIPLIER", **window, **fields})
    assert made.status == 201, made.text
    running = tenant.admin.post(f"/campaigns/{made.json['id']}/activate")
    assert running.status == 200, running.text
    found: dict[str, Any] = running.json
    return found


def test_the_tier_and_the_way_to_the_next_one(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    assert till.tenant.admin.post("/tiers/presets", LADDER).status == 201
    page = till.find(card["cardNumber"])
    assert (page.text("card-tier"), page.text("card-progress")) == ("BRONZE", "To reach SILVER: spend ₹10,000.00 more.")

    sent, _ = till.previewed(page.forms["bill"], [(MEDICINES, "24000")])
    assert till.post("/counter/apply", sent).status == 200
    page = till.find(card["cardNumber"])
    assert page.text("card-standing") == "SILVER 1.25× points"  # noqa: RUF001 - as it is written
    day = till.tenant.admin.get(f"/cards/{card['id']}/tier").json["progress"]["until"]
    assert day is not None
    assert page.text("card-progress").startswith("To reach GOLD: spend ₹1,000.00 more, until ")

    top = till.tenant.admin.get("/tiers").json["items"][-1]["id"]
    assert till.tenant.admin.put(f"/tiers/{top}", {"minOrders": 3, "qualifyMode": "ALL"}).status == 200
    gold = {"tierLevel": 3, "reason": "a good customer"}
    customer = till.tenant.admin.put(f"/cards/{card['id']}", {"customerId": 77})
    assert customer.status == 200, customer.text
    assert till.tenant.admin.put("/loyalty/tier/update/77", gold).status == 200
    said = till.find(card["cardNumber"]).text("card-progress")
    assert said.startswith("To reach PLATINUM: spend ₹26,000.00 more and make 2 more purchases, until ")


def test_a_pharmacy_without_tiers_shows_none(service: Service) -> None:
    till = open_till(service)
    page = till.find(new_card(till.tenant)["cardNumber"])
    assert (page.text("card-standing"), page.text("card-progress"), page.text("card-campaigns")) == ("", "", "")


def test_points_that_wait_and_are_held_are_shown_with_their_times(service: Service) -> None:
    tenant = ready_tenant(service, pendingDays=3, expiryPolicy="ROLLING", expiryMonths=1)
    card = new_card(tenant, 200)
    for bill, amount in ((1, 1000), (2, 500)):
        body = {"cardId": card["id"], "billId": bill, "billAmount": amount}
        body["items"] = [{"categoryId": MEDICINES, "amount": amount}]
        assert tenant.billing.post("/internal/cards/earn-points", body).status == 200
        service.clock.advance(days=1)
    hold = {"cardId": card["id"], "billId": 4711, "points": 60, "billAmount": 1000, "mode": "HOLD"}
    hold["items"] = [{"categoryId": MEDICINES, "amount": 1000}]
    held = tenant.billing.post("/internal/cards/redeem-points", hold)
    assert held.status in {200, 201}, held.text

    page = open_till(service, tenant).find(card["cardNumber"])
    assert (page.text("card-points"), page.text("card-pending")) == ("140", "45 points")
    assert page.text("card-pending-days") == "30 points from 5 Mar 202615 points from 6 Mar 2026"
    assert page.text("card-holds").startswith("60 points for bill 4711, until 4 Mar 2026, ")
    assert page.text("card-expiring").startswith("140 points until 2 Apr 2026")

    service.clock.advance(days=1)
    page = open_till(service, tenant).find(card["cardNumber"])
    assert (page.text("card-holds"), page.text("card-points")) == ("", "230"), "a hold that has lapsed is no more"
    assert page.text("card-pending-days") == "15 points from 6 Mar 2026"


def test_a_customer_joins_a_campaign_at_the_counter(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    joined = campaign(service, till.tenant, name="Vitamin weeks", optIn=True, multiplier=2)
    campaign(service, till.tenant, name="For everybody", multiplier=3)
    campaign(service, till.tenant, name="For diabetics", optIn=True, segments=["diabetes"], multiplier=3)
    page = till.find(card["cardNumber"])
    path = f"/counter/cards/{card['id']}/join"
    form = page.forms[path]
    assert "Vitamin weeks" in page.text("card-campaigns")
    assert "For diabetics" not in page.text("card-campaigns")
    assert "For everybody" not in page.text("card-campaigns")

    panel = till.post(path, form.filled())
    assert (panel.status, panel.said) == (200, "The customer takes part from now on.")
    assert panel.text("card-campaigns") == "Vitamin weeks Taking part."
    assert "bill" not in panel.forms, "the bill beside the card stays as it is typed"
    assert till.post(path, form.filled()).status == 200
    assert till.tenant.admin.post(f"/campaigns/{joined['id']}/end").status == 200
    refused = till.post(path, form.filled())
    assert (refused.status, refused.code) == (409, "CAMPAIGN_STATE")
    assert till.post(path, form.filled(), token="another session's").status == 403  # noqa: S106 - no secret


def test_without_scripts_joining_shows_the_whole_page(service: Service) -> None:
    till = open_till(service, scripts=False)
    card = new_card(till.tenant)
    campaign(
        service, till.tenant, name="Big autumn", type="TIER_CHALLENGE", optIn=True, targetSpend=2000, days=5, bonusPoints=100
    )
    path = f"/counter/cards/{card['id']}/join"
    page = till.post(path, till.find(card["cardNumber"]).forms[path].filled())
    assert page.status == 200
    assert page.text("card-campaigns") == "Big autumn Taking part; ₹2,000.00 more until 6 Mar 2026."
    assert "bill" in page.forms


def test_a_challenge_whose_days_are_over_is_no_longer_shown(service: Service) -> None:
    till = open_till(service)
    loser, winner = new_card(till.tenant), new_card(till.tenant)
    challenge = {"type": "TIER_CHALLENGE", "optIn": True, "targetSpend": 500, "days": 2, "bonusPoints": 100}
    campaign(service, till.tenant, name="Two days", **challenge)
    for card in (loser, winner):
        path = f"/counter/cards/{card['id']}/join"
        assert till.post(path, till.find(card["cardNumber"]).forms[path].filled()).status == 200
    sent, _ = till.previewed(till.bill(winner["cardNumber"]), [(MEDICINES, "500")])
    assert till.post("/counter/apply", sent).status == 200
    service.clock.advance(days=1)
    till = open_till(service, till.tenant)
    assert till.find(loser["cardNumber"]).text("card-campaigns") == "Two days Taking part; ₹500.00 more until 3 Mar 2026."
    service.clock.advance(days=1)
    till = open_till(service, till.tenant)
    assert till.find(loser["cardNumber"]).text("card-campaigns") == ""
    assert till.find(winner["cardNumber"]).text("card-campaigns") == "Two days Taking part; the goal is reached."


def test_joining_is_offered_for_what_the_customer_can_have_at_another_hour(service: Service) -> None:
    till = open_till(service)
    assert till.tenant.admin.post("/tiers/presets", LADDER).status == 201
    bronze, _, gold, _ = (tier["id"] for tier in till.tenant.admin.get("/tiers").json["items"])
    card = new_card(till.tenant, segments=["diabetes"])
    weekend = {"optIn": True, "multiplier": 2, "weekdays": ["SAT", "SUN"]}
    campaign(service, till.tenant, name="All", **weekend)
    campaign(service, till.tenant, name="Mine", **weekend, tierIds=[bronze], segments=["diabetes", "staff"])
    campaign(service, till.tenant, name="Golden", **weekend, tierIds=[gold])
    campaign(service, till.tenant, name="Staff", **weekend, segments=["staff"])

    offered = till.find(card["cardNumber"]).text("card-campaigns")

    assert offered == "All Join Mine Join"


def test_nothing_is_offered_while_the_programme_does_not_run(service: Service) -> None:
    till = open_till(service)
    card, admin = new_card(till.tenant), till.tenant.admin
    program = admin.post("/loyalty/programs", {"name": "Summer club", "type": "POINTS"}).json["id"]
    assert admin.post(f"/loyalty/programs/{program}/activate").status == 200
    assert admin.post("/loyalty/enroll", {"cardId": card["id"], "programId": program}).status == 200
    campaign(service, till.tenant, name="Joined", optIn=True, multiplier=2)
    path = f"/counter/cards/{card['id']}/join"
    assert till.post(path, till.find(card["cardNumber"]).forms[path].filled()).status == 200
    campaign(service, till.tenant, name="Offered", optIn=True, multiplier=3)
    assert till.find(card["cardNumber"]).text("card-campaigns") == "Joined Taking part. Offered Join"
    assert admin.post(f"/loyalty/programs/{program}/suspend").status == 200
    assert till.find(card["cardNumber"]).text("card-campaigns") == "Joined Taking part."


def test_a_programme_without_tiers_says_nothing_of_the_grace_of_one(service: Service) -> None:
    till = open_till(service)
    card, admin = new_card(till.tenant), till.tenant.admin
    weekly = {"level": 1, "name": "Weekly", "minOrders": 1, "qualificationPeriodDays": 5, "graceDays": 9}
    assert admin.post("/tiers", weekly).status == 201
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "100")])
    assert till.post("/counter/apply", sent).status == 200
    service.clock.advance(days=5)
    assert admin.post("/tiers/recalculate", {"cardId": card["id"], "dryRun": False}).status == 200
    till = open_till(service, till.tenant)
    assert till.find(card["cardNumber"]).text("card-grace").startswith("Weekly is kept until 15 Mar 2026")

    program = admin.post("/loyalty/programs", {"name": "Points only", "type": "POINTS"}).json["id"]
    assert admin.post(f"/loyalty/programs/{program}/activate").status == 200
    assert admin.post("/loyalty/enroll", {"cardId": card["id"], "programId": program}).status == 200

    assert till.find(card["cardNumber"]).text("card-grace") == ""
    standing = admin.get(f"/cards/{card['id']}/tier").json
    assert (standing["tier"], standing["graceUntil"]) == (None, None)


def test_a_programme_shows_points_as_money_and_says_when_it_does_not_run(service: Service) -> None:
    till = open_till(service)
    card, admin = new_card(till.tenant, 200), till.tenant.admin
    assert admin.post("/tiers/presets", LADDER).status == 201
    program = admin.post("/loyalty/programs", {"name": "Money back", "type": "CASH_BACK"}).json["id"]
    assert admin.post(f"/loyalty/programs/{program}/activate").status == 200
    enrolled = admin.post("/loyalty/enroll", {"cardId": card["id"], "programId": program})
    assert enrolled.status == 200, enrolled.text
    page = till.find(card["cardNumber"])
    assert (page.text("card-cash-back"), page.text("card-points"), page.text("card-program")) == ("₹20.00", "200", "Money back")
    assert (page.text("card-standing"), page.text("program-off")) == ("", "")
    assert admin.post(f"/loyalty/programs/{program}/suspend").status == 200
    said = till.find(card["cardNumber"]).text("program-off")
    assert said.startswith("The programme “Money back” of this card does not run today")
