"""A card with everything an audit looks at: a referrer, a redemption, an earn, and half of the bill returned."""

from dataclasses import dataclass
from decimal import Decimal

from tests.servers.clients import Answer, Tenant

BILL = 77


@dataclass(frozen=True)
class Story:
    """The cards of the story."""

    tenant_id: int
    card_id: int
    referrer_id: int


def tell(tenant: Tenant) -> Story:
    """Post the story; what it posts is 100 + 30.00 earned - 60 redeemed, half of the bill undone, 5.00 referred."""
    done(tenant.admin.put("/card-config", {"isEnabled": True, "minPointsToRedeem": 50, "maxRedemptionPercent": 50}))
    for category, percentage in ((1, 2), (2, 4)):
        body = {"categoryId": category, "categoryName": f"C{category}", "pointPercentage": percentage}
        done(tenant.admin.post("/card-config/categories", body))
    referrer = done(tenant.admin.post("/cards", {"customerName": "Referrer"})).json["id"]
    card = done(tenant.admin.post("/cards", {"customerName": "Customer", "referrerCardId": referrer})).json["id"]
    done(tenant.admin.post(f"/cards/{card}/adjust-points", {"points": 100, "reason": "welcome"}))
    items = [{"categoryId": 1, "amount": 500}, {"categoryId": 2, "amount": 500}]
    bill = {"cardId": card, "billId": BILL, "billAmount": 1000, "items": items}
    done(tenant.billing.post("/internal/cards/redeem-points", {**bill, "points": 60}))
    done(tenant.billing.post("/internal/cards/earn-points", bill))
    half = [{"categoryId": 1, "amount": 250}, {"categoryId": 2, "amount": 250}]
    done(tenant.billing.post("/internal/cards/reverse-points", {"billId": BILL, "returnId": 1, "items": half}))
    return Story(tenant.id, card, referrer)


def done(answer: Answer) -> Answer:
    """Fail where a step of the story was refused."""
    assert answer.status < 300, answer.text
    return answer


def balance_of(tenant: Tenant, card_id: int) -> Decimal:
    """Read a card's balance."""
    found: Decimal = done(tenant.cashier.get(f"/cards/{card_id}/balance")).json["pointsBalance"]
    return found
