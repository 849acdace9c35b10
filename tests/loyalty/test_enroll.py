"""Putting cards into programmes, and what that does to what they earn."""

from decimal import Decimal
from typing import Any

import pytest

from tests.cards.steps import bring_back, card, give, issue, open_pharmacy, redeem
from tests.programs.test_programs_api import PATH, make
from tests.servers.clients import Answer, Tenant
from tests.servers.service import Service


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def running(tenant: Tenant, **fields: Any) -> int:
    made = make(tenant, **fields)
    assert tenant.admin.post(f"{PATH}/{made['id']}/activate").status == 200
    return int(made["id"])


def enroll(tenant: Tenant, program_id: int | None, **member: Any) -> Answer:
    return tenant.admin.post("/loyalty/enroll", {**member, "programId": program_id})


def _bill(card_id: int, bill_id: int, **more: Any) -> dict[str, Any]:
    return {"cardId": card_id, "billId": bill_id, "billAmount": 1000, "items": [{"categoryId": 1, "amount": 1000}], **more}


def quote_and_earn(tenant: Tenant, card_id: int, bill_id: int, **more: Any) -> dict[str, Any]:
    """Calculate a bill of 1,000, earn it, and prove that the two say the same."""
    items = [{"categoryId": 1, "amount": 1000}]
    quoted = tenant.billing.post("/internal/cards/calculate", {"cardId": card_id, "items": items})
    answer = tenant.billing.post("/internal/cards/earn-points", _bill(card_id, bill_id, **more))
    assert (quoted.status, answer.status) == (200, 200), (quoted.text, answer.text)
    earned: dict[str, Any] = answer.json
    if not more:
        for name in ("pointsEarned", "referrerPointsEarned", "bonusPoints"):
            assert quoted.json[name] == earned[name], name
        assert quoted.json["items"][0]["excludedReason"] == earned["items"][0]["excludedReason"]
    return earned


def test_a_card_is_enrolled_moved_and_taken_out_and_keeps_what_it_has(service: Service, tenant: Tenant) -> None:
    first, second = running(tenant), running(tenant, type="POINTS")
    holder = issue(tenant, customerId=77)
    assert holder["programId"] is None
    give(tenant, holder["id"], 50)
    lots = service.database.rows("SELECT * FROM point_lots WHERE tenant_id = :id", id=tenant.id)
    said = [enroll(tenant, program, customerId=77).json["programId"] for program in (first, first, second, None)]
    assert said == [first, first, second, None]
    assert card(tenant, holder["id"])["pointsBalance"] == 50
    assert service.database.rows("SELECT * FROM point_lots WHERE tenant_id = :id", id=tenant.id) == lots
    logged = service.database.rows(
        "SELECT after FROM audit_log WHERE tenant_id = :id AND action = 'enroll' ORDER BY id", id=tenant.id
    )
    assert [after for (after,) in logged] == [f'{{"program_id":{first}}}', f'{{"program_id":{second}}}', '{"program_id":null}']


def test_a_card_is_put_only_into_a_programme_that_runs_today(service: Service, tenant: Tenant) -> None:
    holder = issue(tenant)["id"]
    draft = make(tenant)["id"]
    tomorrow, yesterday = running(tenant, startsOn="2026-03-03"), running(tenant, endsOn="2026-03-01")
    today = running(tenant, startsOn="2026-03-02", endsOn="2026-03-02")
    codes = [enroll(tenant, program, cardId=holder).json.get("code") for program in (draft, tomorrow, yesterday, today, 10**15)]
    assert codes == ["PROGRAM_NOT_ACTIVE"] * 3 + [None, "NOT_FOUND"]
    closed = issue(tenant)["id"]
    assert tenant.admin.delete(f"/cards/{closed}").status == 204
    assert enroll(tenant, today, cardId=closed).json["code"] == "CARD_NOT_ACTIVE"
    assert enroll(tenant, today, cardId=10**15).json["code"] == "CARD_NOT_FOUND"
    assert enroll(tenant, today, customerId=10**15).json["code"] == "CARD_NOT_FOUND"
    other = open_pharmacy(service)
    assert enroll(other, today, cardId=issue(other)["id"]).json["code"] == "NOT_FOUND"
    assert enroll(tenant, today).status == 422
    assert enroll(tenant, today, cardId=holder, customerId=1).status == 422


def test_a_card_earns_only_while_its_programme_runs(service: Service, tenant: Tenant) -> None:
    program = running(tenant, startsOn="2026-03-02", endsOn="2026-03-03")
    holder = issue(tenant)["id"]
    enroll(tenant, program, cardId=holder)
    assert quote_and_earn(tenant, holder, 1)["pointsEarned"] == 100
    tenant.admin.post(f"{PATH}/{program}/suspend")
    nothing = quote_and_earn(tenant, holder, 2)
    assert nothing["pointsEarned"] == 0
    assert nothing["items"][0] | {"excludedReason": "PROGRAM_NOT_ACTIVE", "eligibleAmount": 0, "points": 0} == nothing["items"][0]
    redeem(tenant, holder, 3, 40)
    tenant.admin.post(f"{PATH}/{program}/activate")
    # Midnight in India is 18:30 UTC: the last day counts whole, the day after not at all.
    service.clock.advance(days=1, hours=11, minutes=59)
    assert quote_and_earn(tenant, holder, 4)["pointsEarned"] == 100
    service.clock.advance(minutes=1)
    assert quote_and_earn(tenant, holder, 5)["pointsEarned"] == 0
    # What was bought while it ran, and is only sent now, earns.
    late = quote_and_earn(tenant, holder, 6, occurredAt="2026-03-03T18:29:59Z")
    assert late["pointsEarned"] == 100
    assert card(tenant, holder)["pointsBalance"] == 260
    for bill in (1, 2, 4, 5, 6):
        bring_back(tenant, bill)
    assert card(tenant, holder)["pointsBalance"] == -40


