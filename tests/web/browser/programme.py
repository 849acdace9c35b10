"""A pharmacy with everything that can stand beside a card: tiers, campaigns, points that wait and points that expire."""

from datetime import timedelta
from typing import Any

from card_service.kit.context import utc_now
from tests.web.browser.till import CREATED, MEDICINES, REFUSED, Shop


def serve_a_programme(shop: Shop) -> dict[str, Any]:
    """Set it up, and give the card of a customer who is 500.00 short of the next tier."""
    admin, now = shop.tenant.admin, utc_now()
    settings = {"pendingDays": 3, "expiryPolicy": "ROLLING", "expiryMonths": 2}
    assert admin.put("/card-config", settings).status < REFUSED
    assert admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"}).status == CREATED
    window = {"startsAt": (now - timedelta(days=1)).isoformat(), "endsAt": (now + timedelta(days=30)).isoformat()}
    for fields in (
        {"name": "Autumn", "type": "POINTS_MULTIPLIER", "multiplier": 2, "optIn": True, "description": "Twice the points."},
        {"name": "Big bills", "type": "POINTS_MULTIPLIER", "multiplier": 3, "minSpend": 20000},
    ):
        made = admin.post("/campaigns", {**fields, **window})
        assert made.status == CREATED, made.text
        assert admin.post(f"/campaigns/{made.json['id']}/activate").status < REFUSED
    card = shop.card("500.00")
    bill = {"cardId": card["id"], "billId": 1, "billAmount": 9500, "items": [{"categoryId": MEDICINES, "amount": 9500}]}
    assert shop.tenant.billing.post("/internal/cards/earn-points", bill).status < REFUSED
    return card
