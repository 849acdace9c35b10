"""What tests of campaigns do again and again: open a pharmacy, run a campaign, buy."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.cards.steps import issue
from tests.servers.clients import Answer, Tenant
from tests.servers.service import Service

BASE = "/campaigns"


def open_pharmacy(service: Service, **settings: Any) -> Tenant:
    """Make a tenant with 5 % on category 1, 10 % on category 2, and category 3 that campaigns may not touch."""
    tenant = service.tenant()
    config = {"isEnabled": True, "minPointsToRedeem": 1, "pointsToAmountRate": "0.50", "referralPointsPercent": 0, **settings}
    assert tenant.admin.put("/card-config", config).status == 200
    for category, percentage in ((1, 5), (2, 10), (3, 10)):
        body = {"categoryId": category, "categoryName": f"Category {category}", "pointPercentage": percentage}
        assert tenant.admin.post("/card-config/categories", body).status == 201
    assert tenant.admin.post("/card-config/restrictions", {"categoryId": 3, "campaignBlocked": True}).status == 201
    return tenant


def window(service: Service, days: int = 30) -> dict[str, str]:
    """Give a window from an hour ago on."""
    begin = service.clock.now - timedelta(hours=1)
    return {"startsAt": begin.isoformat(), "endsAt": (begin + timedelta(days=days)).isoformat()}


def draft(service: Service, tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Make a draft; a plain double of all points unless the fields say otherwise."""
    body = {"name": "Double", **window(service), **({"type": "POINTS_MULTIPLIER", "multiplier": 2} | fields)}
    answer = tenant.admin.post(BASE, {name: value for name, value in body.items() if value is not None})
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def run(service: Service, tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Make a campaign and activate it."""
    answer = tenant.admin.post(f"{BASE}/{draft(service, tenant, **fields)['id']}/activate")
    assert answer.status == 200, answer.text
    running: dict[str, Any] = answer.json
    return running


def card(tenant: Tenant, **fields: Any) -> int:
    """Issue a card; its id."""
    return int(issue(tenant, **fields)["id"])


def items(*amounts: tuple[int, Any]) -> list[dict[str, Any]]:
    """Write items of (category, amount)."""
    return [{"categoryId": category, "amount": amount} for category, amount in amounts]


def earn(tenant: Tenant, card_id: int, bill_id: int, *amounts: tuple[int, Any], **more: Any) -> Answer:
    """Earn on a bill of these lines."""
    total = sum(amount for _, amount in amounts)
    body = {"cardId": card_id, "billId": bill_id, "billAmount": total, "items": items(*amounts), **more}
    answer = tenant.billing.post("/internal/cards/earn-points", body)
    assert answer.status == 200, answer.text
    return answer


def calculate(tenant: Tenant, card_id: int | None, *amounts: tuple[int, Any]) -> Any:
    """Quote a bill of these lines."""
    body = {"items": items(*amounts), **({} if card_id is None else {"cardId": card_id})}
    answer = tenant.billing.post("/internal/cards/calculate", body)
    assert answer.status == 200, answer.text
    return answer.json


def bring_back(tenant: Tenant, bill_id: int, *amounts: tuple[int, Any], return_id: int | None = None) -> Any:
    """Return a whole bill, or these amounts of it under an id."""
    body: dict[str, Any] = {"billId": bill_id}
    if amounts:
        body |= {"returnId": return_id, "items": items(*amounts)}
    answer = tenant.billing.post("/internal/cards/reverse-points", body)
    assert answer.status == 200, answer.text
    return answer.json


def counters(service: Service, campaign_id: int, card_id: int = 0) -> tuple[Any, ...] | None:
    """Read a row of the counters: uses, points, amount, spent. Points are hundredths on SQLite."""
    rows = service.database.rows(
        "SELECT uses, points, amount, spent FROM campaign_counters WHERE campaign_id = :campaign AND card_id = :card",
        campaign=campaign_id, card=card_id,
    )  # fmt: skip
    if not rows:
        return None
    uses, *sums = rows[0]
    scale = 100 if service.database.kind == "sqlite" else 1
    return (uses, *(Decimal(value) / scale for value in sums))
