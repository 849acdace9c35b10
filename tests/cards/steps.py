"""What tests of cards do again and again: open a pharmacy, issue a card, buy, bring back."""

from typing import Any

from tests.servers.clients import Answer, Tenant
from tests.servers.service import Service


def open_pharmacy(service: Service, **settings: Any) -> Tenant:
    """Make a tenant whose card system is on: 10 % in points on category 1, referrers get 1 %, redeem without a minimum."""
    tenant = service.tenant()
    config = {"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, "referralPointsPercent": 1, **settings}
    assert tenant.admin.put("/card-config", config).status == 200
    category = {"categoryId": 1, "categoryName": "Medicines", "pointPercentage": 10}
    assert tenant.admin.post("/card-config/categories", category).status == 201
    return tenant


def issue(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Issue a card and give it as it was answered."""
    answer = tenant.admin.post("/cards", fields)
    assert answer.status == 201, answer.text
    card: dict[str, Any] = answer.json
    return card


def card(tenant: Tenant, card_id: int) -> dict[str, Any]:
    """Read a card."""
    found: dict[str, Any] = tenant.admin.get(f"/cards/{card_id}").json
    return found


def give(tenant: Tenant, card_id: int, points: Any, **more: Any) -> None:
    """Adjust the points of a card."""
    answer = tenant.admin.post(f"/cards/{card_id}/adjust-points", {"points": points, "reason": "gift", **more})
    assert answer.status == 200, answer.text


def earn(tenant: Tenant, card_id: int, bill_id: int, amount: Any = 1000) -> Answer:
    """Earn on a bill of one line of category 1: a tenth of `amount` in points."""
    items = [{"categoryId": 1, "amount": amount}]
    answer = tenant.billing.post(
        "/internal/cards/earn-points", {"cardId": card_id, "billId": bill_id, "billAmount": amount, "items": items}
    )
    assert answer.status == 200, answer.text
    return answer


def redeem(tenant: Tenant, card_id: int, bill_id: int, points: Any) -> None:
    """Redeem points on a bill of 1,000,000."""
    body = {"cardId": card_id, "billId": bill_id, "points": points, "billAmount": 1_000_000}
    answer = tenant.billing.post("/internal/cards/redeem-points", body)
    assert answer.status == 200, answer.text


def bring_back(tenant: Tenant, bill_id: int) -> dict[str, Any]:
    """Return a whole bill."""
    answer = tenant.billing.post("/internal/cards/reverse-points", {"billId": bill_id})
    assert answer.status == 200, answer.text
    reversed_: dict[str, Any] = answer.json
    return reversed_


def merge(tenant: Tenant, target: int, source: int, **headers: str) -> Answer:
    """Merge `source` into `target`, whatever comes of it."""
    return tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}, headers)


def assert_balanced(service: Service, tenant: Tenant, *card_ids: int) -> None:
    """Prove the cards by the service's audit, and each lot of the tenant by what is recorded of it."""
    for card_id in card_ids:
        audit = tenant.admin.get(f"/cards/{card_id}/audit").json
        assert audit["balanced"], audit
    lots = service.database.rows(
        "SELECT l.id, l.remaining, l.original - l.debt_repaid - l.expired - COALESCE((SELECT SUM(s.points - s.restored)"
        " FROM lot_spends s WHERE s.lot_id = l.id), 0) FROM point_lots l WHERE l.tenant_id = :id",
        id=tenant.id,
    )
    assert [row for row in lots if row[1] != row[2]] == []
