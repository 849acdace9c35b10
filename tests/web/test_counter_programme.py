"""Serving a customer of a programme: why a bill earns what it earns, bonuses, a tier that is reached, points that wait."""

from decimal import Decimal

import pytest

from card_service.campaigns.rules import REASONS
from card_service.web.counter_why import NOT_MET
from tests.servers.service import Service
from tests.web.test_counter_panel import LADDER, campaign
from tests.web.test_counter_returns import looked_up, sold
from tests.web.till import BABY_FOOD, COSMETICS, MEDICINES, balance_of, new_card, open_till, ready_tenant


def test_the_preview_says_why_a_bill_earns(service: Service) -> None:
    till = open_till(service)
    card, admin = new_card(till.tenant), till.tenant.admin
    tier = {"level": 1, "name": "Plus", "pointsMultiplier": "1.50", "tierDiscountPercent": 5}
    assert admin.post("/tiers", tier).status == 201
    campaign(service, till.tenant, name="Double cosmetics", type="CATEGORY_BONUS", multiplier=2, categoryIds=[COSMETICS])
    campaign(service, till.tenant, name="Big bills", minSpend=50_000, multiplier=3)
    campaign(service, till.tenant, name="Ten for all", type="FIXED_BONUS", bonusPoints=10)
    lines = [(MEDICINES, "1000"), (COSMETICS, "200"), (BABY_FOOD, "50")]

    sent, preview = till.previewed(till.bill(card["cardNumber"]), lines)

    # 20.00 off the cosmetics, then 5 % of 1,000.00, of 180.00 and of 50.00 as Plus.
    assert preview.value("discount") == "₹81.50 (₹61.50 of it as Plus)"
    # 950.00 at 3 % times 1.5; 171.00 at 2 % times 1.5 times 2; and the ten.
    assert (preview.value("earned"), preview.value("bonus")) == ("63.01 points", "10")
    why = preview.text("why")
    assert "Medicines3% of ₹950.00: 28.50 pointsPlus, 1.5×: +14.2542.75" in why  # noqa: RUF001 - a sign of multiplication
    assert "Cosmetics2% of ₹171.00: 3.42 pointsPlus, 1.5×: +1.71Double cosmetics, 2×: +5.1310.26" in why  # noqa: RUF001
    assert "Bonus: Ten for all10" in why
    said = preview.text("preview-campaigns")
    assert "Double cosmetics applies: 5.13 points." in said
    assert "Big bills does not apply: the bill is too small for it." in said
    assert "Ten for all applies: 10 points." in said

    receipt = till.post("/counter/apply", sent)
    assert (receipt.value("earned"), receipt.value("bonus"), receipt.value("after")) == ("53.01", "10", "63.01")
    assert balance_of(till.tenant, card) == Decimal("63.01")


def test_every_reason_of_a_campaign_has_a_sentence() -> None:
    assert set(REASONS) == set(NOT_MET)


def test_of_a_campaign_for_friends_the_customers_own_part_is_told(service: Service) -> None:
    till = open_till(service)
    friends = {"type": "REFERRAL", "bonusPoints": 100}
    campaign(service, till.tenant, name="Bring a friend", **friends, referredBonusPoints=50)
    campaign(service, till.tenant, name="Thank you", **friends)
    card = new_card(till.tenant, referrerCardId=new_card(till.tenant)["id"])

    _, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])

    assert (preview.value("earned"), preview.value("bonus")) == ("80 points", "50")
    said = preview.text("preview-campaigns")
    assert "Bring a friend applies: 50 points." in said
    assert "Thank you applies: it is for the friend who referred this customer." in said


def test_a_bonus_that_was_not_shown_is_not_given_unseen(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])
    campaign(service, till.tenant, name="Ten for all", type="FIXED_BONUS", bonusPoints=10)
    changed = till.post("/counter/apply", sent)
    assert (changed.status, changed.value("earned")) == (409, "40 points")
    assert balance_of(till.tenant, card) == 0
    receipt = till.post("/counter/apply", till.shown(sent, changed))
    assert (receipt.status, receipt.value("bonus"), receipt.value("after")) == (200, "10", "40")


def test_a_limit_that_is_reached_is_said(service: Service) -> None:
    till = open_till(service)
    campaign(service, till.tenant, name="Triple", multiplier=3, maxPointsPerCard=20)
    card = new_card(till.tenant)
    sent, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])
    assert "Triple, 3×: +60Triple, no more to give: -4050" in preview.text("why")  # noqa: RUF001 - a sign of multiplication
    assert till.post("/counter/apply", sent).value("after") == "50"
    _, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])
    assert preview.text("preview-campaigns") == ("Triple does not apply: the customer has had all the points of it that may be.")


