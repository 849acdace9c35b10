"""What the tests of points over time share: a card's points as every reader shows them, and the calls on holds."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.servers.clients import Answer

INDIA = ZoneInfo("Asia/Kolkata")


def points_of(pharmacy: Pharmacy, card: int) -> tuple[Any, Any, Any]:
    """Read balance, pending points and debt of a card, and see that every reader tells the same."""
    shown = pharmacy.show(card)
    points = (shown["pointsBalance"], shown["pointsPending"], shown["pointsDebt"])
    admin, billing = pharmacy.tenant.admin, pharmacy.tenant.billing
    listed = next(one for one in admin.get("/cards", limit=200).json["items"] if one["id"] == card)
    by_number = admin.get(f"/cards/by-number/{shown['cardNumber']}").json
    balance = admin.get(f"/cards/{card}/balance").json
    for found in (listed, by_number, balance):
        assert (found["pointsBalance"], found["pointsPending"], found["pointsDebt"]) == points
    body = {"cardId": card, "items": [{"categoryId": 1, "amount": "1.00"}]}
    assert billing.post(f"{INTERNAL}/calculate", body).json["availablePoints"] == points[0]
    expiring = admin.get(f"/cards/{card}/expiring").json
    dated = sum((item["points"] for item in expiring["items"]), Decimal(0))
    assert (expiring["pointsBalance"], expiring["pointsPending"], expiring["debt"]) == points
    assert dated + expiring["undated"] - expiring["debt"] == points[0] + points[1]
    return points


def hold(pharmacy: Pharmacy, card: int, bill: int, points: Any) -> Answer:
    """Hold points for a bill of 1000.00."""
    body = {"cardId": card, "billId": bill, "points": points, "billAmount": "1000.00", "mode": "HOLD"}
    return pharmacy.tenant.billing.post(f"{INTERNAL}/redeem-points", body)


def end(pharmacy: Pharmacy, redemption: int, how: str) -> Answer:
    """POST `confirm` or `cancel` of a redemption."""
    return pharmacy.tenant.billing.post(f"{INTERNAL}/redeem-points/{redemption}/{how}")


def first_instant_of(day: str) -> datetime:
    """Give the first instant of a day in India."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=INDIA).astimezone(UTC)
