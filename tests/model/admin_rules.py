"""The rules of random histories that are not purchases: what the admin does to points, cards and configuration; time."""
# ruff: noqa: D102, FBT001 - the name of a rule says what happens; it draws all that it needs

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from . import draws
from .answers import Answer, Body
from .choices import Choices
from .history import History

MOST_CARDS = 5


class AdminRules(RuleBasedStateMachine):
    """Rules for a machine that sets `history` and `choose` when it opens."""

    history: History
    choose: Choices

    def call(self, name: str, *args: Any) -> Answer:
        return self.history.call(name, *args)

    def issue(self, body: Body) -> bool:
        self.history.issue(body)
        return True

    def replace(self, card: Any, number: str) -> Answer:
        """Replace the number of a card, then show the old one at the counter."""
        old = {"cardNumber": card.number}
        self.call("replace", card.id, {"newCardNumber": number, "reason": "worn"})
        return self.call("calculate", {**old, "items": [{"categoryId": 1, "amount": 10}]})

    @rule(
        pick=draws.picks,
        points=draws.amounts,
        sign=st.sampled_from([1, 1, -1]),
        expires_in=st.none() | st.integers(0, 40),
        key=st.none() | st.just("k"),
    )
    def adjust(self, pick: int, points: Decimal, sign: int, expires_in: int | None, key: str | None) -> None:
        body: Body = {"points": points * sign, "reason": "goodwill"}
        if sign > 0 and expires_in is not None:
            today = self.history.model.books.configuration.today(self.history.clock.now)
            body["expiresAt"] = (today + timedelta(days=expires_in)).isoformat()
        args = () if key is None else (key,)
        self.call("adjust_points", self.choose.card(pick).id, body, *args)
        if key is not None and pick % 2:
            self.call("adjust_points", self.choose.card(pick).id, body, *args)

    @rule(pick=draws.picks, event=st.sampled_from(["block", "unblock", "unblock", "close"]))
    def a_card_changes_its_status(self, pick: int, event: str) -> None:
        card = self.choose.card(pick)
        if event == "block":
            self.call("block", card.id, {"reason": "lost"})
        elif event == "unblock":
            self.call("unblock", card.id)
        elif pick % 3 == 0:
            self.call("close_card", card.id)

    @rule(pick=draws.picks, other=draws.picks, event=st.sampled_from(["replace", "merge", "link", "issue"]))
    def something_happens_to_a_card(self, pick: int, other: int, event: str) -> None:
        card, second = self.choose.card(pick), self.choose.card(other)
        events: dict[str, Callable[[], object]] = {
            "replace": lambda: self.replace(card, f"NEW-{other}"),
            "link": lambda: self.call("link_referrer", card.id, {"referrerCardId": second.id}),
            "merge": lambda: self.call("merge", card.id, {"sourceCardId": second.id}),
            "issue": lambda: len(self.history.cards) >= MOST_CARDS or self.issue({"referrerCardNumber": second.number}),
        }
        # What merging, linking or replacing means for a blocked card is nowhere settled, so no history asks.
        if "SUSPENDED" not in {card.status, second.status}:
            events[event]()

    @rule(change=draws.config_changes)
    def change_the_configuration(self, change: Body) -> None:
        self.call("put_config", change)

    @rule(
        category_id=st.sampled_from(draws.CATEGORIES),
        percent=draws.percents,
        table=st.sampled_from(["category", "discount", "restriction"]),
        delete=st.booleans(),
        active=st.booleans(),
        blocked=draws.restriction_flags,
    )
    def change_a_category(
        self, category_id: int, percent: Decimal, table: str, delete: bool, active: bool, blocked: set[str]
    ) -> None:
        configuration = self.history.model.books.configuration
        names = {"categoryId": category_id, "categoryName": "Goods", "isActive": active}
        rows, body = {
            "category": (configuration.percentages, {**names, "pointPercentage": percent}),
            "discount": (configuration.discounts, {**names, "discountPercentage": percent}),
            "restriction": (configuration.restrictions, draws.restriction(category_id, *sorted(blocked))),
        }[table]
        if delete and category_id in rows:
            self.call(f"delete_{table}", category_id)
        else:
            self.call(f"save_{table}", body)

    @rule(hours=st.sampled_from([1, 18, 24, 24 * 7, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.history.clock.advance(hours=hours)

    @rule(pick=draws.picks)
    def look_at_a_card(self, pick: int) -> None:
        for name in ("balance", "get_card", "audit"):
            self.call(name, self.choose.card(pick).id)