def test_the_receipt_welcomes_to_a_tier_and_a_return_takes_it_back(service: Service) -> None:
    till = open_till(service, ready_tenant(service, pendingDays=2))
    card, admin = new_card(till.tenant, 100), till.tenant.admin
    assert admin.post("/tiers/presets", LADDER).status == 201
    rule = {"activity": "FIRST_PURCHASE", "name": "First purchase", "points": 25, "minBill": 500}
    assert admin.post("/earning-rules", rule).status == 201
    sent, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "10000")], use="all")
    assert "Bonus: First purchase25" in preview.text("why")

    receipt = till.post("/counter/apply", sent)
    figures = {name: receipt.value(name) for name in ("before", "used", "earned", "bonus", "after")}
    assert figures == {"before": "100", "used": "100", "earned": "299.70", "bonus": "25", "after": "0"}
    assert receipt.value("pending") == "324.70 points of this bill can be used from 4 Mar 2026."
    assert receipt.value("reached") == "Welcome to SILVER! 1.25× points"  # noqa: RUF001 - a sign of multiplication
    assert receipt.value("progress").startswith("To reach GOLD: spend ₹15,000.00 more, until ")
    again = till.post("/counter/apply", sent)
    assert {name: again.value(name) for name in figures} == figures, "a repeated click answers what the first did"

    returned = till.post("/counter/return", looked_up(till, sent["bill_id"]).filled(all="1"))
    assert (returned.value("reversed"), returned.value("bonus-reversed")) == ("299.70", "25")
    assert returned.value("tier-changed") == "After this return the customer is in BRONZE."


@pytest.mark.parametrize(
    ("days", "of_rule", "said"),
    [
        (0, 14, "25 points of this bill can be used from 16 Mar 2026."),
        (2, 0, "55 points of this bill can be used from 4 Mar 2026."),
        (2, 14, "55 points of this bill can be used later."),
        (0, 0, ""),
    ],
)
def test_the_receipt_names_a_day_only_when_all_that_waits_can_be_used_from_it(
    service: Service, days: int, of_rule: int, said: str
) -> None:
    till = open_till(service, ready_tenant(service, pendingDays=days))
    card = new_card(till.tenant)
    rule = {"activity": "FIRST_PURCHASE", "name": "First purchase", "points": 25, "pendingDays": of_rule}
    assert till.tenant.admin.post("/earning-rules", rule).status == 201
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])
    assert till.post("/counter/apply", sent).value("pending") == said
    # What is configured since is for other bills.
    assert till.tenant.admin.put("/card-config", {"pendingDays": 9}).status == 200
    assert till.post("/counter/apply", sent).value("pending") == said


def test_cash_back_is_on_the_receipts(service: Service) -> None:
    till = open_till(service)
    card, admin = new_card(till.tenant, 100), till.tenant.admin
    program = admin.post("/loyalty/programs", {"name": "Money back", "type": "CASH_BACK"}).json["id"]
    assert admin.post(f"/loyalty/programs/{program}/activate").status == 200
    assert admin.post("/loyalty/enroll", {"cardId": card["id"], "programId": program}).status == 200
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])
    assert till.post("/counter/apply", sent).value("cash-back") == "₹13.00"
    returned = till.post("/counter/return", looked_up(till, sent["bill_id"]).filled(all="1"))
    assert returned.value("cash-back") == "₹10.00"
    assert admin.post(f"/loyalty/programs/{program}/suspend").status == 200
    _, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "100")])
    assert "Medicines: earns no points, because the programme of this card does not run today." in preview.html


def test_a_customer_is_enrolled_with_a_birth_date_and_a_code(service: Service) -> None:
    till = open_till(service)
    friend, admin = new_card(till.tenant), till.tenant.admin
    code = admin.get(f"/cards/{friend['id']}").json["referralCode"]
    form = till.get("/counter/enrol").forms["enrol"]
    typed = {"name": "Meena Das", "phone": "9898989898", "birth_date": "1980-05-31", "referral_code": code.lower()}
    page = till.post("/counter/enrol", form.filled(**typed))
    assert page.said == "The customer is enrolled."
    (card,) = admin.post("/cards/search", {"name": "Meena"}).json["items"]
    assert (card["birthDate"], card["referrerCardId"]) == ("1980-05-31", friend["id"])


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("birth_date", "31.05.1980", "This cannot be a birth date."),
        ("birth_date", "2031-05-31", "This cannot be a birth date."),
        ("referral_code", "?", "This card cannot be the referrer"),
        ("referral_code", "NOBODYATALLHASTHISCODE", "A referral code has ten letters"),
    ],
)
def test_what_cannot_be_is_said_by_its_field(service: Service, field: str, typed: str, said: str) -> None:
    till = open_till(service)
    form = till.get("/counter/enrol").forms["enrol"]
    refused = till.post("/counter/enrol", form.filled(name="Meena Das", phone="9797979797", **{field: typed}))
    assert refused.status == 422
    assert said in refused.said


def test_bonuses_of_a_bill_that_comes_back_in_part_stay(service: Service) -> None:
    till = open_till(service)
    campaign(service, till.tenant, name="Ten for all", type="FIXED_BONUS", bonusPoints=10, minSpend=100)
    bill = sold(till, new_card(till.tenant), [(MEDICINES, "1000")])
    form = looked_up(till, bill)
    part = form.filled()
    part.setlist("amount", ["500"])
    returned = till.post("/counter/return", part)
    assert (returned.value("reversed"), returned.value("bonus-reversed")) == ("15", "")