def test_a_referrer_is_paid_only_if_both_programmes_run(tenant: Tenant) -> None:
    mine, theirs = running(tenant), running(tenant)
    referrer = issue(tenant)["id"]
    friend = issue(tenant, referrerCardId=referrer)["id"]
    paid = []
    for bill, (own, friends) in enumerate([(None, None), (mine, None), (mine, theirs)]):
        enroll(tenant, own, cardId=referrer)
        enroll(tenant, friends, cardId=friend)
        paid.append(quote_and_earn(tenant, friend, bill + 1)["referrerPointsEarned"])
    for bill, program in enumerate((mine, theirs)):
        tenant.admin.post(f"{PATH}/{program}/suspend")
        paid.append(quote_and_earn(tenant, friend, bill + 10)["referrerPointsEarned"])
        tenant.admin.post(f"{PATH}/{program}/activate")
    assert paid == [10, 10, 10, 0, 0]


def test_cash_back_shows_balances_as_money(tenant: Tenant) -> None:
    program = running(tenant, type="CASH_BACK", currency="EUR")
    holder, other = issue(tenant)["id"], issue(tenant)["id"]
    enroll(tenant, program, cardId=holder)
    earned = quote_and_earn(tenant, holder, 1)
    assert earned["cashBack"] == {"currency": "EUR", "balance": Decimal("10.00"), "pending": 0, "debt": 0}
    body = {"cardId": holder, "billId": 2, "points": "99.99", "billAmount": 1000}
    assert tenant.billing.post("/internal/cards/redeem-points", body).json["cashBack"]["balance"] == 0
    body = {"billId": 1}
    reversed_ = tenant.billing.post("/internal/cards/reverse-points", body).json
    assert reversed_["newBalance"] == Decimal("-99.99")
    assert reversed_["cashBack"] == {"currency": "EUR", "balance": Decimal("-9.99"), "pending": 0, "debt": Decimal("9.99")}
    assert tenant.cashier.get(f"/cards/{holder}/balance").json["cashBack"] == reversed_["cashBack"]
    assert tenant.cashier.get(f"/cards/{other}/balance").json["cashBack"] is None
    bill = {"items": [{"categoryId": 1, "amount": 1000}]}
    quoted = [
        tenant.billing.post("/internal/cards/calculate", bill | of).json for of in ({"cardId": holder}, {"cardId": other}, {})
    ]
    assert [quote["cashBack"] for quote in quoted] == [reversed_["cashBack"], None, None]
    gift = {"points": 150, "reason": "gift"}
    given, others = (tenant.admin.post(f"/cards/{card_id}/adjust-points", gift).json for card_id in (holder, other))
    assert given["cashBack"] == {"currency": "EUR", "balance": Decimal("5.00"), "pending": 0, "debt": 0}
    taken = tenant.admin.post(f"/cards/{holder}/adjust-points", {"points": -20, "reason": "mistake"}).json
    assert (taken["cashBack"]["balance"], others["cashBack"]) == (Decimal("3.00"), None)
    enroll(tenant, running(tenant), cardId=holder)
    assert tenant.cashier.get(f"/cards/{holder}/balance").json["cashBack"] is None


def test_a_repeated_enrolment_is_answered_once(tenant: Tenant) -> None:
    program, holder = running(tenant), issue(tenant)["id"]
    body = {"cardId": holder, "programId": program}
    answers = [tenant.admin.post("/loyalty/enroll", body, {"Idempotency-Key": "e"}) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_campaigns_give_nothing_to_a_card_whose_programme_does_not_run(tenant: Tenant) -> None:
    body = {
        "name": "Fixed",
        "type": "FIXED_BONUS",
        "bonusPoints": 5,
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "2026-12-31T00:00:00Z",
    }
    campaign = tenant.admin.post("/campaigns", body).json["id"]
    assert tenant.admin.post(f"/campaigns/{campaign}/activate").status == 200
    program, holder = running(tenant), issue(tenant)["id"]
    enroll(tenant, program, cardId=holder)
    assert quote_and_earn(tenant, holder, 1)["bonusPoints"] == 5
    tenant.admin.post(f"{PATH}/{program}/suspend")
    assert quote_and_earn(tenant, holder, 2)["bonusPoints"] == 0
    assert card(tenant, holder)["pointsBalance"] == 105


def test_activities_pay_nothing_to_a_card_whose_programme_does_not_run(tenant: Tenant) -> None:
    assert tenant.admin.post("/earning-rules", {"activity": "REVIEW", "name": "A review", "points": 2}).status == 201
    program, holder = running(tenant), issue(tenant)["id"]
    enroll(tenant, program, cardId=holder)
    body = {"cardId": holder, "activity": "REVIEW", "reference": "one"}
    assert tenant.billing.post("/loyalty/points/earn", body).status == 201
    tenant.admin.post(f"{PATH}/{program}/suspend")
    # What was paid is answered again, what was not is refused.
    assert tenant.billing.post("/loyalty/points/earn", body).status == 200
    refused = tenant.billing.post("/loyalty/points/earn", {**body, "reference": "two"})
    assert (refused.status, refused.json["code"]) == (409, "PROGRAM_NOT_ACTIVE")
