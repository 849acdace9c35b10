"""A pharmacy with tiers: bills of one line that earns 10 %, and the clock of the service to move."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.cards.steps import issue, open_pharmacy
from tests.servers.clients import Answer
from tests.servers.service import Service

INTERNAL = "/internal/cards"


class Tiered:
    """A tenant of its own; category 1 earns 10 %."""

    def __init__(self, service: Service, **settings: Any) -> None:
        """Open it without any tier."""
        self.service = service
        self.tenant = open_pharmacy(service, **settings)
        self.tiers: dict[str, int] = {}
        self._bills = count(1)

    def preset(self, name: str = "bronze-silver-gold-platinum") -> None:
        """Make the four tiers of a preset."""
        answer = self.tenant.admin.post("/tiers/presets", {"preset": name})
        assert answer.status == 201, answer.text
        self.tiers = {tier["name"]: tier["id"] for tier in answer.json["items"]}

    def tier(self, level: int, name: str, **fields: Any) -> int:
        """Make a tier."""
        answer = self.tenant.admin.post("/tiers", {"level": level, "name": name, **fields})
        assert answer.status == 201, answer.text
        self.tiers[name] = answer.json["id"]
        return int(answer.json["id"])

    def change(self, name: str, **fields: Any) -> Answer:
        """Change a tier."""
        return self.tenant.admin.put(f"/tiers/{self.tiers[name]}", fields)

    def card(self, **fields: Any) -> int:
        """Issue a card."""
        return int(issue(self.tenant, **fields)["id"])

    def earn(self, card: int, amount: Any, bill: int | None = None, occurred_at: datetime | None = None) -> dict[str, Any]:
        """Earn on a new bill of one line; gives the answer with its `billId`."""
        body = self.bill(card, amount, bill)
        if occurred_at is not None:
            body["occurredAt"] = occurred_at.isoformat().replace("+00:00", "Z")
        answer = self.tenant.billing.post(f"{INTERNAL}/earn-points", body)
        assert answer.status == 200, answer.text
        earned: dict[str, Any] = answer.json
        return earned

    def bill(self, card: int, amount: Any, bill: int | None = None) -> dict[str, Any]:
        """The body of an earn."""
        items = [{"categoryId": 1, "amount": amount}]
        return {"cardId": card, "billId": bill or next(self._bills), "billAmount": amount, "items": items}

    def give_back(self, bill: int, amount: Any = None) -> dict[str, Any]:
        """Return a bill, or a part of it."""
        body: dict[str, Any] = {"billId": bill}
        if amount is not None:
            body |= {"returnId": 900_000 + next(self._bills), "items": [{"categoryId": 1, "amount": amount}]}
        answer = self.tenant.billing.post(f"{INTERNAL}/reverse-points", body)
        assert answer.status == 200, answer.text
        reversed_: dict[str, Any] = answer.json
        return reversed_

    def quote(self, card: int | None, amount: Any) -> dict[str, Any]:
        """Calculate a bill of one line."""
        body: dict[str, Any] = {"items": [{"categoryId": 1, "amount": amount}]}
        answer = self.tenant.billing.post(f"{INTERNAL}/calculate", body if card is None else body | {"cardId": card})
        assert answer.status == 200, answer.text
        quoted: dict[str, Any] = answer.json
        return quoted

    def set_by_hand(self, customer: int, **fields: Any) -> Answer:
        """Set a customer's tier."""
        return self.tenant.admin.put(f"/loyalty/tier/update/{customer}", {"reason": "for her loyalty", **fields})

    def review(self, card: int | None = None, *, dry_run: bool = False) -> dict[str, Any]:
        """Review now."""
        body = {"dryRun": dry_run} if card is None else {"dryRun": dry_run, "cardId": card}
        answer = self.tenant.admin.post("/tiers/recalculate", body)
        assert answer.status == 200, answer.text
        reviewed: dict[str, Any] = answer.json
        return reviewed

    def standing(self, card: int) -> dict[str, Any]:
        """Read where a card is."""
        answer = self.tenant.cashier.get(f"/cards/{card}/tier")
        assert answer.status == 200, answer.text
        shown: dict[str, Any] = answer.json
        return shown

    def name(self, card: int) -> str | None:
        """Tell the name of the tier that a card is in."""
        tier = self.standing(card)["tier"]
        return None if tier is None else str(tier["name"])

    def figures(self, card: int) -> tuple[Any, Any, int]:
        """Tell spend, points and orders of a card, of the only window there is."""
        (window,) = self.standing(card)["figures"]
        return window["spend"], window["points"], window["orders"]

    def history(self, card: int) -> list[tuple[str, str | None, str | None]]:
        """Tell the changes of a card, oldest first: type, from, to."""
        answer = self.tenant.cashier.get(f"/cards/{card}/tier/history")
        assert answer.status == 200, answer.text
        names: dict[int | None, str | None] = {tier: name for name, tier in self.tiers.items()}
        return [(row["type"], names.get(row["fromTierId"]), names.get(row["toTierId"])) for row in reversed(answer.json["items"])]

    def days(self, number: int) -> None:
        """Let days pass."""
        self.service.clock.advance(days=number)

    @property
    def now(self) -> datetime:
        """The time of the service."""
        return self.service.clock.now

    def ago(self, **duration: Any) -> datetime:
        """Give an instant before now."""
        return self.now - timedelta(**duration)

    def assert_balanced(self, *cards: int) -> None:
        """Prove the cards, their running figures too."""
        for card in cards:
            audit = self.tenant.admin.get(f"/cards/{card}/audit").json
            assert audit["balanced"], audit
