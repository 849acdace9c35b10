"""Merging two cards: everything moves, nothing is lost, and later returns find the card that stays."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cards.steps import assert_balanced, bring_back, card, earn, give, issue, merge, open_pharmacy, redeem
from tests.servers.service import Service


def test_points_totals_and_dates_move_to_the_target(service: Service) -> None:
    tenant = open_pharmacy(service)
    target, source = (issue(tenant)["id"] for _ in range(2))
    last_day = (service.clock.now + timedelta(days=3)).date().isoformat()
    give(tenant, source, Decimal("50.50"), expiresAt=last_day)
    earn(tenant, source, 1)
    earn(tenant, target, 2, 300)
    redeem(tenant, source, 3, 20)
    answer = merge(tenant, target, source)
    assert answer.status == 200
    assert answer.json == card(tenant, target)
    assert answer.json["pointsBalance"] == Decimal("160.50")
    assert (answer.json["totalPointsEarned"], answer.json["totalPointsRedeemed"]) == (130, 20)
    closed = card(tenant, source)
    assert (closed["status"], closed["pointsBalance"], closed["totalPointsEarned"]) == ("CLOSED", 0, 0)
    service.clock.advance(days=4)
    assert card(tenant, target)["pointsBalance"] == 130
    give(tenant, target, 1)
    assert card(tenant, target)["pointsBalance"] == 131
    assert_balanced(service, tenant, target, source)
    log = service.database.rows(
        "SELECT entity_id, `after` FROM audit_log WHERE tenant_id = :id AND action = 'merge' ORDER BY id", id=tenant.id
    )
    assert [(entity_id, json.loads(after)) for entity_id, after in log] == [
        (target, {"merged_card_id": source, "points": "130.50"}),
        (source, {"status": "CLOSED", "merged_into_card_id": target}),
    ]


@pytest.mark.parametrize("debtor", ["source", "target"])
def test_debt_is_repaid_from_the_lots_that_come_together(service: Service, debtor: str) -> None:
    tenant = open_pharmacy(service)
    target, source = (issue(tenant)["id"] for _ in range(2))
    in_debt, other = (source, target) if debtor == "source" else (target, source)
    earn(tenant, in_debt, 1)
    redeem(tenant, in_debt, 2, 100)
    bring_back(tenant, 1)
    give(tenant, other, 30)
    give(tenant, other, 40)
    assert card(tenant, in_debt)["pointsDebt"] == 100
    merged = merge(tenant, target, source).json
    assert (merged["pointsBalance"], merged["pointsDebt"]) == (-30, 30)
    give(tenant, target, 31)
    assert [card(tenant, target)[name] for name in ("pointsBalance", "pointsDebt")] == [1, 0]
    assert_balanced(service, tenant, target, source)
    assert bring_back(tenant, 2)["newBalance"] == 101
    assert_balanced(service, tenant, target, source)


def test_lots_and_debt_of_one_size_leave_nothing(service: Service) -> None:
    tenant = open_pharmacy(service)
    target, source = (issue(tenant)["id"] for _ in range(2))
    earn(tenant, source, 1)
    redeem(tenant, source, 2, 100)
    bring_back(tenant, 1)
    give(tenant, target, 100)
    merged = merge(tenant, target, source).json
    assert (merged["pointsBalance"], merged["pointsDebt"]) == (0, 0)
    assert_balanced(service, tenant, target, source)


def test_bills_of_the_source_come_back_to_the_newest_target(service: Service) -> None:
    tenant = open_pharmacy(service)
    first, second, third = (issue(tenant)["id"] for _ in range(3))
    earn(tenant, first, 1)
    redeem(tenant, first, 2, 60)
    assert merge(tenant, second, first).status == 200
    assert merge(tenant, third, second).status == 200
    assert card(tenant, third)["pointsBalance"] == 40
    assert bring_back(tenant, 2)["newBalance"] == 100
    assert bring_back(tenant, 1)["newBalance"] == 0
    last = card(tenant, third)
    assert (last["pointsDebt"], last["totalPointsEarned"], last["totalPointsRedeemed"]) == (0, 0, 0)
    assert_balanced(service, tenant, first, second, third)


def test_what_has_expired_expires_on_the_source(service: Service) -> None:
    tenant = open_pharmacy(service)
    target, source = (issue(tenant)["id"] for _ in range(2))
    today = service.clock.now.date().isoformat()
    for card_id in (target, source):
        give(tenant, card_id, 10, expiresAt=today)
        give(tenant, card_id, 5)
    service.clock.advance(days=1)
    assert merge(tenant, target, source).json["pointsBalance"] == 10
    kinds = tenant.admin.get(f"/cards/{source}/transactions").json["items"]
    assert [(row["type"], row["points"]) for row in kinds[:2]] == [("TRANSFERRED", -5), ("EXPIRED", -10)]
    assert_balanced(service, tenant, target, source)


def test_what_a_merge_refuses(service: Service) -> None:
    tenant = open_pharmacy(service)
    target, source = (issue(tenant)["id"] for _ in range(2))
    give(tenant, source, 5)
    foreign = issue(service.tenant())["id"]
    assert (merge(tenant, target, target).status, merge(tenant, 2**62, 2**62).status) == (422, 404)
    for pair in ((target, foreign), (foreign, source), (target, 2**62)):
        answer = merge(tenant, *pair)
        assert (answer.status, answer.json["code"]) == (404, "CARD_NOT_FOUND")
    first = merge(tenant, target, source, **{"Idempotency-Key": "m"})
    again = merge(tenant, target, source, **{"Idempotency-Key": "m"})
    assert (first.status, again.text) == (200, first.text)
    for pair in ((target, source), (source, target)):
        answer = merge(tenant, *pair)
        assert (answer.status, answer.json["code"]) == (409, "CARD_NOT_ACTIVE")
    assert card(tenant, target) == first.json
    assert tenant.admin.post(f"/cards/{target}/merge", {}).status == 422
