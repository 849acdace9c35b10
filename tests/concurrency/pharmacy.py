"""A small pharmacy to race in: two categories, cards with points, and the calls on them."""

from decimal import Decimal
from itertools import count
from typing import Any

from tests.concurrency.together import insist
from tests.servers.clients import Answer, Tenant

INTERNAL = "/internal/cards"
Headers = dict[str, str]


class Pharmacy:
    """A tenant with 2 % on category 1, 3 % on category 2, 1 % for referrers, and points worth 1.00 each.

    A bill of 1000.00 is half of each category: it earns 25.00 points, its referrer 10.00. Points may pay all of it.
    """

    def __init__(self, tenant: Tenant) -> None:
        """Configure the tenant."""
        self.tenant = tenant
        self.configure(
            isEnabled=True,
            pointsToAmountRate="1.00",
            maxRedemptionPercent=100,
            minPointsToRedeem=1,
            referralPointsPercent="1.00",
        )
        for category_id, percentage in ((1, 2), (2, 3)):
            row = {"categoryId": category_id, "categoryName": f"Category {category_id}", "pointPercentage": percentage}
            assert self.tenant.admin.post("/card-config/categories", row | {"isActive": True}).status == 201
        self._bills = count(1)

    def configure(self, **fields: Any) -> Answer:
        """PUT fields of the configuration."""
        answer = insist(lambda: self.tenant.admin.put("/card-config", fields))
        assert answer.status == 200, answer
        return answer

    def new_bill(self) -> int:
        """Give the id of a bill that nobody has used yet."""
        return next(self._bills)

    def card(self, points: int = 0, **fields: Any) -> int:
        """Issue a card that holds points; its id."""
        answer = self.tenant.admin.post("/cards", fields)
        assert answer.status == 201, answer
        card_id = int(answer.json["id"])
        if points:
            assert self.adjust(card_id, points).status == 200
        return card_id

    def earn(self, card_id: int, bill_id: int, amount: Any = "1000.00", headers: Headers | None = None) -> Answer:
        """Earn a bill, half of it of each category."""
        half = Decimal(amount) / 2
        body = {"cardId": card_id, "billId": bill_id, "billAmount": amount, "items": _items(half, half)}
        return self.tenant.billing.post(f"{INTERNAL}/earn-points", body, headers)

    def redeem(self, card_id: int, bill_id: int, points: Any, headers: Headers | None = None) -> Answer:
        """Pay for a bill of 1000.00 with points."""
        body = {"cardId": card_id, "billId": bill_id, "points": points, "billAmount": "1000.00"}
        return self.tenant.billing.post(f"{INTERNAL}/redeem-points", body, headers)

    def reverse(self, bill_id: int, headers: Headers | None = None, **fields: Any) -> Answer:
        """Return a bill, whole unless `items` and `returnId` say otherwise."""
        return self.tenant.billing.post(f"{INTERNAL}/reverse-points", {"billId": bill_id, **fields}, headers)

    def adjust(self, card_id: int, points: Any, headers: Headers | None = None) -> Answer:
        """Give or take points."""
        body = {"points": points, "reason": "race"}
        return self.tenant.admin.post(f"/cards/{card_id}/adjust-points", body, headers)

    def change(self, card_id: int, action: str, body: Any = None, headers: Headers | None = None) -> Answer:
        """POST one of the actions on a card: block, replace, merge, link-referrer ..."""
        return self.tenant.admin.post(f"/cards/{card_id}/{action}", body, headers)

    def show(self, card_id: int) -> dict[str, Any]:
        """Read a card."""
        answer = self.tenant.admin.get(f"/cards/{card_id}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.json
        return found

    def balance(self, card_id: int) -> Any:
        """Read what a card can spend, as a Decimal."""
        return self.show(card_id)["pointsBalance"]

    def entries(self, card_id: int, kind: str | None = None) -> list[dict[str, Any]]:
        """Read the newest 200 rows of a card's ledger."""
        answer = self.tenant.admin.get(f"/cards/{card_id}/transactions", limit=200, type=kind)
        assert answer.status == 200, answer
        found: list[dict[str, Any]] = answer.json["items"]
        return found

    def assert_books_balance(self) -> None:
        """Prove every card of the tenant."""
        cards = self.tenant.admin.get("/cards", limit=200).json
        assert cards["nextCursor"] is None
        for card in cards["items"]:
            proof = self.tenant.admin.get(f"/cards/{card['id']}/audit")
            assert proof.status == 200, proof
            assert proof.json["balanced"], proof.text


def _items(first: Decimal, second: Decimal) -> list[dict[str, Any]]:
    return [{"categoryId": 1, "amount": first}, {"categoryId": 2, "amount": second}]
