"""Rules, activities, signing up, first purchases and birthdays over HTTP, on both databases."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from card_service.earning_rules.birthdays import birthday_cards, pay_birthday
from card_service.kit.context import Context
from tests.cards.steps import assert_balanced, bring_back, card, earn, issue, merge, open_pharmacy
from tests.servers.clients import Answer, Tenant
from tests.servers.service import Service

PATH = "/earning-rules"


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def add_rule(tenant: Tenant, activity: str, points: Any, **fields: Any) -> int:
    answer = tenant.admin.post(PATH, {"activity": activity, "name": f"For {activity}", "points": points, **fields})
    assert answer.status == 201, answer.text
    return int(answer.json["id"])


def report(tenant: Tenant, card_id: int, reference: str, activity: str = "REVIEW", **fields: Any) -> Answer:
    body = {"cardId": card_id, "activity": activity, "reference": reference, **fields}
    return tenant.billing.post("/loyalty/points/earn", body)


def birthday(service: Service, tenant: Tenant, day: date) -> dict[int, Decimal]:
    """Do the birthdays of a day as the job does: list, then pay each card in a transaction of its own."""
    database = service.app.extensions["database"]
    context = Context(tenant_id=tenant.id, performed_by="job:birthdays", now=service.clock.now)
    listed = database.read(birthday_cards, context, day, 0)
    return {card_id: database.transact(pay_birthday, context, card_id, day) for card_id in listed}


def test_a_rule_is_made_changed_and_ended(service: Service, tenant: Tenant) -> None:
    made = tenant.admin.post(PATH, {"activity": "CUSTOM", "code": "quiz", "name": "Quiz", "points": "2.50"}).json
    assert made == {
        "id": made["id"], "activity": "CUSTOM", "code": "quiz", "name": "Quiz", "points": Decimal("2.50"),
        "useTierMultiplier": False, "minBill": 0, "maxPerCard": None, "period": "EVER", "pendingDays": 0, "startsAt": None,
        "endsAt": None, "priority": 0, "isActive": True,
    }  # fmt: skip
    changed = tenant.admin.put(f"{PATH}/{made['id']}", {"points": 3, "maxPerCard": 2, "period": "WEEK"})
    assert (changed.status, changed.json) == (200, {**made, "points": 3, "maxPerCard": 2, "period": "WEEK"})
    assert tenant.admin.delete(f"{PATH}/{made['id']}").status == 204
    assert tenant.admin.delete(f"{PATH}/{made['id']}").status == 204
    assert tenant.admin.get(PATH).json == {"items": [{**changed.json, "isActive": False}], "nextCursor": None}
    log = service.database.rows("SELECT action FROM audit_log WHERE tenant_id = :id AND entity = 'earning_rule'", id=tenant.id)
    assert log == [("add",), ("change",), ("change",)]
    assert tenant.admin.put(f"{PATH}/{2**62}", {"points": 1}).json["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"activity": "CUSTOM"}, "code"), ({"code": "quiz"}, "code"), ({"points": 0}, "points"), ({"minBill": 5}, "minBill"),
        ({"activity": "REFERRAL", "pendingDays": 366}, "pendingDays"), ({"period": "FORTNIGHT"}, "period"),
        ({"startsAt": "2026-03-02T00:00:00Z", "endsAt": "2026-03-02T00:00:00Z"}, "endsAt"), ({"maxPerCard": 0}, "maxPerCard"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_no_rule(tenant: Tenant, fields: dict[str, Any], field: str) -> None:
    answer = tenant.admin.post(PATH, {"activity": "REVIEW", "name": "R", "points": 1, **fields})
    assert (answer.status, list(answer.json["errors"])) == (422, [field])
    assert tenant.admin.get(PATH).json["items"] == []


def test_an_activity_is_paid_once_for_each_reference(service: Service, tenant: Tenant) -> None:
    member = issue(tenant, customerId=5)["id"]
    rule = add_rule(tenant, "REVIEW", "7.50")
    first = report(tenant, member, "r-1")
    assert (first.status, first.json) == (
        201,
        {
            "awardId": first.json["awardId"], "cardId": member, "ruleId": rule, "points": Decimal("7.50"),
            "newBalance": Decimal("7.50"), "pendingPoints": 0,
        },
    )  # fmt: skip
    report(tenant, member, "r-2")
    add_rule(tenant, "REVIEW", 100, priority=9)
    by_customer = {"customerId": 5, "activity": "REVIEW", "reference": "r-1"}
    again = tenant.admin.post("/loyalty/points/earn", by_customer)
    assert (again.status, again.json, again.headers["Idempotent-Replayed"]) == (200, first.json, "true")
    shown = card(tenant, member)
    assert (shown["pointsBalance"], shown["totalPointsEarned"]) == (15, 15)
    row = tenant.admin.get(f"/cards/{member}/transactions").json["items"][0]
    assert (row["type"], row["referenceType"], row["referenceId"], row["description"]) == (
        "BONUS",
        "ACTIVITY",
        rule,
        "For REVIEW",
    )
    assert_balanced(service, tenant, member)


def test_what_is_refused(tenant: Tenant) -> None:
    member, blocked = issue(tenant)["id"], issue(tenant)["id"]
    assert report(tenant, member, "x").json["code"] == "NO_RULE"
    add_rule(tenant, "REVIEW", 1)
    add_rule(tenant, "CUSTOM", 1, code="quiz")
    tenant.admin.post(f"/cards/{blocked}/block", {"reason": "lost"})
    assert report(tenant, blocked, "x").json["code"] == "CARD_NOT_ACTIVE"
    assert report(tenant, 2**62, "x").json["code"] == "CARD_NOT_FOUND"
    assert report(tenant, member, "x", "CUSTOM", code="survey").json["code"] == "NO_RULE"
    for wrong in ({"activity": "SIGNUP"}, {"activity": "CUSTOM"}, {"code": "quiz"}, {"customerId": 5}, {"reference": "a b"}):
        answer = tenant.billing.post("/loyalty/points/earn", {"cardId": member, "activity": "REVIEW", "reference": "x", **wrong})
        assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED"), wrong
    assert report(tenant, member, "x", "CUSTOM", code="quiz").status == 201
    tenant.admin.post("/card-config/disable")
    assert report(tenant, member, "y").json["code"] == "CARD_SYSTEM_DISABLED"
    assert report(tenant, member, "x", "CUSTOM", code="quiz").status == 200


def test_a_cap_counts_in_the_tenants_calendar(service: Service, tenant: Tenant) -> None:
    member = issue(tenant)["id"]
    add_rule(tenant, "REVIEW", 1, maxPerCard=2, period="WEEK")
    # The clock stands at noon of a Monday in India; Sunday ends in six and a half days.
    statuses = []
    for hours in (0, 24, 120, 12):
        service.clock.advance(hours=hours)
        statuses.append(report(tenant, member, f"at {hours}".replace(" ", "-")).status)
    assert statuses == [201, 201, 409, 201]
    assert report(tenant, member, "at-24").status == 200


def test_a_cap_of_a_day_ends_with_the_tenants_midnight(service: Service, tenant: Tenant) -> None:
    member = issue(tenant)["id"]
    add_rule(tenant, "SOCIAL_SHARE", 1, maxPerCard=1, period="DAY")
    assert report(tenant, member, "1", "SOCIAL_SHARE").status == 201
    service.clock.advance(hours=11, minutes=59, seconds=59)
    assert report(tenant, member, "2", "SOCIAL_SHARE").json["code"] == "ACTIVITY_CAPPED"
    service.clock.advance(seconds=1)
    assert report(tenant, member, "2", "SOCIAL_SHARE").status == 201


def test_points_of_a_rule_may_wait(service: Service, tenant: Tenant) -> None:
    member = issue(tenant)["id"]
    add_rule(tenant, "REVIEW", 9, pendingDays=2)
    answer = report(tenant, member, "1").json
    assert (answer["newBalance"], answer["pendingPoints"]) == (0, 9)
    service.clock.advance(hours=36)
    assert card(tenant, member)["pointsBalance"] == 9


def test_signing_up_is_paid_with_the_card(service: Service, tenant: Tenant) -> None:
    add_rule(tenant, "SIGNUP", 25)
    made = issue(tenant)
    assert (made["pointsBalance"], made["totalPointsEarned"], made["version"]) == (25, 25, 2)
    tenant.admin.post("/card-config/disable")
    assert issue(tenant)["pointsBalance"] == 0
    assert_balanced(service, tenant, made["id"])


def test_a_merged_cards_references_are_not_paid_again(tenant: Tenant) -> None:
    source, target = issue(tenant)["id"], issue(tenant)["id"]
    add_rule(tenant, "REVIEW", 5, maxPerCard=1)
    first = report(tenant, source, "r-1")
    assert merge(tenant, target, source).status == 200
    assert (report(tenant, target, "r-1").status, report(tenant, target, "r-1").json) == (200, first.json)
    assert report(tenant, target, "r-2").json["code"] == "ACTIVITY_CAPPED"


def test_the_first_purchase_is_paid_taken_back_and_paid_again(service: Service, tenant: Tenant) -> None:
    member = issue(tenant)["id"]
    before = card(tenant, member)
    rule = add_rule(tenant, "FIRST_PURCHASE", 50, minBill=500)
    quote = {"cardId": member, "items": [{"categoryId": 1, "amount": 1000}]}
    quoted = tenant.billing.post("/internal/cards/calculate", quote).json
    earned = earn(tenant, member, 1).json
    bonus = {"kind": "FIRST_PURCHASE", "id": rule, "name": "For FIRST_PURCHASE", "points": 50, "cardId": member}
    assert (earned["bonusPoints"], earned["bonuses"], earned["newBalance"]) == (50, [bonus], 150)
    assert (quoted["bonusPoints"], quoted["bonuses"]) == (50, [bonus])
    assert earn(tenant, member, 2).json["bonuses"] == []
    assert bring_back(tenant, 1)["bonusPointsReversed"] == 50
    # Another purchase stands, so that the next is not the first.
    assert earn(tenant, member, 3).json["bonuses"] == []
    bring_back(tenant, 2)
    bring_back(tenant, 3)
    after = card(tenant, member)
    assert {name for name in before if before[name] != after[name]} == {"version", "lastTransactionAt"} - {
        name for name in before if before[name] == after[name]
    }
    assert earn(tenant, member, 4).json["bonusPoints"] == 50
    part = {"billId": 4, "returnId": 1, "items": [{"categoryId": 1, "amount": "500.01"}]}
    assert tenant.billing.post("/internal/cards/reverse-points", part).json["bonusPointsReversed"] == 50
    assert earn(tenant, member, 5).json["bonuses"] == []
    assert_balanced(service, tenant, member)


def test_a_first_purchase_too_small_brings_nothing_and_is_the_first(tenant: Tenant) -> None:
    member = issue(tenant)["id"]
    add_rule(tenant, "FIRST_PURCHASE", 50, minBill=500)
    assert earn(tenant, member, 1, 499).json["bonuses"] == []
    assert earn(tenant, member, 2).json["bonuses"] == []


def test_a_bill_of_nothing_is_no_purchase_and_brings_no_friend(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant)["id"]
    member = issue(tenant, referrerCardId=referrer)["id"]
    for activity, points in (("FIRST_PURCHASE", 50), ("REFERRED", 20), ("REFERRAL", 30)):
        add_rule(tenant, activity, points)
    quote = {"cardId": member, "items": [{"categoryId": 1, "amount": 0}]}
    assert tenant.billing.post("/internal/cards/calculate", quote).json["bonuses"] == []
    for bill in (1, 2):
        assert earn(tenant, member, bill, 0).json["bonuses"] == []
    assert earn(tenant, member, 3, "0.01").json["bonusPoints"] == 70
    assert card(tenant, referrer)["pointsBalance"] == 30
    assert bring_back(tenant, 3)["bonusPointsReversed"] == 70
    bring_back(tenant, 1)
    assert earn(tenant, member, 4).json["bonusPoints"] == 70
    assert earn(tenant, member, 5).json["bonuses"] == []
    assert_balanced(service, tenant, member, referrer)


def test_a_first_purchase_may_count_by_the_tier(tenant: Tenant) -> None:
    tier = {"level": 1, "name": "SILVER", "pointsMultiplier": "1.25"}
    assert tenant.admin.post("/tiers", tier).status == 201
    member = issue(tenant)["id"]
    add_rule(tenant, "FIRST_PURCHASE", "33.33", useTierMultiplier=True)
    assert earn(tenant, member, 1).json["bonusPoints"] == Decimal("41.66")


def test_signing_up_and_activities_may_count_by_the_tier(service: Service, tenant: Tenant) -> None:
    tiers = [{"level": 1, "name": "BRONZE", "pointsMultiplier": "1.50"}, {"level": 2, "name": "GOLD", "minSpend": 900}]
    for tier in tiers:
        assert tenant.admin.post("/tiers", {"pointsMultiplier": 2, **tier}).status == 201
    add_rule(tenant, "SIGNUP", "3.33", useTierMultiplier=True)
    for activity, code in (("REVIEW", None), ("SOCIAL_SHARE", None), ("CUSTOM", "quiz")):
        add_rule(tenant, activity, "3.33", useTierMultiplier=True, **({"code": code} if code else {}))
    made = issue(tenant)
    assert made["pointsBalance"] == Decimal("4.99")
    assert report(tenant, made["id"], "r-1").json["points"] == Decimal("4.99")
    earn(tenant, made["id"], 1)
    for activity, more in (("REVIEW", {}), ("SOCIAL_SHARE", {}), ("CUSTOM", {"code": "quiz"})):
        assert report(tenant, made["id"], "r-2", activity, **more).json["points"] == Decimal("6.66")
    # What was paid once is answered as it was paid, and a card to which tiers do not apply is paid by none.
    assert report(tenant, made["id"], "r-1").json["points"] == Decimal("4.99")
    program = tenant.admin.post("/loyalty/programs", {"name": "Plain", "type": "POINTS"}).json["id"]
    assert tenant.admin.post(f"/loyalty/programs/{program}/activate").status == 200
    assert tenant.admin.post("/loyalty/enroll", {"cardId": made["id"], "programId": program}).status == 200
    assert report(tenant, made["id"], "r-3").json["points"] == Decimal("3.33")
    assert_balanced(service, tenant, made["id"])


def test_a_merge_makes_no_second_first_purchase(service: Service, tenant: Tenant) -> None:
    source, target = issue(tenant)["id"], issue(tenant)["id"]
    add_rule(tenant, "FIRST_PURCHASE", 50)
    earn(tenant, source, 1)
    assert merge(tenant, target, source).status == 200
    assert earn(tenant, target, 2).json["bonuses"] == []
    assert bring_back(tenant, 1)["bonusPointsReversed"] == 50
    assert earn(tenant, target, 3).json["bonuses"] == []
    bring_back(tenant, 2)
    bring_back(tenant, 3)
    assert earn(tenant, target, 4).json["bonusPoints"] == 50
    assert_balanced(service, tenant, source, target)


@pytest.mark.parametrize(("day", "year"), [(date(2027, 2, 28), 2027), (date(2028, 2, 29), 2028)])
def test_a_birthday_of_the_29th_of_february(service: Service, tenant: Tenant, day: date, year: int) -> None:
    member = issue(tenant, birthDate="2000-02-29")["id"]
    add_rule(tenant, "BIRTHDAY", 10)
    days = [day + timedelta(days=number) for number in (-2, -1, 0, 1, 2)]
    assert [birthday(service, tenant, one).get(member) for one in days].count(Decimal(10)) == 1
    assert birthday(service, tenant, day) == {member: 0}
    events = service.database.rows("SELECT event, dedupe_key FROM outbox WHERE tenant_id = :id", id=tenant.id)
    assert events == [("birthday", f"birthday:{member}:{year}")]


def test_a_birthday_is_paid_once_a_year_to_active_cards(service: Service, tenant: Tenant) -> None:
    members = [issue(tenant, birthDate=f"19{number}-03-02")["id"] for number in (80, 81, 82)]
    issue(tenant, birthDate="1980-03-03")
    tenant.admin.post(f"/cards/{members[2]}/block", {"reason": "lost"})
    day = date(2026, 3, 2)
    assert birthday(service, tenant, day) == dict.fromkeys(members[:2], Decimal(0))
    first = add_rule(tenant, "BIRTHDAY", 10)
    assert birthday(service, tenant, day) == dict.fromkeys(members[:2], Decimal(10))
    # Neither another run, nor another rule, nor a corrected birthday pays a second time.
    tenant.admin.delete(f"{PATH}/{first}")
    add_rule(tenant, "BIRTHDAY", 99)
    assert birthday(service, tenant, day) == dict.fromkeys(members[:2], Decimal(0))
    assert tenant.admin.put(f"/cards/{members[0]}", {"birthDate": "1980-03-03"}).status == 200
    assert birthday(service, tenant, date(2026, 3, 3))[members[0]] == 0
    service.clock.advance(days=365)
    assert birthday(service, tenant, date(2027, 3, 2)) == {members[1]: 99}
    assert card(tenant, members[1])["pointsBalance"] == 109
    assert_balanced(service, tenant, *members)
