"""Random histories of the programme, played on the service and the model together: tiers, campaigns, holds, expiry.

They differ from those of test_histories.py in that few things happen, often, on two cards: each history is a referrer's
and a friend's, and most of it is bills, returns and months that pass.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.journeys.test_histories import PROFILE
from tests.model import OverHttp, draws, programme_draws
from tests.model.answers import Body
from tests.model.choices import Choices
from tests.model.history import History

EXPECTED_OUTCOMES = {
    *("earn_points", "redeem_points", "reverse_points", "calculate", "merge", "replayed", "BILL_CANCELLED"),
    *("confirm_redemption", "cancel_redemption", "HOLD_EXPIRED", "BILL_ALREADY_REDEEMED", "a hold lapsed"),
    *("pendingPoints", "points became available", "points expired", "expired points not taken again"),
    *("tier changed by earn_points", "tier changed by reverse_points", "tier changed by a review", "points because of TIER"),
    *("points because of CAMPAIGN", "points because of CAP", "CAMPAIGN", "bonusPoints", "bonusPointsReversed"),
    *("NO_CATEGORY", "OUTSIDE_HOURS", "MIN_SPEND", "EXCLUDED", "BUDGET_SPENT", "CAMPAIGN_STATE"),
    *("FIRST_PURCHASE", "REFERRAL", "REFERRED"),
    *("USES_EXHAUSTED", "POINTS_EXHAUSTED", "CARD_POINTS_EXHAUSTED", "CARD_USES_EXHAUSTED"),
}
LONGEST = timedelta(days=240)


class Member:
    """A referrer and a friend in a fresh tenant; each method is something that happens to them."""

    def __init__(self, service: Any, config: Body, made: dict[str, list[Body]]) -> None:
        """Open the pharmacy. It is always the same day: the books are audited on the system's clock, which must be later."""
        self.clock = service.clock
        self.clock.reset()
        self.history = History(OverHttp(service.tenant(name="programme")), self.clock)
        self.choose = Choices(self.history)
        self.made: dict[str, list[int]] = {}
        self.call("put_config", {"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, **config})
        for category_id, points in ((1, 5), (2, 3), (3, 10)):
            self.call("save_category", {"categoryId": category_id, "categoryName": "Goods", "pointPercentage": points})
        self.call("save_restriction", draws.restriction(9, "earnBlocked", "redeemBlocked"))
        for kind, bodies in made.items():
            self.made[kind] = [self.history.create(kind, {"name": f"The {n}th", **body}) for n, body in enumerate(bodies)]
        for campaign_id in self.made["campaign"]:
            self.call("change_campaign", campaign_id, "activate")
        self.history.issue({"customerId": 1})
        self.history.issue({"customerId": 2, "referrerCardId": self.history.cards[0]})
        self.adjust(points=Decimal(200), expires_in=None)

    def call(self, name: str, *args: Any) -> Any:
        """Make a call on both."""
        return self.history.call(name, *args)

    def wait(self, hours: int) -> None:
        """Let time pass, but not beyond the day on which the suite runs."""
        if self.clock.now + timedelta(hours=hours) < self.history.began + LONGEST:
            self.clock.advance(hours=hours)

    # Buying

    def buy(self, pick: int, lines: list[Body], days_back: int | None) -> None:
        """Buy, perhaps at a till that sends late."""
        self.call("earn_points", self._bill(pick, lines, days_back))

    def buy_and_bring_some_back(self, lines: list[Body], parts: list[tuple[int, Decimal]]) -> None:
        """Buy, and return parts of the very bill."""
        bill = self._bill(1, lines)
        self.call("earn_points", bill)
        for return_id, returned in enumerate(parts, 1):
            self.call("reverse_points", self.choose.part_of(self.choose.bill_of(bill["billId"]), return_id, [returned]))

    def quote_and_buy(self, pick: int, lines: list[Body]) -> None:
        """What was quoted is what is posted."""
        bill = self._bill(pick, lines)
        quote = self.call("calculate", {"cardId": bill["cardId"], "items": lines}).body
        flags = {(line["categoryId"], line.get("loyaltyEligible", True)): None for line in lines}
        net = [
            {"categoryId": category_id, "loyaltyEligible": eligible, "amount": line["netAmount"]}
            for (category_id, eligible), line in zip(flags, quote["items"], strict=True)
        ]
        earned = self.call("earn_points", {**bill, "billAmount": quote["payableAmount"], "items": net})
        if earned.status == 200:
            assert earned.body["pointsEarned"] == quote["pointsEarned"]

    def spend(self, lines: list[Body], how: str, earns: bool) -> None:  # noqa: FBT001 - drawn
        """Pay with points on a bill so large that it takes them all."""
        bill = {**self._bill(1, lines), "billAmount": Decimal(900_000)}
        self.call(
            "redeem_points", {**bill, **self.choose.asked(self.history.cards.index(self._card(1)), how, "points", Decimal(0))}
        )
        if earns:
            self.call("earn_points", bill)

    def hold(self, lines: list[Body], how: str, events: list[str]) -> None:
        """Set points aside for a bill, and see what becomes of them."""
        bill = {**self._bill(1, lines), "billAmount": Decimal(900_000)}
        held = {**bill, **self.choose.asked(self.history.cards.index(self._card(1)), how, "points", Decimal(0)), "mode": "HOLD"}
        made = int(self.call("redeem_points", held).status == 200)
        for event in events:
            if event in {"confirm", "cancel"}:
                self.call(f"{event}_redemption", bill["billId"], max(made - 1, 0))
            elif event == "earn":
                self.call("earn_points", bill)
            elif event == "reverse":
                self.call("reverse_points", {"billId": bill["billId"], "cardId": bill["cardId"]})
            elif event == "again":
                again = self.call("redeem_points", held)
                made += again.status == 200 and not again.replayed
            elif event == "return":
                self.bring_it_all_back(pick=0)
            else:
                self.wait(hours=2 if event == "2 hours" else 48)

    # Bringing back

    def return_a_part(self, pick: int, return_id: int, parts: list[tuple[int, Decimal]]) -> None:
        """Return parts of any bill."""
        bill = self.choose.seen_bill(pick)
        if bill:
            self.call("reverse_points", self.choose.part_of(bill, return_id, parts))

    def bring_it_all_back(self, pick: int) -> None:
        """Return all that is left of any bill."""
        bill = self.choose.seen_bill(pick)
        if bill:
            self.call("reverse_points", {"billId": bill.bill_id})

    # What else happens

    def adjust(self, points: Decimal, expires_in: int | None) -> None:
        """Get points by hand."""
        body: Body = {"points": points, "reason": "goodwill"}
        if expires_in is not None:
            body["expiresAt"] = (self.history.model.books.configuration.today(self.clock.now) + timedelta(expires_in)).isoformat()
        self.call("adjust_points", self._card(1), body)

    def change_the_configuration(self, change: Body) -> None:
        """Change a setting; what was earned before keeps its own."""
        self.call("put_config", change)

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
        campaigns = self.made["campaign"]
        for event in events:
            self.call("change_campaign", campaigns[pick % len(campaigns)], event)

    def become_one_card(self, into: int) -> None:
        """The friend's second card is merged with the first, which meets lots, holds, debt and bills of both."""
        if len(self.history.cards) == 2:
            self.history.issue({"customerId": 3})
            first, other = self.history.cards[1:]
            self.call("earn_points", {**self._bill(1, [{"categoryId": 2, "amount": Decimal(500)}]), "cardId": other})
            held = {"cardId": other, "billId": self.choose.bill(0), "points": 5, "billAmount": 90, "mode": "HOLD"}
            self.call("redeem_points", held)
            source, target = (other, first) if into == 0 else (first, other)
            self.call("merge", target, {"sourceCardId": source})

    def look(self, pick: int) -> None:
        """Look at a card, on which something may be due that nobody has settled."""
        for name in ("balance", "get_card", "audit"):
            self.call(name, self.choose.card(pick).id)

    def _card(self, pick: int) -> int:
        """A card, or what it was merged into."""
        return int(self.history.model.books.cards.final(self.choose.card(pick).id).id)

    def _bill(self, pick: int, lines: list[Body], days_back: int | None = None) -> Body:
        bill = {"cardId": self._card(pick), "billId": self.choose.bill(0), "items": lines}
        if days_back:
            bill["occurredAt"] = (self.clock.now - timedelta(days=days_back)).isoformat()
        return {**bill, "billAmount": draws.payable(lines, Decimal(1))}


LIVES = programme_draws.histories(
    programme_draws.event(
        "buy", pick=programme_draws.buyers, lines=programme_draws.items, days_back=st.sampled_from([None, None, None, 1, 6])
    ),
    programme_draws.event("buy_and_bring_some_back", lines=programme_draws.items, parts=programme_draws.brought_back),
    programme_draws.event("quote_and_buy", pick=programme_draws.buyers, lines=programme_draws.items),
    programme_draws.event("spend", lines=programme_draws.items, how=st.sampled_from(["all", "half"]), earns=st.booleans()),
    programme_draws.event(
        "hold", lines=programme_draws.items, how=st.sampled_from(["all", "half", "third"]), events=programme_draws.after_a_hold
    ),
    programme_draws.event(
        "return_a_part", pick=programme_draws.picks, return_id=st.integers(1, 3), parts=programme_draws.brought_back
    ),
    programme_draws.event("bring_it_all_back", pick=programme_draws.picks),
    programme_draws.event("bring_it_all_back", pick=programme_draws.picks),
    programme_draws.event("adjust", points=programme_draws.amounts, expires_in=st.sampled_from([None, 0, 20, 40])),
    programme_draws.event("change_the_configuration", change=programme_draws.later_settings),
    programme_draws.event("become_one_card", into=st.integers(0, 1)),
    programme_draws.event("review_tiers"),
    programme_draws.event(
        "set_a_tier", pick=programme_draws.picks, level=st.integers(0, 2), days=st.sampled_from([None, 0, 5, 40])
    ),
    programme_draws.event(
        "a_campaign_changes",
        pick=st.integers(0, 2),
        events=st.lists(st.sampled_from(["pause", "activate", "end"]), min_size=1, max_size=3),
    ),
    programme_draws.event("look", pick=st.integers(0, 2)),
)


def test_random_histories_of_the_programme_agree_with_the_model(service: Any) -> None:
    outcomes: Counter[str] = Counter()

    @settings(PROFILE, phases=(Phase.generate,))
    @given(
        config=programme_draws.settings,
        expiry=programme_draws.expiries,
        stacking=programme_draws.stackings,
        made=programme_draws.made,
        events=LIVES,
    )
    def play(
        config: Body, expiry: Body, stacking: Body, made: dict[str, list[Body]], events: list[tuple[programme_draws.Event, int]]
    ) -> None:
        member = Member(service, {**config, **expiry, **stacking}, made)
        for (name, drawn), hours in events:
            getattr(member, name)(**drawn)
            member.wait(hours)
        member.look(1)
        member.history.close()
        outcomes.update(member.history.outcomes)

    play()
    assert set(outcomes) >= EXPECTED_OUTCOMES, EXPECTED_OUTCOMES - set(outcomes)
