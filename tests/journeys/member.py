"""A referrer and a friend in a fresh tenant of the service and of the model: what random histories of the programme are of."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.journeys.buying import Buyers
from tests.model import OverHttp, draws
from tests.model.answers import Body
from tests.model.choices import Choices
from tests.model.history import History


class Member(Buyers):
    """A referrer and a friend in a fresh tenant; each method is something that happens to them."""

    def __init__(self, service: Any, config: Body, made: dict[str, list[Body]]) -> None:
        """Open the pharmacy. It is always the same day: the books are audited on the system's clock, which must be later."""
        self.clock = service.clock
        self.clock.reset()
        self.became_one = False
        self.history = History(OverHttp(service.tenant(name="programme")), self.clock)
        self.choose = Choices(self.history)
        self.made: dict[str, list[int]] = {}
        self.call("put_config", {"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, **config})
        for category_id, points in ((1, 5), (2, 3), (3, 10)):
            self.call("save_category", {"categoryId": category_id, "categoryName": "Goods", "pointPercentage": points})
        self.call("save_restriction", draws.restriction(9, "earnBlocked", "redeemBlocked"))
        for kind, bodies in made.items():
            named = [{"name": f"The {n}th", **self._with_tiers(body)} for n, body in enumerate(bodies)]
            self.made[kind] = [self.history.create(kind, body) for body in named]
        for campaign_id in self.made["campaign"]:
            self.call("change_campaign", campaign_id, "activate")
        self.history.issue({"customerId": 1})
        self.history.issue(
            {"customerId": 2, "customerPhone": "+919800000001", "referrerCardId": self.history.cards[0], "segments": ["vip"]}
        )
        self.adjust(points=Decimal(200), expires_in=None)

    def _with_tiers(self, body: Body) -> Body:
        """Put the ids of the tiers that a campaign is for or brings; without tiers it is for all and brings points."""
        tiers, body = self.made.get("tier", []), dict(body)
        targets, place = body.pop("tiers", []), body.pop("rewardTier", None)
        if place is not None:
            body |= {"rewardTierId": tiers[place]} if tiers else {"bonusPoints": body.get("bonusPoints", 20)}
        return body | ({"tierIds": [tiers[target] for target in targets]} if tiers and targets else {})

    def adjust(self, points: Decimal, expires_in: int | None) -> None:
        """Get points by hand."""
        body: Body = {"points": points, "reason": "goodwill"}
        if expires_in is not None:
            body["expiresAt"] = (self.history.model.books.configuration.today(self.clock.now) + timedelta(expires_in)).isoformat()
        self.call("adjust_points", self._card(1), body)

    def change_the_configuration(self, change: Body) -> None:
        """Change a setting; what was earned before keeps its own."""
        self.call("put_config", change)

    def be_active(self, pick: int, done: list[tuple[tuple[str, str | None], int]]) -> None:
        """Do something else than buy, once or again."""
        for (activity, code), reference in done:
            body: Body = {"cardId": self._card(pick), "activity": activity, "reference": f"r-{reference}"}
            self.call("earn_activity", body | ({"code": code} if code else {}))

    def change_segments(self, pick: int, segments: list[str] | None) -> None:
        """Be put into other segments."""
        self.call("change_card", self._card(pick), {"segments": segments})

    def review_tiers(self) -> None:
        """Review the tiers of all cards, as the job does every night."""
        if self.made["tier"]:
            self.call("review_tiers")

    def set_a_tier(self, pick: int, level: int, days: int | None) -> None:
        """Set a tier by hand, for some days or for good."""
        tiers = self.made["tier"]
        if tiers:
            body: Body = {"tierId": tiers[level % len(tiers)], "reason": "a friend of the house"}
            if days is not None:
                body["until"] = (self.history.model.books.configuration.today(self.clock.now) + timedelta(days)).isoformat()
            self.call("set_tier", self._card(pick % 2), body)

    def a_campaign_changes(self, pick: int, events: list[str]) -> None:
        """Pause a campaign, start it again, or end it for good."""
        for event in events:
            self.call("change_campaign", self._campaign(pick), event)

    def join_what_is_joined(self) -> None:
        """The friend joins every campaign that is for those who join."""
        for campaign_id in self.made["campaign"]:
            if self.history.model.books.campaigns[campaign_id].opt_in:
                self.call("participate", campaign_id, self._card(1))

    def take_part(self, pick: int, campaign: int) -> None:
        """Join a campaign, also one that nobody need join, or that does not run."""
        self.call("participate", self._campaign(campaign), self._card(pick))

    def become_one_card(self, into: int, referred: bool) -> None:  # noqa: FBT001 - drawn
        """The friend's second card is merged with the first, which meets lots, holds, debt and bills of both."""
        if not self.became_one:
            self.became_one = True
            self.history.issue({"customerId": 3, **({"referrerCardId": self.history.cards[0]} if referred else {})})
            first, other = self.history.cards[1], self.history.cards[-1]
            self.call("earn_points", {**self._bill(1, [{"categoryId": 2, "amount": Decimal(500)}]), "cardId": other})
            held = {"cardId": other, "billId": self.choose.bill(0), "points": 5, "billAmount": 90, "mode": "HOLD"}
            self.call("redeem_points", held)
            source, target = (other, first) if into == 0 else (first, other)
            self.call("merge", target, {"sourceCardId": source})

    def look(self, pick: int) -> None:
        """Look at a card, on which something may be due that nobody has settled."""
        for name in ("balance", "get_card", "audit", "tier_of"):
            self.call(name, self.choose.card(pick).id)
        self.call("eligible", self._card(pick))

    def _campaign(self, pick: int) -> int:
        return self.made["campaign"][pick % len(self.made["campaign"])]
